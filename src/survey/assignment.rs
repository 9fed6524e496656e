//! Assignments: which evaluator interviews at which outlet on which day, how many customers, selected by which rule; and
//! what should be looked at before the day.
//!
//! Source: requirements.md §8.2 (every k-th leaving customer, two days, morning and afternoon, one weekend day; list
//! numbers of the draw), §8.4 (five interviews per drawn outlet), §8.5 (25 interviews per evaluator and day).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::{OutletId, PersonId};

/// Interviews that one evaluator can hold well on one day.
pub const DAY_MAX: u32 = 25;
/// Interviews that a drawn outlet needs.
pub const OUTLET_LEAST: u32 = 5;
/// Characters of the list numbers.
pub const LIST_MAX: usize = 300;
/// Rows of one evaluation.
pub const ASSIGNMENTS_MAX: usize = 2_000;
/// How far ahead one plans, days.
const AHEAD_DAYS_MAX: i64 = 400;
const TARGET_MAX: i64 = 200;
const STEP_MAX: i64 = 100;

/// Which part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// From opening to closing.
    Whole,
    /// Until noon.
    Morning,
    /// From noon.
    Afternoon,
}

impl Part {
    /// Every part.
    pub const ALL: [Part; 3] = [Part::Whole, Part::Morning, Part::Afternoon];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Whole => "whole",
            Part::Morning => "morning",
            Part::Afternoon => "afternoon",
        }
    }

    /// The part of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }

    /// Whether an hour of the day (0 to 23) lies in it.
    pub fn holds(self, hour: u32) -> bool {
        match self {
            Part::Whole => true,
            Part::Morning => hour < 12,
            Part::Afternoon => hour >= 12,
        }
    }

    /// Whether two parts of one day share an hour.
    pub fn overlaps(self, other: Part) -> bool {
        self == other || self == Part::Whole || other == Part::Whole
    }
}

/// How customers are selected, fixed before the first one is approached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Every k-th customer who leaves the outlet, k ≥ 1.
    Every(u32),
    /// Numbers of the drawn list, as typed.
    List(String),
}

/// Who is where, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The day in China.
    pub day: NaiveDate,
    /// Which part of it.
    pub part: Part,
    /// Where.
    pub outlet: OutletId,
    /// Who.
    pub evaluator: PersonId,
}

impl Slot {
    /// Whether an approach of this evaluator at this outlet, at a day and hour in China, belongs to it.
    pub fn holds(&self, evaluator: PersonId, outlet: OutletId, day: NaiveDate, hour: u32) -> bool {
        self.evaluator == evaluator && self.outlet == outlet && self.day == day && self.part.holds(hour)
    }

    /// Whether an approach could belong to both.
    pub fn overlaps(&self, other: &Slot) -> bool {
        (self.day, self.outlet, self.evaluator) == (other.day, other.outlet, other.evaluator)
            && self.part.overlaps(other.part)
    }
}

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Who, where, when.
    pub slot: Slot,
    /// Valid interviews to bring.
    pub target: u32,
    /// How customers are selected.
    pub selection: Selection,
}

/// Reads the form of an assignment; the manager makes it before its day.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(
    form: &RawForm,
    outlets: &[OutletId],
    evaluators: &[PersonId],
    today: NaiveDate,
) -> Result<Assignment, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let evaluator = reader.choice("evaluator", |text| {
        text.parse().ok().filter(|person| evaluators.contains(person))
    });
    let outlet = reader.choice("outlet", |text| text.parse().ok().filter(|id| outlets.contains(id)));
    if form.first("day").trim().is_empty() {
        reader.refuse("day", Problem::Empty);
    }
    let day = reader.day("day");
    match day.map(|day| day.signed_duration_since(today).num_days()) {
        Some(..1) => reader.refuse("day", Problem::DayBegun),
        Some(ahead) if ahead > AHEAD_DAYS_MAX => reader.refuse("day", Problem::OutOfRange),
        _ => {}
    }
    let part = reader.choice("part", Part::parse);
    let target = count(&mut reader, "target", TARGET_MAX);
    let selection = match reader.choice("selection", |text| {
        ["every", "list"].into_iter().find(|known| *known == text)
    }) {
        Some("every") => count(&mut reader, "step", STEP_MAX).map(Selection::Every),
        Some(_) => Some(Selection::List(reader.required_line("list", LIST_MAX))),
        None => None,
    };
    let read = (|| {
        let slot = Slot {
            day: day?,
            part: part?,
            outlet: outlet?,
            evaluator: evaluator?,
        };
        Some(Assignment {
            slot,
            target: target?,
            selection: selection?,
        })
    })();
    reader.done(read)
}

fn count(reader: &mut FormReader<'_>, name: &str, most: i64) -> Option<u32> {
    if reader.form().first(name).trim().is_empty() {
        reader.refuse(name, Problem::Empty);
    }
    reader.number(name, 1..=most).and_then(|n| u32::try_from(n).ok())
}

/// Something about the assignments that should be looked at; nothing is refused for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// A drawn outlet to which nobody goes.
    Nobody(OutletId),
    /// An outlet that is visited on one day only.
    OneDay(OutletId),
    /// An outlet that is visited in mornings only, or in afternoons only.
    OneHalf(OutletId),
    /// An outlet without a day of the weekend.
    NoWeekend(OutletId),
    /// An outlet with fewer than five interviews.
    FewAtOutlet(OutletId, u32),
    /// An outlet whose assignments bring less than its plan: brought, planned.
    BelowPlan(OutletId, u32, u32),
    /// Somebody with more than 25 interviews on a day.
    ManyOnDay(PersonId, NaiveDate, u32),
}

/// What should be looked at. `planned` holds every outlet where interviews are planned, with how many. The rules of visits
/// concern customers who leave an outlet; whoever is drawn from a list is met where and when they please.
pub fn remarks(assignments: &[Assignment], planned: &[(OutletId, u32)]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (outlet, plan) in planned {
        let here: Vec<&Assignment> = assignments.iter().filter(|one| one.slot.outlet == *outlet).collect();
        if here.is_empty() {
            remarks.push(Remark::Nobody(*outlet));
            continue;
        }
        let visits: Vec<&Slot> = here
            .iter()
            .filter(|one| matches!(one.selection, Selection::Every(_)))
            .map(|one| &one.slot)
            .collect();
        if !visits.is_empty() {
            visit_remarks(*outlet, &visits, &mut remarks);
        }
        let brought: u32 = here.iter().map(|one| one.target).sum();
        if brought < OUTLET_LEAST {
            remarks.push(Remark::FewAtOutlet(*outlet, brought));
        }
        if brought < *plan {
            remarks.push(Remark::BelowPlan(*outlet, brought, *plan));
        }
    }
    let mut days: BTreeMap<(NaiveDate, PersonId), u32> = BTreeMap::new();
    for one in assignments {
        *days.entry((one.slot.day, one.slot.evaluator)).or_default() += one.target;
    }
    let full = days.into_iter().filter(|(_, target)| *target > DAY_MAX);
    remarks.extend(full.map(|((day, person), target)| Remark::ManyOnDay(person, day, target)));
    remarks
}

fn visit_remarks(outlet: OutletId, visits: &[&Slot], remarks: &mut Vec<Remark>) {
    let days: BTreeSet<NaiveDate> = visits.iter().map(|slot| slot.day).collect();
    if days.len() < 2 {
        remarks.push(Remark::OneDay(outlet));
    }
    let half = |half: Part| visits.iter().any(|slot| slot.part.overlaps(half));
    if !half(Part::Morning) || !half(Part::Afternoon) {
        remarks.push(Remark::OneHalf(outlet));
    }
    if !days
        .iter()
        .any(|day| matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
    {
        remarks.push(Remark::NoWeekend(outlet));
    }
}

#[cfg(test)]
#[path = "assignment_tests.rs"]
mod tests;
