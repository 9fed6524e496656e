//! Assignments as a grid of outlets and days, what should be looked at, and the form that makes or changes one.

use std::collections::BTreeSet;

use askama::Template;
use chrono::{Datelike, NaiveDate, Weekday};

use crate::survey::assignment::{Assignment, LIST_MAX, Part, Remark, Selection, Slot, remarks};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::language::Text;
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame};
use crate::view::words::Words;

/// An evaluator and what they declared.
#[derive(Debug, Clone)]
pub struct Staffed {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// Whether a conflict of interest was declared; `None` = nothing declared yet.
    pub conflicted: Option<bool>,
}

/// What the page shows.
#[derive(Debug)]
pub struct Planning<'a> {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Every assignment with the valid interviews that belong to it.
    pub assigned: &'a [(i64, Assignment)],
    /// Evaluators.
    pub evaluators: &'a [Staffed],
    /// Outlets in their order with planned interviews.
    pub outlets: &'a [(OutletId, Text, u32)],
    /// The day it is in China.
    pub today: NaiveDate,
    /// The viewer may make and change assignments now.
    pub may_change: bool,
    /// The one that comes back into the form.
    pub chosen: Option<Slot>,
}

struct Cell {
    text: String,
    small: String,
    href: Option<String>,
}

struct Row {
    outlet: String,
    plan: String,
    days: Vec<Vec<Cell>>,
}

#[derive(Template)]
#[template(path = "interview/assignments.html")]
struct Page {
    frame: Frame,
    back: String,
    notes: Vec<String>,
    undeclared: Option<(String, String)>,
    days: Vec<String>,
    rows: Vec<Row>,
    form: Option<Form>,
    withdrawal: Option<(String, String, String)>,
}

/// The page; `typed` is a form that was refused.
///
/// # Errors
/// What the template engine reports.
pub fn assignments(
    desk: &Desk,
    planning: &Planning<'_>,
    typed: Option<(&RawForm, &[FieldError])>,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let found = planning.chosen.and_then(|slot| {
        let mut all = planning.assigned.iter().map(|(_, one)| one);
        all.find(|one| one.slot == slot && one.slot.day > planning.today)
    });
    let filled = found.map_or_else(usual, pairs);
    let (form, errors) = typed.unwrap_or((&filled, &[]));
    let days: BTreeSet<NaiveDate> = planning.assigned.iter().map(|(_, one)| one.slot.day).collect();
    let action = format!("/evaluations/{}/assignments", planning.evaluation);
    let undeclared: Vec<&str> = planning
        .evaluators
        .iter()
        .filter(|one| one.conflicted.is_none())
        .map(|one| one.name.as_str())
        .collect();
    let page = Page {
        frame: Frame::at(desk, &words.t("assign-heading")),
        back: format!("/evaluations/{}/interviews", planning.evaluation),
        notes: notes(desk, planning),
        undeclared: (!undeclared.is_empty()).then(|| {
            let names = undeclared.join(&words.t("list-separator"));
            let told = words.tn("assign-undeclared", &[("names", names.into())]);
            (told, format!("/evaluations/{}/conflict", planning.evaluation))
        }),
        days: days.iter().map(|day| day_name(words, *day)).collect(),
        rows: rows(desk, planning, &days),
        withdrawal: found.filter(|_| planning.may_change).map(|one| {
            (
                format!("{action}/withdraw"),
                slot_text(&one.slot),
                told(desk, planning, one),
            )
        }),
        form: planning
            .may_change
            .then(|| builder(desk, planning, action, form, errors)),
    };
    page.render()
}

fn usual() -> RawForm {
    let pairs = [("part", "whole"), ("selection", "every")];
    RawForm::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

fn pairs(one: &Assignment) -> RawForm {
    let (selection, step, list) = match &one.selection {
        Selection::Every(step) => ("every", step.to_string(), ""),
        Selection::List(numbers) => ("list", String::new(), numbers.as_str()),
    };
    let pairs = [
        ("evaluator", one.slot.evaluator.to_string()),
        ("outlet", one.slot.outlet.to_string()),
        ("day", one.slot.day.to_string()),
        ("part", one.slot.part.as_str().to_owned()),
        ("target", one.target.to_string()),
        ("selection", selection.to_owned()),
        ("step", step),
        ("list", list.to_owned()),
    ];
    RawForm::new(pairs.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

fn builder(desk: &Desk, planning: &Planning<'_>, action: String, form: &RawForm, errors: &[FieldError]) -> Form {
    let words = desk.words();
    let nobody = || Choice::new("", words.t("assign-choose"));
    let evaluators = planning.evaluators.iter().map(|one| {
        let name = [("name", one.name.as_str().into())];
        let text = match one.conflicted {
            None => words.tn("assign-name-undeclared", &name),
            Some(_) => one.name.clone(),
        };
        Choice::new(one.person.to_string(), text)
    });
    let outlets = planning.outlets.iter();
    let outlets = outlets.map(|(id, name, _)| Choice::new(id.to_string(), name.get(desk.language)));
    let parts = Part::ALL.map(|part| Choice::new(part.as_str(), part_name(words, part)));
    let rules = [
        Choice::new("every", words.t("assign-every")),
        Choice::new("list", words.t("assign-list")),
    ];
    let built = FormBuilder::new(words, action, &desk.csrf, form, errors)
        .select(
            "evaluator",
            words.t("role-evaluator"),
            std::iter::once(nobody()).chain(evaluators).collect(),
        )
        .select(
            "outlet",
            words.t("assign-outlet"),
            std::iter::once(nobody()).chain(outlets).collect(),
        )
        .day("day", words.t("assign-day"))
        .hint(words.t("assign-day-hint"))
        .radios("part", words.t("assign-part"), parts.to_vec())
        .number("target", words.t("assign-target"))
        .radios("selection", words.t("assign-selection"), rules.to_vec())
        .number("step", words.t("assign-step"))
        .hint(words.t("assign-step-hint"))
        .optional()
        .text("list", words.t("assign-numbers"), LIST_MAX)
        .hint(words.t("assign-numbers-hint"))
        .optional();
    built.submit(words.t("assign-save"))
}

fn rows(desk: &Desk, planning: &Planning<'_>, days: &BTreeSet<NaiveDate>) -> Vec<Row> {
    let words = desk.words();
    let cell = |(done, one): &(i64, Assignment)| Cell {
        text: format!("{} {done}/{}", name(planning, one.slot.evaluator), one.target),
        small: format!(
            "{} · {}",
            part_name(words, one.slot.part),
            selection(words, &one.selection)
        ),
        href: (planning.may_change && one.slot.day > planning.today).then(|| {
            format!(
                "/evaluations/{}/assignments?slot={}#assign",
                planning.evaluation,
                slot_text(&one.slot)
            )
        }),
    };
    let here = |outlet: OutletId, day: NaiveDate| {
        let all = planning.assigned.iter();
        all.filter(move |(_, one)| one.slot.outlet == outlet && one.slot.day == day)
    };
    let row = |(id, name, plan): &(OutletId, Text, u32)| Row {
        outlet: name.get(desk.language).to_owned(),
        plan: words.tn("assign-plan", &[("n", (*plan).into())]),
        days: days.iter().map(|day| here(*id, *day).map(cell).collect()).collect(),
    };
    planning.outlets.iter().map(row).collect()
}

fn notes(desk: &Desk, planning: &Planning<'_>) -> Vec<String> {
    let words = desk.words();
    let all: Vec<Assignment> = planning.assigned.iter().map(|(_, one)| one.clone()).collect();
    let planned = planning.outlets.iter().filter(|(_, _, plan)| *plan > 0);
    let planned: Vec<(OutletId, u32)> = planned.map(|(id, _, plan)| (*id, *plan)).collect();
    let outlet = |id: OutletId| {
        let mut known = planning.outlets.iter();
        let name = known.find(|(known, ..)| *known == id);
        name.map_or_else(String::new, |(_, name, _)| name.get(desk.language).to_owned())
    };
    let told = |remark: Remark| match remark {
        Remark::Nobody(id) => words.tn("assign-remark-nobody", &[("outlet", outlet(id).into())]),
        Remark::OneDay(id) => words.tn("assign-remark-one-day", &[("outlet", outlet(id).into())]),
        Remark::OneHalf(id) => words.tn("assign-remark-one-half", &[("outlet", outlet(id).into())]),
        Remark::NoWeekend(id) => words.tn("assign-remark-weekend", &[("outlet", outlet(id).into())]),
        Remark::FewAtOutlet(id, n) => words.tn("assign-remark-few", &[("outlet", outlet(id).into()), ("n", n.into())]),
        Remark::BelowPlan(id, n, plan) => {
            let values = [("outlet", outlet(id).into()), ("n", n.into()), ("plan", plan.into())];
            words.tn("assign-remark-below", &values)
        }
        Remark::ManyOnDay(person, day, n) => {
            let values = [
                ("name", name(planning, person).into()),
                ("day", day_name(words, day).into()),
                ("n", n.into()),
            ];
            words.tn("assign-remark-many", &values)
        }
    };
    remarks(&all, &planned).into_iter().map(told).collect()
}

fn name(planning: &Planning<'_>, person: PersonId) -> String {
    let mut known = planning.evaluators.iter();
    known
        .find(|one| one.person == person)
        .map_or_else(String::new, |one| one.name.clone())
}

fn told(desk: &Desk, planning: &Planning<'_>, one: &Assignment) -> String {
    let words = desk.words();
    format!(
        "{} · {} · {}",
        name(planning, one.slot.evaluator),
        day_name(words, one.slot.day),
        part_name(words, one.slot.part)
    )
}

fn slot_text(slot: &Slot) -> String {
    format!("{}.{}.{}.{}", slot.day, slot.part.as_str(), slot.outlet, slot.evaluator)
}

/// How customers are selected, in words.
pub fn selection(words: Words, selection: &Selection) -> String {
    match selection {
        Selection::Every(step) => words.tn("assign-rule-every", &[("k", (*step).into())]),
        Selection::List(numbers) => words.tn("assign-rule-list", &[("numbers", numbers.as_str().into())]),
    }
}

pub(super) fn part_name(words: Words, part: Part) -> String {
    match part {
        Part::Whole => words.t("assign-whole"),
        Part::Morning => words.t("assign-morning"),
        Part::Afternoon => words.t("assign-afternoon"),
    }
}

/// Month, day and day of the week.
pub(super) fn day_name(words: Words, day: NaiveDate) -> String {
    let weekday = match day.weekday() {
        Weekday::Mon => words.t("assign-mon"),
        Weekday::Tue => words.t("assign-tue"),
        Weekday::Wed => words.t("assign-wed"),
        Weekday::Thu => words.t("assign-thu"),
        Weekday::Fri => words.t("assign-fri"),
        Weekday::Sat => words.t("assign-sat"),
        Weekday::Sun => words.t("assign-sun"),
    };
    format!("{day} {weekday}")
}
