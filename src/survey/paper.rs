//! Interviews taken down on paper and entered later: what the form itself tells about when and why.

use chrono::{NaiveDate, NaiveTime};

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::questionnaire::Questionnaire;

/// The day on the form.
pub const DAY: &str = "paper_day";
/// When it began, `HH:MM`.
pub const START: &str = "paper_start";
/// When it ended, `HH:MM`.
pub const END: &str = "paper_end";
/// Why paper was used.
pub const REASON: &str = "paper_reason";
/// Characters of a form's number.
pub const NUMBER_MAX: usize = 20;
/// Characters of the reason.
pub const REASON_MAX: usize = 200;
/// Days within which a form is entered.
const LATE_DAYS_MAX: i64 = 60;
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// What stands on a paper form besides the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Number of the form, used once in an evaluation.
    pub form_no: String,
    /// When the interview began, Unix ms, to the minute.
    pub started_at_ms: i64,
    /// When it ended, Unix ms, to the minute; not before the start.
    pub ended_at_ms: i64,
    /// Why paper was used.
    pub reason: String,
}

/// That and when a form was entered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entered {
    /// Why paper was used.
    pub reason: String,
    /// When it was entered, Unix ms.
    pub at_ms: i64,
}

impl Paper {
    /// Reads what the evaluator typed off the form; an interview lies neither ahead nor more than 60 days back.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(questionnaire: &Questionnaire, form: &RawForm, now_ms: i64) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let form_no = reader.required_line(&questionnaire.in_person().paper_form_no.id, NUMBER_MAX);
        if form.first(DAY).trim().is_empty() {
            reader.refuse(DAY, Problem::Empty);
        }
        let day = reader.day(DAY);
        let started_at_ms = moment(&mut reader, START, day);
        let ended_at_ms = moment(&mut reader, END, day);
        if started_at_ms.is_some_and(|at_ms| at_ms < now_ms - LATE_DAYS_MAX * DAY_MS) {
            reader.refuse(DAY, Problem::OutOfRange);
        }
        match (started_at_ms, ended_at_ms) {
            (Some(start), _) if start > now_ms => reader.refuse(DAY, Problem::InFuture),
            (_, Some(end)) if end > now_ms => reader.refuse(END, Problem::InFuture),
            (Some(start), Some(end)) if end < start => reader.refuse(END, Problem::OutOfRange),
            _ => {}
        }
        let reason = reader.required_line(REASON, REASON_MAX);
        let read = started_at_ms.zip(ended_at_ms).map(|(started_at_ms, ended_at_ms)| Self {
            form_no,
            started_at_ms,
            ended_at_ms,
            reason,
        });
        reader.done(read)
    }
}

/// A time of a day in China as Unix ms.
fn moment(reader: &mut FormReader<'_>, name: &str, day: Option<NaiveDate>) -> Option<i64> {
    let typed = reader.required_line(name, 8).replace('：', ":");
    if typed.is_empty() {
        return None;
    }
    let time = NaiveTime::parse_from_str(&typed, "%H:%M").ok();
    if time.is_none() {
        reader.refuse(name, Problem::NotATime);
    }
    Some(day?.and_time(time?).and_utc().timestamp_millis() - CHINA_OFFSET_MS)
}
