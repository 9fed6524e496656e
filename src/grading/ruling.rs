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
        Some(CertificateAction::Renew) => Ruling::Grant(grade.star),
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
        // A certificate that is not renewed runs to its last day.
        None | Some(CertificateAction::Renew) => {
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
