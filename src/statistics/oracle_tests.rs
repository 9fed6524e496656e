//! Agreement with R `survey` (tests/oracle, made by tools this project did not write): integers exactly, estimates,
//! standard errors and intervals to 1e-9 relative.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::class::{Column, EvidenceClass};
use super::estimate::Estimate;
use super::exact::{self, Ratio};
use super::interval::{self, Confidence, IntervalRule};
use super::method::Method;
use super::person::PersonScore;
use super::result::{Evidence, SurveyResult};
use super::score::{Points, Reply, ScoreScheme, ScoredItem};
use super::study::{Outlet, Population, Scoring};
use super::sums::Sums;
use super::tally::Tally;
use super::variance;

type Rows = Vec<BTreeMap<String, String>>;

fn rows(file: &str) -> Rows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(file);
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        header
            .iter()
            .map(ToString::to_string)
            .zip(line.split(',').map(str::to_owned))
            .collect()
    };
    lines.map(row).collect()
}

/// Items with the score table `proportional` (points = code), facets = dimensions in order of appearance.
fn scheme() -> (ScoreScheme, Vec<String>, Vec<String>) {
    let (mut items, mut names, mut dimensions) = (Vec::new(), Vec::new(), Vec::<String>::new());
    for row in rows("sim/items.csv") {
        let facet = dimensions
            .iter()
            .position(|name| *name == row["dim"])
            .unwrap_or(dimensions.len());
        if facet == dimensions.len() {
            dimensions.push(row["dim"].clone());
        }
        let max: u32 = row["max"].parse().unwrap();
        let weight = row["weight"].parse().unwrap();
        items.push(ScoredItem {
            weight,
            full_points: max,
            points: (1..=max).collect(),
            facets: vec![facet],
        });
        names.push(row["item"].clone());
    }
    (ScoreScheme::new(items, dimensions.len()).unwrap(), names, dimensions)
}

/// Tallies of one organisation by outlet and class, each passed through its text form on the way.
fn tallies(org: &str, scheme: &ScoreScheme, items: &[String]) -> Vec<(usize, EvidenceClass, Tally)> {
    let (mut tallies, mut outlets) = (BTreeMap::new(), Vec::<String>::new());
    for row in rows("sim/responses.csv").iter().filter(|row| row["org"] == org) {
        let outlet = outlets
            .iter()
            .position(|name| *name == row["outlet"])
            .unwrap_or(outlets.len());
        if outlet == outlets.len() {
            outlets.push(row["outlet"].clone());
        }
        let class = match row["channel"].as_str() {
            "face" => EvidenceClass::Face,
            "email" => EvidenceClass::Invited,
            _ => EvidenceClass::Open,
        };
        let reply = |item: &String| match row[item].as_str() {
            "" => Reply::Skipped,
            "0" => Reply::NotApplicable,
            code => Reply::Rated(code.parse().unwrap()),
        };
        let score = scheme.score(&items.iter().map(reply).collect::<Vec<_>>()).unwrap();
        let tally = tallies.entry((outlet, class)).or_insert_with(|| Tally::empty(scheme));
        tally.add(&score, row["duration_s"].parse().ok()).unwrap();
    }
    let reread = |tally: Tally| Tally::decode(&tally.encode(), scheme).unwrap();
    tallies
        .into_iter()
        .map(|((outlet, class), tally)| (outlet, class, reread(tally)))
        .collect()
}

struct Expected(BTreeMap<(String, String), String>);

impl Expected {
    fn of(org: &str) -> Self {
        let rows = rows("sim/expected.csv").into_iter().filter(|row| row["org"] == org);
        Self(
            rows.map(|row| ((row["group"].clone(), row["stat"].clone()), row["value"].clone()))
                .collect(),
        )
    }

    fn integer(&self, group: &str, stat: &str, found: i128) {
        let expected = &self.0[&(group.to_owned(), stat.to_owned())];
        assert_eq!(found.to_string(), *expected, "{group} {stat}");
    }

    fn float(&self, group: &str, stat: &str, found: f64) {
        let expected: f64 = self.0[&(group.to_owned(), stat.to_owned())].parse().unwrap();
        assert!(close(found, expected), "{group} {stat}: {found} expected {expected}");
    }

    fn block(&self, group: &str, strata: &[&Sums]) {
        for (level, name) in [(0.90, "90"), (0.95, "95")] {
            let found = Estimate::of(strata, 0, None, Confidence::new(level).unwrap()).unwrap();
            assert_eq!(found.interval_rule, IntervalRule::LogitT);
            self.float(group, "est", found.rate.est);
            self.float(group, "se", found.se.unwrap());
            self.integer(group, "df", found.df.into());
            for (kind, interval) in [("t", found.interval_t.unwrap()), ("logit", found.interval.unwrap())] {
                self.float(group, &format!("ci_{kind}_lo_{name}"), interval.lower);
                self.float(group, &format!("ci_{kind}_hi_{name}"), interval.upper);
            }
        }
    }

    fn tally(&self, group: &str, tally: &Tally) {
        let sums = tally.core();
        let stats = [
            ("n", sums.n.into()),
            ("n_scored", sums.scored.into()),
            ("A", sums.a.into()),
            ("B", sums.b.into()),
            ("AA", sums.aa),
            ("AB", sums.ab),
            ("BB", sums.bb),
        ];
        for (stat, found) in stats {
            self.integer(group, stat, found);
        }
        let person = PersonScore::of(tally.person()).unwrap();
        self.float(
            group,
            "points_score",
            exact::to_f64(&exact::ratio(sums.a.into(), sums.b.into()).unwrap()),
        );
        self.float(group, "person_score", exact::to_f64(&person.mean));
        self.float(group, "person_sd", exact::to_f64(&person.variance.unwrap()).sqrt());
    }
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs() + 1e-12
}

fn sum<'a>(tallies: impl IntoIterator<Item = &'a Tally>, scheme: &ScoreScheme) -> Tally {
    tallies.into_iter().fold(Tally::empty(scheme), |mut sum, tally| {
        sum.merge(tally).unwrap();
        sum
    })
}

#[test]
fn simulated_organisations_agree_with_r_survey() {
    let (scheme, items, dimensions) = scheme();
    for org in ["A", "B", "C"] {
        let expected = Expected::of(org);
        let tallies = tallies(org, &scheme, &items);
        let class = |class| {
            sum(
                tallies.iter().filter(|entry| entry.1 == class).map(|entry| &entry.2),
                &scheme,
            )
        };
        let (face, email, qr) = (
            class(EvidenceClass::Face),
            class(EvidenceClass::Invited),
            class(EvidenceClass::Open),
        );
        let elec = sum([&email, &qr], &scheme);
        let all = sum([&face, &elec], &scheme);
        let groups = [
            ("all", &all),
            ("face", &face),
            ("elec", &elec),
            ("email", &email),
            ("qr", &qr),
        ];
        for (name, tally) in groups {
            expected.tally(&format!("tally_{name}"), tally);
        }
        expected.block("srs_points_face", &[face.core()]);
        expected.block("srs_points_elec", &[elec.core()]);
        expected.block("pooled_points_stratified_by_mode", &[face.core(), elec.core()]);
        expected.block("pooled_points_srs", &[all.core()]);
        for (name, sums) in dimensions.iter().zip(face.facets()) {
            let score = exact::ratio(sums.a.into(), sums.b.into()).unwrap();
            expected.float(&format!("srs_points_face_dim_{name}"), "est", exact::to_f64(&score));
        }
    }
}

#[test]
fn the_result_object_shows_the_same_numbers() {
    let (scheme, items, dimensions) = scheme();
    let scoring = Scoring::new(scheme.clone(), items.clone(), dimensions.clone(), dimensions.len()).unwrap();
    let scoring = Arc::new(scoring);
    // Without known customers the design is simple random sampling, as in the reference.
    let outlet = |place: usize| Outlet {
        name: place.to_string(),
        customers: None,
    };
    let population = Population::new((0..100).map(outlet).collect(), None, Vec::new()).unwrap();
    let population = Arc::new(population);
    for org in ["A", "B", "C"] {
        let expected = Expected::of(org);
        let mut evidence = Evidence::new(&scoring, &population);
        for (outlet, class, tally) in tallies(org, &scheme, &items) {
            evidence.add(outlet, class, tally).unwrap();
        }
        let result = SurveyResult::compute(&evidence, &Method::default(), 5).unwrap();
        let columns = [
            (Column::Face, "srs_points_face", "tally_face"),
            (Column::Electronic, "srs_points_elec", "tally_elec"),
            (Column::All, "pooled_points_stratified_by_mode", "tally_all"),
        ];
        for (column, group, tally) in columns {
            let found = result.exact(column).unwrap();
            assert_eq!(result.overall.get(column).published(), Some(found));
            expected.float(group, "est", found.rate.est);
            expected.float(group, "se", found.se.unwrap());
            expected.float(group, "ci_logit_lo_95", found.interval.unwrap().lower);
            expected.float(tally, "person_score", found.person.as_ref().unwrap().est);
        }
        for (name, facet) in dimensions.iter().zip(&result.facets) {
            let found = facet.face.published().unwrap();
            expected.float(&format!("srs_points_face_dim_{name}"), "est", found.rate.est);
        }
        for (name, item) in items.iter().zip(&result.items) {
            // A cell withheld beside a small one has nothing to compare.
            let Some(found) = item.face.published() else { continue };
            let group = format!("item_face_{name}");
            expected.integer(&group, "n", found.n.into());
            expected.float(&group, "mean", found.mean);
            expected.float(&group, "top2", found.top_two.est);
        }
    }
}

fn edge(case: &str) -> Vec<(i64, i64)> {
    let found = rows("edge/rows.csv").into_iter().filter(|row| row["case"] == case);
    found
        .map(|row| (row["a"].parse().unwrap(), row["b"].parse().unwrap()))
        .collect()
}

fn edge_expected(case: &str, stat: &str) -> f64 {
    let found = rows("edge/expected.csv")
        .into_iter()
        .find(|row| row["case"] == case && row["stat"] == stat);
    found.unwrap()["value"].parse().unwrap()
}

fn edge_sums(case: &str) -> Sums {
    edge(case).iter().fold(Sums::default(), |sum, (obtained, available)| {
        sum.plus(&Sums::of(Points {
            obtained: *obtained,
            available: *available,
        }))
        .unwrap()
    })
}

#[test]
fn edge_cases_of_one_stratum_agree() {
    // One stratum of n out of N: the reference is the simple random sample's variance times 1 − n/N.
    for (case, population) in [("e02_one_outlet", 20_u64), ("e03b_some_all_na", 30)] {
        let sums = edge_sums(case);
        let found = variance::of_ratio(&[&sums]).unwrap();
        let correction = Ratio::new((population - sums.n).into(), population.into());
        let se = exact::to_f64(&(found.value * correction)).sqrt();
        assert!(close(se, edge_expected(case, "strat_fpc.se")));
        assert_eq!(found.df as f64, edge_expected(case, "strat_fpc.df"));
        let score = exact::to_f64(&exact::ratio(sums.a.into(), sums.b.into()).unwrap());
        assert!(close(score, edge_expected(case, "strat_fpc.est")));
    }
}

#[test]
fn edge_case_of_full_marks_follows_the_exact_rule() {
    let (case, sums) = ("e04_all_full_marks", edge_sums("e04_all_full_marks"));
    let found = Estimate::of(&[&sums], 0, None, Confidence::NINETY_FIVE).unwrap();
    assert_eq!((found.rate.est, found.se, found.df), (1.0, Some(0.0), 29));
    assert_eq!(found.interval_rule, IntervalRule::PerfectScore);
    let limits = found.interval.unwrap();
    assert!(
        close(limits.lower, edge_expected(case, "ci_lo_95")) && close(limits.upper, edge_expected(case, "ci_hi_95"))
    );
    let one_sided = interval::perfect_score(sums.scored, Confidence::new(0.90).unwrap());
    assert!(close(one_sided.lower, edge_expected(case, "lower_onesided_95")));
}

#[test]
fn edge_case_on_the_threshold_passes_exactly() {
    let sums = edge_sums("e14_on_threshold");
    assert_eq!(sums.a as f64, edge_expected("e14_on_threshold", "A"));
    assert_eq!(sums.b as f64, edge_expected("e14_on_threshold", "B"));
    assert!(exact::at_least(sums.a.into(), sums.b.into(), 90));
}
