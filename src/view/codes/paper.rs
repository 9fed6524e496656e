//! What is printed: plates, and slips with a single-use code each.

use askama::Template;

use super::plate::{Plate, plate};
use crate::qr::QrPath;
use crate::survey::language::{Language, Text};
use crate::survey::printed_code::PrintedCode;
use crate::view::office::{Desk, Frame};
use crate::view::words::Words;

/// Three columns of eight on an A4 sheet.
const SLIPS_PER_SHEET: usize = 24;

/// Nothing of the office stands on the paper, not even where one is.
fn on_paper(desk: &Desk, title: &str) -> Frame {
    Frame {
        crumb: None,
        ..Frame::at(desk, title)
    }
}

struct Shown<'a> {
    picture: String,
    label: String,
    url: &'a str,
}

#[derive(Template)]
#[template(path = "office/codes/plates.html")]
struct PlatesPage<'a> {
    frame: Frame,
    plates: Vec<Shown<'a>>,
}

/// The page that prints one plate per A4 page. The drawings stand in the page itself: one request, nothing to wait for.
///
/// # Errors
/// What the template engine reports.
pub fn plates(desk: &Desk, plates: &[Plate<'_>]) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut pictures = Vec::with_capacity(plates.len());
    for shown in plates {
        let outlet = shown.outlet.get(desk.language);
        let drawing = data_encoding::BASE64.encode(plate(shown)?.as_bytes());
        pictures.push(Shown {
            picture: format!("data:image/svg+xml;base64,{drawing}"),
            label: words.tn("plate-label", &[("outlet", outlet.into())]),
            url: shown.url,
        });
    }
    let page = PlatesPage {
        frame: on_paper(desk, &words.t("plates-heading")),
        plates: pictures,
    };
    page.render()
}

/// What slips have in common, and their codes.
#[derive(Debug, Clone, Copy)]
pub struct Slips<'a> {
    /// The certification body.
    pub body: &'a Text,
    /// The organisation.
    pub firm: &'a Text,
    /// The outlet.
    pub outlet: &'a Text,
    /// Public address without a slash at its end.
    pub base_url: &'a str,
    /// Unused codes.
    pub codes: &'a [PrintedCode],
}

struct Slip {
    code: Option<QrPath>,
    typed: String,
}

#[derive(Template)]
#[template(path = "office/codes/slips.html")]
struct SlipsPage<'a> {
    frame: Frame,
    lead: String,
    back: &'a str,
    body: &'a str,
    firm: &'a str,
    outlet: &'a str,
    outlet_en: &'a str,
    type_zh: String,
    type_en: String,
    sheets: Vec<Vec<Slip>>,
}

/// The page that prints slips, 24 on an A4 sheet.
///
/// # Errors
/// What the template engine reports.
pub fn slips(desk: &Desk, slips: &Slips<'_>, back: &str) -> Result<String, askama::Error> {
    let words = desk.words();
    let host = slips
        .base_url
        .split_once("://")
        .map_or(slips.base_url, |(_, host)| host);
    let entry = format!("{host}/c");
    let hint = |language| Words::new(language).tn("slip-type", &[("address", entry.as_str().into())]);
    let slip = |code: &PrintedCode| Slip {
        code: QrPath::of(&format!("{}/s/{}", slips.base_url, code.as_str())).ok(),
        typed: code.to_string(),
    };
    let sheets: Vec<Vec<Slip>> = slips
        .codes
        .chunks(SLIPS_PER_SHEET)
        .map(|sheet| sheet.iter().map(slip).collect())
        .collect();
    let page = SlipsPage {
        frame: on_paper(desk, &words.t("slips-heading")),
        lead: words.tn(
            "slips-lead",
            &[("n", slips.codes.len().into()), ("sheets", sheets.len().into())],
        ),
        back,
        body: slips.body.get(Language::ZhCn),
        firm: slips.firm.get(Language::ZhCn),
        outlet: slips.outlet.get(Language::ZhCn),
        outlet_en: slips.outlet.get(Language::En),
        type_zh: hint(Language::ZhCn),
        type_en: hint(Language::En),
        sheets,
    };
    page.render()
}
