//! What the office asks for when it makes, limits or withdraws ways in for customers.

use chrono::NaiveDate;

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::OutletId;
use super::link::LinkKind;

/// Single-use links made at once; more are made by asking again.
pub const LINKS_PER_BATCH_MAX: i64 = 2_000;
/// Characters of a reason.
pub const REASON_CHARACTERS_MAX: usize = 200;

const DAY_MS: i64 = 86_400_000;
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// When a link works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Term {
    /// First moment it works, Unix ms.
    pub opens_at_ms: Option<i64>,
    /// First moment it no longer works, Unix ms.
    pub closes_at_ms: Option<i64>,
}

impl Term {
    /// The first and the last day it works, in China Standard Time.
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let first = self.opens_at_ms.and_then(|at_ms| date(day_of(at_ms)));
        let last = self.closes_at_ms.and_then(|at_ms| date(day_of(at_ms - 1)));
        (first, last)
    }
}

/// Another code for an outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewCode {
    /// Where it will hang.
    pub outlet: OutletId,
    /// When it works.
    pub term: Term,
}

/// Single-use links for an outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBatch {
    /// Whose customers get them.
    pub outlet: OutletId,
    /// Personal or printed.
    pub kind: LinkKind,
    /// How many, 1..=[`LINKS_PER_BATCH_MAX`].
    pub links: u32,
    /// When they work.
    pub term: Term,
}

/// The day of a moment as a number, counted from 1970-01-01 in China Standard Time.
pub fn day_of(at_ms: i64) -> i64 {
    at_ms.saturating_add(CHINA_OFFSET_MS).div_euclid(DAY_MS)
}

/// The date of a day that [`day_of`] gave.
pub fn date(day: i64) -> Option<NaiveDate> {
    let since = chrono::Duration::try_days(day)?;
    NaiveDate::default().checked_add_signed(since)
}

/// The first moment of a date in China Standard Time.
pub(super) fn begins_ms(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_milliseconds() - CHINA_OFFSET_MS
}

/// Reads `outlet`, `opens`, `closes`.
///
/// # Errors
/// Every problem.
pub fn new_code(form: &RawForm, outlets: &[OutletId]) -> Result<NewCode, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let outlet = outlet(&mut reader, outlets);
    let term = term(&mut reader);
    reader.done(outlet.map(|outlet| NewCode { outlet, term }))
}

/// Reads `outlet`, `links`, `opens`, `closes`.
///
/// # Errors
/// Every problem.
pub fn new_batch(form: &RawForm, kind: LinkKind, outlets: &[OutletId]) -> Result<NewBatch, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let outlet = outlet(&mut reader, outlets);
    let links = reader.number("links", 1..=LINKS_PER_BATCH_MAX);
    if form.first("links").trim().is_empty() {
        reader.refuse("links", Problem::Empty);
    }
    let term = term(&mut reader);
    let links = links.and_then(|links| u32::try_from(links).ok());
    reader.done(outlet.zip(links).map(|(outlet, links)| NewBatch {
        outlet,
        kind,
        links,
        term,
    }))
}

/// Reads `opens`, `closes` and the `reason` of a change.
///
/// # Errors
/// Every problem.
pub fn limit(form: &RawForm) -> Result<(Term, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let term = term(&mut reader);
    let reason = reader.required_line("reason", REASON_CHARACTERS_MAX);
    reader.done(Some((term, reason)))
}

/// Reads the `reason` of a withdrawal.
///
/// # Errors
/// Every problem.
pub fn reason(form: &RawForm) -> Result<String, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let reason = reader.required_line("reason", REASON_CHARACTERS_MAX);
    reader.done(Some(reason))
}

fn outlet(reader: &mut FormReader<'_>, outlets: &[OutletId]) -> Option<OutletId> {
    reader.choice("outlet", |text| text.parse().ok().filter(|id| outlets.contains(id)))
}

fn term(reader: &mut FormReader<'_>) -> Term {
    let (opens, closes) = (reader.day("opens"), reader.day("closes"));
    if opens.zip(closes).is_some_and(|(opens, closes)| closes < opens) {
        reader.refuse("closes", Problem::OutOfRange);
    }
    let after = closes.and_then(|last| last.succ_opt());
    Term {
        opens_at_ms: opens.map(begins_ms),
        closes_at_ms: after.map(begins_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> RawForm {
        RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
    }

    #[test]
    fn days_begin_and_end_in_china_and_the_last_one_counts() {
        let form = form(&[("opens", "2026-04-01"), ("closes", "2026-04-02"), ("reason", "换季")]);
        let (term, reason) = limit(&form).unwrap();
        // 2026-04-01 00:00 in China is 16:00 UTC of the day before.
        assert_eq!(term.opens_at_ms, Some(1_774_972_800_000));
        assert_eq!(term.closes_at_ms, Some(1_774_972_800_000 + 2 * DAY_MS));
        let dates = ["2026-04-01", "2026-04-02"].map(|day| day.parse().ok());
        assert_eq!((term.days(), reason.as_str()), ((dates[0], dates[1]), "换季"));
        assert_eq!(date(day_of(1_774_972_800_000)), dates[0]);
        assert_eq!(date(day_of(1_774_972_799_999)), "2026-03-31".parse().ok());
    }

    #[test]
    fn what_cannot_be_is_named() {
        let id = OutletId::from_random([1; 16]);
        let text = id.to_string();
        let named = |pairs: &[(&str, &str)]| -> Vec<(String, Problem)> {
            let found = new_batch(&form(pairs), LinkKind::Printed, &[id]).unwrap_err();
            found.into_iter().map(|e| (e.field, e.problem)).collect()
        };
        let of = |field: &str, problem| vec![(field.to_owned(), problem)];
        assert_eq!(
            named(&[("outlet", &text), ("links", "2001")]),
            of("links", Problem::OutOfRange)
        );
        assert_eq!(
            named(&[("outlet", &text), ("links", "0")]),
            of("links", Problem::OutOfRange)
        );
        assert_eq!(named(&[("outlet", &text), ("links", " ")]), of("links", Problem::Empty));
        assert_eq!(named(&[("links", "5")]), of("outlet", Problem::Missing));
        let other = OutletId::from_random([2; 16]).to_string();
        assert_eq!(
            named(&[("outlet", &other), ("links", "5")]),
            of("outlet", Problem::NotAChoice)
        );
        let backwards = [
            ("outlet", text.as_str()),
            ("links", "5"),
            ("opens", "2026-05-02"),
            ("closes", "2026-05-01"),
        ];
        assert_eq!(named(&backwards), of("closes", Problem::OutOfRange));
        let ok = new_batch(&form(&[("outlet", &text), ("links", "２４")]), LinkKind::Printed, &[id]).unwrap();
        assert_eq!((ok.links, ok.term), (24, Term::default()));
    }
}
