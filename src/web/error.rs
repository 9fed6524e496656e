//! Everything that can go wrong in a request, and the one place where it becomes HTTP: people see plain words in their
//! language, the log has the chain of causes and the same reference.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

use super::entrance::Signed;
use super::page;
use crate::credential::HashError;
use crate::store::StoreError;
use crate::store::response::SubmitError;
use crate::survey::admission::Refusal;
use crate::survey::form::RawForm;
use crate::survey::language::Language;
use crate::view;
use crate::view::office::{Desk, Interruption};
use crate::view::survey::Trouble;

/// Seconds after which a busy server may be asked again.
const RETRY_AFTER_S: &str = "2";

/// Why a request did not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A visitor is turned away politely.
    #[error("refused: {}", .0.as_str())]
    Refused(Refusal),
    /// The request itself is at fault, or the server.
    #[error("{0:?}")]
    Trouble(Trouble),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A page could not be made.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
    /// A file could not be made.
    #[error("export: {0}")]
    Export(String),
    /// A form that may not be carried out yet; nothing typed is lost.
    #[error("interrupted: {:?}", .0.why)]
    Interrupted(Box<Interrupted>),
    /// Any of these, for somebody whose language is known from their form.
    #[error("{1}")]
    InLanguage(Language, Box<Problem>),
}

impl Problem {
    /// The same problem, told in this language unless the request asks for another.
    pub fn in_language(self, language: Language) -> Self {
        Self::InLanguage(language, Box::new(self))
    }
}

/// A form that arrived and must wait, with everything its page needs.
#[derive(Debug)]
pub struct Interrupted {
    why: Interruption,
    desk: Desk,
    form: RawForm,
}

impl Interrupted {
    /// A form that was sent by this request.
    pub fn new(why: Interruption, request: &HttpRequest, signed: Option<&Signed>, form: RawForm) -> Self {
        let desk = match signed {
            Some(signed) => signed.desk(request),
            None => Desk {
                language: page::office_language(request),
                viewer: None,
                csrf: String::new(),
                here: None,
            },
        };
        Self { why, desk, form }
    }

    /// A form that was sent from this desk.
    pub fn at(why: Interruption, desk: Desk, form: RawForm) -> Self {
        Self { why, desk, form }
    }

    fn respond(&self, asked: &Asked) -> HttpResponse {
        let status = match self.why {
            Interruption::SignedOut => StatusCode::UNAUTHORIZED,
            Interruption::Confirm | Interruption::Again => StatusCode::FORBIDDEN,
        };
        match view::office::interrupted(&self.desk, self.why, &asked.path, &self.form) {
            Ok(text) => asked.html(status, &text),
            Err(error) => respond(asked, &error.into()),
        }
    }
}

impl From<Interrupted> for Problem {
    fn from(interrupted: Interrupted) -> Self {
        Self::Interrupted(Box::new(interrupted))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::Refused(refusal),
            SubmitError::Store(error) => Self::Store(error),
        }
    }
}

/// Handlers return problems; the guard around them makes the page, because it knows the request.
impl actix_web::ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

/// The language that a request asks for; Chinese without a word.
pub fn language(request: &HttpRequest) -> Language {
    asked_language(request).unwrap_or_default()
}

pub(super) fn asked_language(request: &HttpRequest) -> Option<Language> {
    let asked = request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="));
    asked.and_then(Language::from_tag)
}

/// What is kept of a request to answer it when the request itself is gone (a panic took it, or time ran out).
#[derive(Debug, Clone)]
pub struct Asked {
    language: Option<Language>,
    path: String,
    by_get: bool,
    gzip: bool,
}

impl Asked {
    /// The part of a request that its answer depends on.
    pub fn of(request: &HttpRequest) -> Self {
        Self {
            language: asked_language(request).or_else(|| page::chosen_language(request)),
            path: request.path().to_owned(),
            by_get: request.method() == Method::GET,
            gzip: page::takes_gzip(request.headers()),
        }
    }

    fn html(&self, status: StatusCode, text: &str) -> HttpResponse {
        page::encoded(self.gzip, status, "text/html; charset=utf-8", page::Keep::Never, text)
    }
}

/// The page for a problem, in the language of the request.
pub fn respond(asked: &Asked, problem: &Problem) -> HttpResponse {
    let language = asked.language.unwrap_or_default();
    let other = format!("{}?lang={}", asked.path, language.other().tag());
    let trouble = match problem {
        Problem::InLanguage(known, problem) => {
            let language = Some(asked.language.unwrap_or(*known));
            return respond(
                &Asked {
                    language,
                    ..asked.clone()
                },
                problem,
            );
        }
        Problem::Interrupted(interrupted) => return interrupted.respond(asked),
        Problem::Refused(refusal) => return refused(asked, language, *refusal, &other),
        Problem::Trouble(trouble) => *trouble,
        Problem::Store(error) if error.is_passing() => Trouble::Busy,
        Problem::Hash(HashError::Busy) => Trouble::Busy,
        Problem::Store(_) | Problem::Hash(_) | Problem::Template(_) | Problem::Export(_) => Trouble::Internal,
    };
    let reference = reference();
    match trouble {
        Trouble::Internal | Trouble::Busy => tracing::error!(reference, error = %problem, "request failed"),
        _ => tracing::info!(reference, problem = ?trouble, "request refused"),
    }
    if is_for_programs(&asked.path) {
        return problem_json(status(trouble), &reference);
    }
    // Only a page that can be asked for again by GET offers the other language.
    let other = asked.by_get.then_some(other.as_str());
    let text = view::survey::trouble(language, trouble, &reference, other)
        .unwrap_or_else(|_| status(trouble).canonical_reason().unwrap_or("error").to_owned());
    let mut response = asked.html(status(trouble), &text);
    if matches!(trouble, Trouble::Busy | Trouble::TooManyTries) {
        let seconds = if trouble == Trouble::Busy { RETRY_AFTER_S } else { "60" };
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, header::HeaderValue::from_static(seconds));
    }
    response
}

/// Whether a path is asked for by programs and scripts, which read no pages.
pub fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/sync" || path.starts_with("/sync/")
}

/// For programs: RFC 9457.
fn problem_json(status: StatusCode, reference: &str) -> HttpResponse {
    let title = status.canonical_reason().unwrap_or("error");
    let body = serde_json::json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "instance": format!("urn:reference:{reference}"),
    });
    let text = body.to_string();
    page::encoded(false, status, "application/problem+json", page::Keep::Never, &text)
}

/// The status of a refusal.
pub fn refusal_status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Unknown => StatusCode::NOT_FOUND,
        Refusal::NotYetOpen | Refusal::BeforeField(_) | Refusal::Unforeseen => StatusCode::FORBIDDEN,
        Refusal::Closed | Refusal::AfterField(_) | Refusal::Revoked | Refusal::Used | Refusal::FormExpired => {
            StatusCode::GONE
        }
        Refusal::FormInvalid => StatusCode::BAD_REQUEST,
    }
}

fn refused(asked: &Asked, language: Language, refusal: Refusal, other: &str) -> HttpResponse {
    match view::survey::refusal(language, refusal, other) {
        Ok(text) => asked.html(refusal_status(refusal), &text),
        Err(error) => respond(asked, &error.into()),
    }
}

/// The status of a problem with the request or the server.
pub fn status(trouble: Trouble) -> StatusCode {
    match trouble {
        Trouble::NotFound => StatusCode::NOT_FOUND,
        Trouble::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Trouble::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Trouble::UrlTooLong => StatusCode::URI_TOO_LONG,
        Trouble::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Trouble::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Trouble::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
        Trouble::BadRequest => StatusCode::BAD_REQUEST,
        Trouble::SignedOut => StatusCode::UNAUTHORIZED,
        Trouble::Forbidden | Trouble::Foreign => StatusCode::FORBIDDEN,
        Trouble::Outdated => StatusCode::CONFLICT,
        Trouble::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Trouble::Busy => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Eight characters that stand on the page and in the log.
fn reference() -> String {
    data_encoding::BASE32_NOPAD.encode(&rand::random::<[u8; 5]>())
}
