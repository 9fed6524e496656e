//! What every office-side page shares: its stylesheet, head, who is signed in, the stages of an evaluation, forms.

pub mod form;
mod interrupted;
mod rail;

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::words::Words;
use crate::access::{Role, RoleSet, Viewer};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::EvaluationId;
use crate::survey::language::{Language, Text};

pub use interrupted::{Interruption, interrupted};
pub use rail::Room;

const OFFICE_CSS: &str = include_str!("../../../static/office.css");

static STYLESHEET_NAME: LazyLock<String> = LazyLock::new(|| hashed_name("office", "css", OFFICE_CSS));

/// A file's name with the beginning of its text's hash in it: whoever keeps the file never keeps an old one.
pub(super) fn hashed_name(stem: &str, ending: &str, text: impl AsRef<[u8]>) -> String {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text));
    format!("{stem}-{}.{ending}", hash.get(..12).unwrap_or(&hash))
}

/// Name and text of the stylesheet of office pages, which load it from `/static/<name>`. The name carries the text's
/// hash, so the file may be kept for ever.
pub fn office_stylesheet() -> (&'static str, &'static str) {
    (&STYLESHEET_NAME, OFFICE_CSS)
}

/// For whom an office page is made, and where they are.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Language of the page.
    pub language: Language,
    /// Who is signed in; nobody on the pages around signing in.
    pub viewer: Option<Viewer>,
    /// What every form of this session carries.
    pub csrf: String,
    /// The evaluation the page belongs to, and the page's place in it.
    pub here: Option<(Here, Room)>,
}

/// An evaluation as the frame around its pages shows it.
#[derive(Debug, Clone)]
pub struct Here {
    /// Its id.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Title of the wave.
    pub title: Text,
    /// State.
    pub state: EvaluationState,
    /// What the viewer is in it.
    pub roles: RoleSet,
}

impl Desk {
    /// The texts of the page.
    pub fn words(&self) -> Words {
        Words::new(self.language)
    }
}

/// The frame around every office page.
pub(super) struct Frame {
    pub words: Words,
    pub title: String,
    pub css: &'static str,
    pub home: String,
    pub other_tag: &'static str,
    pub other_name: String,
    pub viewer: Option<String>,
    pub csrf: String,
    pub crumb: Option<String>,
    pub rail: Vec<rail::Stage>,
}

impl Frame {
    /// The frame of a page that is for everybody.
    pub fn new(language: Language, title: &str) -> Self {
        let words = Words::new(language);
        Self {
            words,
            title: words.tn("office-title", &[("page", title.into())]),
            css: office_stylesheet().0,
            home: in_language("/", language),
            other_tag: language.other().tag(),
            other_name: Words::new(language.other()).t("language-name"),
            viewer: None,
            csrf: String::new(),
            crumb: None,
            rail: Vec::new(),
        }
    }

    /// The frame of a page for this person at this place.
    pub fn at(desk: &Desk, title: &str) -> Self {
        let here = desk.here.as_ref();
        let frame = Self::new(desk.language, title);
        Self {
            // Who is signed in has chosen a language for good.
            home: match desk.viewer {
                Some(_) => "/".to_owned(),
                None => frame.home,
            },
            viewer: desk.viewer.as_ref().map(|viewer| viewer.name.clone()),
            csrf: desk.csrf.clone(),
            crumb: here.map(|(here, _)| {
                let (firm, title) = (here.firm.get(desk.language), here.title.get(desk.language));
                format!("{firm} › {title}")
            }),
            rail: here
                .map(|(here, room)| rail::of(desk.words(), here, *room))
                .unwrap_or_default(),
            ..frame
        }
    }
}

/// An address of ours without query, in this language; Chinese is what one gets without asking.
pub(super) fn in_language(path: &str, language: Language) -> String {
    match language {
        Language::ZhCn => path.to_owned(),
        Language::En => format!("{path}?lang={}", language.tag()),
    }
}

/// The words for a state.
pub(super) fn state_name(words: Words, state: EvaluationState) -> String {
    match state {
        EvaluationState::Draft => words.t("state-draft"),
        EvaluationState::Frozen => words.t("state-frozen"),
        EvaluationState::Open => words.t("state-open"),
        EvaluationState::Closed => words.t("state-closed"),
        EvaluationState::Sealed => words.t("state-sealed"),
        EvaluationState::Released => words.t("state-released"),
    }
}

/// The words for a role.
pub(super) fn role_name(words: Words, role: Role) -> String {
    match role {
        Role::Administrator => words.t("role-administrator"),
        Role::Manager => words.t("role-manager"),
        Role::Reviewer => words.t("role-reviewer"),
        Role::Signatory => words.t("role-signatory"),
        Role::Evaluator => words.t("role-evaluator"),
        Role::Auditor => words.t("role-auditor"),
        Role::Organisation => words.t("role-organisation"),
    }
}

/// The words for several roles in one line.
pub(super) fn role_names(words: Words, roles: RoleSet) -> String {
    let names: Vec<String> = roles.iter().map(|role| role_name(words, role)).collect();
    names.join(&words.t("list-separator"))
}

/// The words for a star.
pub(super) fn star_name(words: Words, star: u8) -> String {
    words.tn("star-name", &[("n", star.into())])
}

/// Day and minute of a moment (Unix ms) in China Standard Time.
pub(super) fn moment(at_ms: i64) -> String {
    const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;
    let local = chrono::DateTime::from_timestamp_millis(at_ms.saturating_add(CHINA_OFFSET_MS)).unwrap_or_default();
    local.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_chinese_ones() {
        assert_eq!(moment(1_774_999_800_000), "2026-04-01 07:30");
    }

    #[test]
    fn the_stylesheet_changes_its_name_with_its_text() {
        let (name, text) = office_stylesheet();
        assert!(name.starts_with("office-") && name.ends_with(".css") && name.len() == 23);
        assert!(text.contains("@media print") && text.lines().count() < 400);
    }
}
