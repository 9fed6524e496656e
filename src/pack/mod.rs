//! Evidence packs: a folder or .zip with the responses of one or several organisations, from which every figure can be computed
//! again.
//!
//! In the order of the data: [`Pack::open`] reads and checks the small files (`frame`, `manifest`); [`Pack::studies`] streams
//! responses.csv over all cores (`chunk` → `record` → `responses` → `scan`) into one
//! [`crate::statistics::study::Study`] an organisation; [`Pack::quality`] measures every response; [`mod@write`] makes
//! a pack of an evaluation. Whatever is wrong is reported as [`PackError`]: file, line, column, what was expected.

mod cases;
mod chunk;
mod error;
mod frame;
mod identity;
mod low_reasons;
mod manifest;
mod part;
mod place;
mod quality;
mod record;
mod responses;
pub mod sampling;
mod scan;
mod scoring;
mod shuffle;
mod source;
mod table;
pub mod write;

use std::path::Path;
use std::sync::Arc;

pub use error::PackError;
pub use frame::{Organisation, PackItem};
pub use manifest::{VerifyError, Vouched, verify};
pub use quality::ResponseQuality;

use crate::statistics;
use crate::statistics::study::{Scoring, Study};
use crate::survey::method::Method;
use crate::survey::questionnaire::Questionnaire;
use frame::Frame;
use low_reasons::LowReasons;
use source::Source;

/// Told how many more bytes of responses were read.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// A checked pack whose responses have not been read yet.
pub struct Pack {
    source: Source,
    items: Vec<PackItem>,
    frame: Frame,
    questionnaire: Option<Questionnaire>,
    low_reasons: Option<LowReasons>,
    method: Option<Method>,
    scoring: Arc<Scoring>,
    dimensions: usize,
    /// The highest code, where it is the same for all items.
    code_max: Option<u8>,
}

impl Pack {
    /// Opens a pack; `method` replaces its method.json.
    ///
    /// # Errors
    /// [`PackError`] for whatever is missing, unreadable, out of range, or not as manifest.json says.
    pub fn open(path: &Path, method: Option<&Path>) -> Result<Self, PackError> {
        let source = Source::open(path)?;
        manifest::check(&source)?;
        let items = frame::items(&source)?;
        let frame = frame::frame(&source)?;
        let questionnaire = match source.read(scoring::QUESTIONNAIRE)? {
            Some(bytes) => {
                let read = Questionnaire::from_json(&bytes);
                Some(read.map_err(|e| PackError::of(scoring::QUESTIONNAIRE, e.to_string()))?)
            }
            None => None,
        };
        let method = scoring::method(&source, method)?;
        let (scoring, dimensions) = scoring::scoring(&items, questionnaire.as_ref(), method.as_ref())?;
        let first = items.first().map(|item| item.max);
        let code_max = first.filter(|max| items.iter().all(|item| item.max == *max));
        Ok(Self {
            source,
            items,
            frame,
            low_reasons: questionnaire.as_ref().and_then(LowReasons::of),
            questionnaire,
            method,
            scoring: Arc::new(scoring),
            dimensions,
            code_max,
        })
    }

    /// The organisations, in the order of outlets.csv.
    pub fn organisations(&self) -> &[Organisation] {
        &self.frame.organisations
    }
    /// The method of the pack or the one given instead; nothing = the defaults of a pack without one.
    pub fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }
    /// How answers become figures.
    pub fn statistical(&self) -> statistics::method::Method {
        let chosen = self.method.as_ref().map(|method| method.statistical().clone());
        chosen.unwrap_or_default()
    }
    /// Items and facets with their names.
    pub fn scoring(&self) -> &Scoring {
        &self.scoring
    }
    /// The questionnaire, where the pack has it.
    pub fn questionnaire(&self) -> Option<&Questionnaire> {
        self.questionnaire.as_ref()
    }
    /// Size of responses.csv in bytes, once for progress.
    ///
    /// # Errors
    /// [`PackError`] when it cannot be opened.
    pub fn response_bytes(&self) -> Result<u64, PackError> {
        Ok(self.source.stream(responses::FILE, |_, bytes| Ok(bytes))?.unwrap_or(0))
    }

    /// Reads every response: one study an organisation, in their order. Memory does not grow with the responses but for eight
    /// bytes each, by which repeated ids are found.
    ///
    /// # Errors
    /// [`PackError`] for the first thing wrong in the file; then for a repeated `resp_id`; then for an outlet with more
    /// in-person responses than customers.
    pub fn studies(&self, progress: Progress<'_>) -> Result<Vec<Study>, PackError> {
        Ok(self.scan(false, progress)?.studies)
    }
}
