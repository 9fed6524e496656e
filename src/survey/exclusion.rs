//! Excluding responses after review, and taking it back: proposed by one person with a coded reason, decided by another
//! (requirements.md §8.5).

use std::collections::{BTreeMap, BTreeSet};

use super::form::{FormReader, Problem, RawForm};
use super::id::ResponseId;
use crate::statistics::class::EvidenceClass;
use crate::statistics::exact::Ratio;
use crate::statistics::margin::{Extreme, GradeMargin};
use crate::statistics::score::{Points, ScoreScheme};
use crate::statistics::sums::Sums;

/// Responses of one proposal.
pub const RESPONSES_MAX: usize = 200;
/// Characters of an explanation.
pub const EXPLANATION_MAX: usize = 500;

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// They no longer count.
    Exclude,
    /// They count again.
    Include,
}

impl Kind {
    /// Name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Exclude => "exclude",
            Kind::Include => "include",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Kind::Exclude, Kind::Include].into_iter().find(|k| k.as_str() == name)
    }
}

/// Why, in a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The customer said that somebody of the firm asked for high scores or filled it in.
    Integrity,
    /// Several answers from one hand.
    OneHand,
    /// Filled in in bulk.
    Bulk,
    /// By staff, or from the outlet's own network.
    Staff,
    /// Filled in without reading.
    Careless,
    /// Did not have the service, or not in time.
    NotEligible,
    /// A back-check did not confirm it.
    NotConfirmed,
    /// A doubt that was cleared up.
    ClearedUp,
    /// Something else, which the explanation says.
    Other,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 9] = [
        Reason::Integrity,
        Reason::OneHand,
        Reason::Bulk,
        Reason::Staff,
        Reason::Careless,
        Reason::NotEligible,
        Reason::NotConfirmed,
        Reason::ClearedUp,
        Reason::Other,
    ];

    /// Name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Integrity => "integrity",
            Reason::OneHand => "one_hand",
            Reason::Bulk => "bulk",
            Reason::Staff => "staff",
            Reason::Careless => "careless",
            Reason::NotEligible => "not_eligible",
            Reason::NotConfirmed => "not_confirmed",
            Reason::ClearedUp => "cleared_up",
            Reason::Other => "other",
        }
    }

    /// The reason of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// A proposal as somebody makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What.
    pub kind: Kind,
    /// About which responses, one at least.
    pub responses: BTreeSet<ResponseId>,
    /// Why.
    pub reason: Reason,
    /// In words; empty only where the code says everything.
    pub explanation: String,
}

impl Wish {
    /// Reads the form of a proposal.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm) -> Result<Self, Vec<super::form::FieldError>> {
        let mut reader = FormReader::new(form);
        let responses = chosen(&mut reader);
        if responses.is_empty() {
            reader.refuse("response", Problem::Missing);
        }
        let kind = reader.choice("kind", Kind::parse);
        let reason = reader.choice("reason", Reason::parse);
        let explanation = reader.line("explanation", EXPLANATION_MAX);
        if explanation.is_empty() && matches!(reason, Some(Reason::Other | Reason::ClearedUp)) {
            reader.refuse("explanation", Problem::Empty);
        }
        reader.done(kind.zip(reason).map(|(kind, reason)| Self {
            kind,
            responses,
            reason,
            explanation,
        }))
    }
}

/// A decision as somebody makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The responses for which the proposal is approved; it is refused for the others.
    pub approved: BTreeSet<ResponseId>,
    /// In words; must be there where something is refused.
    pub explanation: String,
}

impl Judgement {
    /// Reads the form of a decision about so many responses.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm, proposed: usize) -> Result<Self, Vec<super::form::FieldError>> {
        let mut reader = FormReader::new(form);
        let approved = chosen(&mut reader);
        let explanation = reader.line("explanation", EXPLANATION_MAX);
        if explanation.is_empty() && approved.len() < proposed {
            reader.refuse("explanation", Problem::Empty);
        }
        reader.done(Some(Self { approved, explanation }))
    }
}

fn chosen(reader: &mut FormReader<'_>) -> BTreeSet<ResponseId> {
    let mut chosen = BTreeSet::new();
    let mut wrong = None;
    for value in reader.form().all("response") {
        match value.parse() {
            Ok(id) => _ = chosen.insert(id),
            Err(_) => wrong = Some(Problem::NotAChoice),
        }
    }
    if chosen.len() > RESPONSES_MAX {
        wrong = Some(Problem::OutOfRange);
    }
    if let Some(wrong) = wrong {
        reader.refuse("response", wrong);
    }
    chosen
}

/// What stands excluded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excluded {
    /// Responses by reason.
    pub by_reason: BTreeMap<Reason, u64>,
    /// Responses by class.
    pub by_class: BTreeMap<EvidenceClass, u64>,
    /// What would be scored with them, as they stood when it was decided.
    pub with: Scored,
}

impl Excluded {
    /// Whether comparing S with and without them tells of so few answers that it would reveal them.
    pub fn are_few(&self, below: u64) -> bool {
        let face = self.by_class.get(&EvidenceClass::Face).copied().unwrap_or(0);
        let others = self.by_class.values().sum::<u64>() - face;
        [face, others].into_iter().any(|n| n > 0 && n < below)
    }
}

/// Points behind S and S_face: what a decision changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scored {
    /// All answers that count.
    pub all: Points,
    /// In-person ones.
    pub face: Points,
}

impl<'a> FromIterator<(EvidenceClass, &'a Sums)> for Scored {
    fn from_iter<I: IntoIterator<Item = (EvidenceClass, &'a Sums)>>(tallied: I) -> Self {
        let mut scored = Self::default();
        for (class, sums) in tallied {
            let points = Points {
                obtained: sums.a,
                available: sums.b,
            };
            scored.shift(class, points, 1);
        }
        scored
    }
}

impl Scored {
    /// Adds the points of one or many responses of a class (`sign` 1), or takes them out (−1).
    pub fn shift(&mut self, class: EvidenceClass, points: Points, sign: i64) {
        let sums = [
            Some(&mut self.all),
            (class == EvidenceClass::Face).then_some(&mut self.face),
        ];
        for sum in sums.into_iter().flatten() {
            sum.obtained += sign * points.obtained;
            sum.available += sign * points.available;
        }
    }

    /// Adds other points (`sign` 1), or takes them out (−1).
    pub fn add(&mut self, other: Scored, sign: i64) {
        for (sum, points) in [(&mut self.all, other.all), (&mut self.face, other.face)] {
            sum.obtained += sign * points.obtained;
            sum.available += sign * points.available;
        }
    }

    /// How many answers the star hangs on; nothing without answers.
    pub fn margin(&self, scheme: &ScoreScheme) -> Option<GradeMargin> {
        GradeMargin::of(self.all, self.face, Extreme::of(scheme))
    }

    /// S, exactly; nothing without an answer.
    pub fn s(&self) -> Option<Ratio> {
        ratio(self.all)
    }

    /// S_face, exactly.
    pub fn s_face(&self) -> Option<Ratio> {
        ratio(self.face)
    }
}

fn ratio(points: Points) -> Option<Ratio> {
    (points.available > 0).then(|| Ratio::new(points.obtained.into(), points.available.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> RawForm {
        RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
    }

    #[test]
    fn a_proposal_names_responses_kind_and_reason() {
        let id = ResponseId::from_random([7; 16]).to_string();
        let pairs = [("response", id.as_str()), ("kind", "exclude"), ("reason", "bulk")];
        assert_eq!(Wish::parse(&form(&pairs)).unwrap().responses.len(), 1);
        let fields = |pairs: &[(&str, &str)]| -> Vec<String> {
            let errors = Wish::parse(&form(pairs)).unwrap_err();
            errors.into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(&[]), ["response", "kind", "reason"]);
        assert_eq!(fields(&[pairs[0], pairs[1], ("reason", "other")]), ["explanation"]);
        let many: Vec<String> = (0..=RESPONSES_MAX)
            .map(|n| {
                let mut bytes = [0; 16];
                bytes[..8].copy_from_slice(&n.to_be_bytes());
                ResponseId::from_random(bytes).to_string()
            })
            .collect();
        let mut pairs: Vec<(&str, &str)> = many.iter().map(|id| ("response", id.as_str())).collect();
        pairs.extend([("kind", "include"), ("reason", "bulk")]);
        assert_eq!(fields(&pairs), ["response"]);
    }

    #[test]
    fn few_excluded_answers_on_either_side_would_be_told_by_comparing() {
        let excluded = |face, open| Excluded {
            by_class: [(EvidenceClass::Face, face), (EvidenceClass::Open, open)].into(),
            ..Excluded::default()
        };
        assert!(!excluded(0, 0).are_few(5) && !excluded(0, 5).are_few(5) && !excluded(5, 9).are_few(5));
        assert!(excluded(0, 4).are_few(5) && excluded(1, 9).are_few(5) && excluded(9, 1).are_few(5));
        assert!(
            !excluded(1, 1).are_few(0),
            "nothing is withheld from who has the responses"
        );
    }

    #[test]
    fn what_is_refused_is_explained() {
        let id = ResponseId::from_random([7; 16]).to_string();
        assert!(Judgement::parse(&form(&[("response", &id)]), 1).is_ok());
        assert!(Judgement::parse(&form(&[("response", &id)]), 2).is_err());
        assert!(Judgement::parse(&form(&[("explanation", "genuine")]), 2).is_ok());
    }
}
