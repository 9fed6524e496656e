//! Each measure on cases where the answer is plain.

use super::*;

fn interview(codes: &[u8], minute: i64, seconds: i64) -> Interview {
    let points = codes.iter().fold(Points::default(), |sum, code| Points {
        obtained: sum.obtained + i64::from(*code),
        available: sum.available + 5,
    });
    Interview {
        replies: codes.iter().map(|code| Reply::Rated(*code)).collect(),
        points,
        started_at_ms: minute * 60_000,
        ended_at_ms: minute * 60_000 + seconds * 1000,
        day: minute / 1440,
    }
}

/// Twenty interviews that differ; no two are nearly the same.
fn honest(shift: usize) -> Work {
    let codes = |k: usize| -> Vec<u8> {
        let digit = |place: usize| (((k * 7 + shift * 3 + place * (k + shift + 2)) * 2_654_435_761) >> 7) % 4;
        (0..10)
            .map(|place| u8::try_from(digit(place)).unwrap_or(0) + 2)
            .collect()
    };
    let each = (0_usize..20).map(|k| {
        let seconds = 180 + i64::try_from(k * 13 % 100).unwrap_or(0);
        interview(&codes(k), i64::try_from(k).unwrap_or(0) * 15, seconds)
    });
    Work {
        interviews: each.collect(),
        approaches: 40,
        refusals: 12,
    }
}

fn flags(works: &[Work], place: usize) -> Vec<Measure> {
    let profile = profiles(works).into_iter().nth(place).unwrap_or_default();
    let flagged = profile.into_iter().filter(|(_, value)| value.is_flagged);
    flagged.map(|(measure, _)| measure).collect()
}

#[test]
fn nobody_is_flagged_among_honest_ones_and_nobody_compared_alone() {
    let works = [honest(0), honest(1), honest(2)];
    for place in 0..3 {
        assert_eq!(flags(&works, place), []);
    }
    let alone = profiles(&works[..1]);
    assert!(alone[0].iter().all(|(_, value)| value.z.is_none() && !value.is_flagged));
    assert_eq!(profiles(&[]), Vec::<Profile>::new());
}

#[test]
fn times_that_cannot_be_are_flagged_by_fixed_rules() {
    let mut work = honest(3);
    work.interviews[1] = interview(&[5, 4, 3, 4, 5, 2, 3, 4, 5, 4], 1, 80);
    let works = [honest(0), honest(1), work];
    let found = flags(&works, 2);
    assert!(
        found.contains(&Measure::Overlap) && found.contains(&Measure::Short),
        "{found:?}"
    );
    let day = Work {
        interviews: (0..26).map(|k| interview(&[5, 4, 3, 4, 2, 5], k * 10, 200)).collect(),
        ..Work::default()
    };
    assert_eq!((overlaps(&day), busiest(&day)), (0, 26));
    assert!(flags(&[day, honest(0)], 0).contains(&Measure::Busy));
}

#[test]
fn straight_lines_short_talks_and_missing_refusals_stand_out() {
    let lines = Work {
        interviews: (0..20).map(|k| interview(&[4; 10], k * 5, 100)).collect(),
        approaches: 21,
        refusals: 0,
    };
    let found = flags(&[honest(0), honest(1), honest(2), lines], 3);
    for measure in [
        Measure::Duration,
        Measure::Straight,
        Measure::Variability,
        Measure::Spread,
        Measure::Duplicates,
        Measure::Refusals,
    ] {
        assert!(found.contains(&measure), "{measure:?} in {found:?}");
    }
    // Full marks are praise: no straight line, no duplicate.
    let praise = interview(&[5; 10], 0, 200);
    assert!(!is_straight(&praise) && is_pair(&praise, &praise).is_none());
}

#[test]
fn copies_with_a_little_noise_are_near_duplicates() {
    let template = [5, 3, 4, 5, 2, 4, 3, 5, 4, 4];
    let copy = |k: usize| {
        let mut codes = template;
        codes[k % 10] = 3;
        interview(
            &codes,
            i64::try_from(k).unwrap_or(0) * 15,
            200 + i64::try_from(k % 7).unwrap_or(0) * 20,
        )
    };
    let copies = Work {
        interviews: (0..20).map(copy).collect(),
        approaches: 40,
        refusals: 12,
    };
    assert!(flags(&[honest(0), honest(1), copies.clone()], 2).contains(&Measure::Duplicates));
    // Half of them among real ones.
    let mut half = honest(2);
    half.interviews.truncate(10);
    half.interviews.extend(copies.interviews.into_iter().take(10));
    assert!(flags(&[honest(0), honest(1), half], 2).contains(&Measure::Duplicates));
}

/// Of five matches of an interview three or more among nine own pairs out of thirty-nine: (C(9,3)·C(30,2) + C(9,4)·C(30,1) +
/// C(9,5)) / C(39,5).
#[test]
fn matches_fall_inside_by_chance_as_the_hypergeometric_says() {
    let expected = (84.0 * 435.0 + 126.0 * 30.0 + 126.0) / 575_757.0;
    assert!((clustered((3, 9), (2, 30)) / expected - 1.0).abs() < 1e-9);
    assert!((clustered((0, 9), (2, 30)) - 1.0).abs() < f64::EPSILON);
    assert!((clustered((0, 0), (0, 0)) - 1.0).abs() < f64::EPSILON);
}
