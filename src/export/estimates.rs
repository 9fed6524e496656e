//! Estimates recomputed from a pack: the contracted CSV rows, and JSON.

use serde_json::{Value, json};

use super::json::rates;
use super::number::significant;
use crate::statistics::analysis::Analysis;
use crate::statistics::groups::{self, Value as Number};
use crate::statistics::outcome::{Outcome, OutcomeCounts};

/// One organisation's estimates.
#[derive(Debug, Clone)]
pub struct Estimates {
    /// Its name.
    pub organisation: String,
    /// Every figure of its responses.
    pub analysis: Analysis,
    /// Its cases: in person, invited; nothing without a list of cases.
    pub cases: Option<[OutcomeCounts; 2]>,
}

/// Names of the two channels with cases.
const CHANNELS: [&str; 2] = ["aapor_face", "aapor_email"];

/// The contracted file `org,group,stat,value` of the rows of each organisation.
///
/// # Errors
/// [`csv::Error`]; writing into memory does not fail.
pub fn csv(organisations: &[Vec<u8>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["org", "group", "stat", "value"])?;
    let head = writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok([head, organisations.concat()].concat())
}

/// One organisation's rows: floats with 17 significant digits, undefined values as `NA`.
///
/// # Errors
/// [`csv::Error`]; writing into memory does not fail.
pub fn rows(one: &Estimates) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in groups::rows(&one.analysis) {
        let value = match row.value {
            Number::Integer(number) => number.to_string(),
            Number::Float(number) => significant(number),
            Number::Undefined => "NA".into(),
        };
        writer.write_record([&one.organisation, &row.group, &row.stat, &value])?;
    }
    for (group, counts) in CHANNELS.into_iter().zip(one.cases.iter().flatten()) {
        for outcome in Outcome::ALL {
            let (stat, value) = (format!("n_{}", outcome.as_str()), counts.get(outcome).to_string());
            writer.write_record([one.organisation.as_str(), group, &stat, &value])?;
        }
        for (stat, value) in rates(counts) {
            let value = value.map_or_else(|| "NA".into(), significant);
            writer.write_record([one.organisation.as_str(), group, &stat, &value])?;
        }
    }
    writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// `{"results": [object, …]}`, each the one result object of [`super::json`].
pub fn json(results: Vec<Value>) -> Value {
    json!({"schema": "perception-results-1", "program_version": env!("CARGO_PKG_VERSION"), "results": results})
}
