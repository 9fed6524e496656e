//! Reasons for low ratings in responses.csv: names joined by `+` in a column of their own, which a pack may lack.

use std::collections::HashMap;

use super::error::quote;
use crate::survey::questionnaire::Questionnaire;

/// How to read the column.
pub(super) struct LowReasons {
    /// Its name.
    pub column: String,
    /// Name → place of the item, place of the code.
    known: HashMap<String, (usize, usize)>,
    /// What is counted.
    codes: Vec<String>,
    low_max: u8,
}

impl LowReasons {
    /// The column of a questionnaire that asks for reasons.
    pub fn of(questionnaire: &Questionnaire) -> Option<Self> {
        let column = questionnaire.low_rating()?.id.clone();
        let (mut known, mut codes) = (HashMap::new(), Vec::<String>::new());
        for (given, name) in questionnaire.named_low_reasons() {
            let code = questionnaire.low_reason_code(given)?;
            let place = codes.iter().position(|known| *known == code).unwrap_or_else(|| {
                codes.push(code);
                codes.len() - 1
            });
            known.insert(name, (given.item(), place));
        }
        Some(Self {
            column,
            known,
            codes,
            low_max: questionnaire.scale().low_max(),
        })
    }

    /// What is counted, by its place.
    pub fn code(&self, place: usize) -> Option<&String> {
        self.codes.get(place)
    }

    /// Reads a field into places of codes, each once. `answers` are the row's ratings.
    pub fn read(&self, field: &[u8], answers: &[u8], into: &mut Vec<usize>) -> Result<(), String> {
        into.clear();
        for name in field.split(|byte| *byte == b'+').filter(|name| !name.is_empty()) {
            let known = std::str::from_utf8(name).ok().and_then(|name| self.known.get(name));
            let (item, code) = *known.ok_or_else(|| format!("unknown reason {}", quote(name)))?;
            if !answers
                .get(item)
                .is_some_and(|answer| (1..=self.low_max).contains(answer))
            {
                return Err(format!(
                    "{}; expected a rating of 1..{} with it",
                    quote(name),
                    self.low_max
                ));
            }
            if !into.contains(&code) {
                into.push(code);
            }
        }
        Ok(())
    }
}
