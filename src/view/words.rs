//! The one mechanism for every text users see: Fluent messages in `locales/<language>/*.ftl`, embedded at compile
//! time. The questionnaire's own wording comes from the questionnaire, never from here.

use std::collections::HashMap;

use fluent_templates::StaticLoader;
use fluent_templates::fluent_bundle::FluentValue;
use unic_langid::{LanguageIdentifier, langid};

use crate::survey::language::Language;

/// The generated loader checks the files when it is first used; a test reads every message of every language.
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod embedded {
    fluent_templates::static_loader! {
        pub(super) static LOCALES = {
            locales: "./locales",
            fallback_language: "zh-CN",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }
}

const ZH_CN: LanguageIdentifier = langid!("zh-CN");
const EN: LanguageIdentifier = langid!("en");

/// A value filled into a message; `into()` makes one of a text or a whole number.
pub type Value<'a> = FluentValue<'a>;

/// The messages in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(Language);

impl Words {
    /// The messages in a language.
    pub fn new(language: Language) -> Self {
        Self(language)
    }

    /// The language.
    pub fn language(self) -> Language {
        self.0
    }

    /// The language's tag, for `lang` attributes.
    pub fn tag(self) -> &'static str {
        self.0.tag()
    }

    /// A message without values.
    pub fn t(self, key: &str) -> String {
        self.find(key, None)
    }

    /// A message with its values, e.g. `tn("rating-length", &[("n", 8.into())])`.
    pub fn tn(self, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
        self.find(key, Some(&values.iter().cloned().collect()))
    }

    fn find(self, key: &str, values: Option<&HashMap<&'static str, Value<'_>>>) -> String {
        let loader: &StaticLoader = &embedded::LOCALES;
        let language = match self.0 {
            Language::ZhCn => &ZH_CN,
            Language::En => &EN,
        };
        // A test finds every key that could be missing here.
        loader
            .lookup_single_language(language, key, values)
            .unwrap_or_else(|_| key.to_owned())
    }
}
