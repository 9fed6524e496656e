//! results.json: every figure with the names it belongs to. Cells say whether they are published, suppressed or
//! undefined; percentages are cut, never rounded up.

use serde_json::{Value, json};

use crate::survey::language::{Language, Text};
use crate::survey::report::Report;

/// The report as one JSON document.
///
/// # Errors
/// [`serde_json::Error`] when a figure cannot be written, which no finite figure is.
pub fn encode(report: &Report) -> Result<String, serde_json::Error> {
    let questionnaire = report.instrument.questionnaire();
    let method = report.instrument.method();
    let mut document = serde_json::to_value(&report.result)?;
    let names: Vec<Value> = questionnaire
        .dimensions()
        .iter()
        .map(|facet| json!({"kind": "dimension", "id": facet.id, "name": text(&facet.text), "weight": facet.weight}))
        .chain(
            questionnaire
                .headings()
                .iter()
                .map(|heading| json!({"kind": "heading", "id": heading.clause, "weight": heading.marks})),
        )
        .collect();
    label(&mut document, "facets", names);
    let items = questionnaire
        .items()
        .iter()
        .map(|item| json!({"id": item.id, "name": text(&item.text), "weight": item.weight}));
    label(&mut document, "items", items.collect());
    if let Some(outlets) = document.get_mut("outlets").and_then(Value::as_array_mut) {
        for (outlet, known) in outlets.iter_mut().zip(&report.result.outlets) {
            if let (Some(fields), Some(place)) = (outlet.as_object_mut(), report.outlets.get(known.outlet)) {
                fields.remove("outlet");
                fields.insert("id".into(), place.id.to_string().into());
                fields.insert("name".into(), text(&place.name));
            }
        }
    }
    let about = json!({
        "schema": "perception-results-1",
        "evaluation": {
            "id": report.evaluation.to_string(),
            "organisation": text(&report.firm),
            "title": text(&report.title),
            "state": report.state.as_str(),
            "interim": report.interim.is_some(),
        },
        "questionnaire": {"id": questionnaire.id(), "version": questionnaire.version(), "sha256": questionnaire.hash()},
        "method": {"name": method.name(), "sha256": method.hash()},
        "notice_version": report.notice_version,
        "program_version": env!("CARGO_PKG_VERSION"),
    });
    if let (Some(fields), Value::Object(about)) = (document.as_object_mut(), about) {
        fields.extend(about);
    }
    serde_json::to_string_pretty(&document)
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
