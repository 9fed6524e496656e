//! `perception grade` against a second reading of the rules: random cases, none of them written down anywhere.
//!
//! This reading shares nothing with the program: whole hundredths instead of rationals, days as triples, the table of 6.2 as
//! a chain of bounds.

use serde_json::{Map, Value, json};

use crate::grading_dice::{Date, Dice, back, decimal, month_days, text};
use crate::harness::{perception, said};

const CASES: usize = 10_000;
const SEED: u64 = 20_191_223;
const HEADINGS: [(&str, i64); 8] = [
    ("4.1.1", 10),
    ("4.1.2", 15),
    ("4.1.3", 10),
    ("4.1.4", 25),
    ("4.1.5", 15),
    ("4.1.6", 7),
    ("4.1.7", 8),
    ("4.1.8", 10),
];

struct Random {
    mode: &'static str,
    onsite: Date,
    decided: Date,
    since: Option<Date>,
    /// Marks in hundredths: `None` not applicable, `Some(None)` not scored.
    marks: Vec<Option<Option<i64>>>,
    audit: Option<(bool, i64, i64)>,
    s: Option<i64>,
    face: Option<i64>,
    adequate: bool,
    accidents: Vec<(Date, &'static str, bool)>,
    complaints: Vec<(Date, bool, &'static str)>,
    negative: Vec<(Date, bool)>,
    blacklisted: bool,
    services: Option<i64>,
    example4: &'static str,
    held: i64,
    before: Date,
}

impl Random {
    fn roll(dice: &mut Dice) -> Self {
        let month = 1 + dice.below(12);
        // Ends of months and the leap day are where calendars go wrong.
        let onsite = match dice.below(8) {
            0 => (2024, 2, 29),
            1 => (2025, 8, 31),
            _ => (2025, month, 1 + dice.below(month_days(2025, month) as u64)),
        };
        let decided = back(onsite, -1);
        let good = dice.one_in(2);
        let marks = HEADINGS
            .iter()
            .map(|(_, full)| match dice.below(40) {
                0 => None,
                1 => Some(None),
                _ => {
                    let share = if good { 8_900 + dice.below(1_101) } else { dice.share() };
                    Some(Some(full * share / 100))
                }
            })
            .collect();
        let raised = dice.below(3);
        let few = |dice: &mut Dice| 0..if dice.one_in(2) { 0 } else { dice.below(5) };
        let (accidents, complaints, negative) = (few(dice), few(dice), few(dice));
        Self {
            mode: dice.of(&["initial", "surveillance", "special"]),
            since: (!dice.one_in(40)).then(|| match dice.one_in(2) {
                true => dice.day(onsite).min(onsite),
                false => (2019, 3, 1),
            }),
            marks,
            audit: (!dice.one_in(40)).then(|| (!dice.one_in(8), raised, dice.below(4).min(raised) * dice.below(2))),
            s: (!dice.one_in(40)).then(|| if good { 9_000 } else { dice.share() }),
            face: (!dice.one_in(10)).then(|| dice.share()),
            adequate: !dice.one_in(40),
            accidents: accidents
                .map(|_| {
                    (
                        dice.day(onsite),
                        dice.of(&["property", "injury", "death"]),
                        dice.one_in(2),
                    )
                })
                .collect(),
            complaints: complaints
                .map(|_| {
                    let state = dice.of(&["effective", "effective", "effective", "pending", "failed"]);
                    (dice.day(onsite), !dice.one_in(3), state)
                })
                .collect(),
            negative: negative.map(|_| (dice.day(onsite), dice.one_in(2))).collect(),
            blacklisted: dice.one_in(12),
            services: dice.one_in(2).then(|| dice.below(5)),
            example4: dice.of(&["advisory", "cap3", "off"]),
            held: 1 + dice.below(5),
            before: back(onsite, 12),
            onsite,
            decided,
        }
    }

    fn written(&self, id: usize) -> Value {
        let indicators: Vec<Value> = HEADINGS
            .iter()
            .zip(&self.marks)
            .map(|((heading, full), marks)| {
                json!({"id": heading, "full": full.to_string(), "applicable": marks.is_some(),
                    "score": marks.flatten().map(decimal)})
            })
            .collect();
        let events = |rows: Vec<Value>| Value::Array(rows);
        let mut input = json!({
            "mode": self.mode, "onsite_date": text(self.onsite), "decision_date": text(self.decided),
            "operating_since": self.since.map(text), "indicators": indicators,
            "audit": {"conclusion": self.audit.map(|(pass, ..)| if pass { "pass" } else { "fail" }),
                "serious_nc": self.audit.map_or(0, |audit| audit.1), "serious_nc_open": self.audit.map_or(0, |audit| audit.2)},
            "survey": {"s": self.s.map(decimal), "s_face": self.face.map(decimal), "sample_adequate": self.adequate},
            "accidents": events(self.accidents.iter().map(|(day, kind, ours)|
                json!({"date": text(*day), "kind": kind, "responsible": ours})).collect()),
            "major_complaints": events(self.complaints.iter().map(|(day, confirmed, state)|
                json!({"date": text(*day), "basis": "media", "confirmed": confirmed, "rectification": state})).collect()),
            "negative_info": events(self.negative.iter().map(|(day, confirmed)|
                json!({"date": text(*day), "confirmed": confirmed})).collect()),
            "blacklisted": self.blacklisted, "convenience_services": self.services,
        });
        if self.mode != "initial" {
            input["current_star"] = json!(self.held);
            input["last_evaluation_date"] = json!(text(self.before));
        }
        json!({"id": id.to_string(), "policy": {"example4": self.example4}, "input": input})
    }

    fn missing(&self) -> Vec<String> {
        let unscored = HEADINGS
            .iter()
            .zip(&self.marks)
            .filter(|(_, marks)| **marks == Some(None));
        let mut missing: Vec<String> = unscored
            .map(|((heading, _), _)| format!("indicator:{heading}"))
            .collect();
        for (word, absent) in [
            ("audit", self.audit.is_none()),
            ("operating_since", self.since.is_none()),
            ("survey.s", self.s.is_none()),
            ("survey.sample", !self.adequate),
        ] {
            if absent {
                missing.push(word.to_owned());
            }
        }
        missing.sort();
        missing
    }

    fn happened(&self, day: Date) -> bool {
        day <= self.decided
    }

    /// Stars of a kind of event of which only the age of the latest matters.
    fn by_age(&self, days: impl Iterator<Item = Date>) -> i64 {
        let latest = days.filter(|day| self.happened(*day)).max();
        match latest {
            Some(day) if day >= back(self.onsite, 12) => 1,
            Some(day) if day >= back(self.onsite, 24) => 4,
            _ => 5,
        }
    }

    fn matters(&self, complaint: &(Date, bool, &str)) -> bool {
        self.happened(complaint.0) && (complaint.2 != "effective" || complaint.0 >= back(self.onsite, 24))
    }

    fn supports(&self) -> (Map<String, Value>, i64) {
        let applied = || {
            let rows = HEADINGS.iter().zip(&self.marks);
            rows.filter_map(|((_, full), marks)| Some((marks.flatten()?, *full)))
        };
        let (got, full) = applied().fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        // Hundredths of marks over full marks are per cent over one: `got >= percent * full` is exact.
        let steps = |holds: &dyn Fn(i64) -> bool, least: i64| {
            (6..=9)
                .rev()
                .find(|tens| holds(10 * tens))
                .map_or(least, |tens| tens - 4)
        };
        let x = match got >= 50 * full {
            true => steps(&|percent| got >= percent * full, 1),
            false => 0,
        };
        let worst = steps(&|percent| applied().all(|(marks, full)| marks >= percent * full), 2).max(2);
        let rate = |share: Option<i64>, least: i64| {
            share
                .map_or(2, |share| steps(&|percent| share >= 100 * percent, least))
                .max(least)
        };
        let (passed, raised, open) = self.audit.unwrap();
        let audit = match (passed && open == 0, raised) {
            (false, _) => 0,
            (true, 0) => 5,
            (true, _) => 4,
        };
        let since = self.since.unwrap();
        // Months are counted forward from the beginning: its day, or the last of a shorter month.
        let operating = match self.onsite {
            day if back(since, -12) <= day => 5,
            day if back(since, -6) <= day => 3,
            _ => 1,
        };
        let confirmed: Vec<_> = self
            .complaints
            .iter()
            .filter(|one| one.1 && self.matters(one))
            .collect();
        let complaint = match confirmed.iter().any(|one| one.2 != "effective") {
            true => 1,
            false => (5 - i64::try_from(confirmed.len()).unwrap()).max(1),
        };
        let negative = self.by_age(self.negative.iter().filter(|one| one.1).map(|one| one.0));
        let mut supports = vec![
            ("x_total", x),
            ("indicator", worst),
            ("audit", audit),
            ("s", rate(self.s, 1)),
            ("s_face", rate(self.face, 2)),
            ("operating", operating),
            (
                "accident",
                self.by_age(self.accidents.iter().filter(|one| one.2).map(|one| one.0)),
            ),
            ("complaint", complaint),
            ("negative", if self.blacklisted { 1 } else { negative }),
        ];
        if self.example4 == "cap3" && self.services.is_some_and(|services| services <= 2) {
            supports.push(("convenience", 3));
        }
        let supports = supports.into_iter().map(|(word, star)| (word.to_owned(), json!(star)));
        (supports.collect(), got * 100 / full)
    }

    fn holds(&self) -> Vec<&'static str> {
        let rectification = |state: &str| {
            let mut all = self.complaints.iter();
            all.any(|one| one.1 && one.2 == state && self.happened(one.0))
        };
        let from = back(self.onsite, 12);
        let from = if self.mode == "initial" { from } else { self.before };
        let harmed = |one: &(Date, &str, bool)| one.2 && one.1 != "property" && one.0 >= from && self.happened(one.0);
        let facts = [
            ("blacklisted", self.blacklisted),
            ("complaint_failed_rectification", rectification("failed")),
            ("complaint_rectification_pending", rectification("pending")),
            ("injury_or_death", self.accidents.iter().any(harmed)),
        ];
        facts
            .into_iter()
            .filter(|(_, there)| *there)
            .map(|(word, _)| word)
            .collect()
    }

    fn expected(&self, id: usize) -> Value {
        let missing = self.missing();
        if !missing.is_empty() {
            return json!({"id": id.to_string(), "status": "incomplete", "star": null, "missing": missing});
        }
        let (supports, x) = self.supports();
        let star = supports.values().filter_map(Value::as_i64).min().unwrap();
        let mut limiting: Vec<&String> = supports
            .iter()
            .filter(|(_, one)| **one == json!(star))
            .map(|(word, _)| word)
            .collect();
        limiting.sort();
        if star == 5 {
            limiting.clear();
        }
        let holds = self.holds();
        let grave = holds.iter().any(|hold| *hold != "complaint_rectification_pending");
        let action = match () {
            () if grave => "suspend_or_withdraw",
            () if star == 0 => "withdraw",
            () if !holds.is_empty() => "hold",
            () if star < self.held => "downgrade",
            () => "maintain",
        };
        let (passed, _, open) = self.audit.unwrap();
        let window = back(self.onsite, 24);
        let facts = [
            ("s_face_missing", self.face.is_none()),
            ("pass_with_open_serious_nc", passed && open > 0),
            (
                "unconfirmed_complaint",
                self.complaints.iter().any(|one| !one.1 && self.matters(one)),
            ),
            (
                "unconfirmed_negative_info",
                self.negative
                    .iter()
                    .any(|one| !one.1 && one.0 >= window && self.happened(one.0)),
            ),
            (
                "example4_not_in_table",
                self.example4 == "advisory" && self.services.is_some_and(|n| n <= 2),
            ),
            (
                "upgrade_eligible",
                self.mode != "initial" && action == "maintain" && star > self.held,
            ),
        ];
        let mut warnings: Vec<String> = facts
            .into_iter()
            .filter(|(_, there)| *there)
            .map(|(word, _)| word.to_owned())
            .collect();
        let left_out = HEADINGS.iter().zip(&self.marks).filter(|(_, marks)| marks.is_none());
        warnings.extend(left_out.map(|((heading, _), _)| format!("indicator_na:{heading}")));
        warnings.sort();
        let status = if star == 0 { "no_certificate" } else { "graded" };
        let mut expected = json!({
            "id": id.to_string(), "status": status, "star": star, "x_total": decimal(x), "supports": supports,
            "limiting": limiting, "holds": holds, "warnings": warnings,
        });
        if self.mode != "initial" {
            expected["certificate_action"] = json!(action);
        }
        expected
    }
}

#[test]
fn random_cases_come_out_as_a_second_reading_has_them() {
    let mut dice = Dice(SEED);
    let cases: Vec<Random> = (0..CASES).map(|_| Random::roll(&mut dice)).collect();
    let written: Vec<Value> = cases.iter().enumerate().map(|(id, case)| case.written(id)).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("cases.json"),
        json!({ "cases": written }).to_string(),
    )
    .unwrap();
    let output = perception(folder.path(), &["grade", "cases.json", "--format", "json"])
        .output()
        .unwrap();
    let graded: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    let results = graded["results"].as_array().unwrap();
    assert_eq!(results.len(), CASES);
    let mut stars = [0_usize; 7];
    for (id, (case, result)) in cases.iter().zip(results).enumerate() {
        assert_eq!(result, &case.expected(id), "seed {SEED}: {}", written[id]);
        stars[usize::try_from(result["star"].as_i64().unwrap_or(6)).unwrap()] += 1;
    }
    // A test of one outcome would test little: every star, no certificate and incomplete cases are there.
    assert!(stars.iter().all(|count| *count >= 20), "{stars:?}");
}
