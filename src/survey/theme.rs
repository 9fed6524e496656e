//! What comments are about: fixed themes, versioned, and those that an evaluation adds.

use std::collections::BTreeSet;

use super::form::{FieldError, FormReader, Problem, RawForm};

/// Version of the fixed themes; it stands in every event.
pub const THEMES_VERSION: &str = "1.0.0";
/// Themes of one comment.
pub const THEMES_MAX: usize = 4;
/// Themes that an evaluation may add.
pub const OWN_MAX: usize = 12;
/// Characters of an added theme's name.
pub const NAME_MAX: usize = 20;

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
    pub(super) fn read(reader: &mut FormReader<'_>, own: &[u8]) -> Option<Self> {
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
}
