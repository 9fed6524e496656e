//! Somebody fills in answers in bulk: what the rules see of it, and what they wrongly see in genuine answers. The rules are
//! those of the program; customers and fillers are invented, by seeds.

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use perception::statistics::class::EvidenceClass;
use perception::statistics::flag::Rule;
use perception::survey::alarm::{Alarm, CodeTraffic, Kind, OutletTraffic, alarms};
use perception::survey::flagging::{Basis, Seen};
use perception::survey::id::{LinkId, OutletId, ResponseId};
use perception::survey::mark::{Bursts, Hours, Marks, network_mark};

use self::world::{DAY_MS, FIRST_DAY_MS, OUTLETS, Strategy, World};
use crate::harness::repository;

const KEY: &[u8] = b"key of the marks";

/// What the rules saw.
struct Found {
    alarms: Vec<Alarm>,
    flagged: [u64; 2],
    answers: [u64; 2],
    by_rule: BTreeMap<Rule, [u64; 2]>,
}

fn outlet_id(outlet: u8) -> OutletId {
    OutletId::from_random([outlet; 16])
}

/// Lets the program's rules look at a fieldwork; `declared` says whether outlets declare their visitors.
fn look(strategy: Strategy, seed: u64, declared: bool) -> Found {
    let mut world = World::new(seed);
    world.genuine();
    world.fill(strategy);
    world.arrivals.sort_by_key(|arrival| arrival.at_ms);
    let instrument = &world.instrument;
    let marks: Vec<Marks> = world
        .arrivals
        .iter()
        .map(|a| Marks::of(KEY, a.address, &a.agent, a.at_ms))
        .collect();
    let seen = |place: usize| {
        let arrival = &world.arrivals[place];
        Seen {
            class: EvidenceClass::Open,
            duration_s: Some(arrival.duration_s),
            answers: &arrival.answers,
            marks: Some(&marks[place]),
        }
    };
    let mut basis = Basis::empty(instrument);
    (0..world.arrivals.len()).for_each(|place| basis.add(instrument, &seen(place)));
    let usual = basis.usual();
    let (mut bursts, hours) = (Bursts::default(), Hours::of("9:00-18:00"));
    let mut flags: Vec<BTreeSet<Rule>> = Vec::new();
    let id = |place: usize| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(place as u64).to_be_bytes());
        ResponseId::from_random(bytes)
    };
    let places: BTreeMap<ResponseId, usize> = (0..world.arrivals.len()).map(|place| (id(place), place)).collect();
    let mut traffic: BTreeMap<OutletId, OutletTraffic> = BTreeMap::new();
    let mut days: BTreeMap<(u8, i64), u64> = BTreeMap::new();
    for (place, arrival) in world.arrivals.iter().enumerate() {
        let staff = network_mark(KEY, World::shop(arrival.outlet, true)) == marks[place].network;
        let mut rules: BTreeSet<Rule> = usual
            .flags(instrument, &seen(place), staff)
            .iter()
            .map(|raised| raised.rule)
            .collect();
        if hours.are_over(arrival.at_ms) {
            rules.insert(Rule::Night);
        }
        flags.push(rules);
        let code = LinkId::from_random([arrival.outlet; 16]);
        for part in bursts.note(code, id(place), arrival.at_ms) {
            flags[places[&part]].insert(Rule::Burst);
        }
        *days
            .entry((arrival.outlet, (arrival.at_ms - FIRST_DAY_MS) / DAY_MS))
            .or_default() += 1;
    }
    let mut found = Found {
        alarms: Vec::new(),
        flagged: [0; 2],
        answers: [0; 2],
        by_rule: BTreeMap::new(),
    };
    for (arrival, rules) in world.arrivals.iter().zip(&flags) {
        let kind = usize::from(arrival.is_filled);
        found.answers[kind] += 1;
        found.flagged[kind] += u64::from(!rules.is_empty());
        let outlet = traffic.entry(outlet_id(arrival.outlet)).or_default();
        outlet.answers += 1;
        outlet.electronic = (outlet.answers, if declared { 60 } else { 0 });
        outlet.visitors_per_day = declared.then_some(60);
        for rule in rules {
            *outlet.flags.entry(*rule).or_default() += 1;
            found.by_rule.entry(*rule).or_default()[kind] += 1;
        }
    }
    for outlet in 0..OUTLETS {
        let own = days.iter().filter(|((at, _), _)| *at == outlet);
        let code = CodeTraffic {
            opened: world.opened[&outlet],
            completed: traffic[&outlet_id(outlet)].answers,
            busiest_day: own.map(|(_, n)| *n).max().unwrap_or(0),
        };
        let codes = &mut traffic.get_mut(&outlet_id(outlet)).unwrap().codes;
        codes.insert(LinkId::from_random([outlet; 16]), code);
    }
    found.alarms = alarms(&traffic);
    found
}

/// Over several seeds: share of runs with an alarm where it was filled in, false alarms a run elsewhere, share of filled in
/// answers flagged, share of genuine ones.
struct Figures {
    detected: f64,
    false_alarms: f64,
    flagged: [f64; 2],
    kinds: BTreeSet<Kind>,
    elsewhere: BTreeSet<Kind>,
    by_rule: BTreeMap<Rule, [f64; 2]>,
}

fn figures(strategy: Strategy, seeds: u64, declared: bool) -> Figures {
    let runs: Vec<Found> = (0..seeds).map(|seed| look(strategy, seed, declared)).collect();
    let here = outlet_id(0);
    let at = |found: &Found, hit: bool| {
        found
            .alarms
            .iter()
            .filter(|alarm| (alarm.outlet == here) == hit)
            .count()
    };
    let sum = |of: &dyn Fn(&Found) -> u64| runs.iter().map(of).sum::<u64>() as f64;
    let share = |kind: usize| sum(&|f| f.flagged[kind]) / sum(&|f| f.answers[kind]).max(1.0);
    let rules: BTreeSet<Rule> = runs.iter().flat_map(|f| f.by_rule.keys().copied()).collect();
    let by_rule = rules.into_iter().map(|rule| {
        let of =
            |kind: usize| sum(&|f| f.by_rule.get(&rule).map_or(0, |n| n[kind])) / sum(&|f| f.answers[kind]).max(1.0);
        (rule, [of(0), of(1)])
    });
    let kinds = |hit: bool| {
        let alarms = runs.iter().flat_map(|f| &f.alarms);
        alarms.filter(|a| (a.outlet == here) == hit).map(|a| a.kind).collect()
    };
    Figures {
        detected: sum(&|f| u64::from(at(f, true) > 0)) / seeds as f64,
        false_alarms: sum(&|f| at(f, false) as u64) / seeds as f64,
        flagged: [share(0), share(1)],
        kinds: kinds(true),
        elsewhere: kinds(false),
        by_rule: by_rule.collect(),
    }
}

#[test]
fn every_way_of_filling_in_bulk_raises_an_alarm_and_customers_raise_few() {
    for strategy in Strategy::ALL.into_iter().skip(1) {
        for declared in [true, false] {
            let found = figures(strategy, 3, declared);
            assert!(
                found.detected == 1.0,
                "{strategy:?} was missed, visitors declared: {declared}"
            );
            assert!(
                found.false_alarms <= 0.5,
                "{strategy:?}: {} false alarms a run: {:?}",
                found.false_alarms,
                found.elsewhere
            );
        }
    }
    let calm = figures(Strategy::Nobody, 5, true);
    assert!(
        calm.detected <= 0.2 && calm.false_alarms <= 0.5,
        "customers alone raise alarms"
    );
    assert!(
        calm.flagged[0] < 0.35,
        "{} of genuine answers are flagged",
        calm.flagged[0]
    );
}

/// Writes `docs/detection.md`: `cargo test --release --test it -- --ignored detection_figures`.
#[test]
#[ignore = "writes a document"]
fn detection_figures() {
    const SEEDS: u64 = 40;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let mut text = String::from(include_str!("detection_head.md"));
    writeln!(
        text,
        "| strategy | alarm, visitors declared | alarm, not declared | its answers flagged | genuine answers flagged | false alarms a run | alarms by |"
    )
    .unwrap();
    text.push_str("|---|---|---|---|---|---|---|\n");
    let mut rules: BTreeMap<Rule, Vec<String>> = BTreeMap::new();
    for strategy in Strategy::ALL {
        let (with, without) = (figures(strategy, SEEDS, true), figures(strategy, SEEDS, false));
        let kinds: Vec<String> = with
            .kinds
            .union(&without.kinds)
            .map(|kind| format!("{kind:?}"))
            .collect();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} | {} |",
            strategy.name(),
            percent(with.detected),
            percent(without.detected),
            if strategy == Strategy::Nobody {
                "–".into()
            } else {
                percent(with.flagged[1])
            },
            percent(with.flagged[0]),
            with.false_alarms,
            kinds.join(", "),
        )
        .unwrap();
        for rule in Rule::ALL {
            let [genuine, filled] = with.by_rule.get(&rule).copied().unwrap_or_default();
            let cell = match strategy {
                Strategy::Nobody => percent(genuine),
                _ => percent(filled),
            };
            rules.entry(rule).or_default().push(cell);
        }
    }
    let names: Vec<&str> = Strategy::ALL
        .iter()
        .map(|s| if *s == Strategy::Nobody { "genuine" } else { s.name() })
        .collect();
    writeln!(
        text,
        "\n## Share of answers with each flag\n\n| flag | {} |",
        names.join(" | ")
    )
    .unwrap();
    writeln!(text, "|---|{}", "---|".repeat(names.len())).unwrap();
    for (rule, cells) in rules
        .iter()
        .filter(|(_, cells)| cells.iter().any(|cell| cell != "0.0 %"))
    {
        writeln!(text, "| {} | {} |", rule.as_str(), cells.join(" | ")).unwrap();
    }
    std::fs::write(repository().join("docs/detection.md"), text).unwrap();
}
