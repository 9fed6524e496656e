//! A customer's pages: landing, rating, receipt, polite ends, refusals. One request each, no script, no cookie, and
//! nothing that an engine as old as Chromium 53 does not understand.

pub(crate) mod control;
mod entry;
mod frame;
mod landing;
pub(crate) mod low_reasons;
mod message;
pub(crate) mod rating;
mod record;
#[cfg(test)]
mod tests;
mod unsubscribe;

pub use entry::entry;
pub use frame::{SURVEY_CSS, stylesheet_hash};
pub use landing::landing;
pub use message::{Trouble, ended, receipt, refusal, trouble};
pub use rating::{Halt, rating};
pub use record::{Doubt, on_record, record_entry, sealed, withdrawn};
pub use unsubscribe::{unsubscribe, unsubscribed};

use crate::survey::language::{Language, Text};
use crate::survey::questionnaire::Questionnaire;

/// Who asks whom about what.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Language of the page.
    pub language: Language,
    /// The certification body that asks.
    pub body: &'a Text,
    /// The firm that is rated.
    pub firm: &'a Text,
    /// The outlet whose code was scanned; `None` where the link belongs to no outlet.
    pub outlet: Option<&'a Text>,
    /// The questionnaire.
    pub questionnaire: &'a Questionnaire,
}

impl<'a> Scene<'a> {
    fn body(&self) -> &'a str {
        self.body.get(self.language)
    }
    fn firm(&self) -> &'a str {
        self.firm.get(self.language)
    }
    fn outlet(&self) -> Option<&'a str> {
        self.outlet.map(|outlet| outlet.get(self.language))
    }
    fn text(&self, text: &'a Text) -> &'a str {
        text.get(self.language)
    }
}
