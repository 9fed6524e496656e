//! Fieldwork as it is watched, and outlets' own networks.

use std::net::IpAddr;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::renew;
use crate::access::Sight;
use crate::store::{StoreError, flag, funnel, mark, monitor, outbox, outlet, progress};
use crate::survey::alarm::alarms;
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::{FormReader, Problem as Wrong};
use crate::survey::id::OutletId;
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::quality::{self as view, MonitoringPage, OutletShown};
use crate::view::survey::Trouble;
use crate::web::acting::{answer, back, sight};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// With more answers than this the curve of arrivals is not drawn: no page reads every response.
const LOOKED_THROUGH_MAX: u64 = 200_000;
const ADDRESS_MAX: usize = 45;

/// `GET /evaluations/{evaluation}/monitoring`.
pub async fn show(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    shown(&request, &state, &signed, &Typed::default()).await
}

async fn shown(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Monitoring).await?;
    let (who, about) = (signed.clone(), found.clone());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let with_scores = sight(conn, about.id, who.inside, about.state)? == Sight::Scores;
            let progress = progress::of(conn, &about)?;
            let counted = progress.face().counted + progress.electronic().counted;
            let arrivals = match counted <= LOOKED_THROUGH_MAX {
                true => Some(monitor::arrivals(conn, about.id)?),
                false => None,
            };
            Ok((
                (monitor::traffic(conn, &about, with_scores)?, progress),
                (arrivals, funnel::of_evaluation(conn, about.id)?),
                (outbox::counts(conn, about.id)?, mark::networks(conn, about.id)?),
                flag::passed(conn, about.id)?,
            ))
        })
        .await;
    let ((traffic, progress), (arrivals, visits), (mail, networks), passed) = read?;
    renew(state, &found, passed);
    let outlets: Vec<OutletShown> = progress
        .outlets
        .into_iter()
        .map(|outlet| {
            let own = visits.iter().filter(|visits| visits.outlet == outlet.id);
            let funnel = own.fold((0, 0, 0), |sum: (i64, i64, i64), visits| {
                (sum.0 + visits.opened, sum.1 + visits.started, sum.2 + visits.completed)
            });
            OutletShown {
                id: outlet.id,
                name: outlet.name,
                face: outlet.face,
                electronic: outlet.electronic,
                invited: outlet.invited,
                funnel,
            }
        })
        .collect();
    let about = MonitoringPage {
        state: found.state,
        alarms: &alarms(&traffic),
        outlets: &outlets,
        arrivals: arrivals.as_ref(),
        mail: Some(&mail).filter(|mail| mail.drawn > 0),
        networks: &networks,
    };
    Ok(answer(request, typed, &view::monitoring(&desk, &about, typed)?))
}

/// `POST /evaluations/{evaluation}/monitoring/networks`: an address of an outlet's own network.
pub async fn add_network(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Monitoring).await?;
    let id = found.id;
    let known: Result<_, StoreError> = state.store.read(move |conn| outlet::list(conn, id)).await;
    let known: Vec<OutletId> = known?.into_iter().map(|outlet| outlet.id).collect();
    let mut reader = FormReader::new(&form);
    let outlet = reader.choice("outlet", |text| {
        text.parse().ok().filter(|outlet| known.contains(outlet))
    });
    let typed = reader.required_line("address", ADDRESS_MAX);
    let address = typed.parse::<IpAddr>().ok();
    if address.is_none() && !typed.is_empty() {
        reader.refuse("address", Wrong::NotANetwork);
    }
    let errors = match reader.done(outlet.zip(address)) {
        Err(errors) => errors,
        Ok(_) if found.state > EvaluationState::Open => return Err(Trouble::Outdated.into()),
        Ok(new) => {
            let (actor, now_ms) = (signed.actor(), state.clock.now_ms());
            let done: Result<bool, StoreError> = state
                .store
                .write(move |tx| mark::add_network(tx, id, new, (&actor, now_ms)))
                .await;
            match done? {
                true => return Ok(back(id, "monitoring#networks")),
                false => vec![crate::survey::form::FieldError::new("address", Wrong::OutOfRange)],
            }
        }
    };
    shown(&request, &state, &signed, &Typed::new("network", form, errors)).await
}
