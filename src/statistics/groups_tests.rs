//! Every contracted row of the analysis against figures of R `survey`, `psych` and scipy (tests/oracle), and the rules of
//! what is undefined.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::analysis::{Analysis, Reach, Standing};
use super::class::EvidenceClass;
use super::groups::{self, Value};
use super::interval::IntervalRule;
use super::method::Method;
use super::score::{ScoreScheme, ScoredItem};
use super::study::{Level, Margin, Outlet, Population, SKIPPED, Scoring, Study};

type Table = Vec<HashMap<String, String>>;

fn table(file: &str) -> Table {
    let path = format!("{}/tests/oracle/{file}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path)
        .unwrap()
        .deserialize()
        .map(|row| row.unwrap())
        .collect()
}

fn scoring() -> Arc<Scoring> {
    let rows = table("sim/items.csv");
    let mut dimensions: Vec<String> = Vec::new();
    let mut items = Vec::new();
    for row in &rows {
        if !dimensions.contains(&row["dim"]) {
            dimensions.push(row["dim"].clone());
        }
        let max: u32 = row["max"].parse().unwrap();
        items.push(ScoredItem {
            weight: row["weight"].parse().unwrap(),
            full_points: max,
            points: (1..=max).collect(),
            facets: vec![dimensions.iter().position(|name| *name == row["dim"]).unwrap()],
        });
    }
    let names = rows.iter().map(|row| row["item"].clone()).collect();
    let scheme = ScoreScheme::new(items, dimensions.len()).unwrap();
    let count = dimensions.len();
    Arc::new(Scoring::new(scheme, names, dimensions, count).unwrap())
}

fn study(org: &str, keep: impl Fn(&HashMap<String, String>) -> bool) -> Study {
    let of = |file: &str| -> Table { table(file).into_iter().filter(|row| row["org"] == org).collect() };
    let outlets = of("sim/outlets.csv");
    let mut margins: Vec<Margin> = Vec::new();
    for row in of("sim/margins.csv") {
        if margins.last().is_none_or(|margin| margin.variable != row["var"]) {
            margins.push(Margin {
                variable: row["var"].clone(),
                levels: vec![],
            });
        }
        margins.last_mut().unwrap().levels.push(Level {
            name: row["level"].clone(),
            customers: row["N"].parse().unwrap(),
        });
    }
    let frame = outlets[0]["M_frame"].parse().ok();
    let known = outlets.iter().map(|row| Outlet {
        name: row["outlet"].clone(),
        customers: row["N_customers"].parse().ok(),
    });
    let population = Arc::new(Population::new(known.collect(), frame, margins.clone()).unwrap());
    let scoring = scoring();
    let mut study = Study::new(scoring.clone(), population);
    for row in of("sim/responses.csv").iter().filter(|row| keep(row)) {
        let outlet = outlets
            .iter()
            .position(|outlet| outlet["outlet"] == row["outlet"])
            .unwrap();
        let class = match row["channel"].as_str() {
            "face" => EvidenceClass::Face,
            "email" => EvidenceClass::Invited,
            _ => EvidenceClass::Open,
        };
        let level = |margin: &Margin| {
            let found = margin
                .levels
                .iter()
                .position(|level| level.name == row[&margin.variable]);
            found.unwrap()
        };
        let levels: Vec<usize> = margins.iter().map(level).collect();
        let code = |item: &String| row[item].parse().unwrap_or(SKIPPED);
        let codes: Vec<u8> = scoring.items().iter().map(code).collect();
        study.add(outlet, class, &levels, &codes).unwrap();
    }
    study
}

fn rows(study: &Study) -> BTreeMap<(String, String), Value> {
    let rows = groups::rows(&Analysis::of(study, &Method::default(), Reach::Files));
    let count = rows.len();
    let map: BTreeMap<_, _> = rows.into_iter().map(|row| ((row.group, row.stat), row.value)).collect();
    assert_eq!(map.len(), count, "a row is stated twice");
    map
}

fn get(rows: &BTreeMap<(String, String), Value>, group: &str, stat: &str) -> Value {
    *rows
        .get(&(group.to_owned(), stat.to_owned()))
        .unwrap_or_else(|| panic!("{group} {stat} is missing"))
}

fn tolerance(group: &str, stat: &str) -> f64 {
    match (group, stat) {
        (group, _) if group.starts_with("rake_") => 1e-8,
        (_, "p" | "df") if group.starts_with("w") => 1e-7,
        (_, "deff" | "deff_replace") => 1e-6,
        _ => 1e-9,
    }
}

/// What is optional and not computed: R's own raking residuals and weights, linear calibration, omega.
fn is_left_out(group: &str, stat: &str) -> bool {
    group.starts_with("aapor_")
        || group.starts_with("greg_")
        || stat.starts_with("omega")
        || (group.starts_with("rake_") && stat != "est")
}

#[test]
fn every_row_of_the_simulated_organisations_agrees_with_r() {
    for org in ["A", "B", "C"] {
        let found = rows(&study(org, |_| true));
        let mut wrong = Vec::new();
        let expected: Table = table("sim/expected.csv")
            .into_iter()
            .filter(|row| row["org"] == org)
            .collect();
        for row in expected.iter().filter(|row| !is_left_out(&row["group"], &row["stat"])) {
            let (group, stat, value) = (row["group"].as_str(), row["stat"].as_str(), row["value"].as_str());
            let fits = match (get(&found, group, stat), value) {
                (Value::Undefined, value) => ["NA", "NaN"].contains(&value),
                (Value::Integer(found), value) => value.parse::<f64>().is_ok_and(|value| value == found as f64),
                (Value::Float(found), value) => value
                    .parse::<f64>()
                    .is_ok_and(|value| (found - value).abs() <= tolerance(group, stat) * value.abs() + 1e-12),
            };
            if !fits {
                wrong.push(format!(
                    "{group} {stat}: {:?}, expected {value}",
                    get(&found, group, stat)
                ));
            }
        }
        assert!(wrong.is_empty(), "{org}:\n{}", wrong.join("\n"));
        let expected = table("sim/expected_decision.csv");
        for row in expected.iter().filter(|row| row["org"] == org) {
            let value: f64 = row["value"].parse().unwrap();
            match get(&found, "decision", &row["stat"]) {
                Value::Integer(found) => assert_eq!(found as f64, value, "{} {}", org, row["stat"]),
                Value::Float(found) => assert!((found - value).abs() < 1e-9, "{org} {}: {found} {value}", row["stat"]),
                Value::Undefined => panic!("{org} {} is undefined", row["stat"]),
            }
        }
    }
}

/// One item of full points `b`, so that a response can have any points: one item per distinct b, others not applicable.
fn edge(case: &str) -> Study {
    let rows: Table = table("edge/rows.csv")
        .into_iter()
        .filter(|row| row["case"] == case)
        .collect();
    let number = |row: &HashMap<String, String>, name: &str| row[name].parse::<u32>().unwrap();
    let mut pairs: Vec<(u32, u32)> = rows.iter().map(|row| (number(row, "a"), number(row, "b"))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.retain(|pair| pair.1 > 0);
    let items: Vec<ScoredItem> = pairs
        .iter()
        .map(|(a, b)| ScoredItem {
            weight: 1,
            full_points: *b,
            points: vec![*a],
            facets: vec![],
        })
        .collect();
    let names = (0..items.len()).map(|item| item.to_string()).collect();
    let scoring = Arc::new(Scoring::new(ScoreScheme::new(items, 0).unwrap(), names, vec![], 0).unwrap());
    let mut outlets: Vec<Outlet> = Vec::new();
    for row in &rows {
        if outlets.iter().all(|outlet| outlet.name != row["outlet"]) {
            outlets.push(Outlet {
                name: row["outlet"].clone(),
                customers: row["N_customers"].parse().ok(),
            });
        }
    }
    let place = |row: &HashMap<String, String>| outlets.iter().position(|outlet| outlet.name == row["outlet"]).unwrap();
    let places: Vec<usize> = rows.iter().map(place).collect();
    let frame = rows[0]["M_frame"].parse().ok();
    let population = Arc::new(Population::new(outlets, frame, vec![]).unwrap());
    let mut study = Study::new(scoring, population);
    for (row, outlet) in rows.iter().zip(places) {
        let own = (number(row, "a"), number(row, "b"));
        let codes: Vec<u8> = pairs.iter().map(|pair| u8::from(*pair == own)).collect();
        study.add(outlet, EvidenceClass::Face, &[], &codes).unwrap();
    }
    study
}

#[test]
fn edge_cases_agree_with_r() {
    for row in table("edge/expected.csv").iter().filter(|row| row["source"] == "R") {
        let (group, stat) = row["stat"].split_once('.').unwrap();
        let group = match group {
            "strat_fpc" | "lonely_adjust" => "strat_fpc_points_face",
            "person" => "strat_fpc_person_face",
            // Other options for single responses are not offered.
            _ => continue,
        };
        let value: f64 = row["value"].parse().unwrap();
        let found = get(&rows(&edge(&row["case"])), group, stat);
        let Value::Float(found) = found else {
            panic!("{} {stat}: {found:?}", row["case"])
        };
        assert!(
            (found - value).abs() <= 1e-9 * value,
            "{} {group} {stat}: {found} {value}",
            row["case"]
        );
    }
}

#[test]
fn degenerate_intervals_follow_their_rules() {
    let policy = |case: &str, stat: &str| -> f64 {
        let rows = table("edge/expected.csv");
        let row = rows.iter().find(|row| row["case"] == case && row["stat"] == stat);
        row.unwrap()["value"].parse().unwrap()
    };
    for (case, rule) in [
        ("e04_all_full_marks", IntervalRule::PerfectScore),
        ("e06_census", IntervalRule::Census),
    ] {
        let judged = Analysis::of(&edge(case), &Method::default(), Reach::Files)
            .headline
            .s_face
            .unwrap();
        assert_eq!((judged.interval_rule, judged.se), (rule, Some(0.0)));
        assert!((judged.interval.lower - policy(case, "ci_lo_95")).abs() < 1e-12);
        assert!((judged.interval.upper - policy(case, "ci_hi_95")).abs() < 1e-12);
    }
    let judged = Analysis::of(&edge("e14_on_threshold"), &Method::default(), Reach::Files)
        .headline
        .s_face
        .unwrap();
    assert_eq!(judged.verdicts[0].standing, Standing::PointClears);
    let one_outlet = rows(&edge("e02_one_outlet"));
    assert_eq!(get(&one_outlet, "cluster_nofpc_points_face", "se"), Value::Undefined);
    assert_eq!(get(&one_outlet, "twostage_points_face", "se"), Value::Undefined);
    let perfect = rows(&edge("e04_all_full_marks"));
    assert_eq!(
        get(&perfect, "strat_fpc_points_face", "ci_logit_lo_95"),
        Value::Undefined
    );
    assert_eq!(get(&perfect, "strat_fpc_points_face", "ci_t_lo_95"), Value::Float(1.0));
}

#[test]
fn an_empty_class_leaves_its_figures_undefined_and_s_to_the_other() {
    let undefined = |found: &BTreeMap<_, _>, group: &str, stat: &str| {
        assert_eq!(get(found, group, stat), Value::Undefined, "{group} {stat}");
    };
    let face = rows(&study("A", |row| row["channel"] == "face"));
    assert_eq!(get(&face, "tally_elec", "n"), Value::Integer(0));
    assert_eq!(
        get(&face, "pooled_points_stratified_by_mode", "est"),
        get(&face, "srs_points_face", "est")
    );
    assert_eq!(
        get(&face, "pooled_points_stratified_by_mode", "df"),
        Value::Float(123.0)
    );
    for (group, stat) in [
        ("tally_elec", "points_score"),
        ("srs_points_elec", "est"),
        ("fixed_half", "est"),
        ("mode_diff_points", "diff"),
        ("welch_face_minus_elec_person", "t"),
        ("wilcoxon_person", "W"),
    ] {
        undefined(&face, group, stat);
    }
    let electronic = rows(&study("A", |row| row["channel"] != "face"));
    for group in [
        "srs_points_face",
        "strat_fpc_points_face",
        "calraking_age_service_points_face",
        "poststrat_age_points_face",
    ] {
        undefined(&electronic, group, "est");
    }
    undefined(&electronic, "decision", "p_star_ge_5");
    assert_eq!(
        get(&electronic, "decision", "p_star_ge_2"),
        get(&electronic, "decision", "p_S_ge_0.60")
    );
    let nobody = rows(&study("A", |_| false));
    undefined(&nobody, "pooled_points_srs", "est");
}

#[test]
fn a_margin_level_without_an_answer_is_named_and_its_figures_are_undefined() {
    let analysis = Analysis::of(
        &study("A", |row| row["channel"] != "face" || row["age"] != "4"),
        &Method::default(),
        Reach::Files,
    );
    assert_eq!(analysis.files.as_ref().unwrap().empty_levels, ["age 4"]);
    assert_eq!(analysis.figure("poststrat_age_points_face").unwrap().est, None);
    assert_eq!(analysis.figure("calraking_age_service_points_face").unwrap().est, None);
    assert!(analysis.figure("poststrat_service_points_face").unwrap().est.is_some());
}
