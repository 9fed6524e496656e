//! Somebody reads what the invented customers wrote in the evaluations that are closed: by a word in it a comment has its
//! theme; a name is taken out; one reports an incident.

use std::collections::BTreeMap;

use crate::app::Installation;
use crate::store::comment::{self, Comment, Filter};
use crate::store::grading::{Act, GradingError};
use crate::store::{StoreError, evaluation};
use crate::survey::comment::{Clearance, Concern, Incident, Ruling, Status};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::PersonId;
use crate::survey::identifying::{identifiers, suggested};
use crate::survey::theme::Themes;

use super::errands::plain;

/// A word and the theme of comments that have it.
const THEMES: [(&str, &str); 9] = [
    ("准时", "punctuality"),
    ("电话要等", "contact"),
    ("收拾", "workmanship"),
    ("收费", "charges"),
    ("配件等", "parts"),
    ("用法", "guidance"),
    ("指示牌", "premises"),
    ("态度", "attitude"),
    ("投诉", "complaints"),
];

/// Reads every comment of the closed evaluations.
pub(super) fn read(installation: &Installation, reader: PersonId, now_ms: i64) -> Result<(), StoreError> {
    let store = &installation.store;
    for id in store.read_blocking(evaluation::list_ids)? {
        let unread = (Filter::Of(Status::Unread), None);
        let read = store.read_blocking(|conn| -> Result<_, StoreError> {
            let over = evaluation::state(conn, id)?.is_some_and(|state| state > EvaluationState::Open);
            match over {
                true => comment::list(conn, store.key()?, id, unread, usize::MAX),
                false => Ok(Vec::new()),
            }
        })?;
        let rulings: BTreeMap<_, _> = read
            .iter()
            .enumerate()
            .map(|(n, one)| (one.response, ruling(n, one)))
            .collect();
        let act: Act = (reader, now_ms);
        store
            .write_blocking(move |tx| -> Result<(), GradingError> {
                let mut rulings = rulings.iter();
                rulings.try_for_each(|(response, ruling)| match ruling {
                    Some(ruling) => comment::review(tx, id, *response, ruling, act),
                    None => Ok(()),
                })
            })
            .map_err(plain)?;
    }
    Ok(())
}

fn ruling(place: usize, one: &Comment) -> Option<Ruling> {
    let text = one.text.clone()?;
    let found = identifiers(&text);
    let theme = THEMES
        .iter()
        .find(|(word, _)| text.contains(word))
        .map_or("other", |(_, theme)| *theme);
    let incident = match place {
        0 => Incident {
            concern: Some(Concern::Safety),
            note: "顾客说维修后插座发热 / The customer says that the socket gets hot".into(),
        },
        _ => Incident::default(),
    };
    Some(Ruling {
        clearance: match found.is_empty() {
            true => Clearance::Cleared(text),
            false => Clearance::Redacted(suggested(&text, &found)),
        },
        themes: Themes::parse(theme)?,
        incident,
    })
}
