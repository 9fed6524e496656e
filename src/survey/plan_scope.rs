//! Whom a plan speaks of: population and exclusions, strata, ways to customers, the time in the field.
//!
//! Source: requirements.md §8.1 (channels), §8.2 (population, frame), §6 (one extension, named beforehand),
//! §8.5 (back-checks).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::back_check::{self, Extent};
use super::form::{FormReader, Problem};

/// Characters of a description.
pub const TEXT_MAX: usize = 600;
/// Interviews of one evaluator on one day; more than this is flagged (requirements.md §8.5).
const PER_DAY: std::ops::RangeInclusive<i64> = 1..=25;

/// A closed list of names, the same in forms and in the stored text.
macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($(#[$about:meta])* $one:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $kind {
            $($(#[$about])* #[serde(rename = $name)] $one),+
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[$kind] = &[$($kind::$one),+];

            /// Name in forms and files.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($kind::$one => $name),+
                }
            }
        }
    };
}

names! {
    /// Who is no customer in the sense of the survey.
    Exclusion {
        /// Staff of the organisation.
        Staff = "staff",
        /// Their relatives.
        Relatives = "relatives",
        /// Dealers.
        Dealers = "dealers",
        /// Contractors.
        Contractors = "contractors",
        /// Under 18.
        Minors = "minors",
    }
}
names! {
    /// What the population is divided by before drawing.
    Layer {
        /// Outlet.
        Outlet = "outlet",
        /// Kind of service.
        Service = "service",
        /// Product.
        Product = "product",
        /// Month of service.
        Month = "month",
    }
}
names! {
    /// A way to electronic answers; interviews are always held.
    Way {
        /// Codes for everybody at the outlets.
        Plate = "qr",
        /// Personal links by mail.
        Mail = "email",
        /// Printed codes that work once.
        Slip = "printed",
    }
}

/// The population and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The target group in words; may be empty.
    pub population: String,
    /// Months before the visit in which a service was completed.
    pub window_months: u32,
    /// Who is left out.
    pub exclusions: Vec<Exclusion>,
    /// Who else is left out, in words; may be empty.
    pub exclusions_other: String,
    /// Customers that nobody can reach, in words; may be empty.
    pub gaps: String,
    /// What the population is divided by.
    pub layers: Vec<Layer>,
    /// Ways to electronic answers, at least one.
    pub ways: Vec<Way>,
    /// First day in the field.
    #[serde(with = "day")]
    pub first_day: Option<NaiveDate>,
    /// Last day in the field.
    #[serde(with = "day")]
    pub last_day: Option<NaiveDate>,
    /// Days by which the time in the field may be extended once; 0 = not at all.
    pub extension_days: u32,
    /// Interviews that an evaluator holds on a day.
    pub per_day: u32,
    /// Interviews that are asked again; the usual ones in plans from before this was asked.
    #[serde(default)]
    pub back_checks: Extent,
}

impl Scope {
    /// What the sampling rules say where nobody says otherwise: a year, everybody excluded who is no customer, strata by
    /// outlet, all ways, no extension, fifteen interviews a day, one in ten of them asked again.
    pub fn usual() -> Self {
        Self {
            population: String::new(),
            window_months: 12,
            exclusions: Exclusion::ALL.to_vec(),
            exclusions_other: String::new(),
            gaps: String::new(),
            layers: vec![Layer::Outlet],
            ways: Way::ALL.to_vec(),
            first_day: None,
            last_day: None,
            extension_days: 0,
            per_day: 15,
            back_checks: Extent::default(),
        }
    }

    /// The last day to which the time in the field may be extended; `None` where the plan allows none.
    pub fn latest_day(&self) -> Option<NaiveDate> {
        let days = chrono::Days::new(u64::from(self.extension_days));
        let last = self.last_day.filter(|_| self.extension_days > 0)?;
        last.checked_add_days(days)
    }
}

/// Reads this part of the plan's form; `None` and a problem at its field where something must be corrected.
pub(super) fn read(reader: &mut FormReader<'_>) -> Option<Scope> {
    let population = reader.text("population", TEXT_MAX);
    let window_months = required(reader, "window_months", 1..=24);
    let exclusions = ticked(reader, "exclusions", Exclusion::ALL, Exclusion::as_str);
    let exclusions_other = reader.text("exclusions_other", TEXT_MAX);
    let gaps = reader.text("gaps", TEXT_MAX);
    let layers = ticked(reader, "layers", Layer::ALL, Layer::as_str);
    let ways = ticked(reader, "ways", Way::ALL, Way::as_str);
    if reader.form().all("ways").next().is_none() {
        reader.refuse("ways", Problem::Missing);
    }
    let (first_day, last_day) = (reader.day("first_day"), reader.day("last_day"));
    if first_day.zip(last_day).is_some_and(|(first, last)| last < first) {
        reader.refuse("last_day", Problem::TooEarly);
    }
    let extension_days = match reader.number("extension_days", 0..=60) {
        Some(days) if days > 0 && last_day.is_none() => {
            reader.refuse("last_day", Problem::Empty);
            None
        }
        days => Some(days.unwrap_or(0)),
    };
    let per_day = required(reader, "per_day", PER_DAY);
    let percent = required(reader, "back_check_percent", back_check::PERCENT);
    let least = required(reader, "back_check_least", back_check::LEAST);
    Some(Scope {
        population,
        window_months: window_months?,
        exclusions,
        exclusions_other,
        gaps,
        layers,
        ways,
        first_day,
        last_day,
        extension_days: u32::try_from(extension_days?).ok()?,
        per_day: per_day?,
        back_checks: Extent {
            percent: percent?,
            least: least?,
        },
    })
}

fn required(reader: &mut FormReader<'_>, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<u32> {
    if reader.form().first(name).trim().is_empty() {
        reader.refuse(name, Problem::Empty);
    }
    reader.number(name, bounds).and_then(|number| number.try_into().ok())
}

fn ticked<T: Copy>(reader: &mut FormReader<'_>, name: &str, all: &[T], as_str: fn(T) -> &'static str) -> Vec<T> {
    let form = reader.form();
    if form.all(name).any(|value| all.iter().all(|one| as_str(*one) != value)) {
        reader.refuse(name, Problem::NotAChoice);
    }
    all.iter().copied().filter(|one| form.has(name, as_str(*one))).collect()
}

/// Days as `YYYY-MM-DD`, or nothing.
mod day {
    use chrono::NaiveDate;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Option<NaiveDate>, to: S) -> Result<S::Ok, S::Error> {
        day.map(|day| day.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
