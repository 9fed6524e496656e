//! How an interview went, as a reviewer reads it: where it came from, the device's clock, time for each question, place.

use crate::survey::paradata::{ClockOffset, Course, Source};
use crate::survey::questionnaire::Questionnaire;
use crate::view::interview::clock;
use crate::view::words::Words;

/// A rating that was in sight for less is hardly read aloud, ms.
const HASTY_MS: u32 = 2_000;

/// The facts that were noted.
pub(super) fn went(words: Words, questionnaire: &Questionnaire, course: &Course) -> Vec<(String, String)> {
    let source = match course.source {
        Source::Online => words.t("supervise-source-online"),
        Source::Device => words.t("supervise-source-device"),
        Source::Paper => words.t("supervise-source-paper"),
    };
    let mut facts = vec![(words.t("supervise-source"), source)];
    if let Some(offset) = course.clock.map(ClockOffset::worst) {
        facts.push((words.t("uploads-clock"), clock(words, offset)));
    }
    let times = course.in_sight_ms(|name| questionnaire.items().iter().any(|item| item.id == name));
    if let Some(median) = times.get(times.len() / 2) {
        let values = [
            ("n", times.len().into()),
            ("median", format!("{:.1}", f64::from(*median) / 1_000.0).into()),
            ("hasty", times.iter().filter(|ms| **ms < HASTY_MS).count().into()),
            ("bound", (HASTY_MS / 1_000).into()),
        ];
        facts.push((words.t("supervise-pace"), words.tn("supervise-pace-text", &values)));
        facts.push((words.t("supervise-changed"), course.changed().to_string()));
    }
    if let Some(place) = course.location {
        let degrees = |hundredths: i32| format!("{:.2}", f64::from(hundredths) / 100.0);
        let values = [
            ("latitude", degrees(place.latitude_centideg).into()),
            ("longitude", degrees(place.longitude_centideg).into()),
        ];
        facts.push((words.t("uploads-location"), words.tn("supervise-location", &values)));
    }
    facts
}
