//! Somebody fills in answers in bulk: what the rules see of it, and what they wrongly see in genuine answers. The rules are
//! those of the program; customers and fillers are invented, by seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use perception::statistics::class::EvidenceClass;
use perception::statistics::flag::Rule;
use perception::survey::alarm::{Alarm, CodeTraffic, Kind, OutletTraffic, alarms};
use perception::survey::answers::{Answers, FormChoices};
use perception::survey::flagging::{Basis, Seen};
use perception::survey::form::RawForm;
use perception::survey::id::{LinkId, OutletId, ResponseId};
use perception::survey::instrument::Instrument;
use perception::survey::mark::{Bursts, Hours, Marks, network_mark};
use perception::survey::method::Method;
use perception::survey::questionnaire::{Questionnaire, ServiceSet};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::harness::{QUESTIONNAIRE, repository};

const METHOD: &str = include_str!("../../methods/default-1.0.0.json");
const OUTLETS: u8 = 5;
const DAYS: i64 = 6;
const FILLED: usize = 300;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Midnight in China.
const FIRST_DAY_MS: i64 = 1_795_017_600_000 - 1_795_017_600_000 % DAY_MS + 16 * 60 * MINUTE_MS;
const KEY: &[u8] = b"key of the marks";

/// How somebody fills in 300 answers at one outlet's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// Nobody does.
    Nobody,
    /// One device, one hour, full marks, seconds each.
    NaiveBurst,
    /// Over all days, in opening hours, at a customer's pace, every answer from another address and browser.
    Paced,
    /// As paced, all with the same marks and nearly the same comment.
    CopyPaste,
    /// By night from a room with three devices, high marks with noise.
    Night,
    /// Twenty phones in the shop's own network, fifteen answers each.
    Crowd,
}

impl Strategy {
    const ALL: [Strategy; 6] = [
        Strategy::Nobody,
        Strategy::NaiveBurst,
        Strategy::Paced,
        Strategy::CopyPaste,
        Strategy::Night,
        Strategy::Crowd,
    ];

    fn name(self) -> &'static str {
        match self {
            Strategy::Nobody => "nobody",
            Strategy::NaiveBurst => "naive burst",
            Strategy::Paced => "paced, varied addresses",
            Strategy::CopyPaste => "copy and paste, paced",
            Strategy::Night => "three devices by night",
            Strategy::Crowd => "twenty phones, shop's Wi-Fi",
        }
    }
}

/// One answer as it arrives.
struct Arrival {
    outlet: u8,
    at_ms: i64,
    address: IpAddr,
    agent: String,
    duration_s: u32,
    answers: Answers,
    is_filled: bool,
}

struct World {
    random: StdRng,
    instrument: Instrument,
    arrivals: Vec<Arrival>,
    opened: BTreeMap<u8, u64>,
}

impl World {
    fn new(seed: u64) -> Self {
        let questionnaire = Questionnaire::from_json(QUESTIONNAIRE.as_bytes()).unwrap();
        Self {
            random: StdRng::seed_from_u64(seed),
            instrument: Instrument::new(questionnaire, Method::from_json(METHOD.as_bytes()).unwrap()).unwrap(),
            arrivals: Vec::new(),
            opened: BTreeMap::new(),
        }
    }

    fn below(&mut self, end: u32) -> u32 {
        self.random.random_range(0..end)
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.random.random_range(0.0..1.0)).sum::<f64>() - 6.0
    }

    /// A moment in opening hours, or by night.
    fn moment(&mut self, by_night: bool) -> i64 {
        let day = i64::from(self.below(6)) * DAY_MS;
        let minute = match by_night {
            true => self.below(5 * 60) + 30,
            false => 9 * 60 + self.below(9 * 60),
        };
        FIRST_DAY_MS + day + i64::from(minute) * MINUTE_MS + i64::from(self.below(60)) * 1000
    }

    /// Codes around a level, with the likings of one person and of every item.
    fn answers(&mut self, level: f64, noise: f64, comment: &str) -> Answers {
        let services = ServiceSet(1 + self.below(4095));
        let ids: Vec<String> = self
            .instrument
            .questionnaire()
            .items()
            .iter()
            .filter(|item| item.applies(services))
            .map(|item| item.id.clone())
            .collect();
        let mut pairs = vec![("comment".to_owned(), comment.to_owned())];
        for id in ids {
            let code = (level + noise * self.normal()).round().clamp(1.0, 5.0);
            let code = if self.below(25) == 0 { 0.0 } else { code };
            pairs.push((id, format!("{code:.0}")));
        }
        let choices = FormChoices {
            products: &[],
            months: &[],
        };
        Answers::parse(self.instrument.questionnaire(), services, choices, &RawForm::new(pairs)).unwrap_or_else(|_| {
            // Nothing but "not applicable" is no answer: once more.
            self.answers(level, noise, comment)
        })
    }

    fn seconds(&mut self) -> u32 {
        (60.0 * (0.45 * self.normal()).exp()).clamp(15.0, 1500.0) as u32
    }

    fn agent(&mut self) -> String {
        // Few browsers are common, many are rare.
        let (one, other) = (self.below(40), self.below(40));
        format!("Mozilla/5.0 (phone {})", one * other / 20)
    }

    fn mobile(&mut self) -> IpAddr {
        let (a, b, c) = (self.below(60), self.below(250), self.below(250));
        Ipv4Addr::new(117, a as u8, b as u8, c as u8).into()
    }

    /// The shop's guest Wi-Fi, and its own network.
    fn shop(outlet: u8, own: bool) -> IpAddr {
        Ipv4Addr::new(203, 0, 113, outlet * 2 + u8::from(own)).into()
    }

    fn genuine(&mut self) {
        const WORDS: [&str; 12] = [
            "师傅准时",
            "态度很好",
            "等得有点久",
            "价格合理",
            "零件要等",
            "讲得清楚",
            "电话难打",
            "修好了",
            "还会再来",
            "收费不明",
            "地方难找",
            "服务热情",
        ];
        for outlet in 0..OUTLETS {
            for _ in 0..30 + self.below(30) {
                let address = match self.below(10) {
                    0..=2 => Self::shop(outlet, false),
                    _ => self.mobile(),
                };
                let (agent, at_ms) = (self.agent(), self.moment(false));
                let comment = match self.below(5) {
                    0 => (0..4)
                        .map(|_| WORDS[self.below(12) as usize])
                        .collect::<Vec<_>>()
                        .join("，"),
                    _ => String::new(),
                };
                let (level, duration_s) = (4.1 + 0.5 * self.normal(), self.seconds());
                let answers = match self.below(6) {
                    0 => self.answers(5.0, 0.0, &comment),
                    _ => self.answers(level, 0.7, &comment),
                };
                self.arrive(outlet, at_ms, address, agent, duration_s, answers, false);
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "an answer as it arrives")]
    fn arrive(
        &mut self,
        outlet: u8,
        at_ms: i64,
        address: IpAddr,
        agent: String,
        duration_s: u32,
        answers: Answers,
        is_filled: bool,
    ) {
        // Of customers, two or three look at the first page for one who answers; a filler answers every time.
        let opened = if is_filled { 1 } else { 1 + u64::from(self.below(3)) };
        *self.opened.entry(outlet).or_default() += opened;
        self.arrivals.push(Arrival {
            outlet,
            at_ms,
            address,
            agent,
            duration_s,
            answers,
            is_filled,
        });
    }

    fn fill(&mut self, strategy: Strategy) {
        for n in 0..FILLED as u32 {
            let (at_ms, address, agent, duration_s) = match strategy {
                Strategy::Nobody => return,
                Strategy::NaiveBurst => {
                    let at_ms = FIRST_DAY_MS + 10 * 60 * MINUTE_MS + i64::from(n) * 11_000;
                    (at_ms, Self::shop(0, true), "one device".to_owned(), 9)
                }
                Strategy::Paced | Strategy::CopyPaste => {
                    let (at_ms, address, seconds) = (self.moment(false), self.mobile(), self.seconds());
                    (at_ms, address, format!("{} {n}", self.agent()), seconds)
                }
                Strategy::Night => {
                    let (at_ms, seconds) = (self.moment(true), self.seconds());
                    (at_ms, self.mobile(), format!("device {}", n % 3), seconds)
                }
                Strategy::Crowd => {
                    let (at_ms, seconds) = (self.moment(false), self.seconds());
                    (at_ms, Self::shop(0, true), format!("phone {}", n % 20), seconds)
                }
            };
            let answers = match strategy {
                Strategy::CopyPaste => {
                    let ends = ["", "！", "。", "～"];
                    let comment = format!("服务很好，师傅热情，修得快，下次还来{}", ends[n as usize % 4]);
                    self.answers(5.0, 0.0, &comment)
                }
                Strategy::NaiveBurst => self.answers(5.0, 0.0, ""),
                _ => self.answers(4.8, 0.4, ""),
            };
            self.arrive(0, at_ms, address, agent, duration_s, answers, true);
        }
    }
}

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
    Figures {
        detected: sum(&|f| u64::from(at(f, true) > 0)) / seeds as f64,
        false_alarms: sum(&|f| at(f, false) as u64) / seeds as f64,
        flagged: [share(0), share(1)],
        kinds: runs
            .iter()
            .flat_map(|f| f.alarms.iter().filter(|a| a.outlet == here).map(|a| a.kind))
            .collect(),
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
                "{strategy:?}: {} false alarms a run",
                found.false_alarms
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
