//! The first page, files, signs of life.

use super::{Line, at, to};
use crate::access::Who::{Anybody, Shown, SignedIn};
use crate::web::evaluation::home;
use crate::web::{assets, health};

/// The first page, files, signs of life.
pub(super) fn lines() -> Vec<Line> {
    vec![
        at("/").show(Shown(&SignedIn), to(home::show)),
        at("/static/{name}").show(Anybody, to(assets::file)),
        at("/healthz").show(Anybody, to(health::alive)),
        at("/readyz").show(Anybody, to(health::ready)),
    ]
}
