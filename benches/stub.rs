//! Stand-ins that the program is compared with: the same server with the store switched off, and a bare page.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{self, Next};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use perception::app::Installation;
use perception::clock::{Clock, months_before};
use perception::store::link::{self, Link};
use perception::survey::answers::{Answers, FormChoices};
use perception::survey::form::RawForm;
use perception::survey::id::LinkId;
use perception::survey::submission::{Entry, Submission};
use perception::survey::ticket::Ticket;

use crate::survey;

/// What a stand-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Everything that `POST /f/{form}` does but storing.
    Off,
    /// One page from memory, compressed beforehand.
    Page,
}

/// Serves until killed; prints its address once it listens.
pub fn serve(role: Role, place: Option<&Path>, bytes: usize) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = actix_web::rt::System::new().block_on(async move {
        let server = match role {
            Role::Off => {
                start_log();
                let known = web::Data::new(Known::new(place.expect("a folder")));
                let app = move || {
                    let submit = web::resource("/f/{form}").route(web::post().to(submit));
                    App::new()
                        .app_data(known.clone())
                        .wrap(middleware::from_fn(around))
                        .service(submit)
                };
                HttpServer::new(app).listen(listener)?.run()
            }
            Role::Page => {
                let body = Bytes::from(vec![b'x'; bytes]);
                let app = move || {
                    App::new()
                        .app_data(web::Data::new(body.clone()))
                        .default_service(web::to(page))
                };
                HttpServer::new(app).listen(listener)?.run()
            }
        };
        println!("http://{address}");
        server.await
    });
    served.unwrap();
}

/// Marked as compressed, because the page it stands for is; nobody unpacks it.
async fn page(body: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .body(Bytes::clone(&body))
}

/// What the handler knows without asking the database again: the installation, and links as the server keeps them.
struct Known {
    installation: Installation,
    links: Mutex<HashMap<LinkId, Arc<Link>>>,
}

impl Known {
    fn new(folder: &Path) -> Self {
        let installation = Installation::open(&survey::config(folder), Clock::default()).unwrap();
        Self {
            installation,
            links: Mutex::default(),
        }
    }

    fn link(&self, ticket: &Ticket) -> Arc<Link> {
        let mut links = self.links.lock().unwrap();
        let read = || {
            let store = &self.installation.store;
            let found = store.read_blocking(|conn| link::find(conn, store.catalogue(), ticket.evaluation, ticket.link));
            Arc::new(found.unwrap().expect("a link"))
        };
        Arc::clone(links.entry(ticket.link).or_insert_with(read))
    }
}

/// The handler of `POST /f/{form}` (src/web/survey.rs) from public pieces, up to the moment of storing.
async fn submit(
    request: HttpRequest,
    known: web::Data<Known>,
    form: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    assert!(kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let read = tokio::time::timeout(Duration::from_secs(10), payload.to_bytes_limited(64 * 1024));
    let bytes = read.await.unwrap().unwrap().unwrap();
    let raw = RawForm::new(serde_html_form::from_bytes(&bytes).unwrap());
    let key = known.installation.key.bytes();
    let Some(ticket) = Ticket::open(key, &form) else {
        return HttpResponse::BadRequest().finish();
    };
    let link = known.link(&ticket);
    let now_ms = known.installation.clock.now_ms();
    let now_s = u64::try_from(now_ms / 1000).unwrap();
    let months = months_before(now_ms);
    let choices = FormChoices {
        products: &link.evaluation.products,
        months: &months,
    };
    let parsed = Answers::parse(
        link.evaluation.instrument.questionnaire(),
        ticket.services,
        choices,
        &raw,
    );
    let Ok(answers) = parsed else {
        return HttpResponse::UnprocessableEntity().finish();
    };
    let submission = Submission {
        evaluation: ticket.evaluation,
        entry: Entry::Link(ticket.link),
        receipt: ticket.receipt(key),
        answers,
        language: ticket.language,
        notice_version: link.evaluation.notice_version.clone().unwrap_or_default(),
        duration_s: u32::try_from(now_s.saturating_sub(ticket.issued_at_s)).ok(),
        received_at_ms: now_ms,
        answers_salt: rand::random(),
        comment_salt: rand::random(),
    };
    std::hint::black_box(submission);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/f/{form}/receipt")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

const FIXED: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("x-robots-tag", "noindex"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'",
    ),
];

/// What src/web/guard.rs does around a handler: deadline, headers, one log line.
async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let method = request.method().clone();
    let mut response = tokio::time::timeout(Duration::from_secs(15), next.call(request))
        .await
        .unwrap()?;
    for (name, value) in FIXED {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let (route, status) = (response.request().match_pattern(), response.status().as_u16());
    tracing::info!(%method, route = route.as_deref().unwrap_or("-"), status, "request");
    Ok(response)
}

fn start_log() {
    tracing_subscriber::fmt()
        .with_env_filter("info")
        .with_writer(std::io::stderr)
        .init();
}
