//! Whether a response counts: derived from its status and the append-only decisions about it, never stored as a flag.

use super::method::InterviewApproval;
use crate::statistics::class::EvidenceClass;
use crate::statistics::score::Completeness;

/// A decision about one response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A reviewer approved the interview.
    Approved,
    /// A reviewer rejected the interview.
    Rejected,
    /// A reviewer asked the evaluator back; until it is approved again it does not count.
    Returned,
    /// Excluded after review.
    Excluded,
    /// An exclusion was taken back.
    Included,
    /// Withdrawn by the customer; final.
    Withdrawn,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Decision; 6] = [
        Decision::Approved,
        Decision::Rejected,
        Decision::Returned,
        Decision::Excluded,
        Decision::Included,
        Decision::Withdrawn,
    ];

    /// The event action that records it.
    pub fn action(self) -> &'static str {
        match self {
            Decision::Approved => "response.approved",
            Decision::Rejected => "response.rejected",
            Decision::Returned => "response.returned",
            Decision::Excluded => "response.excluded",
            Decision::Included => "response.included",
            Decision::Withdrawn => "response.withdrawn",
        }
    }

    /// The decision of an event action.
    pub fn from_action(action: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.action() == action)
    }
}

/// Whether a response with this history is in the tallies.
pub fn counts(
    status: Completeness,
    class: EvidenceClass,
    approval: InterviewApproval,
    history: impl IntoIterator<Item = Decision>,
) -> bool {
    let waits = class == EvidenceClass::Face && approval == InterviewApproval::Required;
    let (mut approved, mut excluded, mut withdrawn) = (!waits, false, false);
    for decision in history {
        match decision {
            Decision::Approved => approved = true,
            Decision::Rejected | Decision::Returned => approved = false,
            Decision::Excluded => excluded = true,
            Decision::Included => excluded = false,
            Decision::Withdrawn => withdrawn = true,
        }
    }
    status != Completeness::BreakOff && approved && !excluded && !withdrawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::*;

    fn face(history: &[Decision], approval: InterviewApproval) -> bool {
        counts(
            Completeness::Complete,
            EvidenceClass::Face,
            approval,
            history.iter().copied(),
        )
    }

    #[test]
    fn decisions_in_order_decide() {
        let free = InterviewApproval::NotRequired;
        assert!(face(&[], free));
        assert!(!face(&[Excluded], free));
        assert!(face(&[Excluded, Included], free));
        assert!(!face(&[Withdrawn, Included], free));
        assert!(!face(&[], InterviewApproval::Required));
        let required = InterviewApproval::Required;
        assert!(face(&[Approved], required) && face(&[Returned, Approved], required));
        assert!(!face(&[Approved, Returned], required) && !face(&[Approved, Rejected], required));
    }

    #[test]
    fn approval_concerns_interviews_only_and_a_break_off_never_counts() {
        let required = InterviewApproval::Required;
        assert!(counts(Completeness::Partial, EvidenceClass::Open, required, []));
        assert!(!counts(
            Completeness::BreakOff,
            EvidenceClass::Open,
            required,
            [Approved]
        ));
    }
}
