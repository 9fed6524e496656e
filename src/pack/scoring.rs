//! How the codes of a pack become points: score table of the method, weights and dimensions of items.csv, headings of the
//! questionnaire.

use std::path::Path;

use super::error::{PackError, quote};
use super::frame::PackItem;
use super::source::{Source, read_small};
use crate::statistics::score::{ScoreScheme, ScoredItem};
use crate::statistics::study::Scoring;
use crate::survey::method::{Method, ScoreTable};
use crate::survey::questionnaire::Questionnaire;

pub(super) const QUESTIONNAIRE: &str = "questionnaire.json";
const METHOD: &str = "method.json";
/// The conversion of customers' five steps where no questionnaire says another.
const CUSTOMARY: [u32; 5] = [0, 30, 60, 80, 100];

/// The method given, else the pack's.
pub(super) fn method(source: &Source, given: Option<&Path>) -> Result<Option<Method>, PackError> {
    let (name, bytes) = match given {
        Some(path) => {
            let name = path.display().to_string();
            let mut file = std::fs::File::open(path).map_err(|e| PackError::of(&name, e.to_string()))?;
            let bytes = read_small(&mut file, &name)?;
            (name, Some(bytes))
        }
        None => (METHOD.to_owned(), source.read(METHOD)?),
    };
    let read = bytes.map(|bytes| Method::from_json(&bytes)).transpose();
    read.map_err(|e| PackError::of(name, e.to_string()))
}

/// The scoring, and how many of its facets are dimensions.
pub(super) fn scoring(
    items: &[PackItem],
    questionnaire: Option<&Questionnaire>,
    method: Option<&Method>,
) -> Result<(Scoring, usize), PackError> {
    let broken = |e: &dyn std::fmt::Display| PackError::of("items.csv", e.to_string());
    if let Some(questionnaire) = questionnaire {
        agree(items, questionnaire)?;
    }
    let mut dimensions: Vec<String> = match questionnaire {
        Some(known) => known.dimensions().iter().map(|facet| facet.id.clone()).collect(),
        None => Vec::new(),
    };
    let headings: Vec<String> = questionnaire
        .map(|known| known.headings().iter().map(|heading| heading.clause.clone()).collect())
        .unwrap_or_default();
    for item in items {
        if !dimensions.contains(&item.dimension) {
            dimensions.push(item.dimension.clone());
        }
    }
    let table = method.map_or(ScoreTable::Proportional, Method::score_table);
    let mut scored = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let points = points(table, item, questionnaire)?;
        let dimension = dimensions.iter().position(|name| *name == item.dimension);
        let heading = questionnaire
            .and_then(|known| known.items().get(place))
            .map(|item| dimensions.len() + item.heading);
        scored.push(ScoredItem {
            weight: item.weight,
            full_points: points.last().copied().unwrap_or(0),
            points,
            facets: dimension.into_iter().chain(heading).collect(),
        });
    }
    let count = dimensions.len();
    dimensions.extend(headings);
    let scheme = ScoreScheme::new(scored, dimensions.len()).map_err(|e| broken(&e))?;
    let names = items.iter().map(|item| item.name.clone()).collect();
    let scoring = Scoring::new(scheme, names, dimensions, count).map_err(|e| broken(&e))?;
    let marks = questionnaire.map(|known| known.headings().iter().map(|heading| heading.marks).collect());
    let scoring = match marks {
        Some(marks) => scoring.with_marks(marks).map_err(|e| broken(&e))?,
        None => scoring,
    };
    Ok((scoring, count))
}

fn points(table: ScoreTable, item: &PackItem, questionnaire: Option<&Questionnaire>) -> Result<Vec<u32>, PackError> {
    let codes = 1..=u32::from(item.max);
    match (table, questionnaire) {
        (table, Some(questionnaire)) => Ok(table.points(questionnaire.scale())),
        (ScoreTable::Proportional, None) => Ok(codes.collect()),
        (ScoreTable::Linear, None) => Ok(codes.map(|code| code - 1).collect()),
        (ScoreTable::Customary, None) if usize::from(item.max) == CUSTOMARY.len() => Ok(CUSTOMARY.to_vec()),
        (ScoreTable::Customary, None) => {
            let problem = format!(
                "item {} has {} codes; score table customary needs 5",
                quote(item.name.as_bytes()),
                item.max
            );
            Err(PackError::of("items.csv", problem))
        }
    }
}

/// items.csv must say what the questionnaire says.
fn agree(items: &[PackItem], questionnaire: &Questionnaire) -> Result<(), PackError> {
    let known = questionnaire.items();
    if known.len() != items.len() {
        let problem = format!("{} items; {QUESTIONNAIRE} has {}", items.len(), known.len());
        return Err(PackError::of("items.csv", problem));
    }
    for (item, known) in items.iter().zip(known) {
        let dimension = questionnaire
            .dimensions()
            .get(known.dimension)
            .map(|facet| facet.id.as_str());
        let same = item.name == known.id
            && item.weight == known.weight
            && item.max == questionnaire.scale().max()
            && dimension == Some(item.dimension.as_str());
        if !same {
            let problem = format!("item {} differs from {QUESTIONNAIRE}", quote(item.name.as_bytes()));
            return Err(PackError::of("items.csv", problem));
        }
    }
    Ok(())
}
