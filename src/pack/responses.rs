//! Rows of responses.csv: columns by name in any order, every field checked where it is read.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::{PackError, quote};
use super::frame::{Frame, PackItem, Places};
use super::low_reasons::LowReasons;
use super::record::{Cursor, End, Malformed};
use crate::statistics::class::EvidenceClass;
use crate::statistics::study::{NOT_APPLICABLE, NOT_SHOWN, SKIPPED};
use crate::survey::questionnaire::{Questionnaire, ServiceSet};

pub(super) const FILE: &str = "responses.csv";
/// Columns with a meaning of their own; `services` may be missing.
const FIXED: [&str; 7] = [
    "resp_id",
    "org",
    "outlet",
    "channel",
    "duration_s",
    "status",
    "services",
];
const SERVICES: usize = 6;
/// Longest `resp_id`, in bytes.
const ID_BYTES_MAX: usize = 200;

/// Whether a column name is taken.
pub(super) fn is_fixed(name: &str) -> bool {
    FIXED.contains(&name)
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Nothing,
    Id,
    Organisation,
    Outlet,
    Channel,
    Duration,
    Status,
    Services,
    LowReasons,
    Level(usize),
    Item(usize, u8),
}

/// One response.
pub(super) struct Row<'a> {
    /// Where it begins in its piece.
    pub offset: usize,
    pub id: &'a [u8],
    pub organisation: usize,
    pub outlet: usize,
    pub class: EvidenceClass,
    /// Seconds; nothing when the field is empty.
    pub duration_s: Option<u32>,
    /// The level of every margin variable of the organisation.
    pub levels: &'a [usize],
    /// Per item a rating, [`NOT_APPLICABLE`], [`SKIPPED`] or [`NOT_SHOWN`].
    pub codes: &'a [u8],
    /// Reasons for low ratings: places of codes.
    pub low_reasons: &'a [usize],
}

/// An error in a piece of the file.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Lines of the piece before the record.
    pub lines_before: u64,
    pub column: String,
    pub problem: String,
}

/// How to read the rows of a pack.
pub(super) struct Reader<'a> {
    columns: Vec<Use>,
    names: Vec<String>,
    frame: &'a Frame,
    items: usize,
    conditions: Option<&'a Questionnaire>,
    low_reasons: Option<&'a LowReasons>,
}

impl<'a> Reader<'a> {
    /// Reads the header, the first record of the file, and gives what follows it and how many lines it took.
    pub fn new<'b>(
        beginning: &'b [u8],
        items: &[PackItem],
        frame: &'a Frame,
        (questionnaire, low_reasons): (Option<&'a Questionnaire>, Option<&'a LowReasons>),
    ) -> Result<(Self, &'b [u8], u64), PackError> {
        let broken = |e: Malformed| PackError::at(FILE, 1, "", e.0);
        let mut cursor = Cursor::new(beginning.strip_prefix("\u{feff}".as_bytes()).unwrap_or(beginning));
        let mut names = Vec::new();
        loop {
            let (name, end) = cursor.field().map_err(broken)?;
            names.push(String::from_utf8(name.into_owned()).map_err(|_| PackError::at(FILE, 1, "", "not UTF-8"))?);
            if end == End::Record {
                break;
            }
        }
        let mut uses: HashMap<&str, Use> = HashMap::new();
        let fixed = [
            Use::Id,
            Use::Organisation,
            Use::Outlet,
            Use::Channel,
            Use::Duration,
            Use::Status,
            Use::Services,
        ];
        uses.extend(low_reasons.map(|known| (known.column.as_str(), Use::LowReasons)));
        uses.extend(FIXED.into_iter().zip(fixed));
        uses.extend(
            frame
                .variables
                .iter()
                .enumerate()
                .map(|(place, name)| (name.as_str(), Use::Level(place))),
        );
        for (place, item) in items.iter().enumerate() {
            if uses.insert(&item.name, Use::Item(place, item.max)).is_some() {
                let problem = format!("{} is an item and another column", quote(item.name.as_bytes()));
                return Err(PackError::of("items.csv", problem));
            }
        }
        let columns: Vec<Use> = names
            .iter()
            .map(|name| uses.get(name.as_str()).copied().unwrap_or(Use::Nothing))
            .collect();
        let needed = FIXED.iter().take(SERVICES).copied();
        let named = frame
            .variables
            .iter()
            .chain(items.iter().map(|item| &item.name))
            .map(String::as_str);
        for name in needed.chain(named) {
            match names.iter().filter(|found| *found == name).count() {
                1 => {}
                0 => return Err(PackError::at(FILE, 1, name, "this column is missing")),
                _ => return Err(PackError::at(FILE, 1, name, "this column is there twice")),
            }
        }
        // What was shown follows from the services used and the questionnaire, where the pack has both.
        let conditions = questionnaire.filter(|_| columns.contains(&Use::Services));
        let rest = cursor.rest();
        let lines =
            memchr::memchr_iter(b'\n', beginning.get(..beginning.len() - rest.len()).unwrap_or_default()).count();
        let reader = Self {
            columns,
            names,
            frame,
            items: items.len(),
            conditions,
            low_reasons,
        };
        Ok((reader, rest, lines as u64))
    }

    /// Reads every row of a piece of whole records; gives the number of its lines.
    pub fn read(&self, piece: &[u8], mut each: impl FnMut(&Row<'_>)) -> Result<u64, Wrong> {
        let line = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as u64;
        if let Err(error) = std::str::from_utf8(piece) {
            return Err(Wrong {
                lines_before: line(piece.get(..error.valid_up_to()).unwrap_or_default()),
                column: String::new(),
                problem: "not UTF-8".into(),
            });
        }
        let mut cursor = Cursor::new(piece);
        let mut draft = Draft::new(self.items, self.frame.variables.len());
        while !cursor.rest().is_empty() {
            if cursor.skip_empty_line() {
                continue;
            }
            let start = piece.len() - cursor.rest().len();
            let read = self
                .record(&mut cursor, &mut draft)
                .and_then(|()| self.check(start, &mut draft, &mut each));
            if let Err((column, problem)) = read {
                let name = column.and_then(|place| self.names.get(place));
                return Err(Wrong {
                    lines_before: line(piece.get(..start).unwrap_or_default()),
                    column: name.cloned().unwrap_or_default(),
                    problem,
                });
            }
        }
        Ok(line(piece))
    }

    fn record<'b>(&self, cursor: &mut Cursor<'b>, draft: &mut Draft<'b>) -> Result<(), (Option<usize>, String)> {
        let last = self.columns.len() - 1;
        for (place, column) in self.columns.iter().enumerate() {
            if let Use::Item(item, max) = column
                && place < last
                && let Some(answer) = cursor.answer()
            {
                let code = answer.unwrap_or(SKIPPED);
                if answer.is_some_and(|code| code > *max) {
                    return Err((Some(place), expected_code(&[b'0' + code], *max)));
                }
                draft.put_code(*item, code);
                continue;
            }
            let (field, end) = cursor.field().map_err(|e| (Some(place), e.0.to_owned()))?;
            draft.put(*column, field).map_err(|problem| (Some(place), problem))?;
            if (end == End::Record) != (place == last) {
                let found = if end == End::Record { "fewer" } else { "more" };
                return Err((None, format!("{found} fields than the {} of the header", last + 1)));
            }
        }
        Ok(())
    }

    /// Looks up what the fields name, and hands the row over.
    fn check(
        &self,
        offset: usize,
        draft: &mut Draft<'_>,
        each: &mut impl FnMut(&Row<'_>),
    ) -> Result<(), (Option<usize>, String)> {
        let at = |used: Use| self.columns.iter().position(|column| *column == used);
        let places = self.frame.places.get(draft.organisation.as_ref()).ok_or_else(|| {
            let problem = format!(
                "unknown organisation {}; expected one of outlets.csv",
                quote(&draft.organisation)
            );
            (at(Use::Organisation), problem)
        })?;
        let outlet = *places.outlets.get(draft.outlet.as_ref()).ok_or_else(|| {
            let (outlet, firm) = (quote(&draft.outlet), quote(&draft.organisation));
            (
                at(Use::Outlet),
                format!("unknown outlet {outlet} of {firm}; expected one of outlets.csv"),
            )
        })?;
        draft
            .find_levels(places)
            .map_err(|(variable, problem)| (at(Use::Level(variable)), problem))?;
        if let Some(questionnaire) = self.conditions {
            let services = services(questionnaire, &draft.services).map_err(|problem| (at(Use::Services), problem))?;
            for (code, item) in draft.codes.iter_mut().zip(questionnaire.items()) {
                if *code == SKIPPED && !item.applies(services) {
                    *code = NOT_SHOWN;
                }
            }
        }
        if let Some(known) = self.low_reasons {
            let read = known.read(&draft.named_reasons, &draft.codes, &mut draft.low_reasons);
            read.map_err(|problem| (at(Use::LowReasons), problem))?;
        }
        each(&Row {
            offset,
            id: &draft.id,
            organisation: places.organisation,
            outlet,
            class: draft.class,
            duration_s: draft.duration_s,
            levels: &draft.levels,
            codes: &draft.codes,
            low_reasons: &draft.low_reasons,
        });
        Ok(())
    }
}

/// The fields of a record before they are looked up. Borrowed from the piece, except where a quote had to be undoubled.
struct Draft<'b> {
    id: Cow<'b, [u8]>,
    organisation: Cow<'b, [u8]>,
    outlet: Cow<'b, [u8]>,
    services: Cow<'b, [u8]>,
    named_reasons: Cow<'b, [u8]>,
    named_levels: Vec<Cow<'b, [u8]>>,
    class: EvidenceClass,
    duration_s: Option<u32>,
    levels: Vec<usize>,
    codes: Vec<u8>,
    low_reasons: Vec<usize>,
}

impl<'b> Draft<'b> {
    fn new(items: usize, variables: usize) -> Self {
        let empty = Cow::Borrowed(&b""[..]);
        Self {
            id: empty.clone(),
            organisation: empty.clone(),
            outlet: empty.clone(),
            services: empty.clone(),
            named_reasons: empty.clone(),
            named_levels: vec![empty; variables],
            class: EvidenceClass::Face,
            duration_s: None,
            levels: Vec::with_capacity(variables),
            codes: vec![SKIPPED; items],
            low_reasons: Vec::new(),
        }
    }

    #[inline]
    fn put_code(&mut self, item: usize, code: u8) {
        if let Some(place) = self.codes.get_mut(item) {
            *place = code;
        }
    }

    fn put(&mut self, column: Use, field: Cow<'b, [u8]>) -> Result<(), String> {
        match column {
            Use::Nothing => {}
            Use::Id if field.is_empty() => return Err("empty; expected a name".into()),
            Use::Id if field.len() > ID_BYTES_MAX => return Err(format!("longer than {ID_BYTES_MAX} bytes")),
            Use::Id => self.id = field,
            Use::Organisation => self.organisation = field,
            Use::Outlet => self.outlet = field,
            Use::Services => self.services = field,
            Use::LowReasons => self.named_reasons = field,
            Use::Level(variable) => {
                if let Some(place) = self.named_levels.get_mut(variable) {
                    *place = field;
                }
            }
            Use::Channel => {
                self.class = match &*field {
                    b"face" => EvidenceClass::Face,
                    b"email" => EvidenceClass::Invited,
                    b"qr" => EvidenceClass::Open,
                    other => return Err(format!("{}; expected face, email or qr", quote(other))),
                }
            }
            Use::Status if !matches!(&*field, b"I" | b"P") => {
                return Err(format!("{}; expected I or P", quote(&field)));
            }
            Use::Status => {}
            Use::Duration if field.is_empty() => self.duration_s = None,
            Use::Duration => {
                let seconds = number(&field).ok_or_else(|| format!("{}; expected whole seconds", quote(&field)))?;
                self.duration_s = Some(seconds);
            }
            Use::Item(item, _) if field.is_empty() => self.put_code(item, SKIPPED),
            Use::Item(item, max) => {
                let code = number(&field)
                    .and_then(|code| u8::try_from(code).ok())
                    .filter(|code| *code <= max);
                self.put_code(item, code.ok_or_else(|| expected_code(&field, max))?);
            }
        }
        Ok(())
    }

    fn find_levels(&mut self, places: &Places) -> Result<(), (usize, String)> {
        self.levels.clear();
        for (variable, levels) in &places.margins {
            let name = self.named_levels.get(*variable).map(AsRef::as_ref).unwrap_or_default();
            let level = levels.get(name).ok_or_else(|| {
                let firm = quote(&self.organisation);
                (
                    *variable,
                    format!("level {} is not in margins.csv for {firm}", quote(name)),
                )
            })?;
            self.levels.push(*level);
        }
        Ok(())
    }
}

fn expected_code(found: &[u8], max: u8) -> String {
    format!(
        "{}; expected 1..{max}, {NOT_APPLICABLE} for not applicable, or nothing",
        quote(found)
    )
}

/// Decimal digits of a number below 2^32.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    let step = |sum: u64, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0'));
    digits.iter().try_fold(0, step).and_then(|sum| u32::try_from(sum).ok())
}

fn services(questionnaire: &Questionnaire, field: &[u8]) -> Result<ServiceSet, String> {
    let options = &questionnaire.screening().service_options;
    let mut set = ServiceSet::default();
    for name in field.split(|byte| *byte == b'+').filter(|name| !name.is_empty()) {
        let place = options.iter().position(|option| option.id.as_bytes() == name);
        set = set.with(place.ok_or_else(|| format!("unknown service {}", quote(name)))?);
    }
    Ok(set)
}
