//! The quality stage: flags, evidence side by side, exclusions by two people; monitoring of fieldwork.

pub mod monitoring;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::acting::{act, answer, back, outcome, sight};
use super::body;
use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::state::WebState;
use crate::access::Sight;
use crate::statistics::flag::Rule;
use crate::store::evaluation::Evaluation;
use crate::store::exclusion::{self, Proposal};
use crate::store::flag::{self, Filter};
use crate::store::{Conn, StoreError, comment, outlet, person, response, tally};
use crate::survey::EvidenceClass;
use crate::survey::evaluation::EvaluationState;
use crate::survey::exclusion::{Judgement, Scored, Wish};
use crate::survey::form::RawForm;
use crate::survey::id::{OutletId, ResponseId};
use crate::survey::language::Text;
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::quality::{
    self as view, EvidenceShown, Flagged, MarginShown, ProposalPage, ProposalShown, QualityPage,
};
use crate::view::survey::Trouble;

/// Flagged responses on one page.
const ROWS: usize = 50;
/// Between two passes over the responses while answers come in.
const PASS_MS: i64 = 10 * 60_000;

/// What a query asks for.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    filter: Filter,
    after: Option<ResponseId>,
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(request.query_string()).unwrap_or_default();
        let form = RawForm::new(pairs);
        Self {
            filter: Filter {
                rule: Rule::parse(form.first("rule")),
                outlet: form.first("outlet").parse().ok(),
                class: EvidenceClass::parse(form.first("class")),
            },
            after: form.first("after").parse().ok(),
        }
    }
}

/// Whether somebody may see now what a few answers change of the scores. It is computed from sums of points: where the method
/// makes S otherwise, nobody is shown any.
fn sees_effects(conn: &mut Conn, signed: &Signed, found: &Evaluation) -> Result<bool, StoreError> {
    let pooled = found.instrument.method().statistical().is_pooled();
    Ok(pooled && sight(conn, found.id, signed.inside, found.state)? == Sight::Scores)
}

/// Outlets with name and answers that count.
fn outlets(conn: &mut Conn, found: &Evaluation) -> Result<Vec<(OutletId, Text, u64)>, StoreError> {
    let tallies = tally::list(conn, found.id, &found.instrument)?;
    let outlets = outlet::list(conn, found.id)?.into_iter().map(|outlet| {
        let tallies = tallies.iter().filter(|(key, _)| key.outlet == outlet.id);
        (outlet.id, outlet.name, tallies.map(|(_, tally)| tally.core().n).sum())
    });
    Ok(outlets.collect())
}

fn flagged(conn: &mut Conn, found: &Evaluation, ids: &[ResponseId]) -> Result<Vec<Flagged>, StoreError> {
    let mut flags = flag::of(conn, found.id, ids)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(standing) = response::standing(conn, &found.instrument, found.id, *id)? {
            rows.push(Flagged {
                id: *id,
                outlet: standing.outlet,
                class: standing.class,
                flags: flags.remove(id).unwrap_or_default(),
                is_excluded: standing.is_excluded,
            });
        }
    }
    Ok(rows)
}

fn shown(proposal: &Proposal) -> ProposalShown {
    ProposalShown {
        number: proposal.number,
        kind: proposal.kind,
        reason: proposal.reason,
        explanation: proposal.explanation.clone(),
        responses: proposal.responses.len(),
        proposed_by: proposal.proposed_by,
        at_ms: proposal.at_ms,
        decided: proposal
            .decided
            .as_ref()
            .map(|decided| (decided.by, decided.at_ms, decided.approved.len())),
    }
}

fn margin(found: &Evaluation, scored: Scored) -> Option<MarginShown> {
    let margin = scored.margin(found.instrument.scheme())?;
    Some(MarginShown {
        s: scored.s(),
        s_face: scored.s_face(),
        margin,
    })
}

/// Begins a pass when the last one is old or the last for good is still to come.
fn renew(state: &WebState, found: &Evaluation, passed: Option<flag::Passed>) {
    let now_ms = state.clock.now_ms();
    let due = match found.state {
        EvaluationState::Open => passed.is_none_or(|passed| now_ms - passed.at_ms >= PASS_MS),
        EvaluationState::Closed => passed.is_none_or(|passed| !passed.is_final),
        _ => false,
    };
    if due {
        state.scans.begin(&state.store, found.id, now_ms);
    }
}

/// `GET /evaluations/{evaluation}/quality`.
pub async fn list(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Quality).await?;
    let (asked, who, about) = (Asked::of(request), signed.clone(), found.clone());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let rows_max = i64::try_from(ROWS).unwrap_or(i64::MAX);
            let ids = flag::list(conn, about.id, asked.filter, asked.after, rows_max)?;
            let scored = match sees_effects(conn, &who, &about)? {
                true => Some(exclusion::scored(conn, &about.instrument, about.id)?),
                false => None,
            };
            let proposals = exclusion::list(conn, about.id)?;
            Ok((
                (flag::passed(conn, about.id)?, flag::counts(conn, about.id)?),
                (outlets(conn, &about)?, flag::integrity(conn, about.id)?),
                flagged(conn, &about, &ids)?,
                (proposals, person::all_names(conn)?),
                scored,
            ))
        })
        .await;
    let ((passed, counts), (outlets, integrity), flagged, (proposals, names), scored) = read?;
    renew(state, &found, passed);
    let proposals: Vec<ProposalShown> = proposals.iter().map(shown).collect();
    let about = QualityPage {
        state: found.state,
        passed: passed.map(|passed| (passed.responses, passed.is_final, passed.at_ms)),
        outlets: &outlets,
        counts: &counts,
        integrity: &integrity,
        filter: (asked.filter.rule, asked.filter.outlet, asked.filter.class),
        next: flagged.last().filter(|_| flagged.len() == ROWS).map(|last| last.id),
        flagged: &flagged,
        proposals: &proposals,
        margin: scored.and_then(|scored| margin(&found, scored)),
        names: &names,
    };
    Ok(answer(request, typed, &view::quality(&desk, &about, typed)?))
}

/// `POST /evaluations/{evaluation}/quality/proposals`.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Quality).await?;
    let (id, act) = (found.id, act(&signed, &state));
    let errors = match Wish::parse(&form) {
        Err(errors) => errors,
        Ok(wish) => {
            let done = state
                .store
                .write(move |tx| exclusion::propose(tx, &found.instrument, id, &wish, act));
            match outcome(done.await)? {
                Ok(number) => return Ok(back(id, &format!("quality/proposals/{number}"))),
                Err(errors) => errors,
            }
        }
    };
    show(&request, &state, &signed, &Typed::new("propose", form, errors)).await
}

/// `GET /evaluations/{evaluation}/quality/responses/{response}`.
pub async fn evidence(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let id: ResponseId = path.1.parse().map_err(|_| Trouble::NotFound)?;
    show_evidence(&request, &state, &signed, id, None).await
}

/// The page again, with what must be corrected in the report of an incident.
pub(super) async fn evidence_again(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    id: ResponseId,
    typed: Typed,
) -> Result<HttpResponse, Problem> {
    show_evidence(request, state, signed, id, Some(typed)).await
}

async fn show_evidence(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    id: ResponseId,
    typed: Option<Typed>,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Quality).await?;
    let inside = signed.inside;
    let (about, key) = (found.clone(), state.store.key()?.clone());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let beside = flag::beside(conn, &key, &about.instrument, about.id, id)?;
            Ok((
                beside,
                outlets(conn, &about)?,
                sight(conn, about.id, inside, about.state)?,
                comment::incident_of(conn, about.id, id)?,
            ))
        })
        .await;
    let (beside, outlets, sight, told) = read?;
    let name = |id| {
        let known = outlets.iter().find(|(known, ..)| *known == id);
        known.map(|(_, name, _)| name.clone()).unwrap_or_default()
    };
    let shown: Vec<EvidenceShown> = beside
        .into_iter()
        .map(|one| EvidenceShown {
            id: one.id,
            outlet: name(one.standing.outlet),
            class: one.standing.class,
            counts: one.standing.counts,
            is_excluded: one.standing.is_excluded,
            answers: one.answers,
            duration_s: one.duration_s,
            marks: one.marks,
            flags: one.flags,
        })
        .collect();
    let status = match (shown.is_empty(), &typed) {
        (true, _) => StatusCode::NOT_FOUND,
        (false, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, None) => StatusCode::OK,
    };
    let incident = typed.unwrap_or_else(|| {
        let told = told.unwrap_or_default();
        let concern = told.concern.map_or("none", |concern| concern.as_str());
        let pairs = [("incident", concern.to_owned()), ("note", told.note)];
        Typed::filled("incident", pairs.map(|(name, value)| (name.to_owned(), value)).to_vec())
    });
    let questionnaire = found.instrument.questionnaire();
    let sees = sight == Sight::Scores;
    let text = view::evidence(&desk, found.state, questionnaire, (&shown, sees), &incident)?;
    Ok(page::office(request, status, &text))
}

/// `GET /evaluations/{evaluation}/quality/proposals/{number}`.
pub async fn proposal(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let number = path.1.parse().map_err(|_| Trouble::NotFound)?;
    show_proposal(&request, &state, &signed, number, None).await
}

async fn show_proposal(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    number: i32,
    typed: Option<Typed>,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Quality).await?;
    let (who, about) = (signed.clone(), found.clone());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let Some(one) = exclusion::find(conn, about.id, number)? else {
                return Ok(None);
            };
            let effect = match (sees_effects(conn, &who, &about)?, &one.decided) {
                (true, Some(decided)) => Some((decided.before, decided.after)),
                (true, None) => Some(exclusion::effect(
                    conn,
                    &about.instrument,
                    about.id,
                    one.kind,
                    &one.responses,
                )?),
                (false, _) => None,
            };
            let responses = flagged(conn, &about, &one.responses)?;
            Ok(Some((
                one,
                effect,
                responses,
                outlets(conn, &about)?,
                person::all_names(conn)?,
            )))
        })
        .await;
    let (one, effect, responses, outlets, names) = read?.ok_or(Trouble::NotFound)?;
    // Every response is ticked to begin with: who approves less says for which.
    let typed = typed.unwrap_or_else(|| {
        let ticked = one.responses.iter().map(|id| ("response".to_owned(), id.to_string()));
        Typed::filled("decide", ticked.collect())
    });
    let about = ProposalPage {
        state: found.state,
        proposal: &shown(&one),
        judged: one.decided.as_ref().map_or("", |decided| decided.explanation.as_str()),
        responses: &responses,
        approved: one.decided.as_ref().map_or(&[], |decided| decided.approved.as_slice()),
        outlets: &outlets,
        effect,
        names: &names,
        me: signed.viewer.person,
    };
    Ok(answer(request, &typed, &view::proposal(&desk, &about, &typed)?))
}

/// `POST /evaluations/{evaluation}/quality/proposals/{number}`: another person decides.
pub async fn decide(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Quality).await?;
    let number: i32 = path.1.parse().map_err(|_| Trouble::NotFound)?;
    let (id, act) = (found.id, act(&signed, &state));
    let asked: Result<_, StoreError> = state.store.read(move |conn| exclusion::find(conn, id, number)).await;
    let proposed = asked?.ok_or(Trouble::NotFound)?.responses.len();
    let errors = match Judgement::parse(&form, proposed) {
        Err(errors) => errors,
        Ok(judgement) => {
            let instrument = Arc::clone(&found.instrument);
            let done = state
                .store
                .write(move |tx| exclusion::decide(tx, &instrument, id, number, &judgement, act));
            match outcome(done.await)? {
                Ok(()) => return Ok(back(id, &format!("quality/proposals/{number}"))),
                Err(errors) => errors,
            }
        }
    };
    show_proposal(
        &request,
        &state,
        &signed,
        number,
        Some(Typed::new("decide", form, errors)),
    )
    .await
}
