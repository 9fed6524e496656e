//! What the office types to set up an evaluation: forms → checked values. Whatever is refused comes back as typed.

use chrono::{Months, NaiveDate};

use super::evaluation::Mode;
use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::OrganisationId;
use super::language::Text;
use super::questionnaire::Choice;

/// Outlets of one evaluation.
pub const OUTLETS_MAX: usize = 500;
/// Products of one evaluation.
const PRODUCTS_MAX: usize = 60;
/// Characters of a name or a title.
pub const NAME_MAX: usize = 120;
/// Characters of the certified scope. Together the lists stay within one form of 64 KiB, nine bytes a character.
pub const SCOPE_MAX: usize = 1000;
/// Characters of the list of products.
pub const PRODUCTS_CHARS_MAX: usize = 600;
/// Characters of one list of outlets; more are added on the outlets' own page.
pub const OUTLETS_CHARS_MAX: usize = 4000;
/// Characters of a reason, and how few say nothing.
pub const REASON_MAX: usize = 500;
const REASON_MIN: usize = 6;
/// Years that answers are kept unless somebody decides otherwise (requirements.md §8.7).
const RETENTION_YEARS: u32 = 6;
const RETENTION_YEARS_MAX: u32 = 30;
/// The most that anybody plans or counts at an outlet.
const COUNT_MAX: i64 = 100_000_000;
const TARGET_MAX: i64 = 1_000_000;

/// Whose evaluation it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organisation {
    /// One that is known.
    Known(OrganisationId),
    /// One that is not: name, unified social credit code (may be empty).
    New(Text, String),
}

/// An outlet as one line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletLine {
    /// Its name.
    pub name: Text,
    /// Customers served in the window; `None` = unknown.
    pub customers: Option<i64>,
}

/// Title, scope and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Title of the wave.
    pub title: Text,
    /// Why it is done.
    pub mode: Mode,
    /// The certified scope in words.
    pub scope: String,
    /// Products in it; empty = customers are not asked.
    pub products: Vec<Choice>,
    /// Until when answers are kept.
    pub retention_end: NaiveDate,
}

/// A new evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Whose.
    pub organisation: Organisation,
    /// Title, scope, ….
    pub settings: Settings,
    /// Its outlets.
    pub outlets: Vec<OutletLine>,
    /// Hashes of questionnaire and method.
    pub instrument: (String, String),
}

/// What an outlet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletForm {
    /// Its name.
    pub name: Text,
    /// Where it is.
    pub address: String,
    /// When it serves.
    pub hours: String,
    /// Visitors it declares, per day.
    pub visitors_per_day: Option<i64>,
    /// What the plan says about it; `None` where the plan is fixed.
    pub plan: Option<OutletPlan>,
}

/// What the plan says about an outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutletPlan {
    /// Customers served in the window; `None` = unknown.
    pub customers: Option<i64>,
    /// Planned interviews.
    pub target_face: i32,
    /// Planned electronic answers.
    pub target_electronic: i32,
}

/// The day until which answers are kept unless somebody decides otherwise.
pub fn usual_retention_end(today: NaiveDate) -> NaiveDate {
    today
        .checked_add_months(Months::new(12 * RETENTION_YEARS))
        .unwrap_or(today)
}

/// Planned interviews and electronic answers of each outlet unless somebody decides otherwise: 60 and 90 in all, spread
/// evenly, at least 5 and 8 (requirements.md §8.4: 60 valid interviews, at most 40 % of all answers in person).
pub fn usual_targets(outlets: usize) -> (i32, i32) {
    let each = |all: usize, least: usize| i32::try_from(all.div_ceil(outlets.max(1)).max(least)).unwrap_or(i32::MAX);
    (each(60, 5), each(90, 8))
}

/// Reads the form of a new evaluation. `questionnaires` and `methods` are the hashes on offer.
///
/// # Errors
/// Every field that must be corrected. Clause 1 refuses cars, special equipment and services that need a licence.
pub fn parse_setup(
    form: &RawForm,
    today: NaiveDate,
    questionnaires: &[String],
    methods: &[String],
) -> Result<Setup, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let organisation = organisation(&mut reader);
    let gate = reader.choice("gate", |answer| match answer {
        "none" => Some(true),
        "cars" | "special" | "licence" => Some(false),
        _ => None,
    });
    if gate == Some(false) {
        reader.refuse("gate", Problem::Excluded);
    }
    let settings = settings(&mut reader, today);
    let outlets = outlet_lines(&mut reader, "outlets", 0);
    let instrument = instrument(&mut reader, questionnaires, methods);
    let setup = (|| {
        Some(Setup {
            organisation: organisation?,
            settings: settings?,
            outlets,
            instrument: instrument?,
        })
    })();
    reader.done(setup)
}

/// Reads the form of a draft's title and scope.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse_settings(form: &RawForm, today: NaiveDate) -> Result<Settings, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let settings = settings(&mut reader, today);
    reader.done(settings)
}

/// Reads which questionnaire and method a draft uses, as hashes out of those on offer.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse_instrument(
    form: &RawForm,
    questionnaires: &[String],
    methods: &[String],
) -> Result<(String, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let instrument = instrument(&mut reader, questionnaires, methods);
    reader.done(instrument)
}

/// Reads outlets that are added to `present` others, one a line.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse_outlets(form: &RawForm, present: usize) -> Result<Vec<OutletLine>, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let lines = outlet_lines(&mut reader, "outlets", present);
    reader.done(Some(lines))
}

/// Reads the form of one outlet; what the plan says about it only while the plan may change.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse_outlet(form: &RawForm, with_plan: bool) -> Result<OutletForm, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let name = text(&mut reader, "name", "name_en");
    let mut target = |field: &str| {
        let number = reader.number(field, 0..=TARGET_MAX).unwrap_or_default();
        i32::try_from(number).unwrap_or(i32::MAX)
    };
    let (target_face, target_electronic) = match with_plan {
        true => (target("target_face"), target("target_electronic")),
        false => (0, 0),
    };
    let read = OutletForm {
        name,
        address: reader.line("address", NAME_MAX),
        hours: reader.line("hours", NAME_MAX),
        visitors_per_day: reader.number("visitors_per_day", 0..=COUNT_MAX),
        plan: with_plan.then(|| OutletPlan {
            customers: reader.number("customers", 0..=COUNT_MAX),
            target_face,
            target_electronic,
        }),
    };
    reader.done(Some(read))
}

/// Reads a reason.
///
/// # Errors
/// Where nothing that explains anything was typed.
pub fn parse_reason(form: &RawForm) -> Result<String, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let reason = reader.text("reason", REASON_MAX);
    if reason.is_empty() {
        reader.refuse("reason", Problem::Empty);
    } else if reason.chars().count() < REASON_MIN {
        reader.refuse("reason", Problem::TooShort);
    }
    reader.done(Some(reason))
}

/// A text of which the English form may be left out.
fn text(reader: &mut FormReader<'_>, zh: &str, en: &str) -> Text {
    let (zh, en) = (reader.required_line(zh, NAME_MAX), reader.line(en, NAME_MAX));
    let en = if en.is_empty() { zh.clone() } else { en };
    Text::new(zh, en)
}

fn organisation(reader: &mut FormReader<'_>) -> Option<Organisation> {
    if let Ok(known) = reader.form().first("organisation").parse() {
        return Some(Organisation::Known(known));
    }
    let name = text(reader, "firm", "firm_en");
    let code = reader.line("credit_code", 18).to_ascii_uppercase();
    if !code.is_empty() && !is_credit_code(&code) {
        reader.refuse("credit_code", Problem::Wrong);
    }
    Some(Organisation::New(name, code))
}

/// Whether a unified social credit code has its check character (GB 32100-2015).
fn is_credit_code(code: &str) -> bool {
    const LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Option<Vec<usize>> = code.chars().map(|letter| LETTERS.find(letter)).collect();
    let Some((check, values)) = values.as_deref().and_then(<[usize]>::split_last) else {
        return false;
    };
    let (sum, _) = values
        .iter()
        .fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    values.len() == 17 && (31 - sum % 31) % 31 == *check
}

fn settings(reader: &mut FormReader<'_>, today: NaiveDate) -> Option<Settings> {
    let title = text(reader, "title", "title_en");
    let mode = reader.choice("mode", Mode::parse);
    let scope = reader.text("scope", SCOPE_MAX);
    if scope.is_empty() {
        reader.refuse("scope", Problem::Empty);
    }
    let products = products(reader);
    let retention_end = reader.day("retention_end");
    let latest = today.checked_add_months(Months::new(12 * RETENTION_YEARS_MAX));
    match retention_end {
        Some(day) if day <= today || latest.is_some_and(|latest| day > latest) => {
            reader.refuse("retention_end", Problem::OutOfRange);
        }
        None if reader.form().first("retention_end").trim().is_empty() => {
            reader.refuse("retention_end", Problem::Empty);
        }
        _ => {}
    }
    Some(Settings {
        title,
        mode: mode?,
        scope,
        products,
        retention_end: retention_end?,
    })
}

fn instrument(reader: &mut FormReader<'_>, questionnaires: &[String], methods: &[String]) -> Option<(String, String)> {
    let mut one_of = |field: &str, offered: &[String]| {
        reader.choice(field, |hash| offered.iter().find(|known| *known == hash).cloned())
    };
    let (questionnaire, method) = (one_of("questionnaire", questionnaires), one_of("method", methods));
    Some((questionnaire?, method?))
}

/// `中文 | English`; what is left out in English is the Chinese.
fn both_languages(line: &str) -> Text {
    let (zh, en) = line.split_once(['|', '｜']).unwrap_or((line, ""));
    let (zh, en) = (zh.trim(), en.trim());
    Text::new(zh, if en.is_empty() { zh } else { en })
}

fn products(reader: &mut FormReader<'_>) -> Vec<Choice> {
    let lines = reader.text("products", PRODUCTS_CHARS_MAX);
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let products: Vec<Choice> = lines
        .zip(1..)
        .map(|(line, number)| Choice {
            id: format!("p{number}"),
            text: both_languages(line),
        })
        .collect();
    if products.len() > PRODUCTS_MAX {
        reader.refuse("products", Problem::OutOfRange);
    }
    products
}

fn outlet_lines(reader: &mut FormReader<'_>, field: &str, present: usize) -> Vec<OutletLine> {
    let text = reader.text(field, OUTLETS_CHARS_MAX);
    let lines: Vec<OutletLine> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(outlet_line)
        .collect();
    let zh = |line: &OutletLine| line.name.get(super::language::Language::ZhCn).to_owned();
    let mut names: Vec<String> = lines.iter().map(zh).collect();
    names.sort_unstable();
    names.dedup();
    if lines.is_empty() {
        reader.refuse(field, Problem::Empty);
    } else if names.iter().any(String::is_empty) {
        reader.refuse(field, Problem::Wrong);
    } else if names.len() < lines.len() {
        reader.refuse(field, Problem::Taken);
    } else if lines.len() + present > OUTLETS_MAX {
        reader.refuse(field, Problem::OutOfRange);
    } else if names.iter().any(|name| name.chars().count() > NAME_MAX) {
        reader.refuse(field, Problem::TooLong);
    }
    lines
}

/// A name, and after the last tab or comma how many customers it served, as copied from a spreadsheet.
fn outlet_line(line: &str) -> OutletLine {
    let split = line.rsplit_once(['\t', ',', '，']);
    let counted = split.and_then(|(name, number)| {
        let customers: i64 = number.trim().parse().ok()?;
        (0..=COUNT_MAX).contains(&customers).then_some((name, customers))
    });
    match counted {
        Some((name, customers)) => OutletLine {
            name: both_languages(name),
            customers: Some(customers),
        },
        None => OutletLine {
            name: both_languages(line),
            customers: None,
        },
    }
}
