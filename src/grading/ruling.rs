//! What may be decided on a grade, and by whom: the recommendation or something below it, never above; proposed by one,
//! reviewed by a second from outside the team, signed by a third.
//!
//! Source: 认证认可条例 art. 22; requirements D18–D20, D22.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::certificate::{Reason, Step};
use super::evidence::Occasion;
use super::fact::{EVIDENCE_MAX, named, yes_or_no};
use super::grade::{CertificateAction, Grade, Hold, Warning};
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::id::PersonId;

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// A star is granted.
    Grant(u8),
    /// No star is granted.
    Refuse,
    /// The certificate held stays as it is.
    Maintain,
    /// It is cancelled and a lower one issued.
    Downgrade(u8),
    /// It is suspended.
    Suspend,
    /// It is withdrawn.
    Withdraw,
    /// Nothing is decided until something is over; the case stays open.
    Hold,
}

impl Ruling {
    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Ruling::Grant(_) => "grant",
            Ruling::Refuse => "refuse",
            Ruling::Maintain => "maintain",
            Ruling::Downgrade(_) => "downgrade",
            Ruling::Suspend => "suspend",
            Ruling::Withdraw => "withdraw",
            Ruling::Hold => "hold",
        }
    }

    /// The star it grants or reissues.
    pub fn star(self) -> Option<u8> {
        match self {
            Ruling::Grant(star) | Ruling::Downgrade(star) => Some(star),
            _ => None,
        }
    }

    /// The ruling of a name and star.
    pub fn parse(name: &str, star: Option<u8>) -> Option<Self> {
        match (name, star) {
            ("grant", Some(star)) => Some(Ruling::Grant(star)),
            ("downgrade", Some(star)) => Some(Ruling::Downgrade(star)),
            ("refuse", None) => Some(Ruling::Refuse),
            ("maintain", None) => Some(Ruling::Maintain),
            ("suspend", None) => Some(Ruling::Suspend),
            ("withdraw", None) => Some(Ruling::Withdraw),
            ("hold", None) => Some(Ruling::Hold),
            _ => None,
        }
    }

    /// Its value in forms, e.g. `grant:4`.
    pub fn code(self) -> String {
        match self.star() {
            Some(star) => format!("{}:{star}", self.as_str()),
            None => self.as_str().to_owned(),
        }
    }

    /// The step of the certificate that carries it out; none where nothing happens to a certificate.
    pub fn step(self) -> Option<Step> {
        match self {
            Ruling::Grant(_) => Some(Step::Grant),
            Ruling::Downgrade(_) => Some(Step::Downgrade),
            Ruling::Suspend => Some(Step::Suspend),
            Ruling::Withdraw => Some(Step::Withdraw),
            Ruling::Refuse | Ruling::Maintain | Ruling::Hold => None,
        }
    }
}

/// What the rules recommend.
pub fn recommended(grade: &Grade) -> Ruling {
    match grade.action {
        None if grade.star == 0 => Ruling::Refuse,
        None => Ruling::Grant(grade.star),
        Some(CertificateAction::Maintain) => Ruling::Maintain,
        Some(CertificateAction::Downgrade) => Ruling::Downgrade(grade.star),
        Some(CertificateAction::Withdraw) => Ruling::Withdraw,
        Some(CertificateAction::Hold) => Ruling::Hold,
        Some(CertificateAction::SuspendOrWithdraw) if grade.holds.contains(&Hold::Blacklisted) => Ruling::Withdraw,
        Some(CertificateAction::SuspendOrWithdraw) => Ruling::Suspend,
    }
}

/// Everything that may be decided, the recommendation first: below it or on hold, never above it (D22).
pub fn possible(grade: &Grade, occasion: &Occasion) -> Vec<Ruling> {
    let held = occasion.holding().map_or(0, |holding| holding.star);
    let lower = |below: u8| (1..below).rev().map(Ruling::Downgrade);
    let mut possible = vec![recommended(grade)];
    match grade.action {
        None => {
            possible.extend((1..grade.star).rev().map(Ruling::Grant));
            possible.push(Ruling::Refuse);
        }
        Some(CertificateAction::Maintain) => possible.extend(lower(held.min(grade.star + 1))),
        Some(CertificateAction::Downgrade) => possible.extend(lower(grade.star)),
        Some(CertificateAction::SuspendOrWithdraw) => possible.extend([Ruling::Suspend, Ruling::Withdraw]),
        Some(CertificateAction::Withdraw | CertificateAction::Hold) => {}
    }
    possible.push(Ruling::Hold);
    let mut seen: Vec<Ruling> = Vec::new();
    for ruling in possible {
        if !seen.contains(&ruling) {
            seen.push(ruling);
        }
    }
    seen
}

/// Whether something that would matter is neither confirmed nor refuted: only a hold is possible (D14).
pub fn is_unsettled(grade: &Grade) -> bool {
    let open = [Warning::UnconfirmedComplaint, Warning::UnconfirmedNegativeInfo];
    grade.warnings.iter().any(|warning| open.contains(warning))
}

/// A proposed decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What is proposed.
    pub ruling: Ruling,
    /// Why a certificate is suspended or withdrawn, lowered or granted.
    pub reason_code: Option<Reason>,
    /// In words; needed wherever it is not simply what the rules recommend.
    pub reason: String,
}

/// Reads a proposal.
///
/// # Errors
/// Every field that must be corrected: anything above the recommendation, anything else than it without a reason.
pub fn parse(grade: &Grade, occasion: &Occasion, form: &RawForm) -> Result<Proposal, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let possible = possible(grade, occasion);
    let ruling = reader.choice("ruling", |code| {
        possible.iter().copied().find(|ruling| ruling.code() == code)
    });
    let reason = reader.text("reason", EVIDENCE_MAX);
    if ruling.is_some_and(|ruling| ruling != Ruling::Hold) && is_unsettled(grade) {
        reader.refuse("ruling", Problem::NotReady);
    }
    // D18: a fact of 6.4 needs a reasoned decision even where the star stays.
    let plain = ruling == Some(recommended(grade)) && grade.holds.is_empty() && ruling != Some(Ruling::Hold);
    if ruling.is_some() && !plain && reason.is_empty() {
        reader.refuse("reason", Problem::Empty);
    }
    let reason_code = match ruling.and_then(Ruling::step) {
        Some(Step::Grant) => Some(Reason::ResultSupportsStar),
        Some(Step::Downgrade) => Some(Reason::BelowStarHeld),
        Some(step) => reader.choice("reason_code", |name| {
            named::<Reason>(name).filter(|reason| reason.steps().contains(&step))
        }),
        None => None,
    };
    reader.done(ruling.map(|ruling| Proposal {
        ruling,
        reason_code,
        reason,
    }))
}

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The reviewer's.
    Review,
    /// The signatory's.
    Signature,
}

/// A signature, or a refusal to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Which.
    pub place: Place,
    /// Given or refused.
    pub approves: bool,
    /// Why refused.
    pub remark: String,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A decision as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Version, from 1.
    pub version: i32,
    /// The graded case as JSON.
    pub input: String,
    /// SHA-256 of it.
    pub input_hash: String,
    /// What is proposed.
    pub proposal: Proposal,
    /// The star that the rules recommend.
    pub recommended: u8,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// By whom it was proposed.
    pub proposed_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
    /// Signatures, in order.
    pub signatures: Vec<Signature>,
}

/// How far a decision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The reviewer has not spoken.
    Proposed,
    /// The reviewer approved.
    Reviewed,
    /// Somebody refused; another may be proposed.
    Returned,
    /// Signed by both: it holds.
    Signed,
}

impl Decision {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        let approved = |place| self.signatures.iter().any(|s| s.place == place && s.approves);
        if self.signatures.iter().any(|signature| !signature.approves) {
            Progress::Returned
        } else if approved(Place::Signature) {
            Progress::Signed
        } else if approved(Place::Review) {
            Progress::Reviewed
        } else {
            Progress::Proposed
        }
    }

    /// Whether it ends the case: signed, and not a hold.
    pub fn is_sealed(&self) -> bool {
        self.progress() == Progress::Signed && self.proposal.ruling != Ruling::Hold
    }

    /// Why somebody may not sign here now. `worked` are those who took part in the evaluation: they scored, audited,
    /// entered facts or proposed.
    pub fn refuses(&self, place: Place, person: PersonId, worked: &[PersonId], input_hash: &str) -> Option<Problem> {
        let due = match self.progress() {
            Progress::Proposed => Some(Place::Review),
            Progress::Reviewed => Some(Place::Signature),
            Progress::Returned | Progress::Signed => None,
        };
        let signed = self.signatures.iter().any(|signature| signature.by == person);
        if person == self.proposed_by || signed || worked.contains(&person) {
            Some(Problem::OwnWork)
        } else if due != Some(place) {
            Some(Problem::NotReady)
        } else if input_hash != self.input_hash {
            Some(Problem::Changed)
        } else {
            None
        }
    }
}

/// Reads a signature.
///
/// # Errors
/// Every field that must be corrected; who refuses says why.
pub fn parse_signature(form: &RawForm) -> Result<(bool, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let approves = reader.choice("approves", yes_or_no);
    let remark = reader.text("remark", EVIDENCE_MAX);
    if approves == Some(false) && remark.is_empty() {
        reader.refuse("remark", Problem::Empty);
    }
    reader.done(approves.map(|approves| (approves, remark)))
}

#[cfg(test)]
mod tests {
    use super::super::evidence::Holding;
    use super::*;

    fn grade(star: u8, action: Option<CertificateAction>, holds: &[Hold], warnings: &[Warning]) -> Grade {
        Grade {
            star,
            x_total: Default::default(),
            criteria: Vec::new(),
            holds: holds.to_vec(),
            warnings: warnings.to_vec(),
            action,
        }
    }

    fn holder(star: u8) -> Occasion {
        Occasion::Surveillance(Holding {
            star,
            last_evaluation: NaiveDate::MIN,
        })
    }

    fn read(grade: &Grade, occasion: &Occasion, pairs: &[(&str, &str)]) -> Result<Proposal, Vec<(String, Problem)>> {
        let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        parse(grade, occasion, &form).map_err(|errors| errors.into_iter().map(|e| (e.field, e.problem)).collect())
    }

    #[test]
    fn an_override_goes_downward_or_on_hold_and_never_up() {
        for star in 0..=5_u8 {
            let first = possible(&grade(star, None, &[], &[]), &Occasion::Initial);
            assert!(
                first
                    .iter()
                    .all(|ruling| ruling.star().is_none_or(|granted| granted <= star))
            );
            assert!(first.contains(&Ruling::Hold) && first.contains(&Ruling::Refuse));
            for held in 1..=5_u8 {
                let action = if star == 0 {
                    CertificateAction::Withdraw
                } else if star < held {
                    CertificateAction::Downgrade
                } else {
                    CertificateAction::Maintain
                };
                let later = possible(&grade(star, Some(action), &[], &[]), &holder(held));
                assert!(
                    later
                        .iter()
                        .all(|r| r.star().is_none_or(|star_now| star_now <= star && star_now < held))
                );
                assert!(later.iter().all(|r| !matches!(r, Ruling::Grant(_))));
                assert_eq!(later.contains(&Ruling::Maintain), action == CertificateAction::Maintain);
            }
        }
        let four = grade(4, None, &[], &[]);
        let refused = |field: &str, problem| Err(vec![(field.to_owned(), problem)]);
        assert_eq!(
            read(&four, &Occasion::Initial, &[("ruling", "grant:5")]),
            refused("ruling", Problem::NotAChoice)
        );
        assert_eq!(
            read(&four, &Occasion::Initial, &[("ruling", "grant:3")]),
            refused("reason", Problem::Empty)
        );
        assert!(read(&four, &Occasion::Initial, &[("ruling", "grant:4")]).is_ok());
    }

    #[test]
    fn what_is_unsettled_can_only_be_held_and_a_fact_of_6_4_needs_reasons() {
        let unsettled = grade(5, None, &[], &[Warning::UnconfirmedComplaint]);
        let pairs = [("ruling", "grant:5")];
        assert_eq!(
            read(&unsettled, &Occasion::Initial, &pairs),
            Err(vec![("ruling".to_owned(), Problem::NotReady)])
        );
        assert!(
            read(
                &unsettled,
                &Occasion::Initial,
                &[("ruling", "hold"), ("reason", "wait")]
            )
            .is_ok()
        );
        let injured = grade(4, None, &[Hold::InjuryOrDeath], &[]);
        assert_eq!(
            read(&injured, &Occasion::Initial, &[("ruling", "grant:4")]),
            Err(vec![("reason".to_owned(), Problem::Empty)])
        );
        let blacklisted = grade(4, Some(CertificateAction::SuspendOrWithdraw), &[Hold::Blacklisted], &[]);
        assert_eq!(recommended(&blacklisted), Ruling::Withdraw);
        let pairs = [
            ("ruling", "withdraw"),
            ("reason", "listed"),
            ("reason_code", "holder_request"),
        ];
        assert_eq!(
            read(&blacklisted, &holder(4), &pairs),
            Err(vec![("reason_code".to_owned(), Problem::NotAChoice)])
        );
    }

    #[test]
    fn three_different_people_decide_in_order_on_the_same_case() {
        let person = |n: u8| PersonId::from_random([n; 16]);
        let mut decision = Decision {
            version: 1,
            input: String::new(),
            input_hash: "a".into(),
            proposal: Proposal {
                ruling: Ruling::Grant(4),
                reason_code: None,
                reason: String::new(),
            },
            recommended: 4,
            decided_on: NaiveDate::MIN,
            proposed_by: person(1),
            at_ms: 0,
            signatures: Vec::new(),
        };
        let worked = [person(1), person(9)];
        let sign = |decision: &Decision, place, who: u8, hash| decision.refuses(place, person(who), &worked, hash);
        assert_eq!(sign(&decision, Place::Review, 1, "a"), Some(Problem::OwnWork));
        assert_eq!(sign(&decision, Place::Review, 9, "a"), Some(Problem::OwnWork));
        assert_eq!(sign(&decision, Place::Signature, 3, "a"), Some(Problem::NotReady));
        assert_eq!(sign(&decision, Place::Review, 2, "b"), Some(Problem::Changed));
        assert_eq!(sign(&decision, Place::Review, 2, "a"), None);
        let signature = |place, who| Signature {
            place,
            approves: true,
            remark: String::new(),
            by: person(who),
            at_ms: 0,
        };
        decision.signatures.push(signature(Place::Review, 2));
        assert_eq!(sign(&decision, Place::Signature, 2, "a"), Some(Problem::OwnWork));
        assert_eq!(sign(&decision, Place::Signature, 3, "a"), None);
        decision.signatures.push(signature(Place::Signature, 3));
        assert!(decision.is_sealed());
    }
}
