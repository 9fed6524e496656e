//! The address to which notices about an organisation's certificate go.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::read_address;
use crate::personal::{self, DataKey};
use crate::store::organisation_contact::{self as store, OrganisationContact};
use crate::store::{StoreError, event, grading};
use crate::survey::event::Event;
use crate::survey::form::FormReader;
use crate::survey::invitation::masked;
use crate::survey::language::Language;
use crate::view::grading::Typed;
use crate::view::mail as view;
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{answer, back};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/certificate/contact`.
pub async fn contact_page(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(request, state, Room::Certificate).await?;
    let id = evaluation.id;
    let read = state.store.read(move |conn| -> Result<_, StoreError> {
        let (organisation, ..) = grading::about(conn, id)?;
        Ok((organisation, store::find(conn, organisation)?))
    });
    let (organisation, known) = read.await?;
    let place = personal::of_organisation(&organisation.to_string());
    let own = DataKey::of_server(&state.key);
    let known = known.and_then(|contact| own.open(&place, &contact.sealed_email));
    let known = known.map(|address| masked(&address));
    Ok(answer(request, typed, &view::contact(&desk, known.as_deref(), typed)?))
}

/// `POST /evaluations/{evaluation}/certificate/contact`.
pub async fn contact(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let mut reader = FormReader::new(&form);
    let address = read_address(&mut reader, "address");
    let language = reader.choice("language", Language::from_tag);
    let (address, language) = match reader.done(address.zip(language)) {
        Ok(read) => read,
        Err(errors) => return show(&request, &state, &signed, &Typed::new("contact", form, errors)).await,
    };
    let (key, now_ms, actor) = (state.key.clone(), state.clock.now_ms(), signed.actor());
    let done = state.store.write(move |tx| -> Result<(), StoreError> {
        let (organisation, ..) = grading::about(tx.conn, id)?;
        let place = personal::of_organisation(&organisation.to_string());
        let sealed_email = DataKey::of_server(&key)
            .seal(&place, &address)
            .ok_or_else(|| StoreError::Corrupt("an address could not be sealed".into()))?;
        let contact = OrganisationContact { sealed_email, language };
        store::set(tx, organisation, &contact, now_ms)?;
        let happened = Event {
            at_ms: now_ms,
            actor: actor.clone(),
            action: "contact.set".to_owned(),
            object: organisation.to_string(),
            data: "{}".to_owned(),
        };
        event::append(tx, id, &happened)
    });
    done.await?;
    Ok(back(id, "certificate/contact"))
}
