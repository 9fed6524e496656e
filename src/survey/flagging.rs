//! The flags of every response of an evaluation: a first reading gathers what is usual, a second one compares. The same
//! responses give the same flags, in whatever order they are read.
//!
//! Source: statistics.md §11; requirements.md §7 and §8.5.

use std::collections::{BTreeMap, HashMap};

use super::answers::Answers;
use super::instrument::Instrument;
use super::mark::Marks;
use super::similar::{ALIKE_FROM, Comments, Sketch};
use crate::statistics::class::EvidenceClass;
use crate::statistics::flag::{self, Evidence, Flag, Rule};
use crate::statistics::quality::{self, Metric, Moments};
use crate::statistics::score::Reply;

/// Above this share of responses that were asked for or filled in by somebody of the firm, an outlet has a finding.
pub const INTEGRITY_MOST: f64 = 0.05;
/// Responses that one device mark may have before they are flagged.
const DEVICE_MOST: u32 = 1;

/// What is known of a response whose content is there.
#[derive(Debug)]
pub struct Seen<'a> {
    /// How it came in.
    pub class: EvidenceClass,
    /// Seconds, where known.
    pub duration_s: Option<u32>,
    /// What was answered, with the comment.
    pub answers: &'a Answers,
    /// Its marks, while there are any.
    pub marks: Option<&'a Marks>,
}

/// What the first reading gathers. Holds some bytes a mark and 150 a comment.
#[derive(Debug)]
pub struct Basis {
    dimensions: Moments,
    durations: [BTreeMap<u32, u64>; 2],
    devices: HashMap<String, u32>,
    comments: Comments,
    responses: u64,
}

/// What is usual in an evaluation.
#[derive(Debug)]
pub struct Usual {
    dimensions: Option<Metric>,
    median_s: [Option<f64>; 2],
    devices: HashMap<String, u32>,
    comments: Comments,
    /// Responses it was gathered from.
    pub responses: u64,
}

impl Basis {
    /// Before the first response.
    pub fn empty(instrument: &Instrument) -> Self {
        Self {
            dimensions: Moments::empty(instrument.scoring().dimensions().len()),
            durations: Default::default(),
            devices: HashMap::new(),
            comments: Comments::default(),
            responses: 0,
        }
    }

    /// Adds a response.
    pub fn add(&mut self, instrument: &Instrument, seen: &Seen<'_>) {
        self.responses += 1;
        if let Some(shares) = dimension_shares(instrument, seen.answers.replies()) {
            self.dimensions.add(&shares);
        }
        if let (Some(seconds), Some(durations)) = (seen.duration_s, self.durations.get_mut(mode(seen.class))) {
            *durations.entry(seconds).or_default() += 1;
        }
        if let Some(marks) = seen.marks {
            *self.devices.entry(marks.device.clone()).or_default() += 1;
        }
        if let Some(sketch) = seen.answers.comment().and_then(Sketch::of) {
            self.comments.add(sketch);
        }
    }

    /// What is usual, after the last response.
    pub fn usual(self) -> Usual {
        Usual {
            dimensions: self.dimensions.metric(),
            median_s: self.durations.each_ref().map(quality::median),
            devices: self.devices,
            comments: self.comments,
            responses: self.responses,
        }
    }
}

impl Usual {
    /// The flags of a response that was gathered before, except those that only its arrival tells.
    pub fn flags(&self, instrument: &Instrument, seen: &Seen<'_>, from_staff_network: bool) -> Vec<Flag> {
        let replies = seen.answers.replies();
        let devices = seen.marks.and_then(|marks| self.devices.get(&marks.device)).copied();
        let devices = devices.filter(|count| *count > DEVICE_MOST);
        let sketch = seen.answers.comment().and_then(Sketch::of);
        let alike = sketch.and_then(|sketch| self.comments.alike(&sketch));
        let usual_s = self.median_s.get(mode(seen.class)).copied().flatten();
        let distance = self
            .dimensions
            .as_ref()
            .zip(dimension_shares(instrument, replies))
            .map(|(metric, shares)| (metric.distance(&shares), shares.len()));
        let evidence = Evidence {
            replies,
            code_max: Some(instrument.questionnaire().scale().max()),
            duration_s: seen.duration_s.map(f64::from),
            speed_ratio: seen
                .duration_s
                .zip(usual_s.filter(|s| *s > 0.0))
                .map(|(seconds, usual)| f64::from(seconds) / usual),
            mahalanobis: distance,
            duplicate: devices.is_some() || alike.is_some(),
        };
        let mut flags = flag::of(&evidence, instrument.method().flags());
        let mut raise = |rule, value, threshold| flags.push(Flag { rule, value, threshold });
        if let Some(count) = devices {
            raise(Rule::DupDevice, f64::from(count), f64::from(DEVICE_MOST));
        }
        if let Some(alike) = alike {
            raise(Rule::DupComment, alike, ALIKE_FROM);
        }
        if from_staff_network {
            raise(Rule::StaffNetwork, 1.0, 0.0);
        }
        for (option, rule) in [
            ("asked_high", Rule::AskedHigh),
            ("filled_in", Rule::FilledIn),
            ("watched", Rule::Watched),
        ] {
            if seen.answers.facts().integrity.iter().any(|chosen| chosen == option) {
                raise(rule, 1.0, 0.0);
            }
        }
        flags
    }
}

fn mode(class: EvidenceClass) -> usize {
    usize::from(class != EvidenceClass::Face)
}

/// The score of every dimension in whole units; nothing where one has none.
fn dimension_shares(instrument: &Instrument, replies: &[Reply]) -> Option<Vec<i64>> {
    let score = instrument.scheme().score(replies).ok()?;
    let dimensions = instrument.scoring().dimensions().len();
    let shares = score.facets().iter().take(dimensions);
    shares.map(|points| quality::share_units(*points)).collect()
}
