//! Reading forms: at most 64 KiB within 10 seconds. The framework limits neither the time of a body nor what a form may
//! hold, so every handler that reads a body reads it here.

use std::time::Duration;

use actix_web::web::Payload;
use actix_web::{HttpRequest, http::header};
use subtle::ConstantTimeEq;

use super::entrance::Signed;
use super::error::{Interrupted, Problem};
use crate::survey::form::RawForm;
use crate::view::office::Interruption;
use crate::view::survey::Trouble;

/// A full comment is 300 characters, nine bytes each when encoded; the rest of the form is far smaller.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Controls of the largest form, with room for browsers that add their own.
const FIELDS_MAX: usize = 400;
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// Reads a body of at most so many bytes.
///
/// # Errors
/// [`Trouble::TooSlow`], [`Trouble::TooLarge`], [`Trouble::BadRequest`] when it breaks off.
pub async fn bytes(payload: Payload, bytes_max: usize) -> Result<bytes::Bytes, Trouble> {
    match tokio::time::timeout(BODY_DEADLINE, payload.to_bytes_limited(bytes_max)).await {
        Err(_) => Err(Trouble::TooSlow),
        Ok(Err(_)) => Err(Trouble::TooLarge),
        Ok(Ok(Err(_))) => Err(Trouble::BadRequest),
        Ok(Ok(Ok(bytes))) => Ok(bytes),
    }
}

/// Reads a form body.
///
/// # Errors
/// [`Trouble::TooSlow`], [`Trouble::TooLarge`], or [`Trouble::BadRequest`] for anything that is not a form.
pub async fn form(request: &HttpRequest, payload: Payload) -> Result<RawForm, Trouble> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Trouble::BadRequest);
    }
    let bytes = bytes(payload, FORM_BYTES_MAX).await?;
    let pairs: Vec<(String, String)> = serde_html_form::from_bytes(&bytes).map_err(|_| Trouble::BadRequest)?;
    if pairs.len() > FIELDS_MAX {
        return Err(Trouble::TooLarge);
    }
    Ok(RawForm::new(pairs))
}

/// Reads a form of somebody who is signed in; it must carry their session's token.
///
/// # Errors
/// As [`form`]; [`Interruption::Again`] for a form of an earlier session, with everything it held.
pub async fn signed_form(request: &HttpRequest, payload: Payload, signed: &Signed) -> Result<RawForm, Problem> {
    let form = form(request, payload).await?;
    if bool::from(form.first("csrf").as_bytes().ct_eq(signed.csrf.as_bytes())) {
        Ok(form)
    } else {
        Err(Interrupted::new(Interruption::Again, request, Some(signed), form).into())
    }
}
