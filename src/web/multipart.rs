//! Reading a form with a file: at most 5 MiB within 60 seconds. The session's token must stand before the file.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, http::header};
use futures_util::StreamExt;
use subtle::ConstantTimeEq;

use super::body;
use super::entrance::Signed;
use super::error::{Interrupted, Problem};
use crate::survey::form::RawForm;
use crate::survey::frame::sheet::BYTES_MAX;
use crate::view::office::Interruption;
use crate::view::survey::Trouble;

const DEADLINE: Duration = Duration::from_secs(60);
/// Bytes of the session's token.
const TOKEN_MAX: usize = 200;
/// Parts of a form with a file.
const PARTS_MAX: usize = 4;

/// What came in place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFile {
    /// No file was chosen.
    Missing,
    /// It is too large.
    TooLarge,
}

/// Reads the file of a form; a form of another session comes back as [`body::signed_form`] does.
///
/// # Errors
/// [`Trouble::TooSlow`]; [`Trouble::BadRequest`] for what is no form; [`Interruption::Again`].
pub async fn file(request: &HttpRequest, payload: Payload, signed: &Signed) -> Result<Result<Bytes, NoFile>, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_multipart = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"));
    if !is_multipart {
        // A form without a file, as browsers without one to send would make it.
        body::signed_form(request, payload, signed).await?;
        return Ok(Err(NoFile::Missing));
    }
    let parts = Multipart::new(request.headers(), payload);
    match tokio::time::timeout(DEADLINE, read(parts, signed)).await {
        Err(_) => Err(Trouble::TooSlow.into()),
        Ok(Err(None)) => Err(Interrupted::new(Interruption::Again, request, Some(signed), RawForm::default()).into()),
        Ok(Err(Some(trouble))) => Err(trouble.into()),
        Ok(Ok(file)) => Ok(file),
    }
}

/// `Err(None)`: not of this session.
async fn read(mut parts: Multipart, signed: &Signed) -> Result<Result<Bytes, NoFile>, Option<Trouble>> {
    let mut is_ours = false;
    for _ in 0..PARTS_MAX {
        let Some(part) = parts.next().await else { break };
        let mut part = part.map_err(|_| Some(Trouble::BadRequest))?;
        let broken = |_| Some(Trouble::BadRequest);
        match part.name() {
            Some("csrf") => {
                let token = part.bytes(TOKEN_MAX).await.map_err(|_| Some(Trouble::TooLarge))?;
                is_ours = token.map_err(broken)?.ct_eq(signed.csrf.as_bytes()).into();
            }
            Some("file") if is_ours => {
                return Ok(match part.bytes(BYTES_MAX).await {
                    // The rest was read and let go, so that the browser gets to see the answer.
                    Err(_) => Err(NoFile::TooLarge),
                    Ok(bytes) => Some(bytes.map_err(broken)?)
                        .filter(|b| !b.is_empty())
                        .ok_or(NoFile::Missing),
                });
            }
            Some("file") => return Err(None),
            _ => return Err(Some(Trouble::BadRequest)),
        }
    }
    if is_ours { Ok(Err(NoFile::Missing)) } else { Err(None) }
}
