//! Certificates: the office's page and register, steps, reports, the public page.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

use crate::grading::agenda::{agenda, extra_until};
use crate::grading::certificate::{Reason, Step};
use crate::grading::fact::{EVIDENCE_MAX, LINE_MAX, named};
use crate::store::certificate::{self as store, Held, NewReport, NewStep, Opening, Proposed, Reported};
use crate::store::notice::{self, Notice};
use crate::store::{Conn, StoreError, grading, membership, person};
use crate::survey::form::{FieldError, FormReader, Problem as Wrong};
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::language::{Language, Text};
use crate::view::grading::{self as view, CertificatePage, Typed};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::view::words::Words;
use crate::web::acting::{act, answer, back, settle, today};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::{self, Problem};
use crate::web::page;
use crate::web::state::WebState;

/// Certificates in the register.
const REGISTER_MAX: i64 = 500;

/// A certificate with everything about it.
struct Whole {
    held: Held,
    last_onsite: Option<NaiveDate>,
    reports: Vec<Reported>,
    notices: Vec<Notice>,
    waiting: Option<Proposed>,
    extra: Option<(EvaluationId, bool)>,
}

impl Whole {
    fn read(conn: &mut Conn, held: Held) -> Result<Self, StoreError> {
        Ok(Self {
            last_onsite: store::last_onsite(conn, held.organisation)?,
            reports: store::reports(conn, &held.number)?,
            notices: notice::list(conn, &held.number)?,
            waiting: store::proposed(conn, &held)?,
            extra: None,
            held,
        })
    }

    /// With the extra evaluation that is open, as this person may see it.
    fn with_extra(mut self, conn: &mut Conn, reader: PersonId) -> Result<Self, StoreError> {
        if let Some(id) = store::extra(conn, self.held.organisation)? {
            self.extra = Some((id, !membership::roles(conn, id, reader)?.is_empty()));
        }
        Ok(self)
    }

    fn page(&self, today: NaiveDate) -> CertificatePage<'_> {
        let reported: Vec<NaiveDate> = self.reports.iter().map(|report| report.on).collect();
        let due = self
            .last_onsite
            .map(|onsite| agenda(&self.held.certificate, onsite, &reported, &self.held.policy));
        let held = &self.held;
        CertificatePage {
            number: &held.number,
            firm: &held.firm,
            scope: &held.scope,
            issued_on: held.issued_on,
            certificate: &held.certificate,
            replaces: held.replaces.as_deref(),
            replaced_by: held.replaced_by.as_deref(),
            steps: held
                .steps
                .iter()
                .map(|s| {
                    (
                        s.step,
                        s.reason,
                        s.state,
                        s.since,
                        s.evidence.as_str(),
                        s.proposed_by,
                        s.signed_by,
                    )
                })
                .collect(),
            agenda: due.unwrap_or_default(),
            notices: self
                .notices
                .iter()
                .map(|n| (n.kind.clone(), n.send_on, n.void))
                .collect(),
            reports: self
                .reports
                .iter()
                .map(|r| (r.kind.clone(), r.on, format!("{} ({})", r.account, r.source)))
                .collect(),
            extra: self.extra,
            waiting: self.waiting.as_ref().map(|w| {
                let new = &w.new;
                (
                    w.version,
                    new.step,
                    new.reason,
                    new.on,
                    new.evidence.clone(),
                    new.proposed_by,
                )
            }),
            today,
        }
    }
}

/// The certificate of the organisation that an evaluation is about: the one it holds, else its last one.
fn of(conn: &mut Conn, id: EvaluationId) -> Result<Option<Held>, StoreError> {
    let (organisation, ..) = grading::about(conn, id)?;
    match store::held(conn, organisation)? {
        Some(held) => Ok(Some(held)),
        None => Ok(store::list_of(conn, organisation)?.into_iter().next()),
    }
}

/// `GET /evaluations/{evaluation}/certificate`.
pub async fn page_of(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(request, state, Room::Certificate).await?;
    let (id, reader) = (evaluation.id, signed.viewer.person);
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let whole = match of(conn, id)? {
                Some(held) => Some(Whole::read(conn, held)?.with_extra(conn, reader)?),
                None => None,
            };
            Ok((whole, person::all_names(conn)?))
        })
        .await;
    let (whole, names) = read?;
    let about = whole.as_ref().map(|whole| whole.page(today(state)));
    Ok(answer(
        request,
        typed,
        &view::certificate(&desk, about.as_ref(), &names, typed)?,
    ))
}

/// `POST /evaluations/{evaluation}/certificate/steps`: proposes a step.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let mut reader = FormReader::new(&form);
    let step: Option<Step> = reader.choice("step", named);
    let reason = reader.choice("reason", |name| {
        named::<Reason>(name).filter(|reason| step.is_none_or(|step| reason.steps().contains(&step)))
    });
    let on = day(&mut reader, "takes_effect_on", today(&state));
    let evidence = reader.text("grounds", EVIDENCE_MAX);
    if evidence.is_empty() {
        reader.refuse("grounds", Wrong::Empty);
    }
    let new = step.zip(reason).zip(on).map(|((step, reason), on)| NewStep {
        step,
        reason,
        star: None,
        recommended: None,
        on,
        evidence,
        proposed_by: signed.viewer.person,
    });
    let errors = match reader.done(new) {
        Ok(new) => {
            let at_ms = state.clock.now_ms();
            let done = state.store.write(move |tx| match of(tx.conn, id)? {
                Some(held) => store::propose(tx, &held, &new, at_ms),
                None => Err(refused("step", Wrong::NotPossible)),
            });
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, Typed::new("step", form, errors)).await
}

fn refused(field: &str, problem: Wrong) -> grading::GradingError {
    grading::GradingError::Refused(FieldError::new(field, problem))
}

/// A day that must be given and has come.
fn day(reader: &mut FormReader<'_>, field: &str, today: NaiveDate) -> Option<NaiveDate> {
    let typed = !reader.form().first(field).trim().is_empty();
    let day = reader.day(field);
    match day {
        None if !typed => reader.refuse(field, Wrong::Empty),
        Some(day) if day > today => reader.refuse(field, Wrong::InFuture),
        _ => {}
    }
    day
}

async fn finish(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: Typed,
) -> Result<HttpResponse, Problem> {
    match typed.errors.is_empty() {
        true => Ok(back(signed.evaluation.ok_or(Trouble::NotFound)?, "certificate")),
        false => show(request, state, signed, &typed).await,
    }
}

/// `POST /evaluations/{evaluation}/certificate/signature`: signs the step that waits.
pub async fn sign(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let errors = match (form.has("approves", "yes"), form.first("version").parse::<i32>()) {
        (false, _) => vec![FieldError::new("approves", Wrong::Missing)],
        (true, Err(_)) => vec![FieldError::new("", Wrong::Changed)],
        (true, Ok(version)) => {
            let act = act(&signed, &state);
            let done = state.store.write(move |tx| match of(tx.conn, id)? {
                Some(held) => store::sign(tx, &held, version, act),
                None => Err(refused("approves", Wrong::NotPossible)),
            });
            settle(done.await)?
        }
    };
    finish(&request, &state, &signed, Typed::new("sign", form, errors)).await
}

/// `POST /evaluations/{evaluation}/certificate/reports`: an accident or a major complaint was heard of.
pub async fn report(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let mut reader = FormReader::new(&form);
    let kind = reader.choice("kind", |name| {
        ["accident", "complaint"].into_iter().find(|kind| *kind == name)
    });
    let on = day(&mut reader, "reported_on", today(&state));
    let source = reader.required_line("source", LINE_MAX);
    let account = reader.text("account", EVIDENCE_MAX);
    if account.is_empty() {
        reader.refuse("account", Wrong::Empty);
    }
    let new = kind.zip(on).map(|(kind, on)| NewReport {
        kind,
        on,
        source,
        account,
    });
    let errors = match reader.done(new) {
        Ok(new) => {
            let act = act(&signed, &state);
            let opening = opening(new.on);
            let done = state.store.write(move |tx| match of(tx.conn, id)? {
                Some(held) => store::report(tx, &held, &new, &opening, act),
                None => Err(refused("kind", Wrong::NotPossible)),
            });
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, Typed::new("report", form, errors)).await
}

/// An extra evaluation carries the day by which it is due in its title, so that every list shows it.
fn opening(reported: NaiveDate) -> Opening {
    let until = extra_until(reported).to_string();
    let title = |language| Words::new(language).tn("report-extra-title", &[("until", until.as_str().into())]);
    Opening {
        title: Text::new(title(Language::ZhCn), title(Language::En)),
        random: rand::random,
    }
}

/// `GET /certificates`: the register.
pub async fn register(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let all: Result<Vec<Whole>, StoreError> = state
        .store
        .read(|conn| {
            let all = store::list(conn, REGISTER_MAX)?.into_iter();
            all.map(|held| Whole::read(conn, held)).collect()
        })
        .await;
    let (all, today) = (all?, today(&state));
    let pages: Vec<CertificatePage<'_>> = all.iter().map(|whole| whole.page(today)).collect();
    let text = view::register(&signed.desk(&request), &pages)?;
    Ok(answer(&request, &Typed::default(), &text))
}

/// `GET /certificates/{number}`: for everybody.
pub async fn public(
    request: HttpRequest,
    state: Data<WebState>,
    number: Path<String>,
) -> Result<HttpResponse, Problem> {
    let number = number.into_inner();
    let found: Result<_, StoreError> = state.store.read(move |conn| store::find(conn, &number)).await;
    let whole = Whole {
        held: found?.ok_or(Trouble::NotFound)?,
        last_onsite: None,
        reports: Vec::new(),
        notices: Vec::new(),
        waiting: None,
        extra: None,
    };
    let text = view::public(error::language(&request), &whole.page(today(&state)))?;
    Ok(page::html(&request, StatusCode::OK, &text))
}
