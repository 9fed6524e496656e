//! A grade in words: criteria, what the evidence says, what stars ask, what is missing.

use super::super::words::Words;
use super::names;
use crate::grading::fact::{Kind, named};
use crate::grading::grade::{Hold, Missing, Warning};
use crate::grading::lift::Need;
use crate::grading::record::Obstacle;
use crate::grading::table::{Condition, Criterion, Finding};
use crate::statistics::exact::{Ratio, percent_truncated};

pub(super) fn criterion(words: Words, criterion: Criterion) -> String {
    match criterion {
        Criterion::XTotal => words.t("criterion-x-total"),
        Criterion::Indicator => words.t("criterion-indicator"),
        Criterion::Audit => words.t("criterion-audit"),
        Criterion::S => words.t("criterion-s"),
        Criterion::SFace => words.t("criterion-s-face"),
        Criterion::Operating => words.t("criterion-operating"),
        Criterion::Accident => words.t("criterion-accident"),
        Criterion::Complaint => words.t("criterion-complaint"),
        Criterion::Negative => words.t("criterion-negative"),
        Criterion::Convenience => words.t("criterion-convenience"),
    }
}

pub(super) fn finding(words: Words, finding: &Finding) -> String {
    match finding {
        Finding::Share(None) => words.t("told-not-measured"),
        Finding::Share(Some(share)) => format!("{}%", percent_truncated(share, 2)),
        Finding::Worst { clause, share } => format!("{}% ({clause})", percent_truncated(share, 2)),
        Finding::Audit { passed, raised, open } => {
            let verdict = match passed {
                true => words.t("audit-conform"),
                false => words.t("audit-not-conform"),
            };
            let values = [
                ("verdict", verdict.into()),
                ("raised", (*raised).into()),
                ("open", (*open).into()),
            ];
            words.tn("told-audit", &values)
        }
        Finding::Months(months) => words.tn("told-months", &[("n", (*months).into())]),
        Finding::Latest { event, blacklisted } => {
            let event = event.map(|event| words.tn("told-latest", &[("day", event.to_string().into())]));
            let listed = blacklisted.then(|| words.t("told-blacklisted"));
            let parts: Vec<String> = event.into_iter().chain(listed).collect();
            match parts.is_empty() {
                true => words.t("told-none"),
                false => parts.join(&words.t("list-separator")),
            }
        }
        Finding::Complaints { counted, unrectified } => {
            let values = [("counted", (*counted).into()), ("unrectified", (*unrectified).into())];
            words.tn("told-complaints", &values)
        }
        Finding::Count(count) => count.to_string(),
    }
}

pub(super) fn condition(words: Words, condition: Condition) -> String {
    match condition {
        Condition::Any => words.t("asks-any"),
        Condition::Percent(bound) => format!("≥ {bound}%"),
        Condition::PassedWithoutSerious => words.t("asks-passed-without-serious"),
        Condition::PassedAllClosed => words.t("asks-passed-all-closed"),
        Condition::Months(least) => words.tn("asks-months", &[("n", least.into())]),
        Condition::NoneWithin(months) => words.tn("asks-none-within", &[("n", months.into())]),
        Condition::AtMostRectified(most) => words.tn("asks-at-most-rectified", &[("n", most.into())]),
        Condition::AtLeast(least) => format!("≥ {least}"),
    }
}

pub(super) fn need(words: Words, need: &Need) -> String {
    match need {
        Need::Share(share) => words.tn("need-share", &[("points", raised(share).into())]),
        Need::Marks { clause, marks } => {
            let hundredth = Ratio::new(1.into(), 100.into());
            let values = [
                ("clause", (*clause).into()),
                ("marks", raised(&(marks * hundredth)).into()),
            ];
            words.tn("need-marks", &values)
        }
        Need::InPersonSurvey => words.t("need-in-person-survey"),
        Need::AnotherAudit => words.t("need-another-audit"),
        Need::CloseSerious(open) => words.tn("need-close-serious", &[("n", (*open).into())]),
        Need::OnsiteFrom(day) => words.tn("need-onsite-from", &[("day", day.to_string().into())]),
        Need::Rectify(complaints) => words.tn("need-rectify", &[("n", (*complaints).into())]),
        Need::OffBlacklist => words.t("need-off-blacklist"),
        Need::Services(services) => words.tn("need-services", &[("n", (*services).into())]),
    }
}

/// A share as a percentage with two decimals, rounded up: what is still needed is never understated.
fn raised(share: &Ratio) -> String {
    let steps = Ratio::from_integer(10_000.into());
    percent_truncated(&((share * &steps).ceil() / steps), 2)
}

pub(super) fn missing(words: Words, missing: Missing) -> String {
    match missing {
        Missing::Indicator(clause) => words.tn("missing-indicator", &[("clause", clause.into())]),
        Missing::Audit => words.t("missing-audit"),
        Missing::OperatingSince => words.t("missing-operating"),
        Missing::S => words.t("missing-s"),
        Missing::Sample => words.t("missing-sample"),
    }
}

pub(super) fn hold(words: Words, hold: Hold) -> String {
    match hold {
        Hold::Blacklisted => words.t("hold-blacklisted"),
        Hold::ComplaintFailedRectification => words.t("hold-failed-rectification"),
        Hold::ComplaintRectificationPending => words.t("hold-rectification-pending"),
        Hold::InjuryOrDeath => words.t("hold-injury-or-death"),
    }
}

pub(super) fn warning(words: Words, warning: Warning) -> String {
    match warning {
        Warning::IndicatorNotApplicable(clause) => words.tn("grade-indicator-na", &[("clause", clause.into())]),
        Warning::SFaceMissing => words.t("grade-s-face-missing"),
        Warning::PassWithOpenSeriousNc => words.t("grade-pass-with-open"),
        Warning::UnconfirmedComplaint => words.t("grade-unconfirmed-complaint"),
        Warning::UnconfirmedNegativeInfo => words.t("grade-unconfirmed-negative"),
        Warning::Example4NotInTable => words.t("grade-example4"),
        Warning::UpgradeEligible => words.t("grade-upgrade"),
    }
}

pub(super) fn obstacle(words: Words, obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Missing(kind) => words.tn("obstacle-missing", &[("fact", names::kind(words, *kind).into())]),
        Obstacle::Unconfirmed(id) => {
            let (name, clause) = id.split_once(':').unwrap_or((id, ""));
            let name = named::<Kind>(name).map_or_else(|| words.t("obstacle-event"), |kind| names::kind(words, kind));
            let fact = match clause.is_empty() {
                true => name,
                false => format!("{name} {clause}"),
            };
            words.tn("obstacle-unconfirmed", &[("fact", fact.into())])
        }
        Obstacle::Disputed(clauses) => {
            let clauses = clauses.join(&words.t("list-separator"));
            words.tn("obstacle-disputed", &[("clauses", clauses.into())])
        }
        Obstacle::Unaudited(clauses) => words.tn("obstacle-unaudited", &[("n", (*clauses).into())]),
        Obstacle::WithoutFinding(clause) => words.tn("obstacle-without-finding", &[("clause", clause.as_str().into())]),
        Obstacle::SurveyRunning => words.t("obstacle-survey-running"),
        Obstacle::NoCertificate => words.t("obstacle-no-certificate"),
        Obstacle::AlreadyHeld => words.t("obstacle-already-held"),
        Obstacle::NotRenewable => words.t("obstacle-not-renewable"),
    }
}
