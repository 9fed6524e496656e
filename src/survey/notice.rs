//! The privacy notice as it was shown: rendered once when fieldwork opens, kept by its version, named by every answer
//! (PIPL art. 17).

use sha2::{Digest, Sha256};

use super::language::{Language, Text};
use super::questionnaire::Questionnaire;

/// Days after which device marks and verified phone numbers are gone (requirements 8.6).
pub const SHORT_RETENTION_DAYS: u32 = 30;

/// A notice with all names filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// First 16 hexadecimal digits of the SHA-256 of both texts.
    pub version: String,
    /// The text.
    pub text: Text,
}

impl Notice {
    /// Fills in the questionnaire's notice.
    pub fn render(questionnaire: &Questionnaire, body: &Text, contact: &str, retention_end: &str) -> Self {
        let same = |text: &str| Text::new(text, text);
        let text = questionnaire.texts().notice.fill(&[
            ("body", body),
            ("contact", &same(contact)),
            ("days", &same(&SHORT_RETENTION_DAYS.to_string())),
            ("retention_end", &same(retention_end)),
        ]);
        Self {
            version: Self::version_of(&text),
            text,
        }
    }

    fn version_of(text: &Text) -> String {
        let mut hash = Sha256::new();
        for language in Language::ALL {
            hash.update((text.get(language).len() as u64).to_be_bytes());
            hash.update(text.get(language).as_bytes());
        }
        data_encoding::HEXLOWER
            .encode(&hash.finalize())
            .chars()
            .take(16)
            .collect()
    }
}
