//! Where evaluators go, and what managers and reviewers see of them.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;

use crate::access::Role;
use crate::clock::{day_began_ms, day_in_china};
use crate::store::{
    Conn, StoreError, account, assignment, field as fields, fieldwork as store, interview, membership, outlet,
    supervision,
};
use crate::survey::admission::Refusal;
use crate::survey::assignment::Assignment;
use crate::survey::disposition::Code;
use crate::survey::evaluation::EvaluationState;
use crate::survey::fieldwork::done;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::interview::Contacts;
use crate::survey::language::Text;
use crate::view;
use crate::view::interview::{Errand, Everybody, Names, Site, Sites};
use crate::view::office::Room;
use crate::view::supervision::Asked;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// Evaluations on one's start page.
const PLACES_MAX: i64 = 200;

/// `GET /today`: the open evaluations in which one interviews.
pub async fn today(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (person, now_ms) = (signed.viewer.person, state.clock.now_ms());
    let day = day_in_china(now_ms);
    let read = move |conn: &mut Conn| Ok::<_, StoreError>((field(conn, person, now_ms)?, asked(conn, person)?));
    let ((errands, evaluations), asked) = state.store.read(read).await?;
    let text = view::interview::today(&signed.desk(&request), day, &errands, &evaluations, &asked)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// One's assignments from today on, and the open evaluations in which one interviews, with their outlets.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn field(conn: &mut Conn, person: PersonId, now_ms: i64) -> Result<(Vec<Errand>, Vec<Sites>), StoreError> {
    let (mut errands, mut evaluations) = (Vec::new(), Vec::new());
    let places = membership::list_places(conn, person, PLACES_MAX)?.into_iter();
    for place in places.filter(|p| p.state == EvaluationState::Open && p.roles.has(Role::Evaluator)) {
        errands.extend(errands_from(conn, &place, person, day_in_china(now_ms))?);
        let mut found = sites(conn, place.evaluation, person, now_ms)?;
        // Taken along by a device, the page is for the days to come as well.
        if let Err(Refusal::BeforeField(_)) = found.0.2 {
            found.0.2 = Ok(());
        }
        evaluations.push(found.0.titled(place.firm, place.title));
    }
    errands.sort_by_key(|errand| errand.assignment.slot);
    Ok((errands, evaluations))
}

/// Where one's interviews were asked back, whatever the state of the evaluation.
fn asked(conn: &mut Conn, person: PersonId) -> Result<Vec<Asked>, StoreError> {
    let mut asked = Vec::new();
    let places = membership::list_places(conn, person, PLACES_MAX)?.into_iter();
    for place in places.filter(|p| p.roles.has(Role::Evaluator)) {
        let interviews = supervision::asked_back(conn, place.evaluation, person)?;
        if interviews > 0 {
            asked.push(Asked {
                evaluation: place.evaluation,
                firm: place.firm,
                interviews,
            });
        }
    }
    Ok(asked)
}

/// One's assignments from a day on.
fn errands_from(
    conn: &mut Conn,
    place: &membership::Place,
    person: PersonId,
    day: NaiveDate,
) -> Result<Vec<Errand>, StoreError> {
    let mut assigned = assignment::list_of(conn, place.evaluation, person)?;
    assigned.retain(|one| one.slot.day >= day);
    if assigned.is_empty() {
        return Ok(Vec::new());
    }
    let outlets = outlet::list(conn, place.evaluation)?;
    let contacts = store::contacts(conn, place.evaluation, Some(person))?;
    let errand = |assignment: Assignment| {
        let here = outlets.iter().find(|outlet| outlet.id == assignment.slot.outlet)?;
        Some(Errand {
            evaluation: place.evaluation,
            firm: place.firm.clone(),
            outlet: here.name.clone(),
            address: here.address.clone(),
            done: done(&contacts, &assignment),
            assignment,
        })
    };
    Ok(assigned.into_iter().filter_map(errand).collect())
}

/// `GET /evaluations/{evaluation}/interviews`: the same for one evaluation; who manages or reviews sees everybody's.
pub async fn interviews(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, person, now_ms) = (evaluation.id, signed.viewer.person, state.clock.now_ms());
    let (found, everybody, names) = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            let (found, everybody) = sites(conn, id, person, now_ms)?;
            let names = names(conn, id, &everybody)?;
            Ok((found, everybody, names))
        })
        .await?;
    let sees_everybody = signed.inside.has_any(&[Role::Manager, Role::Reviewer]);
    let recorded = request.query_string().strip_prefix("recorded=").and_then(Code::parse);
    let instrument = Arc::clone(&evaluation.instrument);
    let text = view::interview::interviews(
        &desk,
        instrument.questionnaire(),
        &found.titled(evaluation.firm, evaluation.title),
        signed.inside.has(Role::Evaluator),
        sees_everybody.then_some((&names, &everybody)),
        recorded,
    )?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// Outlets of an evaluation whose title is told by the caller.
struct Untitled(EvaluationId, Vec<Site>, Result<(), Refusal>);

impl Untitled {
    fn titled(self, firm: Text, title: Text) -> Sites {
        Sites {
            evaluation: self.0,
            firm,
            title,
            standing: self.2,
            sites: self.1,
        }
    }
}

fn sites(
    conn: &mut Conn,
    id: EvaluationId,
    person: PersonId,
    now_ms: i64,
) -> Result<(Untitled, Everybody), StoreError> {
    let everybody = interview::contacts(conn, id, 0)?;
    let today = interview::contacts(conn, id, day_began_ms(now_ms))?;
    let own = |contacts: &Everybody, outlet| contacts.get(&(person, outlet)).cloned().unwrap_or_default();
    let all = |outlet| {
        let mut sum = Contacts::default();
        let here = everybody.iter().filter(|((_, place), _)| *place == outlet);
        here.for_each(|(_, contacts)| sum.merge(contacts));
        sum
    };
    let sites = outlet::list(conn, id)?.into_iter().map(|outlet| Site {
        outlet: outlet.id,
        target: outlet.target_face,
        today: own(&today, outlet.id),
        own: own(&everybody, outlet.id),
        all: all(outlet.id),
        name: outlet.name,
    });
    let sites = sites.collect();
    let (state, field) = fields::admission(conn, id)?.ok_or_else(|| StoreError::Corrupt(format!("evaluation {id}")))?;
    let standing = state.admit_interview(field.admit(now_ms, now_ms), false);
    Ok((Untitled(id, sites, standing), everybody))
}

/// Evaluators of an evaluation, and everybody who interviewed in it before.
fn names(conn: &mut Conn, id: EvaluationId, everybody: &Everybody) -> Result<Names, StoreError> {
    let members = membership::list(conn, id)?.into_iter();
    let mut names: Names = members
        .filter(|member| member.role == Role::Evaluator)
        .map(|member| (member.person, member.name))
        .collect();
    for (person, _) in everybody.keys() {
        if !names.contains_key(person) {
            let name = account::find(conn, *person)?.map_or_else(|| person.to_string(), |account| account.name);
            names.insert(*person, name);
        }
    }
    Ok(names)
}
