//! The life of an evaluation: one wave of one organisation. Steps go forward only; there is no unsealing.

/// State of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EvaluationState {
    /// Being set up.
    Draft,
    /// Plan, method and questionnaire fixed; no contact yet.
    Frozen,
    /// Customers answer.
    Open,
    /// No more answers; quality review.
    Closed,
    /// Responses and exclusions fixed for good.
    Sealed,
    /// The report is out.
    Released,
}

impl EvaluationState {
    /// In order of life.
    pub const ALL: [EvaluationState; 6] = [
        EvaluationState::Draft,
        EvaluationState::Frozen,
        EvaluationState::Open,
        EvaluationState::Closed,
        EvaluationState::Sealed,
        EvaluationState::Released,
    ];

    /// Name in the database, events and files.
    pub fn as_str(self) -> &'static str {
        match self {
            EvaluationState::Draft => "draft",
            EvaluationState::Frozen => "frozen",
            EvaluationState::Open => "open",
            EvaluationState::Closed => "closed",
            EvaluationState::Sealed => "sealed",
            EvaluationState::Released => "released",
        }
    }

    /// The state of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The one state that may follow.
    pub fn next(self) -> Option<Self> {
        let mut states = Self::ALL.into_iter().skip_while(|state| *state != self);
        states.next();
        states.next()
    }
}

#[cfg(test)]
mod tests {
    use super::EvaluationState::{self, *};

    #[test]
    fn life_goes_forward_one_step_at_a_time() {
        let mut state = Draft;
        let mut seen = vec![state];
        while let Some(next) = state.next() {
            state = next;
            seen.push(state);
        }
        assert_eq!(seen, [Draft, Frozen, Open, Closed, Sealed, Released]);
        assert!(
            EvaluationState::ALL
                .iter()
                .all(|s| EvaluationState::parse(s.as_str()) == Some(*s))
        );
    }
}
