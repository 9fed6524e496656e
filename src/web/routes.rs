//! The whole URL table on one page.

use actix_web::web::{self, ServiceConfig};
use actix_web::{Route, guard};

use super::{assets, demo, guard as around, health, results, survey};

/// | path | method | who | what |
/// |---|---|---|---|
/// | `/s/{token}` | GET, POST | anybody with the link | landing: notice, screening |
/// | `/f/{form}` | GET, POST | anybody with the signed form | rating |
/// | `/f/{form}/receipt` | GET | anybody with the signed form | receipt |
/// | `/end/{code}` | GET | anybody | polite end |
/// | `/evaluations/{id}/results` | GET | demo | result page; `.csv`, `.json` |
/// | `/api/evaluations/{id}/results` | GET | demo | results.json |
/// | `/evaluations/{id}/qr` | GET | demo | QR codes of its outlets |
/// | `/` | GET | anybody | the demo's first page |
/// | `/static/{name}` | GET | anybody | stylesheet |
/// | `/healthz`, `/readyz` | GET | anybody | signs of life |
pub fn table(app: &mut ServiceConfig) {
    let page = |path: &str, show: Route| web::resource(path).route(show).default_service(allow("GET, HEAD"));
    let form = |path: &str, show: Route, send: Route| {
        web::resource(path)
            .route(show)
            .route(send.guard(guard::Post()))
            .default_service(allow("GET, HEAD, POST"))
    };
    app.service(form(
        "/s/{token}",
        get().to(survey::landing),
        web::route().to(survey::begin),
    ))
    .service(form(
        "/f/{form}",
        get().to(survey::rating),
        web::route().to(survey::submit),
    ))
    .service(page("/f/{form}/receipt", get().to(survey::receipt)))
    .service(page("/end/{code}", get().to(survey::ended)))
    .service(page("/evaluations/{id}/results", get().to(results::page)))
    .service(page("/evaluations/{id}/results.csv", get().to(results::csv)))
    .service(page("/evaluations/{id}/results.json", get().to(results::json)))
    .service(page("/api/evaluations/{id}/results", get().to(results::json)))
    .service(page("/evaluations/{id}/qr", get().to(demo::codes)))
    .service(page("/", get().to(demo::home)))
    .service(page("/static/{name}", get().to(assets::file)))
    .service(page("/healthz", get().to(health::alive)))
    .service(page("/readyz", get().to(health::ready)))
    .default_service(web::to(around::not_found));
}

/// Reading, also by HEAD.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn allow(methods: &'static str) -> Route {
    web::route().to(around::method_not_allowed(methods))
}
