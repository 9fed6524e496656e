//! How an interview went: what the page measured, what the evaluator noted about the surroundings, what the device's clock
//! said. A text of fixed form, stored beside the interview and bound by the hash in its event.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::form::RawForm;
use super::interview::Answered;

/// Hidden control with what the page measured.
pub const PARADATA: &str = "paradata";
/// Hidden control with the coarse location.
pub const LOCATION: &str = "location";
/// Box by which the customer agrees to the coarse location.
pub const LOCATION_CONSENT: &str = "location_consent";
/// Hidden control with the sealed telephone number.
pub const PHONE: &str = "phone_sealed";
/// Box by which the customer agrees to be called.
pub const PHONE_CONSENT: &str = "phone_consent";

const VERSION: u8 = 1;
/// Entries of a list; a page has about fifty steps.
const ENTRIES_MAX: usize = 100;
const NAME_MAX: usize = 40;
/// A clock that is off by more is pointed out.
pub const CLOCK_TOLERANCE_MS: i64 = 5 * 60_000;

/// What the page measured. Nobody types it: a text of another form is as good as none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    v: u8,
    /// First control of a step and how long it was in sight, ms.
    shown: Vec<(String, u32)>,
    /// Control and how often its answer was changed after the first time.
    edits: Vec<(String, u32)>,
}

/// Where the interview came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Sent by the page itself.
    Online,
    /// Uploaded from a device's queue.
    Device,
    /// Entered from a paper form.
    Paper,
}

/// Offset of a device's clock, server minus device, ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// When the device last asked before the interview; `None` where it never did.
    pub before: Option<i64>,
    /// When the interview was uploaded.
    pub upload: i64,
}

impl ClockOffset {
    /// The larger of the two.
    pub fn worst(self) -> i64 {
        let before = self.before.unwrap_or_default();
        if before.saturating_abs() > self.upload.saturating_abs() {
            before
        } else {
            self.upload
        }
    }
    /// Turns a moment of the device into one of the server: by the offset known when it was noted.
    pub fn correct(self, device_ms: i64) -> i64 {
        device_ms.saturating_add(self.before.unwrap_or(self.upload))
    }
}

/// A place rounded to a hundredth of a degree, about a kilometre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoarseLocation {
    /// Latitude in hundredths of a degree.
    pub latitude_centideg: i32,
    /// Longitude in hundredths of a degree.
    pub longitude_centideg: i32,
}

impl CoarseLocation {
    /// Reads `latitude,longitude` in degrees; the box must be ticked. Rounds again, whatever the page sent.
    pub fn of(form: &RawForm) -> Option<Self> {
        if !form.has(LOCATION_CONSENT, "yes") {
            return None;
        }
        let (latitude, longitude) = form.first(LOCATION).split_once(',')?;
        Some(Self {
            latitude_centideg: centidegrees(latitude, 90)?,
            longitude_centideg: centidegrees(longitude, 180)?,
        })
    }
}

fn centidegrees(text: &str, bound: i32) -> Option<i32> {
    let degrees: f64 = text.parse().ok().filter(|degrees: &f64| degrees.is_finite())?;
    // Bounded just above, so the cast cannot lose anything.
    (degrees.abs() <= f64::from(bound)).then(|| (degrees * 100.0).round() as i32)
}

/// How an interview went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paradata {
    v: u8,
    source: Source,
    started_at_ms: i64,
    ended_at_ms: i64,
    clock: Option<ClockOffset>,
    measured: Option<Measured>,
    selection_no: u32,
    place: &'static str,
    staff_within_earshot: bool,
    others_present: bool,
    location: Option<CoarseLocation>,
}

impl Paradata {
    /// Of an interview from `started_at_ms` to `ended_at_ms` (Unix ms, server time). `asks_location`: the evaluation asks
    /// for the coarse location. `clock`: `None` for what the page itself sent.
    pub fn of(
        answered: &Answered,
        form: &RawForm,
        (started_at_ms, ended_at_ms): (i64, i64),
        asks_location: bool,
        clock: Option<ClockOffset>,
    ) -> Self {
        let measured: Option<Measured> = serde_json::from_str(form.first(PARADATA)).ok();
        Self {
            v: VERSION,
            source: match clock {
                None if answered.protocol.paper.is_some() => Source::Paper,
                None => Source::Online,
                Some(_) => Source::Device,
            },
            started_at_ms,
            ended_at_ms,
            clock,
            measured: measured.filter(Measured::is_sound),
            selection_no: answered.contact_no.get(),
            place: answered.place.as_str(),
            staff_within_earshot: answered.protocol.staff_within_earshot,
            others_present: answered.protocol.others_present,
            location: if asks_location { CoarseLocation::of(form) } else { None },
        }
    }

    /// Its text and the SHA-256 of it, hexadecimal.
    ///
    /// # Errors
    /// What the library reports; plain values always succeed.
    pub fn text(&self) -> Result<(String, String), serde_json::Error> {
        let text = serde_json::to_string(self)?;
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        Ok((text, hash))
    }
}

/// What of it a reviewer looks at besides the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Course {
    /// Where it came from.
    pub source: Source,
    /// What the device's clock said; `None` for what the page itself sent.
    pub clock: Option<ClockOffset>,
    /// The coarse location.
    pub location: Option<CoarseLocation>,
    measured: Option<Measured>,
}

impl Course {
    /// Of a stored text.
    ///
    /// # Errors
    /// Of another form than [`Paradata::text`] writes.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// How long each of these questions was in sight, ms, shortest first; nothing where the page measured nothing.
    pub fn in_sight_ms(&self, is_asked: impl Fn(&str) -> bool) -> Vec<u32> {
        let shown = self.measured.iter().flat_map(|measured| &measured.shown);
        let mut times: Vec<u32> = shown.filter(|(name, _)| is_asked(name)).map(|(_, ms)| *ms).collect();
        times.sort_unstable();
        times
    }

    /// Answers that were changed after the first time.
    pub fn changed(&self) -> usize {
        self.measured.as_ref().map_or(0, |measured| measured.edits.len())
    }
}

impl Measured {
    fn is_sound(&self) -> bool {
        let lists = [&self.shown, &self.edits];
        let plain = |name: &str| name.len() <= NAME_MAX && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        self.v == VERSION
            && lists
                .iter()
                .all(|list| list.len() <= ENTRIES_MAX && list.iter().all(|(name, _)| plain(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> RawForm {
        RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
    }

    #[test]
    fn a_location_needs_the_customers_word_and_is_never_finer_than_a_kilometre() {
        let exact = [(LOCATION, "31.230416,121.473701"), (LOCATION_CONSENT, "yes")];
        let found = CoarseLocation::of(&form(&exact)).unwrap();
        assert_eq!((found.latitude_centideg, found.longitude_centideg), (3123, 12147));
        assert_eq!(CoarseLocation::of(&form(&exact[..1])), None);
        for nowhere in ["", "31", "91,0", "0,181", "NaN,0", "inf,0", "1,2,3"] {
            assert_eq!(
                CoarseLocation::of(&form(&[(LOCATION, nowhere), (LOCATION_CONSENT, "yes")])),
                None,
                "{nowhere}"
            );
        }
    }

    #[test]
    fn what_a_page_did_not_measure_is_not_kept() {
        let sound = |text: &str| serde_json::from_str(text).is_ok_and(|m: Measured| m.is_sound());
        assert!(sound(r#"{"v":1,"shown":[["age18",1200]],"edits":[["F01",2]]}"#));
        for other in [
            r#"{"v":2,"shown":[],"edits":[]}"#,
            r#"{"v":1,"shown":[["<b>",1]],"edits":[]}"#,
            r#"{"v":1,"shown":[],"edits":[],"name":"x"}"#,
            r#"{"v":1,"shown":[["a",-1]],"edits":[]}"#,
            "",
        ] {
            assert!(!sound(other), "{other}");
        }
    }

    #[test]
    fn what_reviewers_look_at_is_read_back_from_the_stored_text() {
        let stored = Paradata {
            v: VERSION,
            source: Source::Device,
            started_at_ms: 1,
            ended_at_ms: 2,
            clock: Some(ClockOffset {
                before: None,
                upload: 7,
            }),
            measured: serde_json::from_str(
                r#"{"v":1,"shown":[["consent",9],["F01",1200],["F02",800]],"edits":[["F01",2]]}"#,
            )
            .unwrap(),
            selection_no: 3,
            place: "outside",
            staff_within_earshot: false,
            others_present: true,
            location: CoarseLocation::of(&form(&[(LOCATION, "31.2,121.5"), (LOCATION_CONSENT, "yes")])),
        };
        let read = Course::read(&stored.text().unwrap().0).unwrap();
        assert_eq!(
            (read.source, read.clock, read.location),
            (stored.source, stored.clock, stored.location)
        );
        assert_eq!(
            (read.in_sight_ms(|name| name.starts_with('F')), read.changed()),
            (vec![800, 1200], 1)
        );
        let nothing = Paradata {
            measured: None,
            ..stored
        };
        let read = Course::read(&nothing.text().unwrap().0).unwrap();
        assert_eq!((read.in_sight_ms(|_| true), read.changed()), (Vec::new(), 0));
    }

    #[test]
    fn a_clock_is_corrected_by_what_was_known_at_the_time() {
        let jumped = ClockOffset {
            before: Some(3_600_000),
            upload: 5,
        };
        assert_eq!((jumped.correct(10), jumped.worst()), (3_600_010, 3_600_000));
        let unknown = ClockOffset {
            before: None,
            upload: -400_000,
        };
        assert_eq!((unknown.correct(400_001), unknown.worst()), (1, -400_000));
    }
}
