//! In-person answers by item: mean, spread and shares of the raw codes.

use serde::Serialize;

use crate::statistics::class::EvidenceClass;
use crate::statistics::study::Study;
use crate::statistics::tally::ItemHistogram;

/// What in-person customers said about one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemFigures {
    /// Name of the item.
    pub item: String,
    /// Ratings.
    pub n: u64,
    /// Mean code.
    pub mean: Option<f64>,
    /// Standard deviation (n − 1) of the codes.
    pub sd: Option<f64>,
    /// Share of the highest code.
    pub top1: Option<f64>,
    /// Share of the two highest codes.
    pub top2: Option<f64>,
    /// Median code; the mean of the two middle ones for an even number.
    pub median: Option<f64>,
}

pub(super) fn face(study: &Study) -> Vec<ItemFigures> {
    let histograms = study.histograms(EvidenceClass::Face);
    let rows = study.scoring().items().iter().zip(&histograms);
    rows.map(|(name, histogram)| figures(name, histogram)).collect()
}

fn figures(name: &str, histogram: &ItemHistogram) -> ItemFigures {
    let n = histogram.answered();
    let count = i128::from(n);
    let moment = |power: u32| -> i128 {
        let codes = (1_i128..).zip(&histogram.rated);
        codes.map(|(code, count)| code.pow(power) * i128::from(*count)).sum()
    };
    let (x, xx) = (moment(1), moment(2));
    let share = |top: i128| (n > 0).then(|| top as f64 / n as f64);
    let best = |codes: usize| {
        histogram
            .rated
            .iter()
            .rev()
            .take(codes)
            .map(|count| i128::from(*count))
            .sum()
    };
    ItemFigures {
        item: name.to_owned(),
        n,
        mean: share(x),
        sd: (n > 1).then(|| ((count * xx - x * x) as f64 / (count * (count - 1)) as f64).sqrt()),
        top1: share(best(1)),
        top2: share(best(2)),
        median: (n > 0).then(|| (ranked(histogram, n.div_ceil(2)) + ranked(histogram, n / 2 + 1)) as f64 / 2.0),
    }
}

/// The code of the rank-th lowest rating.
fn ranked(histogram: &ItemHistogram, rank: u64) -> u64 {
    let mut seen = 0;
    let mut codes = (1_u64..).zip(&histogram.rated);
    let found = codes.find(|(_, count)| {
        seen += **count;
        seen >= rank
    });
    found.map_or(0, |(code, _)| code)
}
