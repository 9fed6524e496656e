//! What a grade is made of: checked facts of one evaluation.
//!
//! Source: CQM/F-RZ-ZY-06-001 5.1 (three methods), 6.2, notes 2–4; requirements §4.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendar::{date, optional_date};
use super::decimal::Decimal;
use super::indicator::Indicators;
use crate::statistics::exact::Ratio;

/// What is wrong with a piece of evidence, and in which field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct EvidenceError {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl EvidenceError {
    pub(super) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field,
            problem: problem.into(),
        }
    }
}

/// Everything the table of 6.2 asks about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Entry")]
pub struct Evidence {
    /// Why the organisation is evaluated.
    pub occasion: Occasion,
    /// First day of the on-site evaluation (现场评价): anchor of every window.
    pub onsite_date: NaiveDate,
    /// End of every window; not before `onsite_date`. What happened later is not known yet.
    pub decision_date: NaiveDate,
    /// The later of the licence date and the first day of the certified service (D11).
    pub operating_since: Option<NaiveDate>,
    /// Scores of chapter 4.1.
    pub indicators: Indicators,
    /// Verdict on chapter 4.2, once there is one.
    pub audit: Option<Audit>,
    /// The perception survey of 4.3.
    pub survey: Survey,
    /// Accidents, in any order.
    pub accidents: Vec<Accident>,
    /// Major complaints, in any order.
    pub major_complaints: Vec<MajorComplaint>,
    /// Negative information, in any order; what is booked as a major complaint is not repeated here (D10).
    pub negative_info: Vec<NegativeInformation>,
    /// On a government blacklist now.
    pub blacklisted: bool,
    /// Free convenience services, where they were recorded (6.3 note 1, example 4).
    pub convenience_services: Option<u32>,
}

/// Why an organisation is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// First grading.
    Initial,
    /// The yearly evaluation of a holder (5.1).
    Surveillance(Holding),
    /// The evaluation of a holder that applies for another term.
    Recertification(Holding),
    /// An extra evaluation of a holder, after an accident or a major complaint (5.1).
    Special(Holding),
}

impl Occasion {
    /// The certificate held, if one is.
    pub fn holding(&self) -> Option<&Holding> {
        match self {
            Occasion::Initial => None,
            Occasion::Surveillance(holding) | Occasion::Recertification(holding) | Occasion::Special(holding) => {
                Some(holding)
            }
        }
    }
}

/// The certificate an evaluated organisation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Its star, 1..=5.
    pub star: u8,
    /// First day of the evaluation before this one.
    pub last_evaluation: NaiveDate,
}

/// The management audit's verdict (5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    /// Conform or not.
    pub conclusion: Conclusion,
    /// Serious nonconformities raised, open or closed.
    pub serious_raised: u32,
    /// Those of them still open; at most `serious_raised`.
    pub serious_open: u32,
}

/// Conform or not (5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Conform.
    Pass,
    /// Not conform.
    Fail,
}

/// The perception survey's figures.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "SurveyEntry")]
pub struct Survey {
    /// S, both channels together.
    pub s: Option<Share>,
    /// S_face (S当面), in person.
    pub s_face: Option<Share>,
    /// Whether the sample was judged to reach the plan's floor (D17).
    pub sample_adequate: bool,
}

/// A share of full marks, 0..=1, exact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Decimal")]
pub struct Share(Ratio);

impl Share {
    /// A share; nothing outside 0..=1.
    pub fn new(ratio: Ratio) -> Option<Self> {
        let (zero, one) = (Ratio::from_integer(0.into()), Ratio::from_integer(1.into()));
        (ratio >= zero && ratio <= one).then_some(Self(ratio))
    }

    /// The exact fraction.
    pub fn ratio(&self) -> &Ratio {
        &self.0
    }
}

impl TryFrom<Decimal> for Share {
    type Error = String;

    fn try_from(percent: Decimal) -> Result<Self, String> {
        let hundred = Ratio::from_integer(100.into());
        Share::new(percent.value() / hundred).ok_or_else(|| format!("{} is above 100 per cent", percent.as_str()))
    }
}

/// An accident in after-sales service (note 2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accident {
    /// When it happened.
    #[serde(deserialize_with = "date")]
    pub date: NaiveDate,
    /// Its gravest consequence.
    pub kind: Harm,
    /// Whether the organisation's after-sales service caused it.
    pub responsible: bool,
}

/// What an accident did to customers (note 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// Loss of property.
    Property,
    /// Injury.
    Injury,
    /// Death.
    Death,
}

/// A major complaint (note 3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorComplaint {
    /// When it became public or was penalised.
    #[serde(deserialize_with = "date")]
    pub date: NaiveDate,
    /// What makes it a major one.
    pub basis: Basis,
    /// Whether it is confirmed (D14).
    pub confirmed: bool,
    /// How far it has been put right, by the evidence that the evaluator verified (D9).
    pub rectification: Rectification,
}

/// What makes a complaint a major one (note 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Exposed by media.
    Media,
    /// Exposed on an official government site.
    GovSite,
    /// Penalised by an authority.
    AdminPenalty,
}

/// How far a complaint has been put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rectification {
    /// Effectively, verified.
    Effective,
    /// Not yet.
    Pending,
    /// It cannot be, or was not.
    Failed,
}

/// Negative information about after-sales service (6.2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeInformation {
    /// When it was published.
    #[serde(deserialize_with = "date")]
    pub date: NaiveDate,
    /// Whether it is confirmed (D14).
    pub confirmed: bool,
}

/// As written; a list that is absent is not the same as an empty one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    mode: Mode,
    #[serde(deserialize_with = "date")]
    onsite_date: NaiveDate,
    #[serde(deserialize_with = "date")]
    decision_date: NaiveDate,
    #[serde(default, deserialize_with = "optional_date")]
    operating_since: Option<NaiveDate>,
    indicators: Indicators,
    audit: Option<AuditRead>,
    survey: Option<Survey>,
    accidents: Vec<Accident>,
    major_complaints: Vec<MajorComplaint>,
    negative_info: Vec<NegativeInformation>,
    blacklisted: bool,
    convenience_services: Option<u32>,
    current_star: Option<u8>,
    #[serde(default, deserialize_with = "optional_date")]
    last_evaluation_date: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Initial,
    Surveillance,
    Recertification,
    Special,
}

impl Entry {
    fn holding(&self) -> Result<Holding, EvidenceError> {
        let missing = |field| EvidenceError::new(field, "is missing; a holder is evaluated");
        let star = self.current_star.ok_or_else(|| missing("current_star"))?;
        let last_evaluation = self
            .last_evaluation_date
            .ok_or_else(|| missing("last_evaluation_date"))?;
        if last_evaluation > self.onsite_date {
            let problem = format!("{last_evaluation} is after the on-site date {}", self.onsite_date);
            return Err(EvidenceError::new("last_evaluation_date", problem));
        }
        Ok(Holding { star, last_evaluation })
    }
}

impl TryFrom<Entry> for Evidence {
    type Error = EvidenceError;

    fn try_from(entry: Entry) -> Result<Self, EvidenceError> {
        if let Some(star) = entry.current_star.filter(|star| !(1..=5).contains(star)) {
            return Err(EvidenceError::new("current_star", format!("{star} is not 1 to 5")));
        }
        if entry.decision_date < entry.onsite_date {
            let problem = format!(
                "{} is before the on-site date {}",
                entry.decision_date, entry.onsite_date
            );
            return Err(EvidenceError::new("decision_date", problem));
        }
        let occasion = match entry.mode {
            Mode::Initial => Occasion::Initial,
            Mode::Surveillance => Occasion::Surveillance(entry.holding()?),
            Mode::Recertification => Occasion::Recertification(entry.holding()?),
            Mode::Special => Occasion::Special(entry.holding()?),
        };
        Ok(Self {
            occasion,
            onsite_date: entry.onsite_date,
            decision_date: entry.decision_date,
            operating_since: entry.operating_since,
            indicators: entry.indicators,
            audit: entry.audit.and_then(|audit| audit.0),
            survey: entry.survey.unwrap_or_default(),
            accidents: entry.accidents,
            major_complaints: entry.major_complaints,
            negative_info: entry.negative_info,
            blacklisted: entry.blacklisted,
            convenience_services: entry.convenience_services,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditEntry {
    conclusion: Option<Conclusion>,
    serious_nc: Option<u32>,
    serious_nc_open: Option<u32>,
}

/// An audit without a verdict is none yet.
#[derive(Deserialize)]
#[serde(try_from = "AuditEntry")]
struct AuditRead(Option<Audit>);

impl TryFrom<AuditEntry> for AuditRead {
    type Error = EvidenceError;

    fn try_from(entry: AuditEntry) -> Result<Self, EvidenceError> {
        let (raised, open) = (entry.serious_nc, entry.serious_nc_open);
        if let (Some(raised), Some(open)) = (raised, open)
            && open > raised
        {
            let problem = format!("{open} open are more than the {raised} raised");
            return Err(EvidenceError::new("serious_nc_open", problem));
        }
        let Some(conclusion) = entry.conclusion else {
            return Ok(Self(None));
        };
        Ok(Self(Some(Audit {
            conclusion,
            serious_raised: raised.ok_or_else(|| EvidenceError::new("serious_nc", "is missing"))?,
            serious_open: open.ok_or_else(|| EvidenceError::new("serious_nc_open", "is missing"))?,
        })))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyEntry {
    s: Option<Share>,
    s_face: Option<Share>,
    sample_adequate: Option<bool>,
}

impl From<SurveyEntry> for Survey {
    fn from(entry: SurveyEntry) -> Self {
        Self {
            s: entry.s,
            s_face: entry.s_face,
            sample_adequate: entry.sample_adequate.unwrap_or(false),
        }
    }
}
