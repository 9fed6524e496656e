//! Invented customers, and somebody who fills in answers in bulk.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use perception::survey::Reply;
use perception::survey::answers::{Answers, FormChoices};
use perception::survey::form::RawForm;
use perception::survey::instrument::Instrument;
use perception::survey::method::Method;
use perception::survey::questionnaire::{Questionnaire, ServiceSet};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::harness::QUESTIONNAIRE;

const METHOD: &str = include_str!("../../../methods/default-1.0.0.json");
pub const OUTLETS: u8 = 5;
const FILLED: usize = 300;
const MINUTE_MS: i64 = 60_000;
pub const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Midnight in China.
pub const FIRST_DAY_MS: i64 = 1_795_017_600_000 - 1_795_017_600_000 % DAY_MS + 16 * 60 * MINUTE_MS;

/// How somebody fills in 300 answers at one outlet's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
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
    pub const ALL: [Strategy; 6] = [
        Strategy::Nobody,
        Strategy::NaiveBurst,
        Strategy::Paced,
        Strategy::CopyPaste,
        Strategy::Night,
        Strategy::Crowd,
    ];

    pub fn name(self) -> &'static str {
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
pub struct Arrival {
    pub outlet: u8,
    pub at_ms: i64,
    pub address: IpAddr,
    pub agent: String,
    pub duration_s: u32,
    pub answers: Answers,
    pub is_filled: bool,
}

pub struct World {
    random: StdRng,
    pub instrument: Instrument,
    pub arrivals: Vec<Arrival>,
    pub opened: BTreeMap<u8, u64>,
}

impl World {
    pub fn new(seed: u64) -> Self {
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
        // Two or three services each.
        let services = (0..3).fold(ServiceSet(0), |set, _| set.with(self.below(12) as usize));
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

    /// About six seconds an item.
    fn seconds(&mut self, answers: &Answers) -> u32 {
        let asked = answers
            .replies()
            .iter()
            .filter(|reply| **reply != Reply::NotShown)
            .count();
        (6.0 * asked as f64 * (0.35 * self.normal()).exp()) as u32
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
    pub fn shop(outlet: u8, own: bool) -> IpAddr {
        Ipv4Addr::new(203, 0, 113 + outlet, u8::from(own)).into()
    }

    pub fn genuine(&mut self) {
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
                let level = 4.1 + 0.5 * self.normal();
                let answers = match self.below(6) {
                    0 => self.answers(5.0, 0.0, &comment),
                    _ => self.answers(level, 0.7, &comment),
                };
                let duration_s = self.seconds(&answers);
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

    pub fn fill(&mut self, strategy: Strategy) {
        for n in 0..FILLED as u32 {
            let (at_ms, address, agent) = match strategy {
                Strategy::Nobody => return,
                Strategy::NaiveBurst => {
                    let at_ms = FIRST_DAY_MS + 10 * 60 * MINUTE_MS + i64::from(n) * 11_000;
                    (at_ms, Self::shop(0, true), "one device".to_owned())
                }
                Strategy::Paced | Strategy::CopyPaste => {
                    (self.moment(false), self.mobile(), format!("{} {n}", self.agent()))
                }
                Strategy::Night => (self.moment(true), self.mobile(), format!("device {}", n % 3)),
                Strategy::Crowd => (self.moment(false), Self::shop(0, true), format!("phone {}", n % 20)),
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
            let duration_s = match strategy {
                Strategy::NaiveBurst => 9,
                _ => self.seconds(&answers),
            };
            self.arrive(0, at_ms, address, agent, duration_s, answers, true);
        }
    }
}
