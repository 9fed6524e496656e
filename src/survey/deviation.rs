//! Deviations from a frozen plan: proposed by the manager, in force once a reviewer approved them.
//!
//! Source: requirements.md §6 (one extension, named in the plan, never after interim results were opened), §8.4
//! (shortfalls), §10 part 2.

use chrono::NaiveDate;

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::{OutletId, PersonId};

/// Characters of what was planned and what is done instead, and of the reason.
pub const TEXT_MAX: usize = 300;

/// What a deviation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The last day in the field.
    Period,
    /// An outlet visited in the place of another.
    Outlet,
    /// Interviews planned at an outlet.
    FaceQuota,
    /// Electronic answers planned at an outlet.
    ElectronicQuota,
    /// Anything else, in words.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [
        Kind::Period,
        Kind::Outlet,
        Kind::FaceQuota,
        Kind::ElectronicQuota,
        Kind::Other,
    ];

    /// Name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Period => "period",
            Kind::Outlet => "outlet",
            Kind::FaceQuota => "quota-face",
            Kind::ElectronicQuota => "quota-electronic",
            Kind::Other => "other",
        }
    }

    /// The kind of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What becomes something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The last day in the field.
    Period(NaiveDate),
    /// `from` is not visited, `to` is in its place.
    Outlet {
        /// Planned.
        from: OutletId,
        /// Instead.
        to: OutletId,
    },
    /// Answers planned at an outlet: interviews, or else electronic ones.
    Quota {
        /// Where.
        outlet: OutletId,
        /// Interviews.
        is_face: bool,
        /// From now on.
        target: u32,
    },
    /// In words: what was planned, what is done.
    Other(String, String),
}

impl Change {
    /// What it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Change::Period(_) => Kind::Period,
            Change::Outlet { .. } => Kind::Outlet,
            Change::Quota { is_face: true, .. } => Kind::FaceQuota,
            Change::Quota { is_face: false, .. } => Kind::ElectronicQuota,
            Change::Other(..) => Kind::Other,
        }
    }
}

/// A deviation as it was proposed, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// Its number, from 1.
    pub seq: i64,
    /// What it is about.
    pub kind: Kind,
    /// Where; `None` where it is about no outlet.
    pub outlet: Option<OutletId>,
    /// What was planned: a day, an outlet's id, a number, or words.
    pub planned: String,
    /// What is done instead, of the same sort.
    pub done: String,
    /// Why.
    pub reason: String,
    /// By whom: an actor of events.
    pub proposed_by: String,
    /// When, Unix ms.
    pub at_ms: i64,
    /// The reviewer's word; `None` while it waits.
    pub review: Option<Word>,
}

/// What a reviewer said of a deviation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In force.
    pub is_approved: bool,
    /// Never empty where it is refused.
    pub comment: String,
    /// By whom: an actor of events.
    pub reviewed_by: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

impl Deviation {
    /// Whether it waits for a reviewer.
    pub fn waits(&self) -> bool {
        self.review.is_none()
    }

    /// Whether it is in force.
    pub fn is_in_force(&self) -> bool {
        self.review.as_ref().is_some_and(|word| word.is_approved)
    }

    /// Whether this person proposed it.
    pub fn is_by(&self, person: PersonId) -> bool {
        self.proposed_by == person.to_string()
    }
}

/// Reads a proposal: the change and its reason.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(form: &RawForm, outlets: &[OutletId]) -> Result<(Change, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let change = match reader.choice("kind", Kind::parse) {
        Some(Kind::Period) => required_day(&mut reader).map(Change::Period),
        Some(Kind::Outlet) => {
            let from = outlet(&mut reader, "outlet", outlets);
            let to = outlet(&mut reader, "instead", outlets);
            if from.is_some() && from == to {
                reader.refuse("instead", Problem::Conflict);
            }
            from.zip(to).map(|(from, to)| Change::Outlet { from, to })
        }
        Some(kind @ (Kind::FaceQuota | Kind::ElectronicQuota)) => {
            let at = outlet(&mut reader, "outlet", outlets);
            if form.first("target").trim().is_empty() {
                reader.refuse("target", Problem::Empty);
            }
            let target = reader.number("target", 0..=100_000);
            let target = target.and_then(|target| u32::try_from(target).ok());
            at.zip(target).map(|(outlet, target)| Change::Quota {
                outlet,
                is_face: kind == Kind::FaceQuota,
                target,
            })
        }
        Some(Kind::Other) => {
            let planned = reader.required_line("planned", TEXT_MAX);
            Some(Change::Other(planned, reader.required_line("done", TEXT_MAX)))
        }
        None => None,
    };
    let reason = reader.required_line("reason", TEXT_MAX);
    reader.done(change.map(|change| (change, reason)))
}

fn required_day(reader: &mut FormReader<'_>) -> Option<NaiveDate> {
    if reader.form().first("last_day").trim().is_empty() {
        reader.refuse("last_day", Problem::Empty);
    }
    reader.day("last_day")
}

fn outlet(reader: &mut FormReader<'_>, field: &str, outlets: &[OutletId]) -> Option<OutletId> {
    reader.choice(field, |text| {
        outlets.iter().copied().find(|outlet| outlet.to_string() == text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_asks_for_what_it_needs_and_for_a_reason() {
        let (a, b) = (OutletId::from_random([1; 16]), OutletId::from_random([2; 16]));
        let (one, two, elsewhere) = (a.to_string(), b.to_string(), OutletId::from_random([3; 16]).to_string());
        let read = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let read = parse(&RawForm::new(pairs), &[a, b]);
            read.map_err(|errors| errors.into_iter().map(|error| error.field).collect::<Vec<_>>())
        };
        for (pairs, missing) in [
            (vec![("kind", "period")], vec!["last_day", "reason"]),
            (
                vec![("kind", "outlet"), ("outlet", &one), ("instead", &one), ("reason", "x")],
                vec!["instead"],
            ),
            (
                vec![
                    ("kind", "quota-face"),
                    ("outlet", &elsewhere),
                    ("target", "3"),
                    ("reason", "x"),
                ],
                vec!["outlet"],
            ),
            (
                vec![("kind", "quota-face"), ("outlet", &two), ("reason", "x")],
                vec!["target"],
            ),
            (vec![("kind", "other"), ("reason", "x")], vec!["planned", "done"]),
            (vec![("reason", "x")], vec!["kind"]),
        ] {
            assert_eq!(read(&pairs), Err(missing.into_iter().map(str::to_owned).collect()));
        }
        let quota = [
            ("kind", "quota-electronic"),
            ("outlet", &two),
            ("target", "30"),
            ("reason", "x"),
        ];
        let change = Change::Quota {
            outlet: b,
            is_face: false,
            target: 30,
        };
        assert_eq!(read(&quota), Ok((change.clone(), "x".to_owned())));
        assert_eq!(Kind::parse(change.kind().as_str()), Some(Kind::ElectronicQuota));
    }
}
