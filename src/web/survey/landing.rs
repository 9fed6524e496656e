//! The first page of a link, and what its form leads to.

use std::sync::Arc;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{HTML, link_of, scene, seconds};
use crate::store::funnel::Stage;
use crate::store::link::Link;
use crate::store::{catalogue, disposition};
use crate::survey::admission::Refusal;
use crate::survey::disposition::Code;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::language::Language;
use crate::survey::screening::{self, Screened};
use crate::survey::ticket::Ticket;
use crate::view;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::error::{self, Problem};
use crate::web::page::{self, Fragments, Keep};
use crate::web::state::WebState;
use crate::web::visits::PageKey;

/// `GET /s/{token}`: notice, consent, screening. The same for everybody who scans the code.
pub async fn landing(
    request: HttpRequest,
    state: web::Data<WebState>,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let link = link_of(&request, &state, &token).await?;
    let now_ms = state.clock.now_ms();
    if let Err(refusal) = link.state.admit(now_ms) {
        // Who only asks for the head of a page is a program that checks links.
        let is_late = matches!(refusal, Refusal::Revoked | Refusal::Closed | Refusal::AfterField(_));
        if is_late && request.method() == Method::GET {
            state.footfall.came_late(&state.store, &link, now_ms);
        }
        return Err(refusal.into());
    }
    if request.method() == Method::GET {
        state.footfall.came(&state.store, &link, Stage::Opened, now_ms);
    }
    let language = error::language(&request);
    let gzip = page::takes_gzip(request.headers());
    if link.state.kind.single_use() {
        let text = landing_text(&state, &link, &token, language, &RawForm::default(), &[]).await?;
        return Ok(page::html(&request, StatusCode::OK, &text));
    }
    let key = PageKey::Landing(token.clone(), language);
    let kept = match state.visits.page(&key) {
        Some(kept) => kept,
        None => {
            let text = landing_text(&state, &link, &token, language, &RawForm::default(), &[]).await?;
            state.visits.keep_page(key, Fragments::new(&text, &[]))
        }
    };
    Ok(page::respond(
        StatusCode::OK,
        HTML,
        Keep::Revalidate,
        kept.fill(&[], gzip),
        gzip,
    ))
}

/// `POST /s/{token}`: eligible → a signed form; not eligible → a polite end, counted without content.
pub async fn begin(
    request: HttpRequest,
    state: web::Data<WebState>,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let link = link_of(&request, &state, &token).await?;
    let now_ms = state.clock.now_ms();
    link.state.admit(now_ms)?;
    let language = Language::from_tag(form.first("lang")).unwrap_or_else(|| error::language(&request));
    match screening::screen(link.evaluation.instrument.questionnaire(), &form) {
        Ok(Screened::Eligible(services)) => {
            let ticket = Ticket {
                evaluation: link.evaluation.id,
                link: link.id,
                form_id: rand::random(),
                issued_at_s: seconds(now_ms),
                language,
                services,
            };
            state.footfall.came(&state.store, &link, Stage::Started, now_ms);
            Ok(page::see_other(&format!("/f/{}", ticket.seal(state.key.bytes()))))
        }
        Ok(Screened::Ended(code)) => {
            let (instrument, evaluation, id) = (Arc::clone(&link.evaluation.instrument), link.evaluation.id, link.id);
            let random = rand::random();
            state
                .store
                .write(move |tx| disposition::end_visit(tx, &instrument, evaluation, id, code, random, now_ms))
                .await?;
            Ok(page::see_other(&format!(
                "/end/{}?lang={}",
                code.as_str(),
                language.tag()
            )))
        }
        Err(errors) => {
            let text = landing_text(&state, &link, &token, language, &form, &errors).await?;
            Ok(page::html(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
        }
    }
}

/// `GET /end/{code}`: thanks to somebody who does not take part.
pub async fn ended(request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let shown = [Code::Refusal, Code::NoService, Code::Interested, Code::Minor];
    let code = Code::parse(&code)
        .filter(|code| shown.contains(code))
        .ok_or(Trouble::NotFound)?;
    Ok(page::html(
        &request,
        StatusCode::OK,
        &view::survey::ended(error::language(&request), code)?,
    ))
}

async fn landing_text(
    state: &WebState,
    link: &Link,
    token: &str,
    language: Language,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, Problem> {
    let version = link.evaluation.notice_version.clone().unwrap_or_default();
    let notice = state.store.read(move |conn| catalogue::notice(conn, &version)).await?;
    let action = format!("/s/{token}?lang={}", language.tag());
    let other = format!("/s/{token}?lang={}", language.other().tag());
    Ok(view::survey::landing(
        &scene(state, link, language),
        &notice,
        &action,
        &other,
        form,
        errors,
    )?)
}
