//! Evidence as it may come, near every edge: what the properties of `grade_tests` are tried on.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::calendar::months_before;
use super::evidence::*;
use super::indicator::{ANNEX, Indicator, Indicators, Score};
use super::policy::{Example4, Policy};
use crate::statistics::exact::Ratio;

/// The first on-site day of all evidence here: a leap day.
pub(super) fn onsite() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()
}

/// Days around the edges of every window, and far outside.
fn event_day() -> impl Strategy<Value = NaiveDate> {
    (0_usize..5, 0_u64..8).prop_map(|(edge, off)| {
        let edge = [
            months_before(onsite(), 60),
            months_before(onsite(), 24),
            months_before(onsite(), 12),
            onsite(),
            onsite() + Days::new(20),
        ][edge];
        edge + Days::new(off) - Days::new(4)
    })
}

/// An accident near some edge.
pub(super) fn accident() -> impl Strategy<Value = Accident> {
    let kind = prop_oneof![Just(Harm::Property), Just(Harm::Injury), Just(Harm::Death)];
    (event_day(), kind, any::<bool>()).prop_map(|(date, kind, responsible)| Accident {
        date,
        kind,
        responsible,
    })
}

/// A major complaint near some edge.
pub(super) fn complaint() -> impl Strategy<Value = MajorComplaint> {
    let rectification = prop_oneof![
        8 => Just(Rectification::Effective),
        1 => Just(Rectification::Pending),
        1 => Just(Rectification::Failed)
    ];
    (event_day(), any::<bool>(), rectification).prop_map(|(date, confirmed, rectification)| MajorComplaint {
        date,
        basis: Basis::Media,
        confirmed,
        rectification,
    })
}

/// Negative information near some edge.
pub(super) fn negative() -> impl Strategy<Value = NegativeInformation> {
    (event_day(), any::<bool>()).prop_map(|(date, confirmed)| NegativeInformation { date, confirmed })
}

/// Shares of full marks in tenths of a per cent, often on a bound.
fn tenths() -> impl Strategy<Value = i64> {
    prop_oneof![
        0_i64..=1000,
        (4_i64..=10).prop_map(|t| t * 100),
        (4_i64..=10).prop_map(|t| t * 100 - 1)
    ]
}

/// A share of full marks in tenths of a per cent.
pub(super) fn share(tenths: i64) -> Share {
    Share::new(Ratio::new(tenths.into(), 1000.into())).unwrap()
}

fn indicators(tenths: &[Option<i64>]) -> Indicators {
    let rows = ANNEX.iter().zip(tenths).map(|((clause, full), tenths)| {
        let score = tenths.map_or(Score::NotApplicable, |tenths| {
            Score::Marks(share(tenths).ratio() * Ratio::from_integer((*full).into()))
        });
        Indicator::new(clause, score).unwrap()
    });
    Indicators::new(rows.collect()).unwrap()
}

fn occasion() -> impl Strategy<Value = Occasion> {
    let holding = (1_u8..=5, 1_u32..36).prop_map(|(star, months)| Holding {
        star,
        last_evaluation: months_before(onsite(), months),
    });
    prop_oneof![
        Just(Occasion::Initial),
        holding.clone().prop_map(Occasion::Surveillance),
        holding.clone().prop_map(Occasion::Recertification),
        holding.prop_map(Occasion::Special)
    ]
}

/// Any complete evidence.
pub(super) fn evidence() -> impl Strategy<Value = Evidence> {
    let scores = (
        tenths(),
        proptest::collection::vec(proptest::option::weighted(0.9, tenths()), 7),
    );
    let audit = (
        prop_oneof![9 => Just(Conclusion::Pass), 1 => Just(Conclusion::Fail)],
        0_u32..3,
        0_u32..2,
    );
    let survey = (tenths(), proptest::option::weighted(0.9, tenths()));
    let events = (
        proptest::collection::vec(accident(), 0..4),
        proptest::collection::vec(complaint(), 0..6),
        proptest::collection::vec(negative(), 0..4),
    );
    let rest = (
        occasion(),
        0_u32..30,
        prop::bool::weighted(0.1),
        proptest::option::of(0_u32..5),
    );
    (scores, audit, survey, events, rest).prop_map(|(scores, audit, survey, events, rest)| {
        let tenths: Vec<Option<i64>> = [vec![Some(scores.0)], scores.1].concat();
        Evidence {
            occasion: rest.0,
            onsite_date: onsite(),
            decision_date: onsite() + Days::new(20),
            operating_since: Some(months_before(onsite(), rest.1)),
            indicators: indicators(&tenths),
            audit: Some(Audit {
                conclusion: audit.0,
                serious_raised: audit.1,
                serious_open: audit.2.min(audit.1),
            }),
            survey: Survey {
                s: Some(share(survey.0)),
                s_face: survey.1.map(share),
                sample_adequate: true,
            },
            accidents: events.0,
            major_complaints: events.1,
            negative_info: events.2,
            blacklisted: rest.2,
            convenience_services: rest.3,
        }
    })
}

/// Any answers of the scheme owner.
pub(super) fn policies() -> impl Strategy<Value = Policy> {
    let example4 = prop_oneof![Just(Example4::Advisory), Just(Example4::Cap3), Just(Example4::Off)];
    (example4, 1_u32..60, 1_u32..=12, 0_u32..=60, any::<bool>(), 0_u32..=5).prop_map(
        |(example4, complaint, negative, min_s, others, closed)| Policy {
            example4,
            complaint_window_months: complaint,
            negative_window_months: negative,
            one_star_min_s: min_s,
            one_star_other_conditions: others,
            closed_serious_nc_star: closed,
            ..Policy::default()
        },
    )
}
