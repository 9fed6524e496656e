//! Figures that use margins: domains, post-stratification and raking of the in-person answers.

use super::Named;
use super::files::named;
use super::visited::Visited;
use crate::statistics::calibration::{Calibration, CalibrationCell, CalibrationError};
use crate::statistics::figure::{Extent, Figure};
use crate::statistics::moments::WideSums;
use crate::statistics::study::{Margin, Study};
use crate::statistics::sums::Sums;

/// In-person responses of a visited outlet and joint level.
struct Part {
    outlet: usize,
    cell: usize,
    points: Sums,
    person: Sums,
}

/// Appends the figures of every margin; returns the levels with customers and without an answer, as `variable level`.
pub(super) fn figures(study: &Study, visited: &Visited, figures: &mut Vec<Named>) -> Vec<String> {
    let margins = study.population().margins();
    let Some(scan) = study.scan().filter(|_| !margins.is_empty()) else {
        return Vec::new();
    };
    let outlet_of = |place: usize| visited.places.binary_search(&place).ok();
    let parts: Vec<Part> = scan
        .cells()
        .filter_map(|(place, cell, sums)| {
            Some(Part {
                outlet: outlet_of(place)?,
                cell,
                points: sums.points,
                person: sums.person,
            })
        })
        .collect();
    domains(study, visited, &parts, figures);
    let mut empty = Vec::new();
    for (variable, margin) in margins.iter().enumerate() {
        let found = calibrate(study, visited, &parts, &[variable], Score::Points);
        if let Err(CalibrationError::EmptyLevel(_, level)) = found {
            empty.extend(
                margin
                    .levels
                    .get(level)
                    .map(|level| format!("{} {}", margin.variable, level.name)),
            );
        }
        figures.push(named(
            format!("poststrat_{}_points_face", margin.variable),
            block(found),
        ));
    }
    for variables in combinations(margins.len()) {
        let names: Vec<&str> = variables
            .iter()
            .filter_map(|variable| margins.get(*variable))
            .map(|margin| margin.variable.as_str())
            .collect();
        let name = names.join("_");
        let points = block(calibrate(study, visited, &parts, &variables, Score::Points));
        let person = block(calibrate(study, visited, &parts, &variables, Score::Person));
        figures.push(named(format!("calraking_{name}_points_face"), points.clone()));
        for (score, found) in [("points", points), ("person", person)] {
            let figure = Figure::estimate(found.est);
            figures.push(named(format!("rake_{name}_{score}_face"), figure));
        }
    }
    empty
}

/// Every pair of variables, and all of them together.
fn combinations(count: usize) -> Vec<Vec<usize>> {
    let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |two| vec![one, two]));
    let all = (count != 2).then(|| (0..count).collect());
    pairs.chain(all).collect()
}

fn domains(study: &Study, visited: &Visited, parts: &[Part], figures: &mut Vec<Named>) {
    let population = study.population();
    for (variable, margin) in population.margins().iter().enumerate() {
        for (place, level) in margin.levels.iter().enumerate() {
            let mut sums = vec![Sums::default(); visited.places.len()];
            for part in parts
                .iter()
                .filter(|part| population.level(variable, part.cell) == place)
            {
                if let Some(sums) = sums.get_mut(part.outlet) {
                    sums.absorb(&part.points);
                }
            }
            let name = format!("domain_{}{}_strat_fpc_points_face", margin.variable, level.name);
            figures.push(named(name, visited.stratified(&visited.domain(&sums))));
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Score {
    Points,
    Person,
}

/// Why there is no calibrated figure: unknown customers, nothing scored, or margins that cannot be met.
type Calibrated = Result<Option<Figure>, CalibrationError>;

fn block(found: Calibrated) -> Figure {
    found.ok().flatten().unwrap_or_else(|| Figure::undefined(Extent::Block))
}

fn calibrate(study: &Study, visited: &Visited, parts: &[Part], variables: &[usize], score: Score) -> Calibrated {
    let population = study.population();
    let Some(outlets) = visited.sizes().filter(|sizes| !sizes.is_empty()) else {
        return Ok(None);
    };
    let known: Vec<Vec<u64>> = variables
        .iter()
        .filter_map(|variable| population.margins().get(*variable))
        .map(|margin: &Margin| margin.levels.iter().map(|level| level.customers).collect())
        .collect();
    let cells = parts.iter().map(|part| CalibrationCell {
        outlet: part.outlet,
        levels: variables
            .iter()
            .map(|variable| population.level(*variable, part.cell))
            .collect(),
        sums: match score {
            Score::Points => WideSums::from(&part.points),
            Score::Person => WideSums::from(&part.person),
        },
    });
    let calibration = Calibration {
        cells: cells.collect(),
        base: outlets
            .iter()
            .map(|(n, customers)| *customers as f64 / *n as f64)
            .collect(),
        outlets,
        margins: known.iter().map(Vec::as_slice).collect(),
    };
    let calibrated = calibration.solve()?;
    let estimate = calibration.estimate(&calibrated);
    let variance = estimate.and_then(|estimate| calibration.variance(&calibrated, estimate));
    Ok(estimate.map(|estimate| Figure::block(Some(estimate), variance, visited.responses())))
}
