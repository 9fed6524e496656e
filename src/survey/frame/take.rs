//! How many cases are drawn in every stratum: proposed by the plan, changed with a reason, drawn with a seed that stands
//! before the draw. The files by which anybody reruns it.

use std::collections::BTreeMap;

use super::summary::Stratum;
use crate::statistics::draw::{DrawError, Drawn, Seed, Take};
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::plan::Plan;
use crate::survey::setup::REASON_MAX;

/// Cases of one draw with its reserves.
pub const DRAWN_MAX: u64 = 10_000;
/// Characters of the list of sizes.
pub const SIZES_MAX: usize = 30_000;
/// Characters of a seed, and of its source.
pub const SEED_MAX: usize = 120;

/// How much is drawn, stratum by stratum.
pub type Takes = BTreeMap<String, Take>;

/// Strata of a frame by name.
pub type Strata = BTreeMap<String, Stratum>;

/// Where a seed comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeedSource {
    /// The server makes it.
    Random,
    /// A public source, named in words, and what it gave.
    Public {
        /// Which, e.g. a lottery's draw of a day.
        name: String,
        /// The seed.
        seed: String,
    },
}

/// A draw as it is to be fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// How much is drawn.
    pub takes: Takes,
    /// Why it is not what was proposed.
    pub reason: Option<String>,
    /// Where the seed comes from.
    pub seed: SeedSource,
}

/// What the plan asks for: in every outlet so many invitations that its electronic answers can be expected, spread over its
/// strata by their cases, at least one in each; as many reserves, as far as there are cases.
pub fn proposed(plan: &Plan, strata: &Strata) -> Takes {
    let response = plan.aims().response_electronic.share();
    let mut takes = Takes::new();
    for outlet in plan.outlets() {
        let own: Vec<(&String, u64)> = strata
            .iter()
            .filter(|(_, stratum)| stratum.outlet == outlet.id)
            .map(|(name, stratum)| (name, stratum.cases))
            .collect();
        let all: u64 = own.iter().map(|(_, cases)| cases).sum();
        let wanted = (outlet.target_electronic as f64 / response.max(0.01)).ceil() as u64;
        for (name, cases) in own {
            // Rounded up: a small stratum is drawn from, too.
            let draw = (wanted.min(all) * cases).div_ceil(all.max(1)).min(cases);
            let reserves = draw.min(cases - draw);
            takes.insert(name.clone(), Take { draw, reserves });
        }
    }
    takes
}

/// The list of sizes as a form holds it: one stratum a line, `name; drawn; reserves`.
pub fn text(takes: &Takes) -> String {
    let lines = takes
        .iter()
        .map(|(name, take)| format!("{name}; {}; {}", take.draw, take.reserves));
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads the form: `sizes`, `reason` where they are not the proposed ones, `origin` (`random` or `public`), `seed`, `seed_source`.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(form: &RawForm, strata: &Strata, proposed: &Takes) -> Result<Prepared, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let takes = sizes(&mut reader, strata);
    let reason = reader.text("reason", REASON_MAX);
    if reason.is_empty() && takes != *proposed {
        reader.refuse("reason", Problem::Empty);
    }
    let origin = reader.choice("origin", |name| match name {
        "random" => Some(false),
        "public" => Some(true),
        _ => None,
    });
    let (name, seed) = (reader.line("seed_source", SEED_MAX), reader.line("seed", SEED_MAX));
    let seed = match origin {
        Some(true) => {
            for (field, text) in [("seed_source", &name), ("seed", &seed)] {
                if text.is_empty() {
                    reader.refuse(field, Problem::Empty);
                }
            }
            Some(SeedSource::Public { name, seed })
        }
        Some(false) => Some(SeedSource::Random),
        None => None,
    };
    let reason = (!reason.is_empty()).then_some(reason);
    reader.done(seed.map(|seed| Prepared { takes, reason, seed }))
}

fn sizes(reader: &mut FormReader<'_>, strata: &Strata) -> Takes {
    let text = reader.text("sizes", SIZES_MAX);
    let mut takes = Takes::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut parts = line.rsplitn(3, [';', '；', '\t']).map(str::trim);
        let (reserves, draw, name) = (parts.next(), parts.next(), parts.next());
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
        let Some(stratum) = name.and_then(|name| strata.get(name)) else {
            reader.refuse("sizes", Problem::NoSuchStratum);
            continue;
        };
        let (Some(draw), Some(reserves)) = (number(draw), number(reserves)) else {
            reader.refuse("sizes", Problem::NotANumber);
            continue;
        };
        if draw.saturating_add(reserves) > stratum.cases {
            reader.refuse("sizes", Problem::OutOfRange);
        }
        if takes
            .insert(name.unwrap_or_default().to_owned(), Take { draw, reserves })
            .is_some()
        {
            reader.refuse("sizes", Problem::Taken);
        }
    }
    let (drawn, all) = takes.values().fold((0_u64, 0_u64), |(drawn, all), take| {
        let drawn = drawn.saturating_add(take.draw);
        (drawn, all.saturating_add(take.draw).saturating_add(take.reserves))
    });
    if drawn == 0 {
        reader.refuse("sizes", Problem::Empty);
    }
    if all > DRAWN_MAX {
        reader.refuse("sizes", Problem::OutOfRange);
    }
    takes.retain(|_, take| take.draw > 0);
    takes
}

/// The frame without anything personal, as its file: the case's id and its stratum.
pub fn frame_file<'a>(cases: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    file(
        &["id", "stratum"],
        cases
            .into_iter()
            .map(|(id, stratum)| vec![id.to_owned(), stratum.to_owned()]),
    )
}

/// The plan that `perception draw` takes.
pub fn plan_file(takes: &Takes) -> String {
    let strata: serde_json::Map<String, serde_json::Value> = takes
        .iter()
        .map(|(name, take)| {
            (
                name.clone(),
                serde_json::json!({"draw": take.draw, "reserves": take.reserves}),
            )
        })
        .collect();
    serde_json::json!({"id_column": "id", "stratum_column": "stratum", "strata": strata}).to_string()
}

/// Reads what [`plan_file`] wrote; `None` for anything else.
pub fn read_plan_file(text: &str) -> Option<Takes> {
    let plan: serde_json::Value = serde_json::from_str(text).ok()?;
    let strata = plan.get("strata")?.as_object()?.iter();
    let take = |(name, take): (&String, &serde_json::Value)| {
        let number = |field: &str| take.get(field)?.as_u64();
        let (draw, reserves) = (number("draw")?, number("reserves")?);
        Some((name.clone(), Take { draw, reserves }))
    };
    strata.map(take).collect()
}

/// Draws from a frame's file, as `perception draw` does.
///
/// # Errors
/// [`DrawError`].
pub fn draw(frame: &str, frame_sha256: &str, seed: &str, takes: &Takes) -> Result<Vec<Drawn>, DrawError> {
    let mut reader = csv::Reader::from_reader(frame.as_bytes());
    let cases: Vec<(String, String)> = reader
        .records()
        .flatten()
        .filter_map(|row| Some((row.get(1)?.to_owned(), row.get(0)?.to_owned())))
        .collect();
    let pairs = cases.iter().map(|(stratum, id)| (stratum.as_str(), id.as_str()));
    crate::statistics::draw::draw(pairs, &Seed { frame_sha256, seed }, takes)
}

/// The drawn cases as `perception draw` prints them.
pub fn drawn_file<'a>(drawn: impl IntoIterator<Item = &'a Drawn>) -> String {
    let row = |case: &Drawn| {
        let role = if case.reserve { "reserve" } else { "drawn" };
        let place = case.place.to_string();
        let cells = [&case.stratum, &place, role, &case.id, &case.hash];
        cells.map(str::to_owned).to_vec()
    };
    file(&["stratum", "place", "role", "id", "hash"], drawn.into_iter().map(row))
}

fn file(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory does not fail.
    let mut fine = writer.write_record(header).is_ok();
    for row in rows {
        fine &= writer.write_record(row).is_ok();
    }
    let bytes = writer.into_inner().ok().filter(|_| fine).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
