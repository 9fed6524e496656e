//! A customer's way through: landing → rating → receipt. Works without script and cookie; a visit that submits nothing
//! writes nothing.

mod entry;
mod landing;
mod rating;
mod record;
mod unsubscribe;

use std::sync::Arc;

use actix_web::HttpRequest;

use super::client;
use super::error::Problem;
use super::state::WebState;
use crate::store::evaluation::Evaluation;
use crate::store::link::{self, Link};
use crate::survey::admission::Refusal;
use crate::survey::language::Language;
use crate::survey::link::LinkSecret;
use crate::survey::ticket::Ticket;
use crate::view::survey::{Scene, Trouble};

pub use entry::{enter, entry};
pub use landing::{begin, ended, landing};
pub use rating::{rating, receipt, submit};
pub use record::{ask, tell, withdraw};
pub use unsubscribe::{unsubscribe, unsubscribed};

const HTML: &str = "text/html; charset=utf-8";

fn seconds(ms: i64) -> u64 {
    u64::try_from(ms / 1000).unwrap_or(0)
}

/// The link of a token from a URL; guessing is counted and slowed.
async fn link_of(request: &HttpRequest, state: &WebState, token: &str) -> Result<Arc<Link>, Problem> {
    if let Some(known) = state.visits.link_by_token(token) {
        return Ok(known);
    }
    let found = match LinkSecret::parse(token) {
        None => None,
        Some(secret) => {
            let (catalogue, hash) = (Arc::clone(state.store.catalogue()), secret.hash(state.key.bytes()));
            state
                .store
                .read(move |conn| link::find_by_hash(conn, &catalogue, &hash))
                .await?
        }
    };
    match found {
        Some(link) => {
            let link = Arc::new(link);
            state.visits.keep_link(Some(token), &link);
            Ok(link)
        }
        None if state.misses.allow(client::address(request, &state.trusted_proxies)) => Err(Refusal::Unknown.into()),
        None => Err(Trouble::TooManyTries.into()),
    }
}

async fn link_of_ticket(state: &WebState, ticket: &Ticket) -> Result<Arc<Link>, Problem> {
    if let Some(known) = state.visits.link(ticket.link) {
        return Ok(known);
    }
    let (ticket, catalogue) = (*ticket, Arc::clone(state.store.catalogue()));
    let found = state
        .store
        .read(move |conn| link::find(conn, &catalogue, ticket.evaluation, ticket.link))
        .await?;
    let link = Arc::new(found.ok_or(Refusal::Unknown)?);
    state.visits.keep_link(None, &link);
    Ok(link)
}

fn scene<'a>(state: &'a WebState, link: &'a Link, language: Language) -> Scene<'a> {
    let Evaluation { firm, instrument, .. } = &*link.evaluation;
    Scene {
        language,
        body: &state.body_name,
        firm,
        outlet: Some(&link.outlet_name),
        questionnaire: instrument.questionnaire(),
    }
}
