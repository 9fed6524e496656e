//! The plan's form: what the office types → a plan, or every field that must be corrected.

use super::evaluation::Mode;
use super::form::{FieldError, FormReader, Problem, RawForm, hundredths};
use super::language::Language;
use super::plan::{Aims, Hundredths, Plan, PlannedOutlet, Proof};
use super::plan_scope;
use super::setup::OUTLETS_CHARS_MAX;
use crate::statistics::allocation::Rule;
use crate::statistics::outlets_to_visit::Occasion;

/// Reads the form of a plan for these outlets and spreads the answers over them.
///
/// # Errors
/// Every field that must be corrected: what is no number or outside its range, and what contradicts another field, the
/// evaluation's mode or its outlets.
pub fn parse(form: &RawForm, mode: Mode, outlets: &[PlannedOutlet]) -> Result<Plan, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let scope = plan_scope::read(&mut reader);
    let aims = aims(&mut reader, mode);
    let sds = per_outlet(&mut reader, "sds", outlets, 100..=5_000);
    let costs = per_outlet(&mut reader, "costs", outlets, 1..=99_999_999);
    let visited: Vec<&str> = form.all("visited").collect();
    let is_known = |id: &str| outlets.iter().any(|outlet| outlet.id.to_string() == id);
    if !visited.iter().all(|id| is_known(id)) {
        reader.refuse("visited", Problem::NoSuchOutlet);
    }
    let outlets = outlets.iter().enumerate().map(|(place, outlet)| PlannedOutlet {
        is_visited: visited.is_empty() || visited.contains(&outlet.id.to_string().as_str()),
        sd: sds.get(place).copied().flatten(),
        cost: costs.get(place).copied().flatten(),
        ..outlet.clone()
    });
    let (aims, scope) = reader.done(aims.zip(scope))?;
    let too_much = match aims.proof {
        Some(_) => "bound",
        None => "half_width_all",
    };
    let plan = Plan::new(aims, outlets.collect());
    let plan = plan.map_err(|_| vec![FieldError::new(too_much, Problem::OutOfRange)])?;
    plan.scoped(scope).allocated().map_err(|error| vec![error])
}

fn aims(reader: &mut FormReader<'_>, mode: Mode) -> Option<Aims> {
    let sd = number(reader, "sd", 100..=5_000);
    let design_effect = number(reader, "design_effect", 100..=1_000);
    let confidence = number(reader, "confidence", 8_000..=9_990);
    let half_width_face = number(reader, "half_width_face", 50..=2_000);
    let half_width_all = number(reader, "half_width_all", 50..=2_000);
    // S has more answers than S_face, so it is never less exact.
    if half_width_face
        .zip(half_width_all)
        .is_some_and(|(face, all)| all > face)
    {
        reader.refuse("half_width_all", Problem::Conflict);
    }
    let response_face = number(reader, "response_face", 100..=10_000);
    let response_electronic = number(reader, "response_electronic", 100..=10_000);
    let proof = proof(reader);
    let rule = reader.choice("rule", |name| Rule::ALL.into_iter().find(|rule| rule.as_str() == name));
    let occasion = reader.choice("occasion", |name| {
        Occasion::ALL.into_iter().find(|occasion| occasion.as_str() == name)
    });
    let fits = |occasion| match mode {
        Mode::Initial => occasion == Occasion::First,
        Mode::Recertification => occasion == Occasion::Recertification,
        Mode::Surveillance => occasion == Occasion::Surveillance,
        Mode::Special => true,
    };
    if occasion.is_some_and(|occasion| !fits(occasion)) {
        reader.refuse("occasion", Problem::Conflict);
    }
    Some(Aims {
        sd: sd?,
        design_effect: design_effect?,
        confidence: confidence?,
        half_width_face: half_width_face?,
        half_width_all: half_width_all?,
        response_face: response_face?,
        response_electronic: response_electronic?,
        rule: rule?,
        occasion: occasion?,
        proof,
    })
}

/// A number that must be there.
fn number(reader: &mut FormReader<'_>, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<Hundredths> {
    if reader.form().first(name).trim().is_empty() {
        reader.refuse(name, Problem::Empty);
    }
    reader.decimal(name, bounds).map(Hundredths)
}

/// All of it or nothing.
fn proof(reader: &mut FormReader<'_>) -> Option<Proof> {
    let is_empty = |name| reader.form().first(name).trim().is_empty();
    if is_empty("bound") && is_empty("expected") {
        return None;
    }
    let bound = number(reader, "bound", 1..=9_999);
    let expected = number(reader, "expected", 1..=10_000);
    let power = number(reader, "power", 5_000..=9_990);
    if bound.zip(expected).is_some_and(|(bound, expected)| expected <= bound) {
        reader.refuse("expected", Problem::Conflict);
    }
    Some(Proof {
        expected: expected?,
        bound: bound?,
        power: power?,
    })
}

/// Lines of an outlet's name and a number, as copied from a spreadsheet: the numbers in the order of the outlets.
fn per_outlet(
    reader: &mut FormReader<'_>,
    field: &str,
    outlets: &[PlannedOutlet],
    bounds: std::ops::RangeInclusive<i64>,
) -> Vec<Option<Hundredths>> {
    let text = reader.text(field, OUTLETS_CHARS_MAX);
    let mut numbers = vec![None; outlets.len()];
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, number) = line.rsplit_once(['\t', ',', '，']).unwrap_or((line, ""));
        let is_it = |outlet: &PlannedOutlet| {
            let names = Language::ALL.map(|language| outlet.name.get(language));
            names.contains(&name.trim())
        };
        let place = outlets.iter().position(is_it).and_then(|place| numbers.get_mut(place));
        match (place, hundredths(number)) {
            (None, _) => reader.refuse(field, Problem::NoSuchOutlet),
            (_, None) => reader.refuse(field, Problem::NotADecimal),
            (Some(Some(_)), _) => reader.refuse(field, Problem::Taken),
            (_, Some(number)) if !bounds.contains(&number) => reader.refuse(field, Problem::OutOfRange),
            (Some(place), Some(number)) => *place = Some(Hundredths(number)),
        }
    }
    numbers
}
