//! Estimates recomputed from a pack: the contracted CSV rows, and JSON.

use serde_json::{Value as Json, json};

use super::number::significant;
use crate::statistics::analysis::Analysis;
use crate::statistics::exact;
use crate::statistics::groups::{self, Value};
use crate::statistics::outcome::{Outcome, OutcomeCounts};

/// One organisation's estimates.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// Its name.
    pub organisation: String,
    /// What its responses give.
    pub analysis: Analysis,
    /// Its cases: in person, invited; nothing without a list of cases.
    pub cases: Option<[OutcomeCounts; 2]>,
}

/// Names of the two channels with cases.
const CHANNELS: [&str; 2] = ["aapor_face", "aapor_email"];

/// `org,group,stat,value`: floats with 17 significant digits, undefined values as `NA`.
///
/// # Errors
/// [`csv::Error`]; writing into memory does not fail.
pub fn csv(all: &[Estimates]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["org", "group", "stat", "value"])?;
    for one in all {
        for row in groups::rows(&one.analysis) {
            let value = match row.value {
                Value::Integer(number) => number.to_string(),
                Value::Float(number) => significant(number),
                Value::Undefined => "NA".into(),
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
    }
    writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// `{"results": [{"org": …, …}]}`.
///
/// # Errors
/// [`serde_json::Error`] when a figure cannot be written, which no finite figure is.
pub fn json(all: &[Estimates]) -> Result<Json, serde_json::Error> {
    let mut results = Vec::new();
    for one in all {
        let mut result = serde_json::to_value(&one.analysis)?;
        let cases = one
            .cases
            .as_ref()
            .map(|[face, invited]| json!({"face": outcomes(face), "invited": outcomes(invited)}));
        if let Some(fields) = result.as_object_mut() {
            fields.insert("org".into(), one.organisation.clone().into());
            fields.insert("counts".into(), counts(&one.analysis));
            fields.insert("outcomes".into(), cases.into());
        }
        results.push(result);
    }
    Ok(json!({"schema": "perception-estimates-1", "program_version": env!("CARGO_PKG_VERSION"), "results": results}))
}

/// The exact sums by column.
fn counts(analysis: &Analysis) -> Json {
    let columns = analysis.tallies.iter().map(|(column, tally)| {
        let sums = &tally.sums;
        let value = json!({"n": sums.n, "scored": sums.scored, "obtained": sums.a, "available": sums.b});
        (column.as_str().to_owned(), value)
    });
    Json::Object(columns.collect())
}

fn outcomes(counts: &OutcomeCounts) -> Json {
    let numbers = Outcome::ALL.map(|outcome| (outcome.as_str().to_owned(), Json::from(counts.get(outcome))));
    let rates = rates(counts).into_iter().map(|(name, value)| (name, value.into()));
    json!({"cases": Json::Object(numbers.into_iter().collect()), "rates": Json::Object(rates.collect())})
}

fn rates(counts: &OutcomeCounts) -> Vec<(String, Option<f64>)> {
    let eligibility = ("e".to_owned(), counts.eligibility().map(|ratio| exact::to_f64(&ratio)));
    let rates = counts.rates(None).into_iter();
    let float =
        |(name, ratio): (_, Option<exact::Ratio>)| (format!("{name}"), ratio.map(|ratio| exact::to_f64(&ratio)));
    std::iter::once(eligibility)
        .chain(rates.map(|(name, ratio): (crate::statistics::outcome::RateName, _)| float((name, ratio))))
        .collect()
}
