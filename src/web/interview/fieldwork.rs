//! Where evaluators go, and what managers and reviewers see of them.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::access::Role;
use crate::clock::day_began_ms;
use crate::store::{Conn, StoreError, account, interview, membership, outlet};
use crate::survey::disposition::Code;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::interview::Contacts;
use crate::survey::language::Text;
use crate::view;
use crate::view::interview::{Everybody, Names, Site, Sites};
use crate::view::office::Room;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// Evaluations on one's start page.
const PLACES_MAX: i64 = 200;

/// `GET /today`: the open evaluations in which one interviews.
pub async fn today(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (person, now_ms) = (signed.viewer.person, state.clock.now_ms());
    let evaluations = state
        .store
        .read(move |conn| open_sites(conn, person, now_ms))
        .await?;
    let text = view::interview::today(&signed.desk(&request), &evaluations)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// The open evaluations in which somebody interviews, with their outlets.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn open_sites(conn: &mut Conn, person: PersonId, now_ms: i64) -> Result<Vec<Sites>, StoreError> {
    membership::list_places(conn, person, PLACES_MAX)?
        .into_iter()
        .filter(|place| place.state == EvaluationState::Open && place.roles.has(Role::Evaluator))
        .map(|place| {
            let found = sites(conn, place.evaluation, person, now_ms)?;
            Ok(found.0.titled(place.firm, place.title, true))
        })
        .collect()
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
    let is_open = evaluation.state == EvaluationState::Open;
    let sees_everybody = signed.inside.has_any(&[Role::Manager, Role::Reviewer]);
    let recorded = request.query_string().strip_prefix("recorded=").and_then(Code::parse);
    let instrument = Arc::clone(&evaluation.instrument);
    let text = view::interview::interviews(
        &desk,
        instrument.questionnaire(),
        &found.titled(evaluation.firm, evaluation.title, is_open),
        signed.inside.has(Role::Evaluator),
        sees_everybody.then_some((&names, &everybody)),
        recorded,
    )?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// Outlets of an evaluation whose title is told by the caller.
struct Untitled(EvaluationId, Vec<Site>);

impl Untitled {
    fn titled(self, firm: Text, title: Text, is_open: bool) -> Sites {
        Sites {
            evaluation: self.0,
            firm,
            title,
            is_open,
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
    Ok((Untitled(id, sites.collect()), everybody))
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
