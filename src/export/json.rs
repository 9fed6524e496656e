//! The one result object as JSON: what results.json of pages and packs and `perception estimate --format json` hold, figure
//! by figure the same. Cells say whether they are published, suppressed or undefined; percentages are cut, never rounded up.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::statistics::class::EvidenceClass;
use crate::statistics::exact;
use crate::statistics::outcome::{Outcome, OutcomeCounts, RateName};
use crate::statistics::result::SurveyResult;
use crate::statistics::study::Scoring;
use crate::survey::id::OutletId;
use crate::survey::language::{Language, Text};
use crate::survey::method::Method;
use crate::survey::questionnaire::Questionnaire;
use crate::survey::report::Report;

/// Name and version of the form.
const SCHEMA: &str = "perception-result-1";

/// What a disposition code means in a class.
pub type Meaning<'a> = &'a dyn Fn(&str, EvidenceClass) -> Option<Outcome>;

/// What the rows of a result are called.
pub struct Labels<'a> {
    /// The organisation's or evaluation's id.
    pub organisation: &'a str,
    /// The questionnaire, where known.
    pub questionnaire: Option<&'a Questionnaire>,
    /// The method; nothing: the defaults of a pack without one.
    pub method: Option<&'a Method>,
    /// Names of items and facets.
    pub scoring: &'a Scoring,
    /// Ids of the outlets, by their index.
    pub outlets: &'a [String],
    /// Meaning of disposition codes; nothing: contacts were not recorded.
    pub meaning: Option<Meaning<'a>>,
}

/// The report of an evaluation as one JSON document: the result object, and under `evaluation` what only the office knows.
///
/// # Errors
/// [`serde_json::Error`] when a figure cannot be written, which no finite figure is.
pub fn encode(report: &Report) -> Result<String, serde_json::Error> {
    Ok(document(report)?.1)
}

/// Result id and document of a report.
///
/// # Errors
/// As [`encode`].
pub fn document(report: &Report) -> Result<(String, String), serde_json::Error> {
    let questionnaire = report.instrument.questionnaire();
    let outlets: Vec<String> = report.outlets.iter().map(|outlet| outlet.id.to_string()).collect();
    let meaning = |code: &str, class| questionnaire.outcome(code, class);
    let labels = Labels {
        organisation: &report.evaluation.to_string(),
        questionnaire: Some(questionnaire),
        method: Some(report.instrument.method()),
        scoring: report.instrument.scoring(),
        outlets: &outlets,
        meaning: Some(&meaning),
    };
    let mut document = object(&report.result, &labels)?;
    let outlet = |id: OutletId, name: &Text| json!({"id": id.to_string(), "name": text(name)});
    let about = json!({
        "id": report.evaluation.to_string(),
        "organisation": text(&report.firm),
        "title": text(&report.title),
        "state": report.state.as_str(),
        "interim": report.interim.is_some(),
        "notice_version": report.notice_version,
        "outlets": report.outlets.iter().map(|known| outlet(known.id, &known.name)).collect::<Vec<_>>(),
    });
    let id = document.get("result_id").and_then(Value::as_str).unwrap_or_default();
    let id = id.to_owned();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("evaluation".into(), about);
    }
    Ok((id, serde_json::to_string_pretty(&document)?))
}

/// The result object. Its `result_id` is the SHA-256 of all the rest of it, keys in alphabetical order and without spaces:
/// inputs (as a hash of their own in the whole form), questionnaire, method, version of the program, and every figure.
///
/// # Errors
/// As [`encode`].
pub fn object(result: &SurveyResult, labels: &Labels<'_>) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(result)?;
    label(&mut document, "facets", facets(labels));
    let items = labels.scoring.items().iter().zip(labels.scoring.scheme().items());
    let items = items.enumerate().map(|(place, (id, item))| {
        let known = labels.questionnaire.and_then(|known| known.items().get(place));
        json!({"id": id, "name": known.map(|item| text(&item.text)), "weight": item.weight})
    });
    label(&mut document, "items", items.collect());
    if let Some(outlets) = document.get_mut("outlets").and_then(Value::as_array_mut) {
        for (outlet, known) in outlets.iter_mut().zip(&result.outlets) {
            if let (Some(fields), Some(id)) = (outlet.as_object_mut(), labels.outlets.get(known.outlet)) {
                fields.remove("outlet");
                fields.insert("id".into(), id.clone().into());
            }
        }
    }
    let questionnaire = labels
        .questionnaire
        .map(|known| json!({"id": known.id(), "version": known.version(), "sha256": known.hash()}));
    let method = labels
        .method
        .map(|method| json!({"name": method.name(), "sha256": method.hash()}));
    let about = json!({
        "schema": SCHEMA,
        "org": labels.organisation,
        "questionnaire": questionnaire,
        "method": method,
        "program_version": env!("CARGO_PKG_VERSION"),
        "outcomes": labels.meaning.map(|meaning| outcomes(result, meaning)),
        "analysis": result.is_whole().then(|| serde_json::to_value(result.analysis())).transpose()?,
    });
    if let (Some(fields), Value::Object(about)) = (document.as_object_mut(), about) {
        fields.extend(about);
        let id = HEXLOWER.encode(&Sha256::digest(serde_json::to_string(fields)?));
        fields.insert("result_id".into(), id.into());
    }
    Ok(document)
}

fn facets(labels: &Labels<'_>) -> Vec<Value> {
    let dimensions = labels.scoring.dimensions().len();
    let name = |(place, id): (usize, &String)| {
        let own = labels.questionnaire.and_then(|known| known.dimensions().get(place));
        let heading = labels
            .questionnaire
            .and_then(|known| known.headings().get(place.checked_sub(dimensions)?));
        match heading {
            Some(heading) => json!({"kind": "heading", "id": heading.clause, "weight": heading.marks}),
            None => json!({
                "kind": "dimension",
                "id": id,
                "name": own.map(|facet| text(&facet.text)),
                "weight": own.map(|facet| facet.weight),
            }),
        }
    };
    labels.scoring.facets().iter().enumerate().map(name).collect()
}

/// AAPOR rates of the channels with cases, as far as the numbers behind them are published.
fn outcomes(result: &SurveyResult, meaning: Meaning<'_>) -> Value {
    let channel = |class: EvidenceClass| {
        let codes = result.dispositions.get(class).published()?;
        let mut counts = OutcomeCounts::default();
        for (code, cases) in codes {
            counts.add(meaning(code, class)?, *cases);
        }
        let numbers = Outcome::ALL.map(|outcome| (outcome.as_str().to_owned(), Value::from(counts.get(outcome))));
        let rates = rates(&counts).into_iter().map(|(name, value)| (name, value.into()));
        Some(json!({
            "cases": Value::Object(numbers.into_iter().collect()),
            "rates": Value::Object(rates.collect()),
        }))
    };
    json!({"face": channel(EvidenceClass::Face), "invited": channel(EvidenceClass::Invited)})
}

/// Every rate by its name, and the share of the unknown that is taken as eligible.
pub(super) fn rates(counts: &OutcomeCounts) -> Vec<(String, Option<f64>)> {
    let float = |ratio: Option<exact::Ratio>| ratio.map(|ratio| exact::to_f64(&ratio));
    let eligibility = ("e".to_owned(), float(counts.eligibility()));
    let rates = counts.rates(None).into_iter();
    let rates = rates.map(|(name, ratio): (RateName, _)| (format!("{name}"), float(ratio)));
    std::iter::once(eligibility).chain(rates).collect()
}

fn text(text: &Text) -> Value {
    json!({"zh-CN": text.get(Language::ZhCn), "en": text.get(Language::En)})
}

/// Turns a list of rows into a list of `{…name, "scores": row}`.
fn label(document: &mut Value, list: &str, names: Vec<Value>) {
    if let Some(rows) = document.get_mut(list).and_then(Value::as_array_mut) {
        for (row, mut name) in rows.iter_mut().zip(names) {
            if let Some(fields) = name.as_object_mut() {
                fields.insert("scores".into(), row.take());
            }
            *row = name;
        }
    }
}
