//! Words for columns, reasons, flags and bases.

use crate::survey::frame::check::{Out, Wrong};
use crate::survey::frame::column::Field;
use crate::survey::frame::flag::Rule;
use crate::survey::frame::record::{Basis, Source};
use crate::survey::frame::sheet::SheetError;
use crate::view::words::Words;

pub(super) fn field(words: Words, field: Field) -> String {
    match field {
        Field::Email => words.t("frame-field-email"),
        Field::Phone => words.t("frame-field-phone"),
        Field::Order => words.t("frame-field-order"),
        Field::Group => words.t("frame-field-group"),
        Field::Day => words.t("frame-field-day"),
        Field::Outlet => words.t("frame-field-outlet"),
        Field::Service => words.t("frame-field-service"),
        Field::Language => words.t("frame-field-language"),
        Field::Name => words.t("frame-field-name"),
    }
}

pub(in crate::view) fn out(words: Words, out: Out) -> String {
    match out {
        Out::NoAddress => words.t("frame-out-no-address"),
        Out::Outlet => words.t("frame-out-outlet"),
        Out::Day => words.t("frame-out-day"),
        Out::Group => words.t("frame-out-group"),
        Out::SameEmail => words.t("frame-out-same-email"),
        Out::SamePhone => words.t("frame-out-same-phone"),
        Out::SameOrder => words.t("frame-out-same-order"),
    }
}

pub(super) fn wrong(words: Words, wrong: Wrong) -> String {
    match wrong {
        Wrong::Address => words.t("frame-wrong-address"),
        Wrong::Control => words.t("frame-wrong-control"),
        Wrong::Long => words.t("frame-wrong-long"),
        Wrong::Day => words.t("frame-wrong-day"),
        Wrong::Language => words.t("frame-wrong-language"),
    }
}

pub(super) fn rule(words: Words, rule: Rule) -> String {
    match rule {
        Rule::Domain => words.t("frame-rule-domain"),
        Rule::Own => words.t("frame-rule-own"),
        Rule::Sequence => words.t("frame-rule-sequence"),
        Rule::Plus => words.t("frame-rule-plus"),
        Rule::Phones => words.t("frame-rule-phones"),
        Rule::Twice => words.t("frame-rule-twice"),
        Rule::Names => words.t("frame-rule-names"),
    }
}

pub(super) fn basis(words: Words, basis: Basis) -> String {
    match basis {
        Basis::Clause => words.t("frame-basis-clause"),
        Basis::Gateway => words.t("frame-basis-gateway"),
        Basis::Codes => words.t("frame-basis-codes"),
    }
}

pub(super) fn source(words: Words, source: Source) -> String {
    match source {
        Source::Declared => words.t("frame-count-declared"),
        Source::Screen => words.t("frame-count-screen"),
        Source::Registers => words.t("frame-count-registers"),
        Source::Invoices => words.t("frame-count-invoices"),
    }
}

pub(super) fn unreadable(words: Words, wrong: SheetError) -> String {
    let at = |line: u32| [("line", u64::from(line).into())];
    match wrong {
        SheetError::Empty => words.t("frame-file-empty"),
        SheetError::TooLarge => words.t("frame-file-large"),
        SheetError::TooManyRows => words.t("frame-file-rows"),
        SheetError::TooManyColumns => words.t("frame-file-columns"),
        SheetError::Unpacked => words.t("frame-file-unpacked"),
        SheetError::OldWorkbook => words.t("frame-file-old"),
        SheetError::NotAWorkbook => words.t("frame-file-not-workbook"),
        SheetError::Encoding(line) => words.tn("frame-file-encoding", &at(line)),
        SheetError::Quote(line) => words.tn("frame-file-quote", &at(line)),
    }
}

/// `12.5 %` of a value per mille.
pub(super) fn percent(per_mille: u32) -> String {
    match per_mille % 10 {
        0 => format!("{} %", per_mille / 10),
        tenth => format!("{}.{tenth} %", per_mille / 10),
    }
}
