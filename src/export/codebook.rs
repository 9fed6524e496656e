//! What the columns of a pack's responses.csv mean, as a table and as programs that read it into R and SPSS.

use std::fmt::Write;

use super::csv::{harmless, sheet};
use crate::survey::language::Language;
use crate::survey::questionnaire::{Choice, Questionnaire};

/// Columns of the codebook.
pub const HEADER: [&str; 8] = [
    "variable",
    "label_zh",
    "label_en",
    "type",
    "values",
    "missing",
    "dimension",
    "clause",
];

/// codebook.csv, for spreadsheets.
///
/// # Errors
/// [`csv::Error`]; writing into memory does not fail.
pub fn csv(questionnaire: &Questionnaire) -> Result<Vec<u8>, csv::Error> {
    let mut writer = sheet();
    writer.write_record(HEADER)?;
    for row in rows(questionnaire) {
        writer.write_record(row.iter().map(|text| harmless(text)))?;
    }
    writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// One row per column of responses.csv, in its order.
pub(super) fn rows(questionnaire: &Questionnaire) -> Vec<[String; 8]> {
    let plain = |name: &str, zh: &str, en: &str, kind: &str, values: &str, missing: &str| {
        [name, zh, en, kind, values, missing, "", ""].map(str::to_owned)
    };
    let options = |choices: &[Choice]| {
        let texts = choices
            .iter()
            .map(|choice| format!("{}={}", choice.id, choice.text.get(Language::ZhCn)));
        texts.collect::<Vec<_>>().join("|")
    };
    let labels = questionnaire.scale().labels.iter();
    let scale: Vec<String> = labels
        .map(|(code, text)| format!("{code}={}", text.get(Language::ZhCn)))
        .collect();
    let (scale, absent) = (
        scale.join("|"),
        questionnaire.scale().not_applicable.get(Language::ZhCn),
    );
    let missing = format!("0={absent}|空=未答或未出示");
    let services = options(&questionnaire.screening().service_options);
    let overall = questionnaire.overall();
    let mut rows = vec![
        plain(
            "resp_id",
            "答卷编号（随机）",
            "response, numbered at random",
            "text",
            "",
            "",
        ),
        plain("org", "评价", "evaluation", "text", "", ""),
        plain("outlet", "网点", "outlet", "text", "", ""),
        plain("channel", "渠道", "channel", "text", "face=当面|email=邀请|qr=扫码", ""),
        plain("duration_s", "用时（秒）", "duration, seconds", "number", "", "空=未知"),
        plain("status", "完成情况", "completeness", "text", "I=完整|P=部分", ""),
        plain(
            "services",
            "使用过的服务（以 + 相连）",
            "services used, joined by +",
            "text",
            &services,
            "",
        ),
        plain(
            &overall.id.to_lowercase(),
            overall.text.get(Language::ZhCn),
            overall.text.get(Language::En),
            "ordinal",
            &scale,
            "空=未答",
        ),
    ];
    rows.extend(questionnaire.items().iter().map(|item| {
        let dimension = questionnaire
            .dimensions()
            .get(item.dimension)
            .map_or("", |facet| &facet.id);
        let [zh, en] = Language::ALL.map(|language| item.text.get(language));
        let clauses = item.clauses.join(" ");
        [
            item.id.as_str(),
            zh,
            en,
            "ordinal",
            &scale,
            &missing,
            dimension,
            &clauses,
        ]
        .map(str::to_owned)
    }));
    if let Some(asked) = questionnaire.low_rating() {
        let reasons = questionnaire.low_reason_rows();
        let reasons = reasons.map(|(_, reason, code)| format!("{code}={}", reason.text.get(Language::ZhCn)));
        let [zh, en] = Language::ALL.map(|language| asked.text.get(language));
        let kind = "text, item.reason joined by +; values by dimension";
        rows.push(plain(
            &asked.id,
            zh,
            en,
            kind,
            &reasons.collect::<Vec<_>>().join("|"),
            "空=未答或无低分",
        ));
    }
    rows
}

/// A program that reads responses.csv into R.
pub fn r(questionnaire: &Questionnaire) -> String {
    let mut text = String::from(
        "# Reads responses.csv beside this file. 0 = not applicable, empty = left empty or not shown: both become NA.\n\
         responses <- read.csv(\"responses.csv\", fileEncoding = \"UTF-8\", na.strings = \"\", stringsAsFactors = FALSE)\n\
         items <- c(",
    );
    let items: Vec<String> = questionnaire.items().iter().map(|item| quoted(&item.id)).collect();
    text += &items.join(", ");
    text +=
        ")\nnot_applicable <- responses[items] == 0\nresponses[items][not_applicable & !is.na(not_applicable)] <- NA\n";
    for item in questionnaire.items() {
        let label = quoted(item.text.get(Language::ZhCn));
        // Writing into a String does not fail.
        let _ = writeln!(text, "attr(responses[[{}]], \"label\") <- {label}", quoted(&item.id));
    }
    text
}

/// A program that reads responses.csv into SPSS.
pub fn sps(questionnaire: &Questionnaire) -> String {
    let overall = questionnaire.overall().id.to_lowercase();
    let items: Vec<&str> = questionnaire.items().iter().map(|item| item.id.as_str()).collect();
    let mut text = String::from(
        "* Encoding: UTF-8.\n\
         GET DATA /TYPE=TXT /FILE=\"responses.csv\" /ENCODING='UTF8' /ARRANGEMENT=DELIMITED /DELCASE=LINE\n  \
         /DELIMITERS=\",\" /QUALIFIER='\"' /FIRSTCASE=2 /VARIABLES=\n  \
         resp_id A16 org A64 outlet A64 channel A8 duration_s F8.0 status A1 services A255\n  ",
    );
    let reasons = questionnaire.low_rating().map(|asked| format!(" {} A2000", asked.id));
    let reasons = reasons.unwrap_or_default();
    text += &format!("{overall} F1.0 {} F1.0{reasons}.\n", items.join(" F1.0 "));
    text += "VARIABLE LABELS\n";
    for item in questionnaire.items() {
        let _ = writeln!(text, "  {} {}", item.id, quoted(item.text.get(Language::ZhCn)));
    }
    text += &format!("  .\nVALUE LABELS {overall} {}\n", items.join(" "));
    for (code, label) in &questionnaire.scale().labels {
        let _ = writeln!(text, "  {code} {}", quoted(label.get(Language::ZhCn)));
    }
    let absent = questionnaire.scale().not_applicable.get(Language::ZhCn);
    text + &format!(
        "  0 {}.\nMISSING VALUES {} (0).\nEXECUTE.\n",
        quoted(absent),
        items.join(" ")
    )
}

/// A text in double quotes, with none inside.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(['"', '\\'], "'"))
}
