//! What every office-side page shares: its stylesheet, head, way home, way to the other language.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::words::Words;
use crate::survey::evaluation::EvaluationState;
use crate::survey::language::Language;

const OFFICE_CSS: &str = include_str!("../../static/office.css");

static STYLESHEET_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash: String = data_encoding::HEXLOWER
        .encode(&Sha256::digest(OFFICE_CSS))
        .chars()
        .take(12)
        .collect();
    format!("office-{hash}.css")
});

/// Name and text of the stylesheet of office pages, which load it from `/static/<name>`. The name carries the text's
/// hash, so the file may be kept for ever.
pub fn office_stylesheet() -> (&'static str, &'static str) {
    (&STYLESHEET_NAME, OFFICE_CSS)
}

/// The frame around every office page.
pub(super) struct Frame {
    pub words: Words,
    pub title: String,
    pub css: &'static str,
    pub home: String,
    pub other_tag: &'static str,
    pub other_name: String,
}

impl Frame {
    /// The frame of a page.
    pub fn new(language: Language, title: &str) -> Self {
        let words = Words::new(language);
        Self {
            words,
            title: words.tn("office-title", &[("page", title.into())]),
            css: office_stylesheet().0,
            home: in_language("/", language),
            other_tag: language.other().tag(),
            other_name: Words::new(language.other()).t("language-name"),
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
