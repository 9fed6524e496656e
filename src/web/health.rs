//! Signs of life for whoever watches the server.

use actix_web::{HttpResponse, web};

use super::state::WebState;
use crate::store::{StoreError, evaluation};

/// `GET /healthz`: the process is alive.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// `GET /readyz`: the database answers and the writer runs; says when it last committed.
pub async fn ready(state: web::Data<WebState>) -> HttpResponse {
    let database = state
        .store
        .read(|conn| evaluation::list_ids(conn).map(drop))
        .await
        .map_err(|e: StoreError| e.to_string());
    let pulse = state.store.pulse();
    let mut answer = match (&database, pulse.running) {
        (Ok(()), true) => HttpResponse::Ok(),
        _ => HttpResponse::ServiceUnavailable(),
    };
    answer
        .insert_header(("cache-control", "no-store"))
        .json(serde_json::json!({
            "database": database.is_ok(),
            "writer": pulse.running,
            "last_commit_at_ms": pulse.committed_at_ms,
        }))
}
