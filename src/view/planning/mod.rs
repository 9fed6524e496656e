//! Pages around the plan: drawing outlets, deviations, plates in the field, visits. Each is a sheet of sections.

mod deviation;
mod draw;
mod funnel;
mod posting;

use std::collections::BTreeMap;

pub use deviation::{DeviationsPage, deviations};
pub(in crate::view) use deviation::{about as deviation_about, line as deviation_line, values as deviation_values};
pub use draw::{DrawPage, draw};
pub use funnel::{Way, WayIn, funnel};
pub(in crate::view) use posting::deed_name;
pub use posting::{PostingsPage, postings};

/// Names of actors by their ids.
pub type Actors = BTreeMap<String, String>;

fn actor(names: &Actors, id: &str) -> String {
    names.get(id).cloned().unwrap_or_else(|| id.to_owned())
}

/// Cells of a row without more than their words.
fn cells<const N: usize>(texts: [String; N]) -> Vec<super::grading::Item> {
    texts.into_iter().map(super::grading::Item::plain).collect()
}
