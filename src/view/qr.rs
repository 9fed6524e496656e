//! QR plates of an evaluation's outlets: cards on screen, one A4 plate each when printed.

use askama::Template;

use super::office::{Frame, in_language};
use super::words::Words;
use crate::qr::QrPath;
use crate::survey::language::{Language, Text};
use crate::survey::report::Report;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct CodesPage<'a> {
    /// The certification body.
    pub body: &'a Text,
    /// The evaluation.
    pub report: &'a Report,
    /// Its outlets' codes, in the order to show.
    pub codes: &'a [Code<'a>],
}

/// One outlet's code.
#[derive(Debug, Clone)]
pub struct Code<'a> {
    /// The outlet.
    pub outlet: &'a Text,
    /// The address in the code.
    pub url: String,
}

struct Plate<'a> {
    outlet: &'a str,
    url: &'a str,
    code: Option<QrPath>,
    label: String,
}

#[derive(Template)]
#[template(path = "office/qr.html")]
struct Page<'a> {
    frame: Frame,
    body: &'a str,
    firm: &'a str,
    title: &'a str,
    call: &'a str,
    plates: Vec<Plate<'a>>,
    results: String,
}

/// The plates of an evaluation's outlets.
///
/// # Errors
/// What the template engine reports.
pub fn page(codes: &CodesPage<'_>, language: Language) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let report = codes.report;
    let plate = |code: &'_ Code<'_>| {
        let outlet = code.outlet.get(language).to_owned();
        (
            QrPath::of(&code.url).ok(),
            words.tn("qr-label", &[("outlet", outlet.into())]),
        )
    };
    let plates = codes.codes.iter().map(|code| {
        let (path, label) = plate(code);
        Plate {
            outlet: code.outlet.get(language),
            url: &code.url,
            code: path,
            label,
        }
    });
    let page = Page {
        frame: Frame::new(language, &words.t("qr-heading")),
        body: codes.body.get(language),
        firm: report.firm.get(language),
        title: report.title.get(language),
        call: report.instrument.questionnaire().texts().plate.get(language),
        plates: plates.collect(),
        results: in_language(&format!("/evaluations/{}/results", report.evaluation), language),
    };
    page.render()
}
