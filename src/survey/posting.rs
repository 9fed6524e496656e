//! Plates and slips at outlets: posted and removed by evaluators, with time and the number of the photograph.
//!
//! Source: requirements.md §8.1 (3), §10 part 6.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::{LinkBatchId, LinkId, OutletId, PersonId};
use super::language::Text;

/// Characters of a place and of a photograph's number.
pub const SPOT_MAX: usize = 100;
/// See [`SPOT_MAX`].
pub const PHOTO_MAX: usize = 60;

/// What was done with a plate or a stack of slips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It hangs or lies there from now on.
    Posted,
    /// It does no more.
    Removed,
}

impl Deed {
    /// Both.
    pub const ALL: [Deed; 2] = [Deed::Posted, Deed::Removed];

    /// Name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Deed::Posted => "posted",
            Deed::Removed => "removed",
        }
    }

    /// The deed of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == text)
    }
}

/// What an evaluator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Posted or removed.
    pub deed: Deed,
    /// Which plate (a link's id) or slips (a batch's id).
    pub item: String,
    /// When, in China.
    pub when: NaiveDateTime,
    /// Where at the outlet.
    pub spot: String,
    /// Number of the photograph.
    pub photo: String,
    /// What the code on it says, as it was scanned; may be empty.
    pub scanned: String,
}

/// What can be posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A plate with an outlet's code.
    Plate(LinkId),
    /// Slips that were printed together.
    Slips(LinkBatchId),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plate(id) => write!(f, "{id}"),
            Self::Slips(id) => write!(f, "{id}"),
        }
    }
}

/// Something that can be posted, as it is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Which.
    pub item: Item,
    /// Whose.
    pub outlet: OutletId,
    /// The outlet's name.
    pub name: Text,
    /// Generation of a plate; when slips were made, Unix ms.
    pub mark: i64,
    /// Withdrawn: it can only be removed.
    pub is_over: bool,
}

/// A row.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Which plate or slips.
    pub item: Item,
    /// Where.
    pub outlet: OutletId,
    /// Posted or removed.
    pub deed: Deed,
    /// When, Unix ms.
    pub done_at_ms: i64,
    /// Where at the outlet.
    pub spot: String,
    /// Number of the photograph.
    pub photo: String,
    /// Whether its code was scanned and found to be this one.
    pub is_scanned: bool,
    /// By whom.
    pub evaluator: PersonId,
}

/// What hangs or lies at an outlet now: of every item the last row.
pub fn standing(rows: &[Posted]) -> BTreeMap<Item, &Posted> {
    rows.iter().map(|row| (row.item, row)).collect()
}

/// Reads the form; `now` is the time in China.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(form: &RawForm, items: &[String], now: NaiveDateTime) -> Result<Posting, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let deed = reader.choice("deed", Deed::parse);
    let item = reader.choice("item", |text| items.iter().find(|item| *item == text).cloned());
    let scanned = reader.line("scanned", 500);
    if form.first("day").trim().is_empty() {
        reader.refuse("day", Problem::Empty);
    }
    let day: Option<NaiveDate> = reader.day("day");
    let typed = reader.line("time", 10);
    let time = NaiveTime::parse_from_str(&typed.replace('：', ":"), "%H:%M").ok();
    if time.is_none() {
        reader.refuse("time", Problem::NotATime);
    }
    let when = day.zip(time).map(|(day, time)| day.and_time(time));
    if when.is_some_and(|when| when > now) {
        reader.refuse("day", Problem::InFuture);
    }
    let spot = reader.required_line("spot", SPOT_MAX);
    let photo = reader.required_line("photo", PHOTO_MAX);
    let done = deed.zip(item).zip(when).map(|((deed, item), when)| Posting {
        deed,
        item,
        when,
        spot,
        photo,
        scanned,
    });
    reader.done(done)
}

/// The secret in what a scanner read off a plate: the end of its address, or all of it.
pub fn secret_in(scanned: &str) -> &str {
    let end = scanned.rsplit('/').next().unwrap_or(scanned);
    end.split(['?', '#']).next().unwrap_or(end)
}
