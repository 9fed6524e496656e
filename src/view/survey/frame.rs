//! What every customer page shares: head, stylesheet, who asks, the way to the other language.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::Scene;
use crate::survey::language::Language;
use crate::view::words::Words;

/// The stylesheet of customer pages: the exact bytes inside their one `<style>`.
pub const SURVEY_CSS: &str = include_str!("../../../static/survey.css");

static STYLESHEET_HASH: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", data_encoding::BASE64.encode(&Sha256::digest(SURVEY_CSS))));

/// The source that lets [`SURVEY_CSS`] through a Content-Security-Policy: `'sha256-…'`, quotes included.
pub fn stylesheet_hash() -> &'static str {
    &STYLESHEET_HASH
}

/// The frame around every customer page.
pub(super) struct Frame {
    pub words: Words,
    pub title: String,
    pub sender: String,
    pub switch: Option<Switch>,
    pub css: Stylesheet,
}

/// [`SURVEY_CSS`] inside a template. It is a constant of the program, so it needs no escaping.
pub(super) struct Stylesheet;

impl std::fmt::Display for Stylesheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(SURVEY_CSS)
    }
}

impl askama::FastWritable for Stylesheet {
    fn write_into(&self, to: &mut dyn std::fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(to.write_str(SURVEY_CSS)?)
    }
}

impl askama::filters::HtmlSafe for Stylesheet {}

/// The link to the same page in the other language.
pub(super) struct Switch {
    pub href: String,
    pub tag: &'static str,
    pub name: String,
}

impl Frame {
    /// The frame of a page that belongs to a survey.
    pub fn of(scene: &Scene<'_>, title: &str, other_language_href: Option<&str>) -> Self {
        let words = Words::new(scene.language);
        Self {
            sender: words.tn("survey-sender", &[("body", scene.body().into())]),
            title: words.tn(
                "survey-title",
                &[
                    ("page", title.into()),
                    ("survey", scene.questionnaire.title().get(scene.language).into()),
                ],
            ),
            ..Self::plain(scene.language, title, other_language_href)
        }
    }

    /// The frame of a page that belongs to no survey in particular.
    pub fn plain(language: Language, title: &str, other_language_href: Option<&str>) -> Self {
        let words = Words::new(language);
        let switch = other_language_href.map(|href| Switch {
            href: href.to_owned(),
            tag: language.other().tag(),
            name: Words::new(language.other()).t("language-name"),
        });
        Self {
            words,
            title: title.to_owned(),
            sender: words.t("survey-sender-plain"),
            switch,
            css: Stylesheet,
        }
    }
}
