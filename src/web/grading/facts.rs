//! Facts: the register, one fact, the check by another person.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Case;
use crate::access::Role;
use crate::grading::fact::{Fact, Kind, named, parse, parse_check};
use crate::store::fact as store;
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::view::grading::{self as view, FactPage, Typed};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle, today};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// Evaluation, kind and id of a fact in an address; `new` is one that is not there yet.
type Place = Path<(String, String, String)>;

/// `GET /evaluations/{evaluation}/facts`.
pub async fn register(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(&request, &state, Room::Facts).await?;
    let case = Case::read(&signed, &state).await?;
    let text = view::facts(&desk, &case.record, &case.names)?;
    Ok(answer(&request, &Typed::default(), &text))
}

/// What a page is about: the kind, and the fact unless it is new.
fn place<'a>(case: &'a Case, kind: &str, id: &str) -> Result<(Kind, Option<&'a Fact>), Trouble> {
    let kind: Kind = named(kind).ok_or(Trouble::NotFound)?;
    if id == "new" {
        return Ok((kind, None));
    }
    let mut facts = case.record.facts.iter();
    let known = facts.find(|fact| fact.id == id && fact.entry.statement.kind() == kind);
    Ok((kind, Some(known.ok_or(Trouble::NotFound)?)))
}

/// `GET /evaluations/{evaluation}/facts/{kind}/{id}`.
pub async fn fact(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Place,
) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &path, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    path: &(String, String, String),
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Facts).await?;
    let case = Case::read(signed, state).await?;
    let (kind, known) = place(&case, &path.1, &path.2)?;
    let about = FactPage {
        kind,
        known,
        record: &case.record,
        names: &case.names,
    };
    Ok(answer(request, typed, &view::fact(&desk, &about, typed)?))
}

/// `POST /evaluations/{evaluation}/facts/{kind}/{id}`: enters or corrects a fact.
pub async fn enter(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Place,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let (kind, known) = place(&case, &path.1, &path.2)?;
    let entry = parse(kind, &form, &case.record.scheme, today(&state));
    let refused = |entry: &crate::grading::fact::Entry| case.record.contradictions(entry);
    let errors = match entry {
        Err(errors) => errors,
        Ok(entry) if !refused(&entry).is_empty() => refused(&entry),
        Ok(entry) => {
            let event = uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string();
            let own = entry.statement.id(&event);
            let id = known.map_or(own.clone(), |known| known.id.clone());
            let seen = match known {
                Some(_) => form.first("version").parse().unwrap_or(0),
                None => 0,
            };
            // Of everything but events there is one, known by what it is about.
            if !kind.is_event() && id != own {
                vec![FieldError::new("clause", Wrong::NotPossible)]
            } else {
                let (evaluation, act) = (case.id, act(&signed, &state));
                let done = state
                    .store
                    .write(move |tx| store::insert(tx, evaluation, (&id, seen), &entry, act));
                settle(done.await)?
            }
        }
    };
    match errors.is_empty() {
        true => Ok(back(case.id, "facts")),
        false => show(&request, &state, &signed, &path, &Typed::new("fact", form, errors)).await,
    }
}

/// `GET /evaluations/{evaluation}/facts/{kind}/{id}/check`.
pub async fn check_page(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Place,
) -> Result<HttpResponse, Problem> {
    show_check(&request, &state, &signed, &path, &Typed::default()).await
}

async fn show_check(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    path: &(String, String, String),
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Facts).await?;
    let case = Case::read(signed, state).await?;
    let (kind, known) = place(&case, &path.1, &path.2)?;
    let about = FactPage {
        kind,
        known,
        record: &case.record,
        names: &case.names,
    };
    let text = view::fact_check(&desk, &about, known.ok_or(Trouble::NotFound)?, typed)?;
    Ok(answer(request, typed, &text))
}

/// `POST /evaluations/{evaluation}/facts/{kind}/{id}/check`.
pub async fn check(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Place,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let (kind, known) = place(&case, &path.1, &path.2)?;
    let known = known.ok_or(Trouble::NotFound)?;
    if kind.needs_reviewer() && !signed.inside.has(Role::Reviewer) {
        return Err(Trouble::Forbidden.into());
    }
    let errors = match (parse_check(&form), form.first("version").parse::<i32>()) {
        (Err(errors), _) => errors,
        (Ok(_), Err(_)) => vec![FieldError::new("", Wrong::Changed)],
        (Ok((agrees, remark)), Ok(version)) => {
            let (evaluation, act, id) = (case.id, act(&signed, &state), known.id.clone());
            let done = state
                .store
                .write(move |tx| store::check(tx, evaluation, (&id, version), (agrees, &remark), act));
            settle(done.await)?
        }
    };
    match errors.is_empty() {
        true => Ok(back(case.id, "facts")),
        false => show_check(&request, &state, &signed, &path, &Typed::new("check", form, errors)).await,
    }
}
