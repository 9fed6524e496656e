//! Where a customer types the code of a slip. Asks nobody: a typing mistake is told at once, a code that may exist leads
//! to its first page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::survey::printed_code::PrintedCode;
use crate::view;
use crate::web::body;
use crate::web::error::{self, Problem};
use crate::web::page;

/// Longest text that is shown again.
const TYPED_MAX: usize = 60;

/// `GET /c`.
pub async fn entry(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let text = view::survey::entry(error::language(&request), "", None)?;
    Ok(page::html(&request, StatusCode::OK, &text))
}

/// `POST /c`.
pub async fn enter(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let (language, typed) = (error::language(&request), form.first("code"));
    match PrintedCode::parse(typed) {
        Ok(code) => Ok(page::see_other(&format!(
            "/s/{}?lang={}",
            code.as_str(),
            language.tag()
        ))),
        Err(mistyped) => {
            let typed: String = typed.chars().take(TYPED_MAX).collect();
            let text = view::survey::entry(language, &typed, Some(mistyped))?;
            Ok(page::html(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
        }
    }
}
