//! Measures of every response (statistics.md §11): a first reading gathers what is usual in each organisation, a second one
//! compares every response with it. Memory does not grow with the rows.

use std::collections::BTreeMap;

use super::error::{PackError, quote};
use super::responses::{FILE, Row};
use super::{Pack, Progress};
use crate::statistics::class::EvidenceClass;
use crate::statistics::flag::{self, Evidence, Flag, Thresholds};
use crate::statistics::quality::{self, Metric, Moments};
use crate::statistics::score::{Points, Reply};
use crate::statistics::study::{NOT_APPLICABLE, NOT_SHOWN, SKIPPED};

/// The measures of one response; `None` where a measure is not defined.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseQuality {
    /// `resp_id`.
    pub id: String,
    /// Points obtained and available.
    pub points: Points,
    /// Longest run over all items, "not applicable" and skipped items included.
    pub longstring_raw: usize,
    /// Longest run over what was rated.
    pub longstring_answered: usize,
    /// Standard deviation of the codes rated.
    pub irv: Option<f64>,
    /// Longest run, where every item was rated.
    pub longstring_complete: Option<usize>,
    /// D² of the item codes, where every item was rated.
    pub mahalanobis_items: Option<f64>,
    /// D² of the dimension scores, where every dimension has one.
    pub mahalanobis_dimensions: Option<f64>,
    /// Duration over the median of organisation and mode.
    pub speed_ratio: Option<f64>,
    /// Rules it should be looked at for.
    pub flags: Vec<Flag>,
}

/// What is gathered about an organisation in the first reading.
pub(super) struct Basis {
    items: Moments,
    dimensions: Moments,
    /// Responses by duration in seconds: in person, electronic.
    durations: [BTreeMap<u32, u64>; 2],
}

/// What is usual in an organisation.
struct Usual {
    items: Option<Metric>,
    dimensions: Option<Metric>,
    median_s: [Option<f64>; 2],
}

impl Basis {
    pub fn empty(pack: &Pack) -> Self {
        Self {
            items: Moments::empty(pack.items.len()),
            dimensions: Moments::empty(pack.dimensions),
            durations: Default::default(),
        }
    }

    pub fn add(&mut self, pack: &Pack, row: &Row<'_>) {
        if let Some(codes) = complete(row.codes) {
            self.items.add(&codes);
        }
        if let Some(shares) = pack.dimension_shares(row.codes) {
            self.dimensions.add(&shares);
        }
        if let (Some(seconds), Some(durations)) = (row.duration_s, self.durations.get_mut(mode(row.class))) {
            *durations.entry(seconds).or_default() += 1;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.items.merge(&other.items);
        self.dimensions.merge(&other.dimensions);
        for (durations, more) in self.durations.iter_mut().zip(&other.durations) {
            for (seconds, count) in more {
                *durations.entry(*seconds).or_default() += count;
            }
        }
    }

    fn usual(&self) -> Usual {
        Usual {
            items: self.items.metric(),
            dimensions: self.dimensions.metric(),
            median_s: self.durations.each_ref().map(median),
        }
    }
}

fn mode(class: EvidenceClass) -> usize {
    usize::from(class != EvidenceClass::Face)
}

/// The middle value, or the mean of the two middle ones.
fn median(counts: &BTreeMap<u32, u64>) -> Option<f64> {
    let n: u64 = counts.values().sum();
    let at = |rank: u64| {
        let mut below = 0;
        counts.iter().find_map(|(value, count)| {
            below += count;
            (below > rank).then_some(f64::from(*value))
        })
    };
    Some((at(n.checked_sub(1)? / 2)? + at(n / 2)?) / 2.0)
}

fn complete(codes: &[u8]) -> Option<Vec<i64>> {
    codes
        .iter()
        .map(|code| is_rating(*code).then(|| i64::from(*code)))
        .collect()
}

fn is_rating(code: u8) -> bool {
    !matches!(code, NOT_APPLICABLE | NOT_SHOWN | SKIPPED)
}

fn reply(code: u8) -> Reply {
    match code {
        NOT_APPLICABLE => Reply::NotApplicable,
        SKIPPED => Reply::Skipped,
        NOT_SHOWN => Reply::NotShown,
        code => Reply::Rated(code),
    }
}

impl Pack {
    /// Checks the whole pack, then hands over the measures of every response, in the order of the file.
    ///
    /// # Errors
    /// [`PackError`]; nothing is handed over when the responses are not in order.
    pub fn quality(
        &self,
        progress: Progress<'_>,
        mut each: impl FnMut(ResponseQuality) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        let usual: Vec<Usual> = self.scan(true, progress)?.basis.iter().map(Basis::usual).collect();
        self.in_order(|row, line| {
            let Some(usual) = usual.get(row.organisation) else {
                return Ok(());
            };
            let measures = self.measures(row, usual);
            each(
                measures
                    .ok_or_else(|| PackError::at(FILE, line(), "", format!("{} cannot be scored", quote(row.id))))?,
            )
        })
    }

    fn measures(&self, row: &Row<'_>, usual: &Usual) -> Option<ResponseQuality> {
        let replies: Vec<Reply> = row.codes.iter().map(|code| reply(*code)).collect();
        let score = self.scoring.scheme().score(&replies).ok()?;
        let seen = row
            .codes
            .iter()
            .map(|code| if *code == NOT_SHOWN { SKIPPED } else { *code });
        let longstring_raw = quality::longest_run(seen);
        let codes = complete(row.codes);
        let shares = self.dimension_shares(row.codes);
        let distance = |metric: &Option<Metric>, vector: &Option<Vec<i64>>| {
            metric
                .as_ref()
                .zip(vector.as_ref())
                .map(|(metric, vector)| metric.distance(vector))
        };
        let dimensions_d2 = distance(&usual.dimensions, &shares);
        let usual_s = usual
            .median_s
            .get(mode(row.class))
            .copied()
            .flatten()
            .filter(|s| *s > 0.0);
        let speed_ratio = row
            .duration_s
            .zip(usual_s)
            .map(|(seconds, usual)| f64::from(seconds) / usual);
        let evidence = Evidence {
            replies: &replies,
            code_max: self.code_max,
            duration_s: row.duration_s.map(f64::from),
            speed_ratio,
            mahalanobis: dimensions_d2.map(|d2| (d2, self.dimensions)),
            duplicate: false,
        };
        Some(ResponseQuality {
            id: String::from_utf8_lossy(row.id).into_owned(),
            points: score.total(),
            longstring_raw,
            longstring_answered: quality::longest_run(quality::rated(&replies)),
            irv: quality::variability(&replies),
            longstring_complete: codes.is_some().then_some(longstring_raw),
            mahalanobis_items: distance(&usual.items, &codes),
            mahalanobis_dimensions: dimensions_d2,
            speed_ratio,
            flags: flag::of(
                &evidence,
                &self
                    .method
                    .as_ref()
                    .map_or_else(Thresholds::default, |method| *method.flags()),
            ),
        })
    }

    /// The score of every dimension in whole units; nothing where one has none.
    fn dimension_shares(&self, codes: &[u8]) -> Option<Vec<i64>> {
        let mut points = vec![Points::default(); self.dimensions];
        for (item, code) in self
            .scoring
            .scheme()
            .items()
            .iter()
            .zip(codes)
            .filter(|(_, code)| is_rating(**code))
        {
            let (weight, obtained) = (i64::from(item.weight), i64::from(item.points_of(*code)?));
            for facet in &item.facets {
                if let Some(sum) = points.get_mut(*facet) {
                    sum.obtained += weight * obtained;
                    sum.available += weight * i64::from(item.full_points);
                }
            }
        }
        points.into_iter().map(quality::share_units).collect()
    }
}
