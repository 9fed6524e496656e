//! What happens around every handler: limits before it, a net under it, headers after it, one log line.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use futures_util::FutureExt;

use super::error::{self, Asked, Problem};
use super::state::WebState;
use crate::view;
use crate::view::survey::Trouble;

const URL_BYTES_MAX: usize = 2 * 1024;
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Above every deadline within a handler (body 10 s, reading connection 2 s).
const HANDLER_DEADLINE: Duration = Duration::from_secs(15);
/// The same by the end of a path: where a file is sent (60 s), where one is made of all answers (ten millions take a minute).
const LONGER: [(&str, Duration); 2] = [
    ("/sample/upload", Duration::from_secs(75)),
    ("/pack.zip", Duration::from_secs(180)),
];

/// The one wrapper of the application.
///
/// # Errors
/// None: every error becomes a page here.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let method = request.method().clone();
    // The request itself must not be shared: routing writes into it.
    let asked = Asked::of(request.request());
    let secure = request
        .app_data::<web::Data<WebState>>()
        .is_some_and(|state| state.base_url.starts_with("https://"));
    let (route, mut answer) = match refuse(&request) {
        Some(trouble) => (None, Ok(request.into_response(error::respond(&asked, &trouble.into())))),
        None => match handled(request, next, &asked).await {
            // The pattern, not the path: tokens and forms are not for logs.
            Ok(response) => (response.request().match_pattern(), Ok(response)),
            Err(response) => (None, Err(response)),
        },
    };
    let headers = match &mut answer {
        Ok(response) => response.headers_mut(),
        Err(response) => response.headers_mut(),
    };
    protect(headers, secure, route.as_deref());
    let status = answer
        .as_ref()
        .map_or_else(HttpResponse::status, ServiceResponse::status)
        .as_u16();
    let (route, ms) = (route.as_deref().unwrap_or("-"), started.elapsed().as_millis());
    tracing::info!(%method, route, status, ms, "request");
    answer.map_err(|response| InternalError::from_response("", response).into())
}

fn refuse(request: &ServiceRequest) -> Option<Trouble> {
    if request.uri().path_and_query().map_or(0, |text| text.as_str().len()) > URL_BYTES_MAX {
        return Some(Trouble::UrlTooLong);
    }
    let bytes: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    (bytes > HEADER_BYTES_MAX).then_some(Trouble::HeadersTooLarge)
}

/// Calls the handler with a net under it. `Err` is the answer to a request that is gone.
async fn handled(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    asked: &Asked,
) -> Result<ServiceResponse<BoxBody>, HttpResponse> {
    let deadline = LONGER
        .into_iter()
        .find(|(end, _)| request.path().ends_with(end))
        .map_or(HANDLER_DEADLINE, |(_, longer)| longer);
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind();
    let trouble = match tokio::time::timeout(deadline, answer).await {
        Ok(Ok(Ok(response))) => {
            let page = response.response().error().map(|error| told(asked, error));
            return Ok(match page {
                None => response.map_into_boxed_body(),
                Some(page) => response.into_response(page),
            });
        }
        Ok(Ok(Err(error))) => return Err(told(asked, &error)),
        // The panic itself was logged by the hook, without any request data.
        Ok(Err(_)) => Trouble::Internal,
        Err(_) => Trouble::Busy,
    };
    Err(error::respond(asked, &trouble.into()))
}

/// The page for an error that a handler or the framework returned.
fn told(asked: &Asked, error: &Error) -> HttpResponse {
    match error.as_error::<Problem>() {
        Some(problem) => error::respond(asked, problem),
        None => {
            tracing::info!(%error, "the framework refused a request");
            error::respond(asked, &Trouble::BadRequest.into())
        }
    }
}

/// The answer of a route that knows the path but not the method.
pub fn method_not_allowed(
    allowed: &'static str,
) -> impl Fn(actix_web::HttpRequest) -> std::future::Ready<HttpResponse> + Clone {
    move |request| {
        let mut response = error::respond(&Asked::of(&request), &Trouble::MethodNotAllowed.into());
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static(allowed));
        std::future::ready(response)
    }
}

/// The answer of paths nobody serves.
pub async fn not_found(request: actix_web::HttpRequest) -> HttpResponse {
    error::respond(&Asked::of(&request), &Problem::Trouble(Trouble::NotFound))
}

const FIXED: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    // Not no-referrer: with it browsers send "Origin: null" on form posts.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("x-robots-tag", "noindex"),
];

/// The one route whose pages another page of ours frames: the preview of what customers see.
pub const FRAMED: &str = "/evaluations/{evaluation}/preview/{page}";

/// The one route whose pages may ask for the coarse location, once the customer agrees.
const INTERVIEW: &str = "/evaluations/{evaluation}/outlets/{outlet}/interview/{form}";
const WITH_LOCATION: (&str, &str) = (
    "permissions-policy",
    "camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
);

/// What stands around pages that a device shows by itself: the same as around those of the server.
pub fn page_headers() -> Vec<(&'static str, String)> {
    let fixed = FIXED.into_iter().chain([WITH_LOCATION]);
    fixed
        .map(|(name, value)| (name, value.to_owned()))
        .chain([("content-security-policy", content_security_policy(false))])
        .collect()
}

fn protect(headers: &mut HeaderMap, secure: bool, route: Option<&str>) {
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let (framed, located) = (route == Some(FRAMED), route == Some(INTERVIEW));
    if located {
        let (name, value) = WITH_LOCATION;
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(framed)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}

/// Nothing from elsewhere, no inline script, one inline stylesheet known by its hash; nobody frames us, and what we frame
/// ourselves sends no form.
fn content_security_policy(framed: bool) -> String {
    let (sends, framed_by) = match framed {
        true => ("'none'", "'self'"),
        false => ("'self'", "'none'"),
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' {}; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; form-action {sends}; \
         base-uri 'none'; frame-ancestors {framed_by}",
        view::survey::stylesheet_hash()
    )
}

#[cfg(test)]
mod tests {
    use actix_web::{App, middleware, test as http};

    use super::*;

    async fn breaks() -> HttpResponse {
        panic!("what somebody typed")
    }

    #[test]
    fn a_panic_becomes_a_page_with_a_reference_and_all_headers() {
        let answer = actix_web::rt::System::new().block_on(async {
            let app = App::new()
                .wrap(middleware::from_fn(around))
                .route("/", web::get().to(breaks));
            let app = http::init_service(app).await;
            let refused = http::try_call_service(&app, http::TestRequest::get().uri("/?lang=en").to_request()).await;
            let response = refused.unwrap_err().error_response();
            let (status, guarded) = (
                response.status(),
                response.headers().contains_key("content-security-policy"),
            );
            let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
            (status, guarded, String::from_utf8(body.to_vec()).unwrap())
        });
        assert_eq!((answer.0.as_u16(), answer.1), (500, true));
        assert!(
            answer.2.contains("lang=\"en\"") && !answer.2.contains("typed"),
            "{}",
            answer.2
        );
    }
}
