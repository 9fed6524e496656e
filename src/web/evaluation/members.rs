//! Who is what in an evaluation.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{carried_out, is_manager, may};
use crate::access::Role;
use crate::store::membership::{Candidate, Member};
use crate::store::{StoreError, WriteTx, account, conflict, event, membership};
use crate::survey::evaluation::Act;
use crate::survey::form::{FieldError, FormReader, Problem as Wrong, RawForm};
use crate::survey::id::{EvaluationId, PersonId};
use crate::view;
use crate::view::evaluation::MembersPage;
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// Roles of all accounts that are offered.
const CANDIDATES_MAX: i64 = 2_000;

/// `GET /evaluations/{evaluation}/members`.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    list(&request, &state, &signed, StatusCode::OK, &RawForm::default(), &[]).await
}

async fn list(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    status: StatusCode,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Members).await?;
    let (id, manages) = (found.id, is_manager(signed));
    let (members, candidates) = state
        .store
        .read(move |conn| -> Result<(Vec<Member>, Vec<Candidate>), StoreError> {
            let members = membership::list(conn, id)?;
            let candidates = match manages {
                true => membership::list_candidates(conn, CANDIDATES_MAX)?,
                false => Vec::new(),
            };
            Ok((members, candidates))
        })
        .await?;
    let shown = MembersPage {
        evaluation: id,
        members: members
            .into_iter()
            .map(|m| (m.person, m.name, m.registration_no, m.role))
            .collect(),
        candidates: candidates
            .into_iter()
            .map(|c| (c.person, c.name, c.registration_no, c.roles))
            .collect(),
        is_manager: manages,
    };
    let text = view::evaluation::members(&desk, &shown, form, errors)?;
    Ok(page::office(request, status, &text))
}

fn parse(form: &RawForm) -> Result<(PersonId, Role), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let person = reader.choice("person", |text| text.parse().ok());
    let in_evaluations = |text: &str| Role::parse(text).filter(|role| Role::IN_EVALUATIONS.contains(role));
    let role = reader.choice("role", in_evaluations);
    reader.done(person.zip(role))
}

/// `POST /evaluations/{evaluation}/members`: gives somebody a role.
pub async fn add(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let now_ms = state.clock.now_ms();
    let errors = match parse(&form) {
        Ok((person, role)) => {
            let by = signed.clone();
            let added = state
                .store
                .write(move |tx| admit(tx, id, person, role, &by, now_ms))
                .await?;
            match added {
                Ok(done) => return carried_out(done, &format!("/evaluations/{id}/members")),
                Err(error) => vec![error],
            }
        }
        Err(errors) => errors,
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    list(&request, &state, &signed, status, &form, &errors).await
}

type Admitted = Result<bool, FieldError>;

/// Only what the account may hold, what goes with the person's other role here, and evaluators with their number
/// (认证认可条例 art. 38).
fn admit(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    person: PersonId,
    role: Role,
    by: &Signed,
    now_ms: i64,
) -> Result<Admitted, StoreError> {
    if !may(tx, id, Act::ChangeMembers)? {
        return Ok(Ok(false));
    }
    let Some(account) = account::find(tx.conn, person)?.filter(|account| !account.disabled) else {
        return Ok(Err(FieldError::new("person", Wrong::NotAChoice)));
    };
    let held = membership::roles(tx.conn, id, person)?;
    let problem = if !account.roles.has(role) {
        Some(Wrong::NotEntitled)
    } else if held.has(role) {
        Some(Wrong::Taken)
    } else if held.iter().any(|other| !role.combines_with(other)) {
        Some(Wrong::Incompatible)
    } else if role == Role::Evaluator && account.registration_no.trim().is_empty() {
        Some(Wrong::NotRegistered)
    } else if role == Role::Evaluator && conflict::is_declared(tx.conn, id, person)? {
        Some(Wrong::Conflicted)
    } else {
        None
    };
    if let Some(problem) = problem {
        return Ok(Err(FieldError::new("role", problem)));
    }
    membership::insert(tx, id, person, role)?;
    let data = serde_json::json!({"role": role.as_str()});
    let happened = super::happened(by, now_ms, "member.added", person.to_string(), &data);
    event::append(tx, id, &happened)?;
    Ok(Ok(true))
}

/// `POST /evaluations/{evaluation}/members/remove`: takes a role from somebody; the last manager stays.
pub async fn remove(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (person, role) = parse(&form).map_err(|_| Trouble::BadRequest)?;
    let (now_ms, own) = (
        state.clock.now_ms(),
        person == signed.viewer.person && role == Role::Manager,
    );
    let done = state
        .store
        .write(move |tx| -> Result<bool, StoreError> {
            let members = membership::list(tx.conn, id)?;
            let is_there = members.iter().any(|m| m.person == person && m.role == role);
            let managers = members.iter().filter(|m| m.role == Role::Manager).count();
            if !may(tx, id, Act::ChangeMembers)? || !is_there || (role == Role::Manager && managers < 2) {
                return Ok(false);
            }
            membership::delete(tx, id, person, role)?;
            let data = serde_json::json!({"role": role.as_str()});
            let happened = super::happened(&signed, now_ms, "member.removed", person.to_string(), &data);
            event::append(tx, id, &happened)?;
            Ok(true)
        })
        .await?;
    let way = match own {
        true => "/".to_owned(),
        false => format!("/evaluations/{id}/members"),
    };
    carried_out(done, &way)
}
