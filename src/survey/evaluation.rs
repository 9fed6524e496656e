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

/// Why an evaluation is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// First certification.
    Initial,
    /// Yearly surveillance.
    Surveillance,
    /// A holder applies for another term.
    Recertification,
    /// After an accident, a major complaint or a change (clause 5.1).
    Special,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 4] = [Mode::Initial, Mode::Surveillance, Mode::Recertification, Mode::Special];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Initial => "initial",
            Mode::Surveillance => "surveillance",
            Mode::Recertification => "recertification",
            Mode::Special => "special",
        }
    }

    /// The mode of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// What is done with an evaluation as a whole. Who may do it stands in the table of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Title, mode, scope, products, outlets with their targets, questionnaire and method.
    ChangePlan,
    /// Name, address and hours of an outlet.
    CorrectOutlet,
    /// Who is what.
    ChangeMembers,
    /// Looking at scores while customers answer (requirements.md §6).
    OpenInterim,
}

impl EvaluationState {
    /// Whether this may be done now: the plan is fixed before the first contact, what customers read until fieldwork
    /// ends, people until the report is out.
    pub fn allows(self, act: Act) -> bool {
        match act {
            Act::ChangePlan => self == EvaluationState::Draft,
            Act::CorrectOutlet => self <= EvaluationState::Open,
            Act::ChangeMembers => self < EvaluationState::Released,
            Act::OpenInterim => self == EvaluationState::Open,
        }
    }

    /// The step that the manager takes next: freeze, open, close. Sealing and releasing belong to the reviewer.
    pub fn next_by_manager(self) -> Option<Self> {
        self.next().filter(|next| *next <= EvaluationState::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::EvaluationState::{self, *};
    use super::{Act, Mode};

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
    #[test]
    fn the_plan_is_fixed_before_the_first_contact_and_only_fieldwork_has_interim_results() {
        let when = |act| {
            EvaluationState::ALL
                .into_iter()
                .filter(|s| s.allows(act))
                .collect::<Vec<_>>()
        };
        assert_eq!(when(Act::ChangePlan), [Draft]);
        assert_eq!(when(Act::CorrectOutlet), [Draft, Frozen, Open]);
        assert_eq!(when(Act::ChangeMembers), [Draft, Frozen, Open, Closed, Sealed]);
        assert_eq!(when(Act::OpenInterim), [Open]);
        let steps: Vec<_> = EvaluationState::ALL
            .into_iter()
            .filter_map(EvaluationState::next_by_manager)
            .collect();
        assert_eq!(steps, [Frozen, Open, Closed]);
        assert!(Mode::ALL.iter().all(|mode| Mode::parse(mode.as_str()) == Some(*mode)));
    }
}
