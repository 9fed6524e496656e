//! Tallies as text, for one database column: decimal integers, canonical, versioned, the same on every machine.
//!
//! `1;core;facets;items;person;durations;dispositions`
//!
//! | section | content | empty when |
//! |---|---|---|
//! | core | `n,scored,Σa,Σb,Σa²,Σab,Σb²` | no response |
//! | facets | the same seven per facet, joined by `\|` | no response |
//! | items | `count of code 1,…,count of code max,not applicable,skipped` per item, joined by `\|`; nothing for an untouched item | no response |
//! | person | `b:n,Σa,Σa²` by ascending b, joined by `\|` | nothing scored |
//! | durations | `seconds:n` by ascending seconds, joined by `\|` | none known |
//! | dispositions | `code:n` by ascending code, joined by `\|` | none |
//!
//! Where reasons for low ratings were given, the text begins with `2` and has them as one section more, written like the
//! dispositions. Without, it is version 1 to the letter.
//!
//! Reading is strict: the text must be exactly what writing gives, fit the questionnaire, and agree with itself.

use std::fmt::{Display, Write};

use super::cursor::{Cursor, code, list, map, number};
use super::score::ScoreScheme;
use super::sums::Sums;
use super::tally::{
    DISPOSITION_CODE_MAX, DURATION_MAX_S, ItemHistogram, LOW_REASON_CODE_MAX, PersonSums, Tally, is_code,
};

const VERSION: &str = "1";
const WITH_REASONS: &str = "2";

/// Why a text is not a tally of this questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Written by a version this program does not know.
    #[error("unknown version of the tally text")]
    Version,
    /// A section that cannot be read.
    #[error("unreadable section: {0}")]
    Section(&'static str),
    /// Another number of facets, items or codes than the questionnaire has.
    #[error("not of this questionnaire: {0}")]
    Shape(&'static str),
    /// Readable, but not as this program writes it.
    #[error("not in canonical form")]
    NotCanonical,
    /// The sections contradict each other, or the points of the questionnaire.
    #[error("sections contradict each other: {0}")]
    Inconsistent(&'static str),
}

pub(super) fn encode(tally: &Tally) -> String {
    let places =
        7 * (1 + tally.facets.len()) + 7 * tally.items.len() + 4 * tally.person.len() + 2 * tally.durations.len();
    let mut out = String::with_capacity(64 + 6 * places);
    let has_reasons = !tally.low_reasons.is_empty();
    out.push_str(if has_reasons { WITH_REASONS } else { VERSION });
    out.push(';');
    if tally.core.n > 0 {
        put_sums(&mut out, &tally.core);
        out.push(';');
        join(&mut out, '|', &tally.facets, put_sums);
        out.push(';');
        join(&mut out, '|', &tally.items, put_histogram);
    } else {
        out.push_str(";;");
    }
    out.push(';');
    join(&mut out, '|', &tally.person, |out, (b, sums)| {
        put(out, *b);
        out.push(':');
        put(out, sums.n);
        out.push(',');
        put(out, sums.a);
        out.push(',');
        put(out, sums.aa);
    });
    out.push(';');
    join(&mut out, '|', &tally.durations, |out, (seconds, count)| {
        put(out, *seconds);
        out.push(':');
        put(out, *count);
    });
    out.push(';');
    let put_count = |out: &mut String, (code, count): (&String, &u64)| {
        out.push_str(code);
        out.push(':');
        put(out, *count);
    };
    join(&mut out, '|', &tally.dispositions, put_count);
    if has_reasons {
        out.push(';');
        join(&mut out, '|', &tally.low_reasons, put_count);
    }
    out
}

fn put(out: &mut String, number: impl TryInto<u64> + Copy + Display) {
    match number.try_into() {
        // Most numbers are small counts, and this runs for every tally of every write.
        Ok(digit @ 0..10) => out.push(char::from(b'0' + digit as u8)),
        // Writing to a String cannot fail.
        _ => drop(write!(out, "{number}")),
    }
}

fn join<T>(out: &mut String, separator: char, parts: impl IntoIterator<Item = T>, put_part: impl Fn(&mut String, T)) {
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            out.push(separator);
        }
        put_part(out, part);
    }
}

fn put_sums(out: &mut String, sums: &Sums) {
    put(out, sums.n);
    out.push(',');
    put(out, sums.scored);
    out.push(',');
    join(
        out,
        ',',
        [i128::from(sums.a), i128::from(sums.b), sums.aa, sums.ab, sums.bb],
        put,
    );
}

fn put_histogram(out: &mut String, item: &ItemHistogram) {
    if item.rated.iter().any(|count| *count > 0) || item.not_applicable > 0 || item.skipped > 0 {
        join(
            out,
            ',',
            item.rated.iter().chain([&item.not_applicable, &item.skipped]),
            |out, count| put(out, *count),
        );
    }
}

pub(super) fn decode(text: &str, scheme: &ScoreScheme) -> Result<Tally, DecodeError> {
    let mut sections = text.split(';');
    let has_reasons = match sections.next() {
        Some(VERSION) => false,
        Some(WITH_REASONS) => true,
        _ => return Err(DecodeError::Version),
    };
    let mut section = |name| sections.next().ok_or(DecodeError::Section(name));
    let mut tally = Tally::empty(scheme);
    let (core, facets, items) = (section("core")?, section("facets")?, section("items")?);
    if core.is_empty() {
        if !(facets.is_empty() && items.is_empty()) {
            return Err(DecodeError::NotCanonical);
        }
    } else {
        tally.core = match list(core, sums_at).as_deref() {
            Some([core]) if core.n > 0 => *core,
            _ => return Err(DecodeError::Section("core")),
        };
        tally.facets = list(facets, sums_at).ok_or(DecodeError::Section("facets"))?;
        read_items(&mut tally.items, items)?;
    }
    tally.person = map(section("person")?, number, person_at).ok_or(DecodeError::Section("person"))?;
    tally.durations = map(section("durations")?, number, number).ok_or(DecodeError::Section("durations"))?;
    tally.dispositions = map(section("dispositions")?, code, number).ok_or(DecodeError::Section("dispositions"))?;
    if has_reasons {
        tally.low_reasons = map(section("low reasons")?, code, number).ok_or(DecodeError::Section("low reasons"))?;
    }
    if sections.next().is_some() || has_reasons && tally.low_reasons.is_empty() {
        return Err(DecodeError::NotCanonical);
    }
    if tally.facets.len() != scheme.facet_count() {
        return Err(DecodeError::Shape("facets"));
    }
    check(&tally, scheme)?;
    Ok(tally)
}

/// The next number of several, behind a comma.
fn next<T: TryFrom<u128>>(cursor: &mut Cursor) -> Option<T> {
    cursor.take(b',').then(|| cursor.number())?
}

fn sums_at(cursor: &mut Cursor) -> Option<Sums> {
    Some(Sums {
        n: number(cursor)?,
        scored: next(cursor)?,
        a: next(cursor)?,
        b: next(cursor)?,
        aa: next(cursor)?,
        ab: next(cursor)?,
        bb: next(cursor)?,
    })
}

fn person_at(cursor: &mut Cursor) -> Option<PersonSums> {
    Some(PersonSums {
        n: number(cursor)?,
        a: next(cursor)?,
        aa: next(cursor)?,
    })
}

fn read_items(items: &mut [ItemHistogram], text: &str) -> Result<(), DecodeError> {
    const UNREADABLE: DecodeError = DecodeError::Section("items");
    let mut cursor = Cursor::new(text);
    let end_of_part = |cursor: &Cursor| cursor.is_empty() || cursor.next_is(b'|');
    for (index, item) in items.iter_mut().enumerate() {
        if index > 0 && !cursor.take(b'|') {
            return Err(DecodeError::Shape("items"));
        }
        if end_of_part(&cursor) {
            continue;
        }
        let (mut is_touched, mut is_first) = (false, true);
        let counts = item.rated.iter_mut();
        for place in counts.chain([&mut item.not_applicable, &mut item.skipped]) {
            if !is_first && !cursor.take(b',') {
                let short = end_of_part(&cursor);
                return Err(if short { DecodeError::Shape("codes") } else { UNREADABLE });
            }
            *place = cursor.number().ok_or(UNREADABLE)?;
            (is_touched, is_first) = (is_touched || *place > 0, false);
        }
        if cursor.next_is(b',') {
            return Err(DecodeError::Shape("codes"));
        }
        if !end_of_part(&cursor) {
            return Err(UNREADABLE);
        }
        if !is_touched {
            return Err(DecodeError::NotCanonical);
        }
    }
    cursor.is_empty().then_some(()).ok_or(DecodeError::Shape("items"))
}

/// What must hold between the sections. The points are recomputed from the histograms, so a tally of another score table
/// or a damaged text is named here and not later in a report.
fn check(tally: &Tally, scheme: &ScoreScheme) -> Result<(), DecodeError> {
    let core = &tally.core;
    if !core.is_possible() {
        return Err(DecodeError::Inconsistent("core"));
    }
    if tally
        .facets
        .iter()
        .any(|facet| facet.n != core.n || facet.scored > core.scored || !facet.is_possible())
    {
        return Err(DecodeError::Inconsistent("facets"));
    }
    let (mut totals, mut facets) = ((0_i128, 0_i128), vec![(0_i128, 0_i128); scheme.facet_count()]);
    for (rule, item) in scheme.items().iter().zip(&tally.items) {
        let counts = item.rated.iter().chain([&item.not_applicable, &item.skipped]);
        if counts.map(|count| u128::from(*count)).sum::<u128>() > u128::from(core.n) {
            return Err(DecodeError::Inconsistent("items"));
        }
        let obtained: i128 = item
            .rated
            .iter()
            .zip(&rule.points)
            .map(|(n, x)| i128::from(*n) * i128::from(*x))
            .sum();
        let (weight, full) = (i128::from(rule.weight), i128::from(rule.full_points));
        let points = (weight * obtained, weight * full * i128::from(item.answered()));
        totals = (totals.0 + points.0, totals.1 + points.1);
        for facet in &rule.facets {
            if let Some(sum) = facets.get_mut(*facet) {
                *sum = (sum.0 + points.0, sum.1 + points.1);
            }
        }
    }
    let pair = |sums: &Sums| (i128::from(sums.a), i128::from(sums.b));
    if totals != pair(core) || facets != tally.facets.iter().map(pair).collect::<Vec<_>>() {
        return Err(DecodeError::Inconsistent("points of the items"));
    }
    check_maps(tally)
}

fn check_maps(tally: &Tally) -> Result<(), DecodeError> {
    let core = &tally.core;
    let mut person = (0_u128, 0_i128, 0_i128, 0_i128);
    for (b, sums) in &tally.person {
        if *b <= 0 || sums.n == 0 || sums.a < 0 || sums.aa < 0 {
            return Err(DecodeError::Inconsistent("person"));
        }
        let available = i128::from(*b).saturating_mul(i128::from(sums.n));
        person.0 += u128::from(sums.n);
        person.1 += i128::from(sums.a);
        person.2 = person.2.saturating_add(sums.aa);
        person.3 = person.3.saturating_add(available);
    }
    if person != (u128::from(core.scored), i128::from(core.a), core.aa, i128::from(core.b)) {
        return Err(DecodeError::Inconsistent("person"));
    }
    let timed: u128 = tally.durations.values().map(|count| u128::from(*count)).sum();
    let valid = |(seconds, count): (&u32, &u64)| *seconds <= DURATION_MAX_S && *count > 0;
    if timed > u128::from(core.n) || !tally.durations.iter().all(valid) {
        return Err(DecodeError::Inconsistent("durations"));
    }
    let mut dispositions = tally.dispositions.iter();
    if !dispositions.all(|(code, count)| is_code(code, DISPOSITION_CODE_MAX) && *count > 0) {
        return Err(DecodeError::Inconsistent("dispositions"));
    }
    // A response counts once for each of its reasons.
    let mut reasons = tally.low_reasons.iter();
    if !reasons.all(|(code, count)| is_code(code, LOW_REASON_CODE_MAX) && (1..=core.n).contains(count)) {
        return Err(DecodeError::Inconsistent("low reasons"));
    }
    Ok(())
}
