//! Lists that a sample is planned and drawn from: outlets with their customers, and the frame of cases.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::{PackError, quote};
use super::source::read_small;
use super::table;
use crate::statistics::allocation::Stratum;
use crate::statistics::draw::{self, Drawn, Seed};

/// Customers of an outlet.
const CUSTOMERS_MAX: u64 = 1_000_000_000;

/// What is to be drawn: a JSON file, also written by `perception plan allocate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawPlan {
    /// Column of the frame with the case's id.
    #[serde(default = "id_column")]
    pub id_column: String,
    /// Column of the frame with the case's stratum.
    #[serde(default = "stratum_column")]
    pub stratum_column: String,
    /// Stratum → how much.
    pub strata: BTreeMap<String, PlannedTake>,
}

/// Cases to draw in a stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTake {
    /// Cases to draw.
    pub draw: u64,
    /// Reserves, in drawn order.
    #[serde(default)]
    pub reserves: u64,
}

fn id_column() -> String {
    "id".into()
}

fn stratum_column() -> String {
    "outlet".into()
}

/// A draw with all that identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameDraw {
    /// SHA-256 of the frame's bytes, hexadecimal.
    pub frame_sha256: String,
    /// SHA-256 of the plan's bytes, hexadecimal.
    pub plan_sha256: String,
    /// Cases in the frame.
    pub frame_cases: u64,
    /// The cases drawn and the reserves.
    pub drawn: Vec<Drawn>,
}

/// The outlets of a CSV file: columns outlet, N_customers, and where they are needed sd (`sd_default` where empty or missing) and cost
/// (1 where empty or missing).
///
/// # Errors
/// [`PackError`] naming line and column.
pub fn read_outlets(path: &Path, sd_default: f64) -> Result<Vec<Stratum>, PackError> {
    let name = path.display().to_string();
    let bytes = read(path, &name)?;
    let mut strata = Vec::<Stratum>::new();
    table::rows(
        &name,
        &mut bytes.as_slice(),
        &["outlet", "N_customers"],
        &["sd", "cost"],
        |row| {
            let outlet = row.name("outlet")?;
            if strata.iter().any(|stratum| stratum.id == outlet) {
                return Err(row.wrong("outlet", format!("{} is there twice", quote(outlet.as_bytes()))));
            }
            strata.push(Stratum {
                id: outlet.to_owned(),
                customers: row.number("N_customers", 0, CUSTOMERS_MAX)?,
                sd: row.decimal_if_any("sd")?.unwrap_or(sd_default),
                cost: row.decimal_if_any("cost")?.unwrap_or(1.0),
            });
            Ok(())
        },
    )?;
    Ok(strata)
}

/// Draws from a frame (CSV) by a plan (JSON).
///
/// # Errors
/// [`PackError`] for a frame or plan that cannot be read, or from which nothing can be drawn.
pub fn draw_from(frame: &Path, plan: &Path, seed: &str) -> Result<FrameDraw, PackError> {
    let (frame_name, plan_name) = (frame.display().to_string(), plan.display().to_string());
    let plan_bytes = read(plan, &plan_name)?;
    let plan: DrawPlan = serde_json::from_slice(&plan_bytes).map_err(|e| PackError::of(&plan_name, e.to_string()))?;
    let bytes = read(frame, &frame_name)?;
    let columns = [plan.stratum_column.as_str(), plan.id_column.as_str()];
    let mut cases = Vec::new();
    table::rows(&frame_name, &mut bytes.as_slice(), &columns, &[], |row| {
        cases.push((
            row.name(&plan.stratum_column)?.to_owned(),
            row.name(&plan.id_column)?.to_owned(),
        ));
        Ok(())
    })?;
    let frame_sha256 = sha256(&bytes);
    let take = |planned: &PlannedTake| draw::Take {
        draw: planned.draw,
        reserves: planned.reserves,
    };
    let strata = plan
        .strata
        .iter()
        .map(|(name, planned)| (name.clone(), take(planned)))
        .collect();
    let named = Seed {
        frame_sha256: &frame_sha256,
        seed,
    };
    let pairs = cases.iter().map(|(stratum, id)| (stratum.as_str(), id.as_str()));
    let drawn = draw::draw(pairs, &named, &strata).map_err(|e| PackError::of(&frame_name, e.to_string()))?;
    Ok(FrameDraw {
        frame_cases: cases.len() as u64,
        plan_sha256: sha256(&plan_bytes),
        frame_sha256,
        drawn,
    })
}

fn read(path: &Path, name: &str) -> Result<Vec<u8>, PackError> {
    let mut file = File::open(path).map_err(|e| PackError::of(name, e.to_string()))?;
    read_small(&mut file, name)
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
