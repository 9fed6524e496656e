//! The words for flags, reasons, alarms.

use crate::statistics::flag::{Flag, Rule};
use crate::survey::EvidenceClass;
use crate::survey::exclusion::{Kind, Reason};
use crate::survey::id::{OutletId, ResponseId};
use crate::view::words::Words;

pub(in crate::view) fn rule(words: Words, rule: Rule) -> String {
    match rule {
        Rule::SpeedItem => words.t("flag-speed-item"),
        Rule::SpeedRatio => words.t("flag-speed-ratio"),
        Rule::Longstring => words.t("flag-longstring"),
        Rule::Irv => words.t("flag-irv"),
        Rule::Mahal => words.t("flag-mahal"),
        Rule::NaRate => words.t("flag-na-rate"),
        Rule::DupDevice => words.t("flag-dup-device"),
        Rule::DupComment => words.t("flag-dup-comment"),
        Rule::Burst => words.t("flag-burst"),
        Rule::Night => words.t("flag-night"),
        Rule::StaffNetwork => words.t("flag-staff-network"),
        Rule::AskedHigh => words.t("flag-asked-high"),
        Rule::FilledIn => words.t("flag-filled-in"),
        Rule::Watched => words.t("flag-watched"),
        Rule::Trap => words.t("flag-trap"),
    }
}

/// Whether a rule has a figure that says more than that it was broken.
fn is_measured(rule: Rule) -> bool {
    !matches!(
        rule,
        Rule::StaffNetwork | Rule::AskedHigh | Rule::FilledIn | Rule::Watched | Rule::Trap
    )
}

/// The value of a flag, and its bound, as text; both empty where the rule alone says everything.
pub(super) fn measured(raised: &Flag) -> (String, String) {
    match raised.rule {
        rule if !is_measured(rule) => (String::new(), String::new()),
        Rule::Night => (format!("{:.0}:00", raised.value), String::new()),
        _ => (figure(raised.value), figure(raised.threshold)),
    }
}

/// Two decimals where there are any.
pub(super) fn figure(value: f64) -> String {
    match value.fract() == 0.0 {
        true => format!("{value:.0}"),
        false => format!("{value:.2}"),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// All flags of a response in one line.
pub(super) fn flags(words: Words, flags: &[Flag]) -> String {
    let one = |raised: &Flag| {
        let (value, bound) = measured(raised);
        match (value.is_empty(), bound.is_empty()) {
            (true, _) => rule(words, raised.rule),
            (false, true) => format!("{} {value}", rule(words, raised.rule)),
            (false, false) => format!("{} {value} ({bound})", rule(words, raised.rule)),
        }
    };
    flags
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join(&words.t("list-separator"))
}

pub(super) fn class(words: Words, class: EvidenceClass) -> String {
    match class {
        EvidenceClass::Face => words.t("column-face"),
        EvidenceClass::Invited => words.t("column-invited"),
        EvidenceClass::Open => words.t("column-open"),
    }
}

pub(super) fn kind(words: Words, kind: Kind) -> String {
    match kind {
        Kind::Exclude => words.t("quality-exclude"),
        Kind::Include => words.t("quality-include"),
    }
}

pub(in crate::view) fn reason(words: Words, reason: Reason) -> String {
    match reason {
        Reason::Integrity => words.t("quality-reason-integrity"),
        Reason::OneHand => words.t("quality-reason-one-hand"),
        Reason::Bulk => words.t("quality-reason-bulk"),
        Reason::Staff => words.t("quality-reason-staff"),
        Reason::Careless => words.t("quality-reason-careless"),
        Reason::NotEligible => words.t("quality-reason-not-eligible"),
        Reason::NotConfirmed => words.t("quality-reason-not-confirmed"),
        Reason::ClearedUp => words.t("quality-reason-cleared-up"),
        Reason::Other => words.t("quality-reason-other"),
    }
}

/// By what people call a response: the beginning of its random id.
pub(super) fn letters(id: ResponseId) -> String {
    let text = id.to_string().to_uppercase().replace('-', "");
    text.get(..8).unwrap_or(&text).to_owned()
}

/// The filter as part of an address.
pub(super) fn query((rule, outlet, class): (Option<Rule>, Option<OutletId>, Option<EvidenceClass>)) -> String {
    let parts = [
        rule.map(|rule| format!("rule={}", rule.as_str())),
        outlet.map(|outlet| format!("outlet={outlet}")),
        class.map(|class| format!("class={}", class.as_str())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("&")
}
