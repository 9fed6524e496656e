//! Pages of evaluators: where to go today, an approach, an interview, its receipt; and what managers see of them.

mod approach;
mod assignments;
mod contacts;
mod device;
mod fieldwork;
mod form;
mod paper;
mod receipt;
mod step;
mod uploads;

use std::sync::LazyLock;

pub use approach::approach;
pub use assignments::{Planning, Staffed, assignments, selection};
pub use contacts::contacts;
pub use device::{away, field_files, field_script, full, hole, icons, kept, manifest, queue, worker_script};
pub use fieldwork::{Errand, Everybody, Names, Site, Sites, interviews, today};
pub use form::{Device, Halt, Scene, interview};
pub use paper::paper;
pub use receipt::receipt;
pub(in crate::view) use uploads::clock;
pub use uploads::{Number, REASON_MAX, Shown, phones, upload, uploads};

use super::office::hashed_name;

const CSS: &str = include_str!("../../../static/interview.css");
const SCRIPT: &str = include_str!("../../../static/interview.js");

static CSS_NAME: LazyLock<String> = LazyLock::new(|| hashed_name("interview", "css", CSS));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| hashed_name("interview", "js", SCRIPT));

/// Name and text of the stylesheet that evaluators' pages load beside the office's.
pub fn stylesheet() -> (&'static str, &'static str) {
    (&CSS_NAME, CSS)
}

/// Name and text of the script that shows an interview step by step. Without it the whole form is on one page.
pub fn script() -> (&'static str, &'static str) {
    (&SCRIPT_NAME, SCRIPT)
}
