//! The questionnaire, versioned data, checked on load: who sees it can rely on every rule in `questionnaire_rules`.
//!
//! Source: CQM/F-RZ-ZY-06-001 4.3 (six dimensions, basis chapter 4.1) and its annex (marks of the headings).

use sha2::{Digest, Sha256};

use super::language::{Language, Text};
use super::method::Method;
use super::questionnaire_file::File;
use super::questionnaire_rules;
use crate::statistics::class::EvidenceClass;
use crate::statistics::outcome::Outcome;
use crate::statistics::score::{ScoreScheme, ScoredItem};
use crate::statistics::study::Scoring;

/// Why a questionnaire cannot be used: every finding, one a line, each naming the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("questionnaire: {}", .0.join("; "))]
pub struct QuestionnaireError(pub Vec<String>);

/// A checked questionnaire. Its identity is the hash of the file's bytes.
#[derive(Debug, Clone)]
pub struct Questionnaire {
    pub(super) hash: String,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: Text,
    pub(super) scale: Scale,
    pub(super) low_rating: Option<Control>,
    pub(super) screening: Screening,
    pub(super) overall: Control,
    pub(super) stem: Text,
    pub(super) dimensions: Vec<Facet>,
    pub(super) headings: Vec<Heading>,
    pub(super) items: Vec<Item>,
    pub(super) fields: Fields,
    pub(super) texts: Texts,
    pub(super) in_person: InPerson,
    pub(super) dispositions: Vec<Disposition>,
    pub(super) refusal_reasons: Vec<Choice>,
}

/// The rating scale: codes 1..=max, points per code, words for every code.
#[derive(Debug, Clone)]
pub struct Scale {
    /// Points of code 1, 2, …, max under the file's own (`customary`) conversion; the last is 100.
    pub points: Vec<u32>,
    /// `(code, words)`, best first.
    pub labels: Vec<(u8, Text)>,
    /// The words for "not applicable" (code 0).
    pub not_applicable: Text,
}

impl Scale {
    /// The highest code.
    pub fn max(&self) -> u8 {
        u8::try_from(self.points.len()).unwrap_or(u8::MAX)
    }
}

/// The questions before the ratings.
#[derive(Debug, Clone)]
pub struct Screening {
    /// "18 or older?"; no ends the visit.
    pub adult: Control,
    /// "Service in the last 12 months?"; no ends the visit.
    pub served: Control,
    /// "Do you work for the firm?"; yes ends the visit.
    pub conflict: Control,
    /// Services used; decide which items are shown. At most 32.
    pub services: Control,
    /// The options of `services`.
    pub service_options: Vec<Choice>,
}

/// A form control: the name it bears in forms and exports, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Name of the control.
    pub id: String,
    /// Its question.
    pub text: Text,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Value in forms and exports.
    pub id: String,
    /// Its words.
    pub text: Text,
}

/// A dimension (功能性, …).
#[derive(Debug, Clone)]
pub struct Facet {
    /// Stable name, e.g. `functionality`.
    pub id: String,
    /// Its words.
    pub text: Text,
    /// Sum of its items' weights.
    pub weight: u32,
    /// Reasons to choose from after a low rating of one of its items.
    pub low_reasons: Vec<Choice>,
}

/// A first-level indicator 4.1.x with the marks of the annex.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Clause number, e.g. `4.1.3`.
    pub clause: String,
    /// Marks of the annex; equal to the sum of the items' weights.
    pub marks: u32,
}

/// When an item is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// To everybody.
    Always,
    /// To customers who used any of these services.
    AnyOf(ServiceSet),
}

/// A set of services used, as bits in the order of the questionnaire's options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ServiceSet(pub u32);

impl ServiceSet {
    /// Whether two sets share a service.
    pub fn meets(self, other: ServiceSet) -> bool {
        self.0 & other.0 != 0
    }
    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The set with one more service, by its place in the options (0..32).
    pub fn with(self, position: usize) -> ServiceSet {
        u32::try_from(position)
            .ok()
            .and_then(|shift| 1u32.checked_shl(shift))
            .map_or(self, |bit| ServiceSet(self.0 | bit))
    }
    /// Whether the service at this place is in the set.
    pub fn contains(self, position: usize) -> bool {
        self.meets(ServiceSet::default().with(position))
    }
}

/// A scored item.
#[derive(Debug, Clone)]
pub struct Item {
    /// Name of its radio group, e.g. `F01`.
    pub id: String,
    /// Noun phrase that is rated.
    pub text: Text,
    /// Weight 1..=1000.
    pub weight: u32,
    /// Place in [`Questionnaire::dimensions`].
    pub dimension: usize,
    /// Place in [`Questionnaire::headings`].
    pub heading: usize,
    /// When it is shown.
    pub condition: Condition,
    /// Clauses of chapter 4.1 it rests on.
    pub clauses: Vec<String>,
}

impl Item {
    /// Whether a customer who used these services is asked.
    pub fn applies(&self, services: ServiceSet) -> bool {
        match self.condition {
            Condition::Always => true,
            Condition::AnyOf(any) => any.meets(services),
        }
    }
}

/// The unscored controls after the ratings.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Which product; options come from the organisation's scope.
    pub product_category: Control,
    /// Month of the latest service.
    pub service_month: Control,
    /// Household or business.
    pub customer_type: (Control, Vec<Choice>),
    /// Free text and its longest length in characters.
    pub comment: (Control, usize),
    /// Whether the answers were given freely.
    pub integrity: (Control, Vec<Choice>),
    /// Whether handling a complaint was charged (clause 4.1.8.3).
    pub complaint_fee: (Control, Vec<Choice>),
    /// Services after which `complaint_fee` is asked.
    pub complaint_fee_services: ServiceSet,
    /// The consent check box.
    pub consent: String,
}

/// Wordings that go with the questionnaire; `{name}` marks what is filled in.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Privacy notice: `{body} {contact} {days} {retention_end}`.
    pub notice: Text,
    /// Button that agrees and starts.
    pub consent_button: Text,
    /// Button that declines.
    pub decline_button: Text,
    /// Thanks with `{code}`.
    pub closing: Text,
    /// Line on the outlet's QR plate.
    pub plate: Text,
}

/// What an evaluator reads aloud, shows and notes (questionnaire `channels.in_person`).
#[derive(Debug, Clone)]
pub struct InPerson {
    /// Introduction: `{body} {name} {firm}`.
    pub opening: Text,
    /// The question for one item: `{item}`.
    pub read_stem: Text,
    /// The show card, lines parted by `|`, one per code, best first, "not applicable" last.
    pub show_card: Text,
    /// Where the interview takes place; options as [`super::submission::Place`] names them.
    pub place: (Control, Vec<Choice>),
    /// ID shown.
    pub id_card_shown: Control,
    /// Show card used.
    pub show_card_used: Control,
    /// Staff within earshot; yes is looked at in review (260).
    pub staff_within_earshot: Control,
    /// Others present.
    pub others_present: Control,
    /// How the customer was selected.
    pub selection_rule: Control,
    /// Running number of the approach.
    pub contact_no: Control,
    /// Dialect used.
    pub dialect: Control,
    /// Number of a paper form.
    pub paper_form_no: Control,
    /// What the evaluator declares.
    pub declaration: Control,
}

/// One row of the published disposition table.
#[derive(Debug, Clone)]
pub struct Disposition {
    /// Code, e.g. `220`.
    pub code: String,
    /// Its words.
    pub text: Text,
    /// Outcome class in person (`I P R NC O UH UO NE`, or as completed).
    pub class_face: String,
    /// Outcome class of invitations.
    pub class_invited: String,
    /// Channels it can occur in, as in the file.
    pub channels: String,
}

impl Questionnaire {
    /// Reads and checks a questionnaire file.
    ///
    /// # Errors
    /// Every broken rule at once, each naming its place; nothing is usable then.
    pub fn from_json(bytes: &[u8]) -> Result<Self, QuestionnaireError> {
        let file: File = serde_json::from_slice(bytes).map_err(|e| QuestionnaireError(vec![e.to_string()]))?;
        questionnaire_rules::check(file, data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)))
    }

    /// SHA-256 of the file, hexadecimal: the identity that responses and results name.
    pub fn hash(&self) -> &str {
        &self.hash
    }
    /// Name of the questionnaire.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// Version as its author wrote it.
    pub fn version(&self) -> &str {
        &self.version
    }
    /// Title for customers.
    pub fn title(&self) -> &Text {
        &self.title
    }
    /// The rating scale.
    pub fn scale(&self) -> &Scale {
        &self.scale
    }
    /// The screening questions.
    pub fn screening(&self) -> &Screening {
        &self.screening
    }
    /// The unscored overall rating (G00).
    pub fn overall(&self) -> &Control {
        &self.overall
    }
    /// The question above the ratings.
    pub fn stem(&self) -> &Text {
        &self.stem
    }
    /// Dimensions in file order.
    pub fn dimensions(&self) -> &[Facet] {
        &self.dimensions
    }
    /// Headings 4.1.1 … 4.1.8.
    pub fn headings(&self) -> &[Heading] {
        &self.headings
    }
    /// Scored items in file order, which is the order on screen.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
    /// Unscored controls.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }
    /// Wordings.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }
    /// What an evaluator reads aloud, shows and notes.
    pub fn in_person(&self) -> &InPerson {
        &self.in_person
    }
    /// Disposition table.
    pub fn dispositions(&self) -> &[Disposition] {
        &self.dispositions
    }
    /// What a disposition code means in a class; electronic columns share one.
    pub fn outcome(&self, code: &str, class: EvidenceClass) -> Option<Outcome> {
        let known = self.dispositions.iter().find(|known| known.code == code)?;
        Outcome::parse(match class {
            EvidenceClass::Face => &known.class_face,
            EvidenceClass::Invited | EvidenceClass::Open => &known.class_invited,
        })
    }
    /// Reasons for a refusal.
    pub fn refusal_reasons(&self) -> &[Choice] {
        &self.refusal_reasons
    }

    /// How answers are scored under a method: facets are the dimensions, then the headings.
    ///
    /// # Errors
    /// [`QuestionnaireError`] when the sums could leave their exact range.
    pub fn scoring(&self, method: &Method) -> Result<Scoring, QuestionnaireError> {
        let points = method.score_table().points(&self.scale);
        let full_points = points.last().copied().unwrap_or(0);
        let items = self
            .items
            .iter()
            .map(|item| ScoredItem {
                weight: item.weight,
                full_points,
                points: points.clone(),
                facets: vec![item.dimension, self.dimensions.len() + item.heading],
            })
            .collect();
        let broken = |e: &dyn std::fmt::Display| QuestionnaireError(vec![e.to_string()]);
        let scheme = ScoreScheme::new(items, self.dimensions.len() + self.headings.len()).map_err(|e| broken(&e))?;
        let names = self.items.iter().map(|item| item.id.clone()).collect();
        let dimensions = self.dimensions.iter().map(|facet| facet.id.clone());
        let headings = self.headings.iter().map(|heading| heading.clause.clone());
        Scoring::new(
            scheme,
            names,
            dimensions.chain(headings).collect(),
            self.dimensions.len(),
        )
        .and_then(|scoring| scoring.with_marks(self.headings.iter().map(|heading| heading.marks).collect()))
        .map_err(|e| broken(&e))
    }

    /// The words of a service set, in the order of the options.
    pub fn service_names(&self, services: ServiceSet, language: Language) -> Vec<&str> {
        self.screening
            .service_options
            .iter()
            .enumerate()
            .filter(|(position, _)| services.contains(*position))
            .map(|(_, option)| option.text.get(language))
            .collect()
    }
}
