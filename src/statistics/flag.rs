//! Flags: deterministic rules that ask a person to look at a response, each with the value it rests on. A flag never excludes.
//!
//! Source: the one table of thresholds, statistics.md §11; Huang et al. (2012) for two seconds an item, Meade & Craig (2012),
//! Curran (2016).

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::quality;
use super::score::Reply;

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rule {
    /// Less than two seconds an item rated. Value: seconds an item.
    SpeedItem,
    /// Less than a third of the usual duration of organisation and channel. Value: the ratio.
    SpeedRatio,
    /// The same code for everything rated, ten items at least; where it is the highest, only together with another cause
    /// for doubt. Value: the run.
    Longstring,
    /// Codes hardly differ. Value: their standard deviation.
    Irv,
    /// An unusual profile over the dimensions. Value: D².
    Mahal,
    /// More than half of the items shown were marked as not applicable. Value: the share.
    NaRate,
    /// Answers with one device mark. Value: how many.
    DupDevice,
    /// A comment nearly like another one. Value: the similarity, 0..=1.
    DupComment,
    /// Part of a burst on one open code, decided on arrival. Value: one more than is usual, whatever the burst's size.
    Burst,
    /// Came while nobody is served, decided on arrival. Value: the hour.
    Night,
    /// Came from the outlet's own network.
    StaffNetwork,
    /// "Someone from the firm asked for high scores."
    AskedHigh,
    /// "Someone from the firm filled it in for me."
    FilledIn,
    /// "Someone from the firm was watching."
    Watched,
    /// A field that people do not see was filled in, decided on arrival.
    Trap,
}

impl Rule {
    /// Every rule, in the order in which flags are listed.
    pub const ALL: [Rule; 15] = [
        Rule::SpeedItem,
        Rule::SpeedRatio,
        Rule::Longstring,
        Rule::Irv,
        Rule::Mahal,
        Rule::NaRate,
        Rule::DupDevice,
        Rule::DupComment,
        Rule::Burst,
        Rule::Night,
        Rule::StaffNetwork,
        Rule::AskedHigh,
        Rule::FilledIn,
        Rule::Watched,
        Rule::Trap,
    ];
    /// What only the arrival of an answer tells: rows keep the hour alone.
    pub const ON_ARRIVAL: [Rule; 3] = [Rule::Burst, Rule::Night, Rule::Trap];
    /// What rests on marks of device and network, which are kept for a time only.
    pub const BY_MARKS: [Rule; 2] = [Rule::DupDevice, Rule::StaffNetwork];
    /// Answers that are excluded after review (requirements.md §7).
    pub const INTEGRITY: [Rule; 2] = [Rule::AskedHigh, Rule::FilledIn];

    /// Name in files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::SpeedItem => "SPEED_ITEM",
            Rule::SpeedRatio => "SPEED_RATIO",
            Rule::Longstring => "LONGSTRING",
            Rule::Irv => "IRV",
            Rule::Mahal => "MAHAL",
            Rule::NaRate => "NA_RATE",
            Rule::DupDevice => "DUP_DEVICE",
            Rule::DupComment => "DUP_COMMENT",
            Rule::Burst => "BURST",
            Rule::Night => "NIGHT",
            Rule::StaffNetwork => "STAFF_NETWORK",
            Rule::AskedHigh => "ASKED_HIGH",
            Rule::FilledIn => "FILLED_IN",
            Rule::Watched => "WATCHED",
            Rule::Trap => "TRAP",
        }
    }

    /// The rule of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}

/// A flag that was raised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Flag {
    /// By which rule.
    pub rule: Rule,
    /// The value found.
    pub value: f64,
    /// The bound it crossed.
    pub threshold: f64,
}

/// The thresholds of a plan; what a method file leaves out is as usual.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Least seconds an item rated.
    pub seconds_per_item: f64,
    /// Least share of the median duration.
    pub speed_ratio: f64,
    /// Shortest run that can be flagged.
    pub run_least: usize,
    /// Least standard deviation of the codes.
    pub variability: f64,
    /// Probability that D² of a careful response lies above its bound.
    pub mahalanobis_tail: f64,
    /// Largest share of "not applicable".
    pub not_applicable: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            seconds_per_item: 2.0,
            speed_ratio: 1.0 / 3.0,
            run_least: 10,
            variability: 0.3,
            mahalanobis_tail: 0.001,
            not_applicable: 0.5,
        }
    }
}

impl Thresholds {
    /// Whether no threshold is negative or without end.
    pub fn are_usable(&self) -> bool {
        let tail = self.mahalanobis_tail;
        let bounds = [
            self.seconds_per_item,
            self.speed_ratio,
            self.variability,
            self.not_applicable,
        ];
        tail > 0.0 && tail < 1.0 && bounds.iter().all(|bound| bound.is_finite() && *bound >= 0.0)
    }
}

/// What is known about one response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence<'a> {
    /// Its replies, in the order shown.
    pub replies: &'a [Reply],
    /// The highest code; `None` where items differ in it.
    pub code_max: Option<u8>,
    /// Duration in seconds.
    pub duration_s: Option<f64>,
    /// Duration over the median of organisation and channel (in-person, electronic).
    pub speed_ratio: Option<f64>,
    /// Mahalanobis D² of the dimension scores, and their number.
    pub mahalanobis: Option<(f64, usize)>,
    /// Whether the response shares a device mark or a comment with another one.
    pub duplicate: bool,
}

/// The flags of a response, in the order of the rules.
pub fn of(evidence: &Evidence<'_>, thresholds: &Thresholds) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut raise = |rule, value, threshold, raised: bool| {
        if raised {
            flags.push(Flag { rule, value, threshold });
        }
    };
    let rated = quality::rated(evidence.replies).count();
    let mut hurried = false;
    if let Some(seconds) = evidence.duration_s.filter(|_| rated > 0) {
        let (value, least) = (seconds / rated as f64, thresholds.seconds_per_item);
        hurried |= value < least;
        raise(Rule::SpeedItem, value, least, value < least);
    }
    if let Some(value) = evidence.speed_ratio {
        let least = thresholds.speed_ratio;
        hurried |= value < least;
        raise(Rule::SpeedRatio, value, least, value < least);
    }
    // Full marks throughout are legitimate praise; they need another reason to be looked at.
    let praise = evidence
        .code_max
        .is_some_and(|max| quality::rated(evidence.replies).all(|code| code == max));
    let run = quality::longest_run(quality::rated(evidence.replies));
    let straight = run == rated && run >= thresholds.run_least;
    raise(
        Rule::Longstring,
        run as f64,
        thresholds.run_least as f64,
        straight && (!praise || hurried || evidence.duplicate),
    );
    if let Some(value) = quality::variability(evidence.replies) {
        raise(
            Rule::Irv,
            value,
            thresholds.variability,
            value < thresholds.variability && !praise,
        );
    }
    if let Some((value, dimensions)) = evidence.mahalanobis
        && let Ok(distribution) = ChiSquared::new(dimensions as f64)
    {
        let most = distribution.inverse_cdf(1.0 - thresholds.mahalanobis_tail);
        raise(Rule::Mahal, value, most, value > most);
    }
    let shown = evidence
        .replies
        .iter()
        .filter(|reply| **reply != Reply::NotShown)
        .count();
    let without = evidence
        .replies
        .iter()
        .filter(|reply| **reply == Reply::NotApplicable)
        .count();
    if shown > 0 {
        let (value, most) = (without as f64 / shown as f64, thresholds.not_applicable);
        raise(Rule::NaRate, value, most, value > most);
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(replies: &[Reply]) -> Evidence<'_> {
        Evidence {
            replies,
            code_max: Some(5),
            duration_s: Some(300.0),
            speed_ratio: Some(1.0),
            mahalanobis: Some((6.0, 6)),
            duplicate: false,
        }
    }

    fn rules(evidence: &Evidence<'_>) -> Vec<Rule> {
        of(evidence, &Thresholds::default())
            .iter()
            .map(|flag| flag.rule)
            .collect()
    }

    #[test]
    fn an_ordinary_response_has_no_flag() {
        let replies = [5, 4, 4, 3, 5, 5, 4, 2, 5, 4, 3, 4].map(Reply::Rated);
        assert_eq!(rules(&evidence(&replies)), []);
    }

    #[test]
    fn full_marks_are_praise_until_something_else_is_odd() {
        let replies = [Reply::Rated(5); 12];
        assert_eq!(rules(&evidence(&replies)), []);
        let hurried = Evidence {
            duration_s: Some(12.0),
            ..evidence(&replies)
        };
        assert_eq!(rules(&hurried), [Rule::SpeedItem, Rule::Longstring]);
        let duplicate = Evidence {
            duplicate: true,
            ..evidence(&replies)
        };
        assert_eq!(rules(&duplicate), [Rule::Longstring]);
    }

    #[test]
    fn a_straight_line_below_full_marks_is_flagged_from_ten_items_on() {
        assert_eq!(rules(&evidence(&[Reply::Rated(3); 12])), [Rule::Longstring, Rule::Irv]);
        assert_eq!(rules(&evidence(&[Reply::Rated(3); 9])), [Rule::Irv]);
        // Not applicable and skipped items do not break the line.
        let mut broken = vec![Reply::Rated(3); 12];
        broken.insert(6, Reply::NotApplicable);
        broken.insert(3, Reply::Skipped);
        assert!(rules(&evidence(&broken)).contains(&Rule::Longstring));
    }

    #[test]
    fn every_bound_is_the_one_of_the_table() {
        let replies = [5, 4, 4, 3, 5, 5, 4, 2, 5, 4].map(Reply::Rated);
        let with = |change: fn(&mut Evidence<'_>)| {
            let mut one = evidence(&replies);
            change(&mut one);
            of(&one, &Thresholds::default())
        };
        assert!(with(|e| e.duration_s = Some(20.0)).is_empty());
        assert_eq!(with(|e| e.duration_s = Some(19.0)).first().map(|f| f.value), Some(1.9));
        assert!(with(|e| e.speed_ratio = Some(1.0 / 3.0)).is_empty());
        assert_eq!(with(|e| e.speed_ratio = Some(0.33)).len(), 1);
        assert!(with(|e| e.mahalanobis = Some((22.45, 6))).is_empty());
        let odd = with(|e| e.mahalanobis = Some((22.46, 6)));
        assert!(
            odd.iter()
                .all(|flag| flag.rule == Rule::Mahal && (flag.threshold - 22.457_744_484_825).abs() < 1e-6)
        );
        assert_eq!(odd.len(), 1);
        let half = [Reply::Rated(5), Reply::NotApplicable];
        assert_eq!(rules(&evidence(&half)), []);
        assert_eq!(
            rules(&evidence(&[Reply::NotApplicable, Reply::NotShown])),
            [Rule::NaRate]
        );
    }
}
