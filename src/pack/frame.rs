//! What a pack says before any response: items, outlets, margins, cases.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::error::{PackError, quote};
use super::source::Source;
use super::{cases, table};
use crate::statistics::class::EvidenceClass;
use crate::statistics::outcome::{Outcome, OutcomeCounts};
use crate::statistics::result::Contacts;
use crate::statistics::score::WEIGHT_MAX;
use crate::statistics::study::{Level, Margin, Outlet, Population};

/// Most items.
const ITEMS_MAX: usize = 500;
/// Most organisations, and most outlets of all together: each keeps sums.
const OUTLETS_MAX: usize = 20_000;
/// Highest code of an item.
const CODE_MAX: u64 = 100;
/// Largest Σ weight·max: with it every sum stays exact.
const AVAILABLE_MAX: u64 = 50_000;
/// Customers of an outlet or level.
const CUSTOMERS_MAX: u64 = 1_000_000_000_000;

/// A row of items.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackItem {
    /// Name, also of its column in responses.csv.
    pub name: String,
    /// Dimension.
    pub dimension: String,
    /// Weight, 1..=1000.
    pub weight: u32,
    /// Highest code.
    pub max: u8,
}

/// An organisation of a pack.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its name in the column `org`.
    pub name: String,
    /// Its outlets and margins.
    pub population: Arc<Population>,
    /// Cases in person, where the pack has cases.csv.
    pub cases_face: Option<OutcomeCounts>,
    /// Invited cases, where the pack has cases.csv.
    pub cases_invited: Option<OutcomeCounts>,
    /// All cases by outlet, class and disposition code, where the pack has cases.csv; those of no known outlet come after
    /// the last one.
    pub contacts: Option<Contacts>,
    /// What the codes mean.
    pub outcomes: BTreeMap<(EvidenceClass, String), Outcome>,
    /// Line of each outlet in outlets.csv.
    pub(super) outlet_lines: Vec<u64>,
}

/// Organisations by name, and their outlets.
pub(super) struct Frame {
    pub organisations: Vec<Organisation>,
    pub places: ByName<Places>,
    /// Every margin variable, in the order of margins.csv.
    pub variables: Vec<String>,
}

/// A map from names as they stand in a file; looked up for every row, so hashed fast (and keyed, so that nobody can prepare
/// collisions).
pub(super) type ByName<T> = HashMap<Vec<u8>, T, foldhash::fast::RandomState>;

/// Where to find the parts of an organisation.
pub(super) struct Places {
    pub organisation: usize,
    pub outlets: ByName<usize>,
    /// Per margin variable of the organisation: its place in [`Frame::variables`], and its levels.
    pub margins: Vec<(usize, ByName<usize>)>,
}

pub(super) fn items(source: &Source) -> Result<Vec<PackItem>, PackError> {
    const FILE: &str = "items.csv";
    let (mut items, mut sum) = (Vec::<PackItem>::new(), 0);
    let read = source.stream(FILE, |stream, _| {
        table::rows(FILE, stream, &["item", "dim", "weight", "max"], &[], |row| {
            let name = row.name("item")?;
            if items.iter().any(|item| item.name == name) {
                return Err(row.wrong("item", format!("{} is there twice", quote(name.as_bytes()))));
            }
            if super::responses::is_fixed(name) {
                return Err(row.wrong(
                    "item",
                    format!("{} is the name of another column", quote(name.as_bytes())),
                ));
            }
            let (weight, max) = (
                row.number("weight", 1, u64::from(WEIGHT_MAX))?,
                row.number("max", 2, CODE_MAX)?,
            );
            sum += weight * max;
            if sum > AVAILABLE_MAX {
                return Err(row.wrong(
                    "weight",
                    format!("sum of weight·max is {sum}; expected at most {AVAILABLE_MAX}"),
                ));
            }
            if items.len() == ITEMS_MAX {
                return Err(row.wrong("item", format!("more than {ITEMS_MAX} items")));
            }
            items.push(PackItem {
                name: name.to_owned(),
                dimension: row.name("dim")?.to_owned(),
                weight: u32::try_from(weight).unwrap_or(WEIGHT_MAX),
                max: u8::try_from(max).unwrap_or(u8::MAX),
            });
            Ok(())
        })
    })?;
    match read {
        None => Err(PackError::of(FILE, "this file is missing")),
        Some(()) if items.is_empty() => Err(PackError::of(FILE, "no item")),
        Some(()) => Ok(items),
    }
}

#[derive(Default)]
struct Draft {
    name: String,
    outlets: Vec<Outlet>,
    lines: Vec<u64>,
    outlet_places: ByName<usize>,
    frame_outlets: Option<(u64, u64)>,
    margins: Vec<Margin>,
}

pub(super) fn frame(source: &Source) -> Result<Frame, PackError> {
    let (mut drafts, mut by_name) = (Vec::<Draft>::new(), HashMap::<String, usize>::new());
    read_outlets(source, &mut drafts, &mut by_name)?;
    let variables = read_margins(source, &mut drafts, &by_name)?;
    let (mut organisations, mut places) = (Vec::new(), ByName::default());
    for (place, draft) in drafts.into_iter().enumerate() {
        let levels = |margin: &Margin| {
            margin
                .levels
                .iter()
                .map(|level| level.name.clone().into_bytes())
                .zip(0..)
                .collect()
        };
        let variable = |margin: &Margin| variables.iter().position(|name| *name == margin.variable).unwrap_or(0);
        let found = Places {
            organisation: place,
            outlets: draft.outlet_places,
            margins: draft
                .margins
                .iter()
                .map(|margin| (variable(margin), levels(margin)))
                .collect(),
        };
        places.insert(draft.name.clone().into_bytes(), found);
        let population = Population::new(draft.outlets, draft.frame_outlets.map(|(m, _)| m), draft.margins)
            .map_err(|e| PackError::of("margins.csv", format!("organisation {}: {e}", draft.name)))?;
        organisations.push(Organisation {
            name: draft.name,
            population: Arc::new(population),
            cases_face: None,
            cases_invited: None,
            contacts: None,
            outcomes: BTreeMap::new(),
            outlet_lines: draft.lines,
        });
    }
    cases::read(source, &mut organisations, &places)?;
    Ok(Frame {
        organisations,
        places,
        variables,
    })
}

fn read_outlets(
    source: &Source,
    drafts: &mut Vec<Draft>,
    by_name: &mut HashMap<String, usize>,
) -> Result<(), PackError> {
    const FILE: &str = "outlets.csv";
    let mut count = 0;
    let read = source.stream(FILE, |stream, _| {
        table::rows(FILE, stream, &["org", "outlet", "N_customers", "M_frame"], &[], |row| {
            let (organisation, outlet) = (row.name("org")?, row.name("outlet")?);
            let place = *by_name.entry(organisation.to_owned()).or_insert(drafts.len());
            if place == drafts.len() {
                drafts.push(Draft {
                    name: organisation.to_owned(),
                    ..Draft::default()
                });
            }
            count += 1;
            let Some(draft) = drafts.get_mut(place).filter(|_| count <= OUTLETS_MAX) else {
                return Err(row.wrong("outlet", format!("more than {OUTLETS_MAX} outlets")));
            };
            if draft.outlet_places.insert(outlet.into(), draft.outlets.len()).is_some() {
                return Err(row.wrong("outlet", format!("{} is there twice", quote(outlet.as_bytes()))));
            }
            let frame_outlets = row.number_if_any("M_frame", 1, CUSTOMERS_MAX)?;
            match (draft.frame_outlets, frame_outlets) {
                (Some((known, line)), Some(found)) if known != found => {
                    return Err(row.wrong("M_frame", format!("{found}; expected {known} as on line {line}")));
                }
                (None, Some(found)) => draft.frame_outlets = Some((found, row.line)),
                _ => {}
            }
            draft.outlets.push(Outlet {
                name: outlet.to_owned(),
                customers: row.number_if_any("N_customers", 0, CUSTOMERS_MAX)?,
            });
            draft.lines.push(row.line);
            Ok(())
        })
    })?;
    match read {
        None => Err(PackError::of(FILE, "this file is missing")),
        Some(()) if drafts.is_empty() => Err(PackError::of(FILE, "no outlet")),
        Some(()) => {
            for draft in drafts {
                if let Some((known, line)) = draft
                    .frame_outlets
                    .filter(|(known, _)| *known < draft.outlets.len() as u64)
                {
                    let problem = format!(
                        "{known}; expected at least the {} outlets of {}",
                        draft.outlets.len(),
                        draft.name
                    );
                    return Err(PackError::at(FILE, line, "M_frame", problem));
                }
            }
            Ok(())
        }
    }
}

/// Returns the variables in the order of the file; nothing without margins.csv.
fn read_margins(
    source: &Source,
    drafts: &mut [Draft],
    by_name: &HashMap<String, usize>,
) -> Result<Vec<String>, PackError> {
    const FILE: &str = "margins.csv";
    let mut variables = Vec::<String>::new();
    source.stream(FILE, |stream, _| {
        table::rows(FILE, stream, &["org", "var", "level", "N"], &[], |row| {
            let (organisation, variable, level) = (row.name("org")?, row.name("var")?, row.name("level")?);
            let draft = by_name
                .get(organisation)
                .and_then(|place| drafts.get_mut(*place))
                .ok_or_else(|| {
                    row.wrong(
                        "org",
                        format!(
                            "unknown organisation {}; expected one of outlets.csv",
                            quote(organisation.as_bytes())
                        ),
                    )
                })?;
            if super::responses::is_fixed(variable) {
                return Err(row.wrong(
                    "var",
                    format!("{} is the name of another column", quote(variable.as_bytes())),
                ));
            }
            if !variables.iter().any(|known| known == variable) {
                variables.push(variable.to_owned());
            }
            let place = draft.margins.iter().position(|margin| margin.variable == variable);
            let margin = match place {
                Some(place) => draft.margins.get_mut(place),
                None => {
                    draft.margins.push(Margin {
                        variable: variable.to_owned(),
                        levels: Vec::new(),
                    });
                    draft.margins.last_mut()
                }
            };
            if let Some(margin) = margin {
                if margin.levels.iter().any(|known| known.name == level) {
                    return Err(row.wrong("level", format!("{} is there twice", quote(level.as_bytes()))));
                }
                margin.levels.push(Level {
                    name: level.to_owned(),
                    customers: row.number("N", 0, CUSTOMERS_MAX)?,
                });
            }
            Ok(())
        })
    })?;
    // Names are made of variables in the order of the file, whatever order an organisation's rows have.
    for draft in drafts {
        draft
            .margins
            .sort_by_key(|margin| variables.iter().position(|name| *name == margin.variable));
    }
    Ok(variables)
}
