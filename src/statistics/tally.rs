//! One tally: everything additive that is known about one outlet and evidence class (T1, T2, T3, T4, T6 and T7 of
//! statistics.md §12). A response adds a delta and can be taken out again; tallies add up, in any order and grouping.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use smallvec::{SmallVec, smallvec};

use super::codec::{self, DecodeError};
use super::score::{Points, Reply, ResponseScore, ScoreScheme};
use super::sums::Sums;

/// Longest duration kept apart, in seconds; longer ones are counted here.
pub const DURATION_MAX_S: u32 = 3600;

/// Longest disposition code, in bytes.
pub const DISPOSITION_CODE_MAX: usize = 32;

/// Longest code of a reason for a low rating, in bytes.
pub const LOW_REASON_CODE_MAX: usize = 81;

/// Why a tally refuses a change. The tally is then as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TallyError {
    /// Tally and response, or two tallies, belong to different score schemes.
    #[error("not of this questionnaire: other items, codes or facets")]
    Shape,
    /// A count would go below zero: what is taken out was never put in.
    #[error("a count would go below zero")]
    Negative,
    /// A sum would leave its exact range.
    #[error("a sum would overflow")]
    Overflow,
    /// A disposition code that cannot be stored.
    #[error("a disposition code has 1..={DISPOSITION_CODE_MAX} letters, digits, '.', '-' or '_'")]
    DispositionCode,
    /// The code of a reason that cannot be stored.
    #[error("the code of a reason has 1..={LOW_REASON_CODE_MAX} letters, digits, '.', '-' or '_'")]
    LowReasonCode,
}

/// What customers did with one item (T3). Not-shown items leave no trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemHistogram {
    /// Ratings by code: code 1, 2, …, max. Without memory of its own up to the five codes that most scales have: a page reads
    /// tens of thousands of these.
    pub rated: SmallVec<[u64; 5]>,
    /// Marked as not applicable.
    pub not_applicable: u64,
    /// Shown and left empty.
    pub skipped: u64,
}

impl ItemHistogram {
    /// Number of ratings.
    pub fn answered(&self) -> u64 {
        self.rated.iter().fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    fn cell(&mut self, reply: Reply) -> Result<Option<&mut u64>, TallyError> {
        match reply {
            Reply::Rated(code) => {
                let place = usize::from(code)
                    .checked_sub(1)
                    .and_then(|index| self.rated.get_mut(index));
                place.map(Some).ok_or(TallyError::Shape)
            }
            Reply::NotApplicable => Ok(Some(&mut self.not_applicable)),
            Reply::Skipped => Ok(Some(&mut self.skipped)),
            Reply::NotShown => Ok(None),
        }
    }
}

/// Responses with the same points available b (T4). With b they give Σ a/b and Σ (a/b)² exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonSums {
    /// Responses.
    pub n: u64,
    /// Σ a_k.
    pub a: i64,
    /// Σ a_k².
    pub aa: i128,
}

/// All sums of one group of responses, and the dispositions of its contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub(super) core: Sums,
    pub(super) facets: Vec<Sums>,
    pub(super) items: Vec<ItemHistogram>,
    pub(super) person: BTreeMap<i64, PersonSums>,
    pub(super) durations: BTreeMap<u32, u64>,
    pub(super) dispositions: BTreeMap<String, u64>,
    pub(super) low_reasons: BTreeMap<String, u64>,
}

impl Tally {
    /// A tally of nothing, shaped by a score scheme.
    pub fn empty(scheme: &ScoreScheme) -> Self {
        let histogram = |codes: usize| ItemHistogram {
            rated: smallvec![0; codes],
            not_applicable: 0,
            skipped: 0,
        };
        Self {
            core: Sums::default(),
            facets: vec![Sums::default(); scheme.facet_count()],
            items: scheme.items().iter().map(|item| histogram(item.points.len())).collect(),
            person: BTreeMap::new(),
            durations: BTreeMap::new(),
            dispositions: BTreeMap::new(),
            low_reasons: BTreeMap::new(),
        }
    }

    /// Sums over the whole questionnaire.
    pub fn core(&self) -> &Sums {
        &self.core
    }
    /// Sums by facet, in the order of the facets.
    pub fn facets(&self) -> &[Sums] {
        &self.facets
    }
    /// Histograms by item, in questionnaire order.
    pub fn items(&self) -> &[ItemHistogram] {
        &self.items
    }
    /// Scored responses by points available b.
    pub fn person(&self) -> &BTreeMap<i64, PersonSums> {
        &self.person
    }
    /// Responses by duration in seconds, [`DURATION_MAX_S`] standing for all longer ones.
    pub fn durations(&self) -> &BTreeMap<u32, u64> {
        &self.durations
    }
    /// Contacts by disposition code.
    pub fn dispositions(&self) -> &BTreeMap<String, u64> {
        &self.dispositions
    }
    /// The same, for whoever needs nothing else of the tally.
    pub(super) fn into_dispositions(self) -> BTreeMap<String, u64> {
        self.dispositions
    }

    /// Responses by reason for a low rating; one that names several counts for each.
    pub fn low_reasons(&self) -> &BTreeMap<String, u64> {
        &self.low_reasons
    }

    /// Whether nothing was counted: no response and no disposition.
    pub fn is_empty(&self) -> bool {
        self.core.n == 0 && self.dispositions.is_empty()
    }

    /// Counts a response; `duration_s` in seconds where it is known.
    ///
    /// # Errors
    /// [`TallyError::Shape`] or [`TallyError::Overflow`].
    pub fn add(&mut self, score: &ResponseScore, duration_s: Option<u32>) -> Result<(), TallyError> {
        // Every other count is part of the core's, so when the core has room all have; a change never stops half-way.
        self.core.plus(&Sums::of(score.total()))?;
        self.fits(score)?;
        self.change(score, duration_s, Direction::Add)
    }

    /// Takes out a response that was counted before, with the same arguments.
    ///
    /// # Errors
    /// [`TallyError::Shape`], or [`TallyError::Negative`] when it cannot have been counted.
    pub fn subtract(&mut self, score: &ResponseScore, duration_s: Option<u32>) -> Result<(), TallyError> {
        // Rare, and may be refused half-way: work on a copy.
        let mut rest = self.clone();
        rest.fits(score)?;
        rest.change(score, duration_s, Direction::Subtract)?;
        *self = rest;
        Ok(())
    }

    /// Counts `delta` contacts (negative: takes them out) that ended with this disposition.
    ///
    /// # Errors
    /// [`TallyError::DispositionCode`], [`TallyError::Negative`] or [`TallyError::Overflow`].
    pub fn add_disposition(&mut self, code: &str, delta: i64) -> Result<(), TallyError> {
        if !is_code(code, DISPOSITION_CODE_MAX) {
            return Err(TallyError::DispositionCode);
        }
        let refused = if delta < 0 {
            TallyError::Negative
        } else {
            TallyError::Overflow
        };
        let count = self
            .dispositions
            .get(code)
            .copied()
            .unwrap_or(0)
            .checked_add_signed(delta)
            .ok_or(refused)?;
        if count == 0 {
            self.dispositions.remove(code);
        } else {
            self.dispositions.insert(code.to_owned(), count);
        }
        Ok(())
    }

    /// Adds another tally of the same score scheme.
    ///
    /// # Errors
    /// [`TallyError::Shape`] or [`TallyError::Overflow`].
    pub fn merge(&mut self, other: &Tally) -> Result<(), TallyError> {
        let codes = |tally: &Tally| tally.items.iter().map(|item| item.rated.len()).collect::<Vec<_>>();
        if self.facets.len() != other.facets.len() || codes(self) != codes(other) {
            return Err(TallyError::Shape);
        }
        // As in `add`: where the core and the dispositions have room, everything else has.
        let core = self.core.plus(&other.core)?;
        for (code, count) in &other.dispositions {
            raise(&mut self.dispositions.get(code).copied().unwrap_or(0), *count)?;
        }
        self.core = core;
        for (facet, more) in self.facets.iter_mut().zip(&other.facets) {
            *facet = facet.plus(more)?;
        }
        for (item, more) in self.items.iter_mut().zip(&other.items) {
            for (count, by) in item.rated.iter_mut().zip(&more.rated) {
                raise(count, *by)?;
            }
            raise(&mut item.not_applicable, more.not_applicable)?;
            raise(&mut item.skipped, more.skipped)?;
        }
        for (b, more) in &other.person {
            let place = self.person.entry(*b).or_default();
            *place = place.plus(more).ok_or(TallyError::Overflow)?;
        }
        for (seconds, count) in &other.durations {
            raise(self.durations.entry(*seconds).or_default(), *count)?;
        }
        for (code, count) in &other.dispositions {
            raise(self.dispositions.entry(code.clone()).or_default(), *count)?;
        }
        for (code, count) in &other.low_reasons {
            raise(self.low_reasons.entry(code.clone()).or_default(), *count)?;
        }
        Ok(())
    }

    /// The tally as text: canonical (equal tallies have equal text), versioned, short.
    pub fn encode(&self) -> String {
        codec::encode(self)
    }

    /// The tally of a text, which must fit the score scheme and agree with itself.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(text: &str, scheme: &ScoreScheme) -> Result<Self, DecodeError> {
        codec::decode(text, scheme)
    }

    fn fits(&self, score: &ResponseScore) -> Result<(), TallyError> {
        let on_scale = |(item, reply): (&ItemHistogram, &Reply)| match reply {
            Reply::Rated(code) => (1..=item.rated.len()).contains(&usize::from(*code)),
            _ => true,
        };
        if !score
            .low_reasons()
            .iter()
            .all(|code| is_code(code, LOW_REASON_CODE_MAX))
        {
            return Err(TallyError::LowReasonCode);
        }
        let same = score.facets().len() == self.facets.len() && score.replies().len() == self.items.len();
        (same && self.items.iter().zip(score.replies()).all(on_scale))
            .then_some(())
            .ok_or(TallyError::Shape)
    }

    fn change(&mut self, score: &ResponseScore, duration_s: Option<u32>, way: Direction) -> Result<(), TallyError> {
        way.apply(&mut self.core, score.total())?;
        for (facet, points) in self.facets.iter_mut().zip(score.facets()) {
            way.apply(facet, *points)?;
        }
        for (item, reply) in self.items.iter_mut().zip(score.replies()) {
            if let Some(count) = item.cell(*reply)? {
                *count = way.step(*count)?;
            }
        }
        if score.total().available > 0 {
            self.change_person(score.total(), way)?;
        }
        if let Some(seconds) = duration_s {
            change_count(&mut self.durations, seconds.min(DURATION_MAX_S), way)?;
        }
        for code in score.low_reasons() {
            change_count(&mut self.low_reasons, code.clone(), way)?;
        }
        Ok(())
    }

    fn change_person(&mut self, points: Points, way: Direction) -> Result<(), TallyError> {
        let (a, b) = (points.obtained, points.available);
        let one = PersonSums {
            n: 1,
            a,
            aa: i128::from(a) * i128::from(a),
        };
        let old = self.person.get(&b).copied().unwrap_or_default();
        let new = match way {
            Direction::Add => old.plus(&one).ok_or(TallyError::Overflow)?,
            Direction::Subtract => old.minus(&one).ok_or(TallyError::Negative)?,
        };
        if new.n == 0 {
            self.person.remove(&b);
        } else {
            self.person.insert(b, new);
        }
        Ok(())
    }
}

/// Counts one more or one less; what is counted to nothing is gone.
fn change_count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, way: Direction) -> Result<(), TallyError> {
    match counts.entry(key) {
        Entry::Occupied(mut place) => match way.step(*place.get())? {
            0 => {
                place.remove();
            }
            count => *place.get_mut() = count,
        },
        Entry::Vacant(place) => {
            place.insert(way.step(0)?);
        }
    }
    Ok(())
}

/// Whether a code can be stored: short, and free of the separators of the text form.
pub(super) fn is_code(code: &str, bytes_max: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=bytes_max).contains(&code.len()) && code.bytes().all(allowed)
}

#[derive(Clone, Copy)]
enum Direction {
    Add,
    Subtract,
}

impl Direction {
    fn step(self, count: u64) -> Result<u64, TallyError> {
        match self {
            Direction::Add => count.checked_add(1).ok_or(TallyError::Overflow),
            Direction::Subtract => count.checked_sub(1).ok_or(TallyError::Negative),
        }
    }

    fn apply(self, sums: &mut Sums, points: Points) -> Result<(), TallyError> {
        *sums = match self {
            Direction::Add => sums.plus(&Sums::of(points))?,
            Direction::Subtract => sums.minus(&Sums::of(points))?,
        };
        Ok(())
    }
}

impl PersonSums {
    fn plus(&self, other: &Self) -> Option<Self> {
        let (n, a) = (self.n.checked_add(other.n)?, self.a.checked_add(other.a)?);
        Some(Self {
            n,
            a,
            aa: self.aa.checked_add(other.aa)?,
        })
    }

    fn minus(&self, other: &Self) -> Option<Self> {
        let rest = Self {
            n: self.n.checked_sub(other.n)?,
            a: self.a.checked_sub(other.a)?,
            aa: self.aa.checked_sub(other.aa)?,
        };
        let possible = rest.a >= 0 && rest.aa >= 0 && (rest.n > 0 || rest.a == 0 && rest.aa == 0);
        possible.then_some(rest)
    }
}

fn raise(count: &mut u64, by: u64) -> Result<(), TallyError> {
    *count = count.checked_add(by).ok_or(TallyError::Overflow)?;
    Ok(())
}
