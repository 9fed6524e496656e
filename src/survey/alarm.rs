//! What somebody should look at while answers come in, each with its value and its bound. Counts and flags alone; the one
//! rule that compares scores is for those who may see them.
//!
//! Source: design/security.md T1, T3; product.md M8, M11. The figures behind the bounds are in docs/detection.md.

use std::collections::BTreeMap;

use super::flagging::INTEGRITY_MOST;
use super::id::{LinkId, OutletId};
use crate::statistics::flag::Rule;

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Answers through one code on one day against declared visitors. Value: the share.
    Volume,
    /// Answers through one code against the usual code. Value: times the median of the others.
    Outlier,
    /// Nearly everybody who opened a code also answered: visitors rarely do. Value: the share.
    Finishing,
    /// Electronic answers against their target. Value: times the target.
    Surplus,
    /// Share of an outlet's answers with a flag.
    Share(Rule),
    /// Open answers score far above the others of their outlet. Value: points of a hundred.
    Gap,
}

/// An alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// By which rule.
    pub kind: Kind,
    /// Where.
    pub outlet: OutletId,
    /// Which code, if it is about one.
    pub code: Option<LinkId>,
    /// The value found.
    pub value: f64,
    /// The bound it crossed.
    pub threshold: f64,
}

/// One open code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeTraffic {
    /// First pages shown.
    pub opened: u64,
    /// Answers.
    pub completed: u64,
    /// Most answers on one day.
    pub busiest_day: u64,
}

/// One outlet.
#[derive(Debug, Clone, Default)]
pub struct OutletTraffic {
    /// Visitors it declares per day.
    pub visitors_per_day: Option<u64>,
    /// Electronic answers that count, and their target.
    pub electronic: (u64, u64),
    /// All answers on record.
    pub answers: u64,
    /// Flagged answers, by rule.
    pub flags: BTreeMap<Rule, u64>,
    /// Answers that say somebody of the firm asked for high scores or filled it in.
    pub integrity: u64,
    /// Open answers less the others, in points of a hundred, with the test statistic; only for who may see scores.
    pub gap: Option<(f64, f64)>,
    /// Its open codes.
    pub codes: BTreeMap<LinkId, CodeTraffic>,
}

/// Share of a day's visitors that can be expected to answer through one code.
const VOLUME_MOST: f64 = 0.2;
const VOLUME_LEAST: u64 = 15;
/// Times the median of the other codes.
const OUTLIER_MOST: f64 = 4.0;
const OUTLIER_LEAST: u64 = 50;
/// Share of visitors who answer.
const FINISHING_MOST: f64 = 0.9;
const FINISHING_LEAST: u64 = 30;
/// Times the target.
const SURPLUS_MOST: f64 = 2.0;
const SURPLUS_LEAST: u64 = 50;
/// Points and test statistic of a gap.
const GAP_MOST: f64 = 5.0;
const GAP_STATISTIC: f64 = 3.0;
/// Flag, largest share of an outlet's answers, fewest flagged ones.
const SHARES: [(Rule, f64, u64); 9] = [
    (Rule::Burst, 0.2, 12),
    (Rule::Night, 0.1, 5),
    (Rule::DupDevice, 0.1, 5),
    (Rule::DupComment, 0.05, 3),
    (Rule::Longstring, 0.1, 5),
    (Rule::Irv, 0.1, 5),
    (Rule::SpeedItem, 0.1, 5),
    (Rule::StaffNetwork, 0.05, 3),
    (Rule::Trap, 0.02, 2),
];

/// The alarms of an evaluation, outlet by outlet.
pub fn alarms(outlets: &BTreeMap<OutletId, OutletTraffic>) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let all: Vec<u64> = outlets
        .values()
        .flat_map(|outlet| outlet.codes.values().map(|code| code.completed))
        .collect();
    for (id, outlet) in outlets {
        let mut raise = |kind, code, value: f64, threshold: f64, n: u64, least: u64| {
            if value > threshold && n >= least {
                alarms.push(Alarm {
                    kind,
                    outlet: *id,
                    code,
                    value,
                    threshold,
                });
            }
        };
        for (link, code) in &outlet.codes {
            let link = Some(*link);
            if let Some(share) = outlet
                .visitors_per_day
                .and_then(|per_day| share(code.busiest_day, per_day))
            {
                raise(Kind::Volume, link, share, VOLUME_MOST, code.busiest_day, VOLUME_LEAST);
            }
            let mut others = all.clone();
            if let Some(place) = others.iter().position(|n| *n == code.completed) {
                others.swap_remove(place);
            }
            if let Some(times) = median(&mut others).and_then(|usual| share(code.completed, usual.max(1))) {
                raise(Kind::Outlier, link, times, OUTLIER_MOST, code.completed, OUTLIER_LEAST);
            }
            if let Some(share) = share(code.completed, code.opened) {
                raise(
                    Kind::Finishing,
                    link,
                    share,
                    FINISHING_MOST,
                    code.completed,
                    FINISHING_LEAST,
                );
            }
        }
        let (done, target) = outlet.electronic;
        if let Some(times) = share(done, target) {
            raise(Kind::Surplus, None, times, SURPLUS_MOST, done, SURPLUS_LEAST);
        }
        for (rule, most, least) in SHARES {
            let flagged = outlet.flags.get(&rule).copied().unwrap_or(0);
            if let Some(share) = share(flagged, outlet.answers) {
                raise(Kind::Share(rule), None, share, most, flagged, least);
            }
        }
        if let Some(share) = share(outlet.integrity, outlet.answers) {
            raise(
                Kind::Share(Rule::FilledIn),
                None,
                share,
                INTEGRITY_MOST,
                outlet.integrity,
                1,
            );
        }
        if let Some((points, statistic)) = outlet.gap.filter(|(_, statistic)| *statistic > GAP_STATISTIC) {
            raise(Kind::Gap, None, points, GAP_MOST, u64::from(statistic > 0.0), 1);
        }
    }
    alarms
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

fn median(counts: &mut [u64]) -> Option<u64> {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet(codes: &[(u8, u64, u64, u64)], visitors: Option<u64>) -> OutletTraffic {
        let code = |&(id, opened, completed, busiest_day)| {
            let traffic = CodeTraffic {
                opened,
                completed,
                busiest_day,
            };
            (LinkId::from_random([id; 16]), traffic)
        };
        OutletTraffic {
            visitors_per_day: visitors,
            answers: codes.iter().map(|code| code.2).sum(),
            codes: codes.iter().map(code).collect(),
            ..OutletTraffic::default()
        }
    }

    fn kinds(outlets: &[OutletTraffic]) -> Vec<Kind> {
        let outlets = (0..)
            .zip(outlets)
            .map(|(n, one)| (OutletId::from_random([n; 16]), one.clone()));
        alarms(&outlets.collect()).iter().map(|alarm| alarm.kind).collect()
    }

    #[test]
    fn three_hundred_paced_answers_on_one_code_are_seen_whichever_figure_is_missing() {
        let filled = |visitors, opened| outlet(&[(1, opened, 300, 110)], visitors);
        let usual = outlet(&[(2, 90, 40, 9)], Some(120));
        assert_eq!(kinds(&[filled(Some(120), 700)]), [Kind::Volume]);
        assert_eq!(kinds(&[filled(None, 700), usual.clone()]), [Kind::Outlier]);
        assert_eq!(kinds(&[filled(None, 302)]), [Kind::Finishing]);
        let planned = OutletTraffic {
            electronic: (300, 60),
            ..filled(None, 700)
        };
        assert_eq!(kinds(&[planned]), [Kind::Surplus]);
        assert_eq!(kinds(&[usual.clone(), usual.clone(), usual]), []);
    }

    #[test]
    fn shares_need_both_a_share_and_a_number() {
        let with = |rule, n| OutletTraffic {
            flags: BTreeMap::from([(rule, n)]),
            ..outlet(&[(1, 200, 100, 10)], None)
        };
        assert_eq!(kinds(&[with(Rule::StaffNetwork, 6)]), [Kind::Share(Rule::StaffNetwork)]);
        assert_eq!(kinds(&[with(Rule::StaffNetwork, 5)]), []);
        let integrity = |n| OutletTraffic {
            integrity: n,
            ..outlet(&[(1, 200, 100, 10)], None)
        };
        assert_eq!(kinds(&[integrity(5)]), []);
        assert_eq!(kinds(&[integrity(6)]), [Kind::Share(Rule::FilledIn)]);
    }
}
