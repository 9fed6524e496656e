//! The register of certificates, and the public page of one.

use askama::Template;

use super::super::office::{Frame, star_name};
use super::certificate::{CertificatePage, last_day, stated};
use super::{Grid, Item, Page, Section, Sheet, Typed, names, page};
use crate::grading::agenda::Duty;
use crate::survey::language::Language;
use crate::view::office::Desk;
use crate::view::words::Words;

/// The register of all certificates with what is due next.
///
/// # Errors
/// What the template engine reports.
pub fn register(desk: &Desk, all: &[CertificatePage<'_>]) -> Result<String, askama::Error> {
    let words = desk.words();
    let row = |about: &CertificatePage<'_>| {
        let star = about.certificate.granted().map_or(0, |granted| granted.star);
        let next = about
            .agenda
            .iter()
            .find(|(day, one)| *day > about.today || !matches!(one, Duty::Remind(_)));
        let next = next.map(|(day, one)| format!("{day} {}", names::duty(words, *one)));
        vec![
            Item::plain(about.number).link(format!("/certificates/{}", about.number)),
            Item::plain(about.firm.get(desk.language)).quiet(),
            Item::plain(star_name(words, star)),
            Item::plain(names::state(words, about.certificate.state())).small(about.certificate.since().to_string()),
            Item::plain(last_day(about.certificate)),
            Item::plain(next.unwrap_or_else(|| "–".into())).quiet(),
        ]
    };
    let sheet = Sheet {
        heading: words.t("register-heading"),
        lead: words.t("register-lead"),
        sections: vec![Section {
            id: "all".into(),
            heading: words.t("register-all"),
            ways: vec![("/policy".to_owned(), words.t("policy-heading"))],
            grid: Some(Grid {
                head: vec![
                    words.t("certificate-number"),
                    words.t("certificate-holder"),
                    words.t("head-star"),
                    words.t("certificate-state"),
                    words.t("certificate-last-day"),
                    words.t("register-next"),
                ],
                rows: all.iter().map(row).collect(),
            }),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}

/// The public page: state, star, rule and dates; nothing of the survey, and nobody's name but the holder's.
///
/// # Errors
/// What the template engine reports.
pub fn public(language: Language, about: &CertificatePage<'_>) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let history = about
        .steps
        .iter()
        .map(|(step, _, state, since, ..)| {
            vec![
                Item::plain(since.to_string()),
                Item::plain(names::step(words, *step)),
                Item::plain(names::state(words, *state)),
            ]
        })
        .collect();
    let sheet = Sheet {
        heading: words.t("certificate-public"),
        lead: words.t("certificate-public-lead"),
        sections: vec![
            stated(words, language, about),
            Section {
                id: "history".into(),
                heading: words.t("certificate-steps"),
                grid: Some(Grid {
                    head: vec![
                        words.t("certificate-since"),
                        words.t("certificate-step"),
                        words.t("certificate-state"),
                    ],
                    rows: history,
                }),
                ..Section::default()
            },
        ],
        ..Sheet::default()
    };
    let frame = Frame::new(language, &sheet.heading);
    Page { frame, sheet }.render()
}
