//! What becomes of a customer's comment before anybody outside the evaluation reads it: somebody reads it, gives it themes,
//! and clears it as it is, clears it with pieces taken out, or withholds it. What it reports of safety or privacy goes to those
//! who score.
//!
//! Source: requirements.md §8.1 (comments cleared of identifiers), §10 part 12; security.md T6.

use std::collections::BTreeSet;

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::ResponseId;
use super::identifying::{GAP, identifiers, only_takes_away};

/// Version of the fixed themes; it stands in every event.
pub const THEMES_VERSION: &str = "1.0.0";
/// Themes of one comment.
pub const THEMES_MAX: usize = 4;
/// Themes that an evaluation may add.
pub const OWN_MAX: usize = 12;
/// Characters of an added theme's name.
pub const NAME_MAX: usize = 20;
/// Characters of a note about an incident.
pub const NOTE_MAX: usize = 300;
/// Characters of a cleared text; a gap may be longer than what it stands for.
pub const TEXT_MAX: usize = 600;
/// Comments that are cleared together.
pub const TOGETHER_MAX: usize = 50;

/// What a comment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Theme {
    /// How one was treated.
    Attitude,
    /// Skill of who did the work.
    Skill,
    /// How long it took.
    Speed,
    /// Whether appointments were kept.
    Punctuality,
    /// Whether it was repaired or installed well.
    Workmanship,
    /// Prices and fees.
    Charges,
    /// Spare parts.
    Parts,
    /// Explanation and guidance.
    Guidance,
    /// Hotline and being reached.
    Contact,
    /// The place and its surroundings.
    Premises,
    /// How complaints were handled.
    Complaints,
    /// Safety.
    Safety,
    /// Personal information.
    Privacy,
    /// The product itself.
    Product,
    /// The survey.
    Survey,
    /// Something else.
    Other,
    /// One that the evaluation added, by its number.
    Own(u8),
}

impl Theme {
    /// The fixed ones.
    pub const FIXED: [(Theme, &'static str); 16] = [
        (Theme::Attitude, "attitude"),
        (Theme::Skill, "skill"),
        (Theme::Speed, "speed"),
        (Theme::Punctuality, "punctuality"),
        (Theme::Workmanship, "workmanship"),
        (Theme::Charges, "charges"),
        (Theme::Parts, "parts"),
        (Theme::Guidance, "guidance"),
        (Theme::Contact, "contact"),
        (Theme::Premises, "premises"),
        (Theme::Complaints, "complaints"),
        (Theme::Safety, "safety"),
        (Theme::Privacy, "privacy"),
        (Theme::Product, "product"),
        (Theme::Survey, "survey"),
        (Theme::Other, "other"),
    ];

    /// Name in forms, files and the database.
    pub fn code(self) -> String {
        match self {
            Theme::Own(number) => format!("own-{number}"),
            fixed => Self::FIXED
                .iter()
                .find(|(theme, _)| *theme == fixed)
                .map_or_else(String::new, |(_, code)| (*code).to_owned()),
        }
    }

    /// The theme of a code.
    pub fn parse(code: &str) -> Option<Self> {
        match code.strip_prefix("own-") {
            Some(number) => number.parse().ok().map(Theme::Own),
            None => Self::FIXED
                .iter()
                .find(|(_, known)| *known == code)
                .map(|(theme, _)| *theme),
        }
    }
}

/// The themes of a comment: at least one, at most [`THEMES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Themes(BTreeSet<Theme>);

impl Themes {
    /// From codes joined by commas, as the database holds them.
    pub fn parse(codes: &str) -> Option<Self> {
        let themes: Option<BTreeSet<Theme>> = codes.split(',').map(Theme::parse).collect();
        themes
            .filter(|themes| (1..=THEMES_MAX).contains(&themes.len()))
            .map(Self)
    }

    /// Codes joined by commas.
    pub fn codes(&self) -> String {
        let codes: Vec<String> = self.iter().map(Theme::code).collect();
        codes.join(",")
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = Theme> {
        self.0.iter().copied()
    }

    /// The ticked ones, of those that there are.
    fn read(reader: &mut FormReader<'_>, own: &[u8]) -> Option<Self> {
        let known = |theme: &Theme| !matches!(theme, Theme::Own(number) if !own.contains(number));
        let ticked: Option<BTreeSet<Theme>> = reader
            .form()
            .all("theme")
            .map(|code| Theme::parse(code).filter(known))
            .collect();
        match ticked {
            Some(themes) if themes.is_empty() => reader.refuse("theme", Problem::Missing),
            Some(themes) if themes.len() > THEMES_MAX => reader.refuse("theme", Problem::OutOfRange),
            Some(themes) => return Some(Self(themes)),
            None => reader.refuse("theme", Problem::NotAChoice),
        }
        None
    }
}

/// Whether a comment may leave, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearance {
    /// As it is: nothing in it identifies anybody.
    Cleared(String),
    /// With pieces taken out.
    Redacted(String),
    /// Not at all.
    Withheld,
}

/// The names of [`Clearance`], and of what is not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nobody has read it.
    Unread,
    /// Cleared as it is.
    Cleared,
    /// Cleared with pieces taken out.
    Redacted,
    /// Withheld.
    Withheld,
}

impl Status {
    /// Every one.
    pub const ALL: [Status; 4] = [Status::Unread, Status::Cleared, Status::Redacted, Status::Withheld];

    /// Name in forms, files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Unread => "unread",
            Status::Cleared => "cleared",
            Status::Redacted => "redacted",
            Status::Withheld => "withheld",
        }
    }

    /// The status of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    fn decided(name: &str) -> Option<Self> {
        Self::parse(name).filter(|status| *status != Status::Unread)
    }
}

impl Clearance {
    /// Its name.
    pub fn status(&self) -> Status {
        match self {
            Clearance::Cleared(_) => Status::Cleared,
            Clearance::Redacted(_) => Status::Redacted,
            Clearance::Withheld => Status::Withheld,
        }
    }

    /// What may leave.
    pub fn text(&self) -> Option<&str> {
        match self {
            Clearance::Cleared(text) | Clearance::Redacted(text) => Some(text),
            Clearance::Withheld => None,
        }
    }

    /// From its name and text, as the database holds them.
    pub fn of(status: &str, text: Option<String>) -> Option<Self> {
        match (Status::parse(status)?, text) {
            (Status::Cleared, Some(text)) => Some(Clearance::Cleared(text)),
            (Status::Redacted, Some(text)) => Some(Clearance::Redacted(text)),
            (Status::Withheld, None) => Some(Clearance::Withheld),
            _ => None,
        }
    }
}

/// What an answer reports that those who score must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Somebody was or might be hurt.
    Safety,
    /// Personal information was misused.
    Privacy,
}

impl Concern {
    /// Name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Concern::Safety => "safety",
            Concern::Privacy => "privacy",
        }
    }

    /// The concern of a name; `none` and anything else is none.
    pub fn parse(name: &str) -> Option<Self> {
        [Concern::Safety, Concern::Privacy]
            .into_iter()
            .find(|one| one.as_str() == name)
    }
}

/// An incident as somebody reports it: what kind, if any, and a note without names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incident {
    /// Which kind; nothing takes an earlier one back.
    pub concern: Option<Concern>,
    /// In words.
    pub note: String,
}

impl Incident {
    /// Reads the two fields of a form. A note is needed where no cleared text tells what happened; it names nobody.
    pub fn read(reader: &mut FormReader<'_>, has_text: bool) -> Option<Self> {
        let concern = reader.choice("incident", |name| match name {
            "none" => Some(None),
            other => Concern::parse(other).map(Some),
        });
        let note = reader.line("note", NOTE_MAX);
        if concern.flatten().is_some() && note.is_empty() && !has_text {
            reader.refuse("note", Problem::Empty);
        }
        if !identifiers(&note).is_empty() && !reader.is_ticked("sure") {
            reader.refuse("note", Problem::Identifying);
        }
        concern.map(|concern| Incident { concern, note })
    }
}

/// What somebody decides about one comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Whether it leaves, and as what.
    pub clearance: Clearance,
    /// What it is about.
    pub themes: Themes,
    /// What it reports.
    pub incident: Incident,
}

impl Ruling {
    /// Reads the form about a comment with this text; `own` are the numbers of added themes.
    ///
    /// # Errors
    /// Every field that must be corrected: a redaction that adds anything, a text in which something still looks like an
    /// identifier unless somebody says that it is none.
    pub fn parse(form: &RawForm, original: &str, own: &[u8]) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let status = reader.choice("status", Status::decided);
        let typed = with_gaps(&reader.text("text", TEXT_MAX));
        let clearance = match status {
            Some(Status::Cleared) => Some(Clearance::Cleared(original.to_owned())),
            Some(Status::Redacted) => {
                if typed == original {
                    reader.refuse("text", Problem::NothingChanged);
                } else if !only_takes_away(original, &typed) {
                    reader.refuse("text", Problem::NotRedacted);
                }
                Some(Clearance::Redacted(typed))
            }
            Some(Status::Withheld) => Some(Clearance::Withheld),
            _ => None,
        };
        let text = clearance.as_ref().and_then(Clearance::text);
        if text.is_some_and(|text| !identifiers(text).is_empty()) && !reader.is_ticked("sure") {
            reader.refuse("sure", Problem::Identifying);
        }
        let has_text = text.is_some();
        let themes = Themes::read(&mut reader, own);
        let incident = Incident::read(&mut reader, has_text);
        let ruling = clearance
            .zip(themes)
            .zip(incident)
            .map(|((clearance, themes), incident)| Self {
                clearance,
                themes,
                incident,
            });
        reader.done(ruling)
    }
}

/// Gaps as people type them.
fn with_gaps(text: &str) -> String {
    ["[…]", "[...]", "［...］", "［……］", "[……]", "【…】", "【...】"]
        .into_iter()
        .fold(text.to_owned(), |text, typed| text.replace(typed, GAP))
}

/// One decision about several comments at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// Which.
    pub comments: Vec<ResponseId>,
    /// Cleared as they are, or withheld.
    pub is_cleared: bool,
    /// What they are about.
    pub themes: Themes,
}

impl Together {
    /// Reads the form below the list.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm, own: &[u8]) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let ids: Result<BTreeSet<ResponseId>, _> = form.all("comment").map(str::parse).collect();
        let comments: Vec<ResponseId> = match ids {
            Ok(ids) => ids.into_iter().collect(),
            Err(_) => Vec::new(),
        };
        if comments.is_empty() {
            reader.refuse("comment", Problem::Missing);
        }
        if comments.len() > TOGETHER_MAX {
            reader.refuse("comment", Problem::OutOfRange);
        }
        let is_cleared = reader.choice("status", |name| match Status::decided(name)? {
            Status::Cleared => Some(true),
            Status::Withheld => Some(false),
            Status::Unread | Status::Redacted => None,
        });
        let themes = Themes::read(&mut reader, own);
        let together = is_cleared.zip(themes).map(|(is_cleared, themes)| Self {
            comments,
            is_cleared,
            themes,
        });
        reader.done(together)
    }
}

/// The name of a theme that somebody adds.
///
/// # Errors
/// The field that must be corrected.
pub fn own_theme(form: &RawForm) -> Result<String, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let name = reader.required_line("name", NAME_MAX);
    reader.done(Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> RawForm {
        RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
    }

    fn wrong(pairs: &[(&str, &str)]) -> Vec<(String, Problem)> {
        let errors = Ruling::parse(&form(pairs), "请打13800138000，师傅很好", &[1]).unwrap_err();
        errors.into_iter().map(|error| (error.field, error.problem)).collect()
    }

    const PLAIN: [(&str, &str); 2] = [("theme", "attitude"), ("incident", "none")];

    #[test]
    fn themes_lead_back_from_their_codes() {
        for (theme, code) in Theme::FIXED {
            assert_eq!((Theme::parse(code), theme.code().as_str()), (Some(theme), code));
        }
        let themes = Themes::parse("own-3,attitude").unwrap();
        assert_eq!(themes.codes(), "attitude,own-3");
        for codes in ["", "nothing", "attitude,attitude,x", "attitude,skill,speed,parts,other"] {
            assert_eq!(Themes::parse(codes), None, "{codes}");
        }
    }

    #[test]
    fn what_looks_like_an_identifier_leaves_only_when_somebody_says_that_it_is_none() {
        let cleared = [PLAIN[0], PLAIN[1], ("status", "cleared")];
        assert_eq!(wrong(&cleared), [("sure".into(), Problem::Identifying)]);
        let sure = [&cleared[..], &[("sure", "yes")]].concat();
        assert!(Ruling::parse(&form(&sure), "请打13800138000", &[]).is_ok());
        let redacted = [
            PLAIN[0],
            PLAIN[1],
            ("status", "redacted"),
            ("text", "请打[…]，师傅很好"),
        ];
        let ruling = Ruling::parse(&form(&redacted), "请打13800138000，师傅很好", &[]).unwrap();
        assert_eq!(ruling.clearance, Clearance::Redacted("请打［…］，师傅很好".into()));
        let embellished = [PLAIN[0], PLAIN[1], ("status", "redacted"), ("text", "［…］师傅非常好")];
        assert_eq!(wrong(&embellished), [("text".into(), Problem::NotRedacted)]);
    }

    #[test]
    fn every_field_is_named_at_once() {
        let told = wrong(&[("theme", "own-2"), ("incident", "safety"), ("status", "unread")]);
        let fields: Vec<&str> = told.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["status", "theme", "note"]);
        let told = wrong(&[
            ("theme", "own-1"),
            ("incident", "privacy"),
            ("status", "withheld"),
            ("note", "李师傅打来推销"),
        ]);
        assert_eq!(told, [("note".into(), Problem::Identifying)]);
    }
}
