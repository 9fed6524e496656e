//! What becomes of a customer's comment before anybody outside the evaluation reads it: somebody reads it, gives it themes,
//! and clears it as it is, clears it with pieces taken out, or withholds it. What it reports of safety or privacy goes to those
//! who score.
//!
//! Source: requirements.md §8.1 (comments cleared of identifiers), §10 part 12; security.md T6.

use std::collections::BTreeSet;

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::ResponseId;
use super::identifying::{GAP, identifiers, only_takes_away};
use super::theme::Themes;

/// Characters of a note about an incident.
pub const NOTE_MAX: usize = 300;
/// Characters of a cleared text; a gap may be longer than what it stands for.
pub const TEXT_MAX: usize = 600;
/// Comments that are cleared together.
pub const TOGETHER_MAX: usize = 50;

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
