//! Files that pages load: one stylesheet for the office. Its name carries its hash, so it may be kept for ever.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Problem;
use super::page::{self, Keep};
use crate::view;
use crate::view::survey::Trouble;

/// `GET /static/{name}`.
pub async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (wanted, text) = view::office::office_stylesheet();
    if wanted != name.as_str() {
        return Err(Trouble::NotFound.into());
    }
    Ok(page::encoded(
        page::takes_gzip(request.headers()),
        StatusCode::OK,
        "text/css; charset=utf-8",
        Keep::Forever,
        text,
    ))
}
