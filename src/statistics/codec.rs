//! Tallies as text, for one database column: canonical, versioned, the same on every machine, and short: a page reads
//! thousands of them, a submission writes one.
//!
//! `3`, then numbers one behind the other as `super::cursor` writes them:
//!
//! | section | content |
//! |---|---|
//! | responses | n; without any, the next two sections are left out |
//! | items | per item: count of code 1, …, count of code max, not applicable, skipped |
//! | facets | per facet: scored, Σa², Σab, Σb² |
//! | person | how many; per b: b, n, Σa, Σa² |
//! | durations | how many; seconds, n |
//! | dispositions | how many; code, n |
//! | reasons for low ratings | how many; code, n |
//!
//! Keys ascend; a number among them is written as what lies between it and the one before. A code has its length in front.
//! What follows from these numbers is not written: the points of a facet from those of its items, the sums of the whole
//! questionnaire from the person sums.
//!
//! Reading is strict: the text must be exactly what writing gives, fit the questionnaire, and agree with itself.

use std::collections::BTreeMap;

use super::cursor::{Cursor, put};
use super::score::{AVAILABLE_MAX, ScoreScheme};
use super::study::ROW_COUNT_MAX;
use super::sums::Sums;
use super::tally::{DISPOSITION_CODE_MAX, DURATION_MAX_S, LOW_REASON_CODE_MAX, PersonSums, Tally, is_code};

/// 1 and 2 were decimal and wrote every sum.
const VERSION: &str = "3";

/// Why a text is not a tally of this questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Written by a version this program does not know.
    #[error("unknown version of the text; `perception rebuild` counts anew from the responses")]
    Version,
    /// A section that cannot be read.
    #[error("unreadable section: {0}")]
    Section(&'static str),
    /// Another number of parts than the questionnaire has.
    #[error("not of this questionnaire: {0}")]
    Shape(&'static str),
    /// Readable, but not as this program writes it.
    #[error("not in canonical form")]
    NotCanonical,
    /// The sections contradict each other, or the points of the questionnaire.
    #[error("sections contradict each other: {0}")]
    Inconsistent(&'static str),
}

/// Room for a tally of the usual size.
const TEXT_LENGTH: usize = 1024;

pub(super) fn encode(tally: &Tally) -> String {
    let mut out = String::with_capacity(TEXT_LENGTH);
    out.push_str(VERSION);
    put(&mut out, tally.core.n);
    if tally.core.n > 0 {
        for item in &tally.items {
            let counts = item.rated.iter().chain([&item.not_applicable, &item.skipped]);
            counts.for_each(|count| put(&mut out, *count));
        }
        for facet in &tally.facets {
            put(&mut out, facet.scored);
            put(&mut out, facet.aa);
            put(&mut out, facet.ab);
            put(&mut out, facet.bb);
        }
    }
    put_pairs(&mut out, &tally.person, between(|b: &i64| *b), |out, sums| {
        put(out, sums.n);
        put(out, sums.a);
        put(out, sums.aa);
    });
    put_pairs(
        &mut out,
        &tally.durations,
        between(|seconds| i64::from(*seconds)),
        put_count,
    );
    put_pairs(
        &mut out,
        &tally.dispositions,
        |out, code| put_code(out, code),
        put_count,
    );
    put_pairs(&mut out, &tally.low_reasons, |out, code| put_code(out, code), put_count);
    out
}

fn put_pairs<K, V>(
    out: &mut String,
    pairs: &BTreeMap<K, V>,
    mut put_key: impl FnMut(&mut String, &K),
    put_value: impl Fn(&mut String, &V),
) {
    put(out, pairs.len() as u64);
    for (key, value) in pairs {
        put_key(out, key);
        put_value(out, value);
    }
}

/// Writes ascending numbers as what lies between them.
fn between<K>(number: impl Fn(&K) -> i64) -> impl FnMut(&mut String, &K) {
    let mut lowest = 0;
    move |out, key| {
        let key = number(key);
        put(out, key - lowest);
        lowest = key + 1;
    }
}

fn put_count(out: &mut String, count: &u64) {
    put(out, *count);
}

fn put_code(out: &mut String, code: &str) {
    put(out, code.len() as u64);
    out.push_str(code);
}

pub(super) fn decode(text: &str, scheme: &ScoreScheme) -> Result<Tally, DecodeError> {
    let mut cursor = Cursor::new(text.strip_prefix(VERSION).ok_or(DecodeError::Version)?);
    let mut tally = Tally::empty(scheme);
    let n = cursor.number().ok_or(DecodeError::Section("responses"))?;
    // With this, and no response above `AVAILABLE_MAX`, no sum leaves its integer, of any number of tallies a study takes.
    if n > ROW_COUNT_MAX {
        return Err(DecodeError::Inconsistent("responses"));
    }
    tally.core.n = n;
    if n > 0 {
        read_items(&mut tally, &mut cursor).ok_or(DecodeError::Section("items"))?;
        read_facets(&mut tally, &mut cursor).ok_or(DecodeError::Section("facets"))?;
    }
    tally.person = person(&mut cursor).ok_or(DecodeError::Section("person"))?;
    tally.durations = durations(&mut cursor).ok_or(DecodeError::Section("durations"))?;
    tally.dispositions = codes(&mut cursor).ok_or(DecodeError::Section("dispositions"))?;
    tally.low_reasons = codes(&mut cursor).ok_or(DecodeError::Section("low reasons"))?;
    if !cursor.is_empty() {
        return Err(DecodeError::NotCanonical);
    }
    tally.core = whole(n, &tally.person).ok_or(DecodeError::Inconsistent("person"))?;
    add_points(&mut tally, scheme)?;
    check(&tally)?;
    Ok(tally)
}

fn read_items(tally: &mut Tally, cursor: &mut Cursor) -> Option<()> {
    for item in &mut tally.items {
        let places = item.rated.iter_mut();
        for place in places.chain([&mut item.not_applicable, &mut item.skipped]) {
            *place = cursor.number()?;
        }
    }
    Some(())
}

fn read_facets(tally: &mut Tally, cursor: &mut Cursor) -> Option<()> {
    for facet in &mut tally.facets {
        *facet = Sums {
            n: tally.core.n,
            scored: cursor.number()?,
            aa: cursor.wide()?,
            ab: cursor.wide()?,
            bb: cursor.wide()?,
            ..Sums::default()
        };
    }
    Some(())
}

/// As many pairs as the section says, their keys ascending.
fn pairs<K: Ord, V>(
    cursor: &mut Cursor,
    mut pair: impl FnMut(&mut Cursor) -> Option<(K, V)>,
) -> Option<BTreeMap<K, V>> {
    let count = cursor.number()?;
    let pairs: Option<Vec<(K, V)>> = (0..count).map(|_| pair(cursor)).collect();
    let pairs = pairs?;
    let ascending = pairs.is_sorted_by(|one, next| one.0 < next.0);
    ascending.then(|| pairs.into_iter().collect())
}

fn person(cursor: &mut Cursor) -> Option<BTreeMap<i64, PersonSums>> {
    let mut lowest = 0_i64;
    pairs(cursor, |cursor| {
        let b = lowest.checked_add(cursor.number()?.try_into().ok()?)?;
        lowest = b.checked_add(1)?;
        let (n, a, aa) = (cursor.number()?, cursor.number()?.try_into().ok()?, cursor.wide()?);
        Some((b, PersonSums { n, a, aa }))
    })
}

fn durations(cursor: &mut Cursor) -> Option<BTreeMap<u32, u64>> {
    let mut lowest = 0_u32;
    pairs(cursor, |cursor| {
        let seconds = lowest.checked_add(cursor.number()?.try_into().ok()?)?;
        lowest = seconds.checked_add(1)?;
        Some((seconds, cursor.number()?))
    })
}

fn codes(cursor: &mut Cursor) -> Option<BTreeMap<String, u64>> {
    pairs(cursor, |cursor| {
        let length = cursor.number()?;
        Some((cursor.text(length)?, cursor.number()?))
    })
}

/// The sums of the whole questionnaire. Nothing for numbers that no responses give.
fn whole(n: u64, person: &BTreeMap<i64, PersonSums>) -> Option<Sums> {
    let mut all = Sums { n, ..Sums::default() };
    for (b, sums) in person {
        if !(1..=AVAILABLE_MAX as i64).contains(b) || sums.n == 0 {
            return None;
        }
        let (own, points) = (i128::from(*b), i128::from(sums.a));
        let available = own.checked_mul(sums.n.into())?;
        all.scored = all.scored.checked_add(sums.n)?;
        all.a = all.a.checked_add(sums.a)?;
        all.b = all.b.checked_add(available.try_into().ok()?)?;
        all.aa = all.aa.checked_add(sums.aa)?;
        all.ab = all.ab.checked_add(own.checked_mul(points)?)?;
        all.bb = all.bb.checked_add(own.checked_mul(available)?)?;
    }
    all.is_possible().then_some(all)
}

/// The points of the facets from the histograms of their items; those of all items must be those of the person sums, so a
/// tally of another score table or a damaged text is named here and not later in a report.
fn add_points(tally: &mut Tally, scheme: &ScoreScheme) -> Result<(), DecodeError> {
    let (mut obtained, mut available) = (0_i64, 0_i64);
    for (rule, item) in scheme.items().iter().zip(&tally.items) {
        let rated = item.answered();
        let told = rated.saturating_add(item.not_applicable).saturating_add(item.skipped);
        if told > tally.core.n {
            return Err(DecodeError::Inconsistent("items"));
        }
        let weight = u64::from(rule.weight);
        let counts = item.rated.iter().zip(&rule.points);
        // So few responses of so few points: both are far below 2^63.
        let a = (weight * counts.map(|(count, points)| count * u64::from(*points)).sum::<u64>()) as i64;
        let b = (weight * u64::from(rule.full_points) * rated) as i64;
        (obtained, available) = (obtained + a, available + b);
        for facet in &rule.facets {
            if let Some(sums) = tally.facets.get_mut(*facet) {
                (sums.a, sums.b) = (sums.a + a, sums.b + b);
            }
        }
    }
    if (obtained, available) != (tally.core.a, tally.core.b) {
        return Err(DecodeError::Inconsistent("points of the items"));
    }
    Ok(())
}

/// What must hold within and between the other sections.
fn check(tally: &Tally) -> Result<(), DecodeError> {
    let core = &tally.core;
    let mut facets = tally.facets.iter();
    let squares_max = i128::from(core.n) * i128::from(AVAILABLE_MAX).pow(2);
    if !facets.all(|facet| facet.scored <= core.scored && facet.bb <= squares_max && facet.is_possible()) {
        return Err(DecodeError::Inconsistent("facets"));
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
