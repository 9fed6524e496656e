//! Files that pages load. Each name carries its file's hash, so it may be kept for ever.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Problem;
use super::page::{self, Keep};
use crate::view;
use crate::view::survey::Trouble;

/// `GET /static/{name}`.
pub async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let icon = view::interview::icons()
        .into_iter()
        .find(|(known, _)| *known == name.as_str());
    if let Some((_, bytes)) = icon {
        let bytes = bytes::Bytes::from_static(bytes);
        return Ok(page::respond(StatusCode::OK, "image/png", Keep::Forever, bytes, false));
    }
    let files = [
        ("text/css; charset=utf-8", view::office::office_stylesheet()),
        ("text/css; charset=utf-8", view::interview::stylesheet()),
        ("text/javascript; charset=utf-8", view::interview::script()),
        ("text/javascript; charset=utf-8", view::interview::field_script()),
    ];
    let found = files.into_iter().find(|(_, (known, _))| *known == name.as_str());
    let (kind, (_, text)) = found.ok_or(Trouble::NotFound)?;
    Ok(page::encoded(
        page::takes_gzip(request.headers()),
        StatusCode::OK,
        kind,
        Keep::Forever,
        text,
    ))
}
