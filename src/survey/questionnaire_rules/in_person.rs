//! Rules for what an evaluator reads aloud, shows and notes.

use std::collections::BTreeSet;

use super::super::language::{Language, Text};
use super::super::questionnaire::{Control, InPerson, Scale};
use super::super::questionnaire_file::File;
use super::super::submission::Place;
use super::{Findings, question};

pub(super) fn read(file: &File, scale: &Scale, findings: &mut Findings) -> InPerson {
    let listed = &file.channels.in_person.extra_fields;
    let (place, places, _) = question(listed, "place", findings);
    let offered: BTreeSet<&str> = places.iter().map(|place| place.id.as_str()).collect();
    findings.unless(
        offered == Place::ALL.iter().map(|place| place.as_str()).collect(),
        || "place: exactly the places inside, outside, customer, other".into(),
    );
    let read_stem = Text::new(&file.stem.read_zh, &file.stem.read_en);
    let opening = text(file, "opening_face");
    let show_card = text(file, "showcard");
    for (name, text, holes) in [
        ("opening_face", &opening, ["{body}", "{name}", "{firm}"].as_slice()),
        ("stem.read", &read_stem, ["{item}"].as_slice()),
        ("showcard", &show_card, [].as_slice()),
    ] {
        findings.text(name, text);
        for hole in holes {
            findings.unless(Language::ALL.iter().all(|l| text.get(*l).contains(hole)), || {
                format!("{name}: {hole} is missing")
            });
        }
    }
    for language in Language::ALL {
        let lines = show_card.get(language).split('|').map(str::to_owned);
        findings.unless(lines.eq(show_card_lines(scale, language)), || {
            format!("showcard: differs from the scale in {}", language.tag())
        });
    }
    let mut control = |id: &str| -> Control { question(listed, id, findings).0 };
    InPerson {
        opening,
        read_stem,
        show_card,
        place: (place, places),
        id_card_shown: control("id_card_shown"),
        show_card_used: control("show_card_used"),
        staff_within_earshot: control("staff_within_earshot"),
        others_present: control("others_present"),
        selection_rule: control("selection_rule"),
        contact_no: control("contact_no"),
        dialect: control("dialect"),
        paper_form_no: control("paper_form_no"),
        declaration: control("evaluator_declaration"),
    }
}

fn text(file: &File, name: &str) -> Text {
    let form = |suffix: &str| file.texts.get(&format!("{name}_{suffix}")).cloned().unwrap_or_default();
    Text::new(form("zh"), form("en"))
}

/// The scale as it must stand on the show card: both channels offer the same answers in the same words.
fn show_card_lines(scale: &Scale, language: Language) -> impl Iterator<Item = String> {
    let labels = scale.labels.iter().map(move |(code, text)| (*code, text.get(language)));
    let none = std::iter::once((0, scale.not_applicable.get(language)));
    labels.chain(none).map(|(code, words)| format!("{code} {words}"))
}
