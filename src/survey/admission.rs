//! May an answer come in through this link now? Decided here once, for pages and for the storing transaction.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::evaluation::EvaluationState;
use super::field::Field;
use super::link::LinkKind;
use super::plan_scope::Way;

/// Why a visitor is turned away; each has its own plain page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No such link (404).
    Unknown,
    /// Fieldwork or the link has not begun (403).
    NotYetOpen,
    /// Fieldwork or the link is over (410).
    Closed,
    /// The time in the field, which begins with this day, has not begun (403).
    BeforeField(NaiveDate),
    /// The time in the field, which ended with this day, is over (410).
    AfterField(NaiveDate),
    /// The plan does not foresee this way to answer (403).
    Unforeseen,
    /// The link was withdrawn (410).
    Revoked,
    /// The single-use link has been answered (410).
    Used,
    /// The form is older than a day (410).
    FormExpired,
    /// The form was not made by this server (400).
    FormInvalid,
}

impl Refusal {
    /// Every refusal, with any day.
    pub const ALL: [Refusal; 10] = [
        Refusal::Unknown,
        Refusal::NotYetOpen,
        Refusal::Closed,
        Refusal::BeforeField(NaiveDate::MIN),
        Refusal::AfterField(NaiveDate::MIN),
        Refusal::Unforeseen,
        Refusal::Revoked,
        Refusal::Used,
        Refusal::FormExpired,
        Refusal::FormInvalid,
    ];

    /// Stable name, for text keys and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown",
            Refusal::NotYetOpen => "not-yet-open",
            Refusal::Closed => "closed",
            Refusal::BeforeField(_) => "before-field",
            Refusal::AfterField(_) => "after-field",
            Refusal::Unforeseen => "unforeseen",
            Refusal::Revoked => "revoked",
            Refusal::Used => "used",
            Refusal::FormExpired => "form-expired",
            Refusal::FormInvalid => "form-invalid",
        }
    }
}

impl EvaluationState {
    /// Whether fieldwork takes answers in this state.
    ///
    /// # Errors
    /// [`Refusal::NotYetOpen`], [`Refusal::Closed`].
    pub fn admit(self) -> Result<(), Refusal> {
        match self.cmp(&Self::Open) {
            Ordering::Less => Err(Refusal::NotYetOpen),
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(Refusal::Closed),
        }
    }

    /// The same for an interview or approach that lies in the field or not; one that a reviewer accepted comes in between
    /// closing and sealing, wherever it lies.
    ///
    /// # Errors
    /// As [`Self::admit`], and what the time in the field says.
    pub fn admit_interview(self, in_field: Result<(), Refusal>, is_accepted: bool) -> Result<(), Refusal> {
        match self {
            Self::Closed if is_accepted => Ok(()),
            _ => self.admit().and(in_field),
        }
    }
}

/// What admission depends on.
#[derive(Debug, Clone, Copy)]
pub struct LinkState {
    /// State of its evaluation.
    pub evaluation: EvaluationState,
    /// What it is.
    pub kind: LinkKind,
    /// Withdrawn?
    pub revoked: bool,
    /// Spent? Only single-use links ever are.
    pub used: bool,
    /// What the plan of its evaluation lets in.
    pub field: Field,
    /// First moment it works, Unix ms.
    pub opens_at_ms: Option<i64>,
    /// First moment it no longer works, Unix ms.
    pub closes_at_ms: Option<i64>,
}

impl LinkState {
    /// Whether somebody may begin to answer now.
    ///
    /// # Errors
    /// The refusal to show. What is over is said before what is spent: it is the more useful sentence.
    pub fn admit(&self, now_ms: i64) -> Result<(), Refusal> {
        self.admit_form(now_ms, now_ms)
    }

    /// Whether an answer on a form that was opened then may come in now.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub fn admit_form(&self, opened_at_ms: i64, now_ms: i64) -> Result<(), Refusal> {
        if self.revoked {
            return Err(Refusal::Revoked);
        }
        if self.evaluation < EvaluationState::Open || self.opens_at_ms.is_some_and(|opens| now_ms < opens) {
            return Err(Refusal::NotYetOpen);
        }
        if self.evaluation > EvaluationState::Open || self.closes_at_ms.is_some_and(|closes| now_ms >= closes) {
            return Err(Refusal::Closed);
        }
        if !self.field.takes(Way::of(self.kind)) {
            return Err(Refusal::Unforeseen);
        }
        self.field.admit(opened_at_ms, now_ms)?;
        if self.used && self.kind.single_use() {
            Err(Refusal::Used)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: LinkState = LinkState {
        evaluation: EvaluationState::Open,
        kind: LinkKind::Personal,
        revoked: false,
        used: false,
        field: Field::UNBOUNDED,
        opens_at_ms: Some(10),
        closes_at_ms: Some(20),
    };

    #[test]
    fn each_reason_has_its_refusal() {
        assert_eq!(OPEN.admit(10), Ok(()));
        assert_eq!(OPEN.admit(9), Err(Refusal::NotYetOpen));
        assert_eq!(OPEN.admit(20), Err(Refusal::Closed));
        assert_eq!(LinkState { used: true, ..OPEN }.admit(10), Err(Refusal::Used));
        assert_eq!(
            LinkState {
                used: true,
                kind: LinkKind::Outlet,
                ..OPEN
            }
            .admit(10),
            Ok(())
        );
        assert_eq!(LinkState { revoked: true, ..OPEN }.admit(30), Err(Refusal::Revoked));
        let field = Field::stored(Some("qr"), None, None).unwrap();
        assert_eq!(LinkState { field, ..OPEN }.admit(10), Err(Refusal::Unforeseen));
        for (state, refusal) in [
            (EvaluationState::Draft, Refusal::NotYetOpen),
            (EvaluationState::Frozen, Refusal::NotYetOpen),
            (EvaluationState::Closed, Refusal::Closed),
            (EvaluationState::Released, Refusal::Closed),
        ] {
            assert_eq!(
                LinkState {
                    evaluation: state,
                    ..OPEN
                }
                .admit(15),
                Err(refusal)
            );
        }
    }
}
