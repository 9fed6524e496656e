//! The guard at every route of the office: who is it, may they, did it come from a page of ours? A handler behind it gets
//! [`Signed`] and asks no more.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};

use super::error::{Interrupted, Problem, is_for_programs};
use super::state::WebState;
use super::{body, page, session};
use crate::access::session::NOTE_EVERY_MS;
use crate::access::{Answer, RoleSet, Viewer, Who};
use crate::store::evaluation::{self, Evaluation};
use crate::store::{StoreError, membership, session as sessions};
use crate::survey::id::EvaluationId;
use crate::view::office::{Desk, Here, Interruption, Room};
use crate::view::survey::Trouble;

/// Who sends a request, as the guard of its route found out.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who.
    pub viewer: Viewer,
    /// Their session.
    pub token_hash: String,
    /// What their forms carry.
    pub csrf: String,
    /// What they are in the evaluation of the address.
    pub inside: RoleSet,
    /// The evaluation of the address.
    pub evaluation: Option<EvaluationId>,
}

impl FromRequest for Signed {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// Only behind [`enforce`]; elsewhere the program is at fault.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed = request.extensions().get::<Signed>().cloned();
        ready(signed.ok_or(Problem::Trouble(Trouble::Internal)))
    }
}

impl Signed {
    /// Who did it, for events.
    pub fn actor(&self) -> String {
        self.viewer.person.to_string()
    }

    /// The frame of a page outside evaluations.
    pub fn desk(&self, request: &HttpRequest) -> Desk {
        Desk {
            language: page::office_language(request),
            viewer: Some(self.viewer.clone()),
            csrf: self.csrf.clone(),
            here: None,
        }
    }

    /// The evaluation of the address, and the frame of a page in it.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] on routes without an evaluation; what the store returns.
    pub async fn inside(
        &self,
        request: &HttpRequest,
        state: &WebState,
        room: Room,
    ) -> Result<(Evaluation, Desk), Problem> {
        let id = self.evaluation.ok_or(Trouble::NotFound)?;
        let catalogue = std::sync::Arc::clone(state.store.catalogue());
        let found = state
            .store
            .read(move |conn| evaluation::find(conn, &catalogue, id))
            .await?;
        let evaluation = found.ok_or(Trouble::NotFound)?;
        let here = Here {
            evaluation: id,
            firm: evaluation.firm.clone(),
            title: evaluation.title.clone(),
            state: evaluation.state,
            roles: self.inside,
        };
        let desk = Desk {
            here: Some((here, room)),
            ..self.desk(request)
        };
        Ok((evaluation, desk))
    }
}

/// Lets a request through to its handler, or answers it.
///
/// # Errors
/// The [`Problem`] that becomes the answer.
pub async fn enforce(
    who: Who,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<web::Data<WebState>>().cloned() else {
        return Err(Problem::Trouble(Trouble::Internal).into());
    };
    let reads = request.method().is_safe();
    if !reads && !comes_from_us(request.headers(), &state.base_url) {
        return Err(Problem::Trouble(Trouble::Foreign).into());
    }
    if matches!(who, Who::Anybody | Who::Visitor) {
        return next.call(request).await;
    }
    let signed = identify(&request, &state, who).await.map_err(Problem::from)?;
    // The worked example shows itself to visitors; whoever signs in is what their roles say.
    let shown = matches!(who, Who::Shown(_)) && state.shows_without_account(evaluation_of(&request, who));
    if shown && signed.is_none() {
        return next.call(request).await;
    }
    let (viewer, inside) = (
        signed.as_ref().map(|signed| &signed.viewer),
        signed.as_ref().map(|s| s.inside),
    );
    let answer = who.answer(viewer, inside.unwrap_or_default(), state.clock.now_ms());
    match (answer, signed) {
        (Answer::Allow, Some(signed)) => {
            request.extensions_mut().insert(signed);
            next.call(request).await
        }
        (Answer::Hide, _) => Err(Problem::Trouble(Trouble::NotFound).into()),
        (Answer::Forbid | Answer::Allow, _) => Err(Problem::Trouble(Trouble::Forbidden).into()),
        (answer, _) if is_for_programs(request.path()) => {
            let status = match answer {
                Answer::SignIn => Trouble::SignedOut,
                _ => Trouble::Forbidden,
            };
            Err(Problem::Trouble(status).into())
        }
        (answer, _) if reads => {
            let way = way(answer, &aim(request.path()));
            Ok(request.into_response(page::see_other(&way)))
        }
        (Answer::Enrol, _) => Ok(request.into_response(page::see_other("/account/second-factor"))),
        (answer, signed) => Err(interrupt(&mut request, answer, signed).await.into()),
    }
}

fn way(answer: Answer, aim: &str) -> String {
    match answer {
        Answer::Confirm => format!("/confirm?next={aim}"),
        Answer::Enrol => "/account/second-factor".to_owned(),
        _ => format!("/sign-in?next={aim}"),
    }
}

/// A path of ours as a query value; anything unusual leads home.
pub fn aim(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    if path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain) {
        path.to_owned()
    } else {
        "/".to_owned()
    }
}

/// The form as it arrived, to be sent on once what is missing has been done.
async fn interrupt(request: &mut ServiceRequest, answer: Answer, signed: Option<Signed>) -> Problem {
    let mut taken = request.take_payload();
    let payload = web::Payload::from_request(request.request(), &mut taken).await;
    let form = match payload {
        Ok(payload) => body::form(request.request(), payload).await,
        Err(_) => return Trouble::BadRequest.into(),
    };
    let why = match answer {
        Answer::Confirm => Interruption::Confirm,
        _ => Interruption::SignedOut,
    };
    match form {
        Ok(form) => Interrupted::new(why, request.request(), signed.as_ref(), form).into(),
        Err(trouble) => trouble.into(),
    }
}

/// The evaluation of the address. One that names none is one that nobody is in.
fn evaluation_of(request: &ServiceRequest, who: Who) -> Option<EvaluationId> {
    let name = who.is_inside().then(|| request.match_info().get("evaluation"))?;
    name.and_then(|id| id.parse().ok())
}

async fn identify(request: &ServiceRequest, state: &WebState, who: Who) -> Result<Option<Signed>, StoreError> {
    let found = session::find(request.request(), state).await?;
    let Some((session, account)) = found.filter(|(session, _)| session.is_full) else {
        return Ok(None);
    };
    let now_ms = state.clock.now_ms();
    if now_ms.saturating_sub(session.seen_at_ms) >= NOTE_EVERY_MS {
        note(state, session.token_hash.clone(), now_ms);
    }
    let evaluation = evaluation_of(request, who);
    let inside = match evaluation {
        Some(id) => {
            let person = account.person;
            state
                .store
                .read(move |conn| membership::roles(conn, id, person))
                .await?
        }
        None => RoleSet::default(),
    };
    Ok(Some(Signed {
        csrf: session::csrf(&state.key, &session.token_hash),
        token_hash: session.token_hash,
        inside,
        evaluation,
        viewer: Viewer {
            person: account.person,
            must_enrol: account.must_enrol(),
            name: account.name,
            roles: account.roles,
            confirmed_at_ms: session.confirmed_at_ms,
        },
    }))
}

/// Notes that a session is in use; nobody waits for it.
fn note(state: &WebState, token_hash: String, now_ms: i64) {
    let store = state.store.clone();
    actix_web::rt::spawn(async move {
        let noted: Result<(), StoreError> = store.write(move |tx| sessions::note(tx, &token_hash, now_ms)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a session was not noted as seen");
        }
    });
}

/// Whether a form was sent from a page of ours: as the browser says, or, where it is too old to say so, by its origin.
fn comes_from_us(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN.as_str()).is_some_and(|origin| origin == base_url),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn from_us(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)))
            .collect();
        comes_from_us(&headers, "https://survey.example.cn")
    }

    #[test]
    fn a_form_from_elsewhere_is_known_by_what_the_browser_says() {
        assert!(from_us(&[("sec-fetch-site", "same-origin")]) && from_us(&[("sec-fetch-site", "none")]));
        assert!(!from_us(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://survey.example.cn")
        ]));
        assert!(!from_us(&[("sec-fetch-site", "same-site")]));
        assert!(from_us(&[("origin", "https://survey.example.cn")]));
        assert!(!from_us(&[("origin", "https://survey.example.cn.evil.example")]) && !from_us(&[("origin", "null")]));
        assert!(!from_us(&[]));
    }

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(aim("/evaluations/1/results.csv"), "/evaluations/1/results.csv");
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "/a?b=c",
            "/a%0d",
            "",
        ] {
            assert_eq!(aim(elsewhere), "/");
        }
    }
}
