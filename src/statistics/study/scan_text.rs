//! Cross sums as text, for one database column: decimal integers, canonical, versioned.
//!
//! `1;pairs;listwise;scores`
//!
//! | section | content |
//! |---|---|
//! | pairs | `n,Σx,Σy,Σxy` per pair of items, joined by `\|` |
//! | listwise | `n,Σx²,Σt²,Σx of each item` per scale, joined by `\|` |
//! | scores | `a,b,in person,electronic` by ascending b, a, joined by `\|`; empty when nothing is scored |
//!
//! Reading is strict: the text must be exactly what writing gives.

use super::{ListwiseSums, PairSums, Scan};
use crate::statistics::codec::DecodeError;
use crate::statistics::score::Points;

const VERSION: &str = "1";

pub(super) fn encode(scan: &Scan) -> String {
    let pairs = scan
        .pairs()
        .iter()
        .map(|sums| numbers(&[sums.n, sums.x, sums.y, sums.xy]))
        .collect();
    let complete = |sums: &ListwiseSums| {
        let head = [sums.n, sums.xx, sums.tt];
        numbers(&[&head, sums.x.as_slice()].concat())
    };
    let listwise = scan.listwise().iter().map(complete).collect();
    let mut scores: Vec<[u64; 4]> = scan
        .scores()
        .map(|(points, [face, electronic])| [points.obtained as u64, points.available as u64, face, electronic])
        .collect();
    scores.sort_unstable_by_key(|[a, b, ..]| (*b, *a));
    let scores = scores.iter().map(|row| numbers(row)).collect();
    [VERSION.to_owned(), lines(pairs), lines(listwise), lines(scores)].join(";")
}

fn numbers(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

fn lines(lines: Vec<String>) -> String {
    lines.join("|")
}

/// Fills in an empty scan of the questionnaire.
pub(super) fn decode(text: &str, mut scan: Scan) -> Result<Scan, DecodeError> {
    let sections: Vec<&str> = text.split(';').collect();
    let [VERSION, pairs, listwise, scores] = sections.as_slice() else {
        return Err(DecodeError::Version);
    };
    let (pairs, listwise, scores) = (
        rows(pairs, "pairs")?,
        rows(listwise, "listwise")?,
        rows(scores, "scores")?,
    );
    let (sums, counts) = scan.parts_mut();
    let (pair_sums, scales) = sums.sums_mut();
    if pairs.len() != pair_sums.len() || listwise.len() != scales.len() {
        return Err(DecodeError::Shape("cross sums"));
    }
    for (place, row) in pair_sums.iter_mut().zip(&pairs) {
        let [n, x, y, xy] = *row.as_slice() else {
            return Err(DecodeError::Section("pairs"));
        };
        *place = PairSums { n, x, y, xy };
    }
    for (place, row) in scales.iter_mut().zip(&listwise) {
        let [n, xx, tt, x @ ..] = row.as_slice() else {
            return Err(DecodeError::Section("listwise"));
        };
        if x.len() != place.x.len() {
            return Err(DecodeError::Shape("scale"));
        }
        *place = ListwiseSums {
            n: *n,
            x: x.to_vec(),
            xx: *xx,
            tt: *tt,
        };
    }
    for row in &scores {
        let [a, b, face, electronic] = *row.as_slice() else {
            return Err(DecodeError::Section("scores"));
        };
        let small = |number: u64| i64::try_from(number).map_err(|_| DecodeError::Section("scores"));
        let points = Points {
            obtained: small(a)?,
            available: small(b)?,
        };
        counts.add(points, [face, electronic]);
    }
    if encode(&scan) == text {
        Ok(scan)
    } else {
        Err(DecodeError::NotCanonical)
    }
}

fn rows(section: &str, name: &'static str) -> Result<Vec<Vec<u64>>, DecodeError> {
    let number = |text: &str| text.parse().map_err(|_| DecodeError::Section(name));
    let row = |line: &str| line.split(',').map(number).collect();
    match section {
        "" => Ok(Vec::new()),
        section => section.split('|').map(row).collect(),
    }
}
