//! Rows of a file → cases of the frame, or why not. Every row is counted once: a case, an error, out of scope, or there
//! already.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::column::{Field, Reading};
use super::sheet::{Row, Sheet};
use crate::survey::id::OutletId;
use crate::survey::language::{Language, Text};

/// Characters of a name, an order's number and a type of service.
const NAME_MAX: usize = 60;
const ORDER_MAX: usize = 60;
const SERVICE_MAX: usize = 40;
/// Longest mail address (RFC 5321).
const EMAIL_MAX: usize = 254;
/// Digits of a telephone number (ITU-T E.164: 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;
/// Types of service that make strata.
pub const SERVICES_MAX: usize = 20;

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wrong {
    /// Not a mail address.
    Address,
    /// A line end or another character that nobody types.
    Control,
    /// Longer than allowed.
    Long,
    /// Not a day.
    Day,
    /// A language the letters are not written in.
    Language,
}

/// A cell that must be corrected. Never holds what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// Line of the file.
    pub row: u32,
    /// Which cell.
    pub field: Field,
    /// What is wrong.
    pub wrong: Wrong,
}

/// Why a row is no case although nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Out {
    /// Nobody can be written to: a known gap of the frame.
    NoAddress,
    /// None of the evaluation's outlets.
    Outlet,
    /// Outside the period.
    Day,
    /// Staff, dealers and the like.
    Group,
    /// An address that is there already.
    SameEmail,
    /// A telephone number that is there already.
    SamePhone,
    /// An order that is there already.
    SameOrder,
}

impl Out {
    /// In the order of pages.
    pub const ALL: [Out; 7] = [
        Out::NoAddress,
        Out::Outlet,
        Out::Day,
        Out::Group,
        Out::SameEmail,
        Out::SamePhone,
        Out::SameOrder,
    ];

    /// Whether the customer is in the frame by another row.
    pub fn is_twice(self) -> bool {
        matches!(self, Out::SameEmail | Out::SamePhone | Out::SameOrder)
    }
}

/// An outlet that rows may name: by its name or its number.
#[derive(Debug, Clone)]
pub struct OutletName {
    /// Which.
    pub id: OutletId,
    /// Its number in lists, from 1.
    pub number: usize,
    /// Its name.
    pub name: Text,
}

/// A case of the frame: one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Line of the file.
    pub row: u32,
    /// Her outlet.
    pub outlet: OutletId,
    /// Outlet and, where the file tells it, type of service.
    pub stratum: String,
    /// Language of letters.
    pub language: Language,
    /// How she is reached.
    pub contact: Contact,
}

impl Case {
    /// Id in the frame: the line of the file, so that whoever holds the file can find it.
    pub fn id(&self) -> String {
        format!("R{:05}", self.row)
    }
}

/// How a customer is reached; sealed at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Mail address.
    pub email: String,
    /// Name.
    pub name: Option<String>,
    /// Telephone number, digits alone.
    pub phone: Option<String>,
    /// Number of the order.
    pub order: Option<String>,
}

/// A file, row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Rows below the header.
    pub rows: u32,
    /// Cases in the order of rows.
    pub cases: Vec<Case>,
    /// Rows with a cell that must be corrected; one each.
    pub errors: Vec<RowError>,
    /// Rows that are no case, by reason.
    pub out: BTreeMap<Out, u32>,
    /// Different types of service.
    pub services: usize,
}

impl Checked {
    /// Rows that say what another says.
    pub fn twice(&self) -> u32 {
        self.out.iter().filter(|(out, _)| out.is_twice()).map(|(_, n)| n).sum()
    }

    /// Whether what is there can be imported: somebody, and no column of a thousand different words taken for the type of
    /// service.
    pub fn is_usable(&self) -> bool {
        !self.cases.is_empty() && self.services <= SERVICES_MAX
    }

    /// Cases by stratum.
    pub fn strata(&self) -> BTreeMap<&str, u64> {
        let mut strata = BTreeMap::new();
        for case in &self.cases {
            *strata.entry(case.stratum.as_str()).or_default() += 1;
        }
        strata
    }
}

enum Verdict {
    Case(Box<Case>),
    Error(Field, Wrong),
    Out(Out),
}

/// Checks every row. `parse_address` is how the program that will write reads an address.
pub fn check(
    sheet: &Sheet,
    reading: &Reading,
    outlets: &[OutletName],
    parse_address: &dyn Fn(&str) -> Option<String>,
) -> Checked {
    let mut checked = Checked::default();
    let (mut emails, mut phones, mut orders) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut services = BTreeSet::new();
    for row in &sheet.rows {
        checked.rows += 1;
        let case = match read(row, reading, outlets, parse_address, &mut services) {
            Verdict::Case(case) => case,
            Verdict::Error(field, wrong) => {
                checked.errors.push(RowError {
                    row: row.number,
                    field,
                    wrong,
                });
                continue;
            }
            Verdict::Out(out) => {
                *checked.out.entry(out).or_default() += 1;
                continue;
            }
        };
        let email = case.contact.email.to_lowercase();
        let is_there =
            |known: &HashSet<String>, text: &Option<String>| text.as_ref().is_some_and(|t| known.contains(t));
        let twice = if emails.contains(&email) {
            Some(Out::SameEmail)
        } else if is_there(&phones, &case.contact.phone) {
            Some(Out::SamePhone)
        } else if is_there(&orders, &case.contact.order) {
            Some(Out::SameOrder)
        } else {
            None
        };
        match twice {
            Some(out) => *checked.out.entry(out).or_default() += 1,
            None => {
                emails.insert(email);
                phones.extend(case.contact.phone.clone());
                orders.extend(case.contact.order.clone());
                checked.cases.push(*case);
            }
        }
    }
    checked.services = services.len();
    checked
}

fn read(
    row: &Row,
    reading: &Reading,
    outlets: &[OutletName],
    parse_address: &dyn Fn(&str) -> Option<String>,
    services: &mut BTreeSet<String>,
) -> Verdict {
    let cell = |field: Field| {
        reading
            .columns
            .get(&field)
            .map_or("", |column| row.cell(*column))
            .trim()
    };
    for field in reading.columns.keys() {
        if cell(*field).chars().any(is_control) {
            return Verdict::Error(*field, Wrong::Control);
        }
    }
    let limits = [
        (Field::Email, EMAIL_MAX),
        (Field::Name, NAME_MAX),
        (Field::Order, ORDER_MAX),
        (Field::Service, SERVICE_MAX),
    ];
    let too_long = limits
        .into_iter()
        .find(|(field, most)| cell(*field).chars().count() > *most);
    if let Some((field, _)) = too_long {
        return Verdict::Error(field, Wrong::Long);
    }
    let language = match language(cell(Field::Language)) {
        Some(language) => language,
        None => return Verdict::Error(Field::Language, Wrong::Language),
    };
    let day = match (reading.columns.contains_key(&Field::Day), day(cell(Field::Day))) {
        (true, None) => return Verdict::Error(Field::Day, Wrong::Day),
        (_, day) => day,
    };
    if cell(Field::Email).is_empty() {
        return Verdict::Out(Out::NoAddress);
    }
    let Some(email) = parse_address(cell(Field::Email)) else {
        return Verdict::Error(Field::Email, Wrong::Address);
    };
    let Some(outlet) = outlet(cell(Field::Outlet), reading, outlets) else {
        return Verdict::Out(Out::Outlet);
    };
    if day.is_some_and(|day| day < reading.from || day > reading.until) {
        return Verdict::Out(Out::Day);
    }
    let group = cell(Field::Group).to_lowercase();
    if reading.excluded.iter().any(|word| group.contains(word)) {
        return Verdict::Out(Out::Group);
    }
    let service = cell(Field::Service);
    let stratum = match service {
        "" => format!("{:02}", outlet.number),
        service => format!("{:02} {service}", outlet.number),
    };
    if services.len() <= SERVICES_MAX && !services.contains(service) {
        services.insert(service.to_owned());
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Verdict::Case(Box::new(Case {
        row: row.number,
        outlet: outlet.id,
        stratum,
        language,
        contact: Contact {
            email,
            name: some(cell(Field::Name)),
            phone: phone(cell(Field::Phone)),
            order: some(cell(Field::Order)),
        },
    }))
}

/// What must not stand in a letter or a header: control characters, line and paragraph separators, marks that turn the
/// direction of writing.
fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn outlet<'a>(cell: &str, reading: &Reading, outlets: &'a [OutletName]) -> Option<&'a OutletName> {
    if !reading.columns.contains_key(&Field::Outlet) {
        return match outlets {
            [only] => Some(only),
            _ => None,
        };
    }
    let is_it = |outlet: &&OutletName| {
        let mut names = Language::ALL.into_iter().map(|language| outlet.name.get(language));
        names.any(|name| name.trim().eq_ignore_ascii_case(cell)) || cell.parse() == Ok(outlet.number)
    };
    outlets.iter().find(is_it)
}

fn language(cell: &str) -> Option<Language> {
    match cell.to_lowercase().as_str() {
        "" | "zh" | "zh-cn" | "cn" | "chinese" | "中文" | "汉语" | "简体中文" => Some(Language::ZhCn),
        "en" | "en-us" | "en-gb" | "english" | "英文" | "英语" => Some(Language::En),
        _ => None,
    }
}

/// A day as lists write it: year first, parted by anything or nothing; a time after it does not count.
fn day(cell: &str) -> Option<NaiveDate> {
    let date = cell.split([' ', 'T']).next()?;
    let parts: Vec<&str> = date
        .split(['-', '/', '.', '年', '月', '日'])
        .filter(|part| !part.is_empty())
        .collect();
    let number = |text: &str| text.parse::<u32>().ok();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [all] if all.len() == 8 && all.bytes().all(|byte| byte.is_ascii_digit()) => {
            (number(all.get(..4)?)?, number(all.get(4..6)?)?, number(all.get(6..)?)?)
        }
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// The digits of a telephone number without China's prefix; `None` for anything else, since nobody is called.
fn phone(cell: &str) -> Option<String> {
    let is_mark = |letter: char| matches!(letter, ' ' | '-' | '(' | ')' | '（' | '）' | '+');
    let digits: String = cell.chars().filter(|letter| !is_mark(*letter)).collect();
    let digits = digits.strip_prefix("0086").unwrap_or(&digits);
    let digits = match digits.strip_prefix("86") {
        Some(rest) if rest.len() == 11 => rest,
        _ => digits,
    };
    let fits = PHONE_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| digits.to_owned())
}
