//! How well the comparison of evaluators finds invented interviews: made-up projects with one inventor each, the program's
//! real rules, and the figures that docs/detection-evaluators.md publishes.
//!
//! `cargo test --test it -- --ignored detection_figures_are_published` writes the document anew, in some minutes.

use std::collections::BTreeMap;
use std::fmt::Write;

use perception::statistics::evaluator::{Interview, Measure, Work, profiles};
use perception::statistics::score::{Points, Reply};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::harness::repository;

const EVALUATORS: usize = 4;
const ITEMS: usize = 12;
const POINTS: [i64; 6] = [0, 0, 30, 60, 80, 100];

/// How somebody invents interviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strategy {
    StraightLines,
    CopiesWithNoise,
    HalfCopies,
    FastFilling,
    NoRefusals,
    IndependentDraws,
    Careful,
}

const STRATEGIES: [(Strategy, &str); 7] = [
    (
        Strategy::StraightLines,
        "straight lines: one answer throughout, lengths as real ones",
    ),
    (
        Strategy::CopiesWithNoise,
        "copies: one template, every tenth answer changed, lengths as real ones",
    ),
    (Strategy::HalfCopies, "half of the interviews real, half copies"),
    (Strategy::FastFilling, "fast filling: plausible answers in 60 to 130 s"),
    (
        Strategy::NoRefusals,
        "plausible answers and lengths, hardly any refusal noted",
    ),
    (
        Strategy::IndependentDraws,
        "every answer drawn from the outlet’s real distribution, each on its own",
    ),
    (
        Strategy::Careful,
        "careful: whole interviews as real customers give them, lengths and refusals too",
    ),
];

/// A seeded world of outlets and customers.
struct World(StdRng);

impl World {
    fn unit(&mut self) -> f64 {
        self.0.random_range(f64::EPSILON..1.0)
    }

    fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let (radius, angle) = (self.unit(), self.unit());
        mean + sd * (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    /// A code from a mood between 0 (furious) and 1 (delighted), an answer's own chance on top.
    fn code(&mut self, mood: f64) -> u8 {
        match self.normal(mood, 0.13) {
            x if x > 0.84 => 5,
            x if x > 0.66 => 4,
            x if x > 0.48 => 3,
            x if x > 0.30 => 2,
            _ => 1,
        }
    }

    /// A customer's replies: what applies to them, rated in their own mood.
    fn customer(&mut self, outlet: f64) -> Vec<Reply> {
        let own = self.normal(outlet, 0.13) - if self.unit() < 0.05 { 0.35 } else { 0.0 };
        (0..ITEMS).map(|place| self.reply(place, own)).collect()
    }

    fn reply(&mut self, place: usize, mood: f64) -> Reply {
        match self.unit() {
            x if place > 5 && x < 0.35 => Reply::NotShown,
            x if x > 0.95 => Reply::NotApplicable,
            _ => Reply::Rated(self.code(mood)),
        }
    }

    fn seconds(&mut self) -> f64 {
        self.normal(235.0_f64.ln(), 0.25).exp().max(95.0)
    }

    /// What an evaluator brings home; `None` for an honest one.
    fn work(&mut self, n: usize, strategy: Option<Strategy>) -> Work {
        // Every evaluator works at two outlets of their own, which differ.
        let outlets = [self.normal(0.80, 0.02), self.normal(0.80, 0.02)];
        let template: Vec<Reply> = (0..ITEMS).map(|_| Reply::Rated(self.code(0.78))).collect();
        let mut work = Work::default();
        let mut minute = 540.0;
        for k in 0..n {
            let outlet = if k < n / 2 { outlets[0] } else { outlets[1] };
            let invented = match strategy {
                Some(Strategy::HalfCopies) => (k % 2 == 0).then_some(Strategy::CopiesWithNoise),
                other => other,
            };
            let replies = match invented {
                Some(Strategy::StraightLines) => vec![Reply::Rated(4); ITEMS],
                Some(Strategy::CopiesWithNoise) => template
                    .iter()
                    .map(|reply| {
                        if self.unit() < 0.1 {
                            Reply::Rated(self.code(0.8))
                        } else {
                            *reply
                        }
                    })
                    .collect(),
                Some(Strategy::IndependentDraws) => (0..ITEMS)
                    .map(|place| {
                        let mood = self.normal(outlet, 0.13);
                        self.reply(place, mood)
                    })
                    .collect(),
                _ => self.customer(outlet),
            };
            let seconds = match invented {
                Some(Strategy::FastFilling) => 60.0 + 70.0 * self.unit(),
                _ => self.seconds(),
            };
            // Ten on a day, with time for those who refuse.
            let day = i64::try_from(k / 10).unwrap();
            if k % 10 == 0 {
                minute = 540.0;
            }
            let started_at_ms = day * 86_400_000 + (minute * 60_000.0) as i64;
            minute += seconds / 60.0 + 3.0 + 20.0 * self.unit();
            work.interviews.push(interview(replies, started_at_ms, seconds, day));
        }
        let refuses = match strategy {
            Some(Strategy::NoRefusals) => 0.02,
            _ => 0.30,
        };
        while work.approaches - work.refusals < n as u64 {
            work.approaches += 1;
            work.refusals += u64::from(self.unit() < refuses);
        }
        work
    }
}

fn interview(replies: Vec<Reply>, started_at_ms: i64, seconds: f64, day: i64) -> Interview {
    let points = replies.iter().fold(Points::default(), |sum, reply| match reply {
        Reply::Rated(code) => Points {
            obtained: sum.obtained + POINTS[usize::from(*code)],
            available: sum.available + 100,
        },
        _ => sum,
    });
    Interview {
        replies,
        points,
        started_at_ms,
        ended_at_ms: started_at_ms + (seconds * 1000.0) as i64,
        day,
    }
}

/// Of so many projects: how often the inventor was flagged, how often an honest evaluator was, and by what.
#[derive(Default)]
struct Found {
    projects: usize,
    inventors: usize,
    honest: usize,
    honest_flagged: usize,
    by: BTreeMap<Measure, usize>,
    honest_by: BTreeMap<Measure, usize>,
}

fn play(strategy: Option<Strategy>, n: usize, projects: u64) -> Found {
    let mut found = Found::default();
    for seed in 0..projects {
        let mut world = World(StdRng::seed_from_u64(seed * 97 + strategy.map_or(0, |s| s as u64 + 1)));
        let works: Vec<Work> = (0..EVALUATORS)
            .map(|place| world.work(n, strategy.filter(|_| place == 0)))
            .collect();
        found.projects += 1;
        for (place, profile) in profiles(&works).iter().enumerate() {
            let flags: Vec<Measure> = profile.iter().filter(|(_, v)| v.is_flagged).map(|(m, _)| *m).collect();
            let is_inventor = strategy.is_some() && place == 0;
            let by = match is_inventor {
                true => &mut found.by,
                false => &mut found.honest_by,
            };
            for flag in &flags {
                *by.entry(*flag).or_default() += 1;
            }
            found.inventors += usize::from(is_inventor && !flags.is_empty());
            found.honest += usize::from(!is_inventor);
            found.honest_flagged += usize::from(!is_inventor && !flags.is_empty());
        }
    }
    found
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The document says what the rules do: found as often as published, within three standard errors of so few projects and one
/// project more, for what is published as always or never. Crude inventions are found, honest evaluators left alone, and
/// nobody is promised that a careful one is caught.
#[test]
fn inventions_are_found_as_often_as_published() {
    const PROJECTS: u64 = 20;
    let text = std::fs::read_to_string(repository().join("docs/detection-evaluators.md")).unwrap();
    let published = |row: &str, cell: usize| -> f64 {
        let start = format!("| {row} |");
        let line = text.lines().find(|line| line.starts_with(&start)).unwrap();
        let percent = line.split('|').nth(cell).unwrap().trim().trim_end_matches(" %");
        percent.parse::<f64>().unwrap() / 100.0
    };
    let near = |what: &str, found: usize, n: usize, share: f64| {
        let expected = share * n as f64;
        let margin = 1.0 + 3.0 * (expected * (1.0 - share)).sqrt();
        assert!(
            (found as f64 - expected).abs() <= margin,
            "{what}: {found} of {n}, published {share}"
        );
    };
    for (strategy, about) in STRATEGIES {
        let (share, found) = (published(about, 3), play(Some(strategy), 20, PROJECTS));
        near(about, found.inventors, found.projects, share);
        match strategy {
            Strategy::StraightLines | Strategy::CopiesWithNoise | Strategy::FastFilling => assert!(share > 0.95),
            Strategy::Careful => assert!(share < 0.1),
            _ => {}
        }
    }
    let (share, honest) = (published("20", 2), play(None, 20, 3 * PROJECTS));
    near("honest", honest.honest_flagged, honest.honest, share);
    assert!(share < 0.05);
}

/// The chance that a back-check meets an invented interview, `k` drawn of `n` with `invented` among them, each reached with
/// this chance.
fn meets(n: usize, invented: usize, k: usize, reached: f64) -> f64 {
    // Over the number of invented ones among those drawn (hypergeometric): none of them reached.
    let choose = |n: usize, k: usize| -> f64 { (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product() };
    let missed: f64 = (0..=k.min(invented))
        .filter(|drawn| k - drawn <= n - invented)
        .map(|drawn| {
            choose(invented, drawn) * choose(n - invented, k - drawn) / choose(n, k)
                * (1.0 - reached).powi(drawn as i32)
        })
        .sum();
    100.0 * (1.0 - missed)
}

#[test]
#[ignore = "writes docs/detection-evaluators.md"]
fn detection_figures_are_published() {
    const PROJECTS: u64 = 500;
    let mut text = String::from(
        "# What the comparison of evaluators finds, and what it misses\n\n\
         Simulated projects of four evaluators with two outlets each, the rules of `src/statistics/evaluator.rs` (Holm-adjusted \
         p < 0.01 a measure; overlaps, under 90 s, over 25 a day). Written by `cargo test --test it -- --ignored \
         detection_figures_are_published` from fixed seeds, 500 projects a figure; `tests/it/detection_evaluators.rs` holds the model of customers and \
         the strategies. Real customers differ from the model: the figures compare strategies, they promise nothing.\n\n\
         ## Inventors flagged\n\n\
         | strategy | 10 interviews | 20 | 40 | flagged most by (20) |\n|---|---|---|---|---|\n",
    );
    for (strategy, about) in STRATEGIES {
        let each = [10, 20, 40].map(|n| play(Some(strategy), n, PROJECTS));
        let mut by: Vec<(&Measure, &usize)> = each[1].by.iter().collect();
        by.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        let most: Vec<String> = by
            .iter()
            .take(3)
            .map(|(measure, n)| format!("{measure:?} {:.0} %", percent(**n, each[1].projects)))
            .collect();
        let shares = each.map(|found| format!("{:.1} %", percent(found.inventors, found.projects)));
        writeln!(text, "| {about} | {} | {} |", shares.join(" | "), most.join(", ")).unwrap();
    }
    text.push_str("\n## Honest evaluators flagged (projects without an inventor)\n\n| interviews each | any flag | by measure |\n|---|---|---|\n");
    for n in [10, 20, 40] {
        let found = play(None, n, PROJECTS);
        let by: Vec<String> = found
            .honest_by
            .iter()
            .map(|(measure, k)| format!("{measure:?} {:.1} %", percent(*k, found.honest)))
            .collect();
        let any = percent(found.honest_flagged, found.honest);
        writeln!(text, "| {n} | {any:.1} % | {} |", by.join(", ")).unwrap();
    }
    text.push_str(
        "\n## What back-checks add\n\n\
         Chance that at least one invented interview of an evaluator is drawn and its customer reached (one in ten, at least \
         three, of n; whoever is reached and was never interviewed says so). It does not depend on how well they are invented.\n\n\
         | interviews | drawn | all invented, 60 % reached | half invented, 60 % | half invented, 90 % |\n|---|---|---|---|---|\n",
    );
    for n in [10_usize, 20, 40, 80] {
        let k = perception::survey::back_check::Extent::default().of(n);
        let cells =
            [(n, 0.6), (n / 2, 0.6), (n / 2, 0.9)].map(|(invented, p)| format!("{:.1} %", meets(n, invented, k, p)));
        writeln!(text, "| {n} | {k} | {} |", cells.join(" | ")).unwrap();
    }
    text.push_str(
        "\nA careful inventor passes the comparison: that is what the draw is for. Where customers cannot be reached, accompanied \
         interviews take its place.\n",
    );
    std::fs::write(repository().join("docs/detection-evaluators.md"), text).unwrap();
}
