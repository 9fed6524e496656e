//! Personal links for whoever sends them out: UTF-8 with BOM, CRLF, every cell quoted, no cell a formula.

use super::csv::{harmless, sheet};
use crate::survey::language::{Language, Text};

/// One row per link.
///
/// # Errors
/// [`csv::Error`]; writing into memory does not fail.
pub fn encode(outlet: &Text, urls: &[String]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = sheet();
    writer.write_record(["outlet_zh", "outlet_en", "url"])?;
    let [zh, en] = Language::ALL.map(|language| harmless(outlet.get(language)));
    for url in urls {
        writer.write_record([&zh, &en, &harmless(url)])?;
    }
    writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}
