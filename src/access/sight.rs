//! What somebody sees of an evaluation's results.

use super::role::{Role, RoleSet};
use crate::survey::evaluation::EvaluationState;

/// As much as somebody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Scores.
    Scores,
    /// Counts, targets, outcomes of contacts.
    Counts,
    /// Nothing: to them there are no results.
    Nothing,
}

impl Sight {
    /// What these roles see in this state. Scores after fieldwork; to the manager before, once somebody deliberately
    /// opened interim results (requirements.md §6); to the organisation only in the released report (§8.1).
    pub fn of(roles: RoleSet, state: EvaluationState, interim_opened: bool) -> Self {
        let reads = roles.has_any(&[Role::Manager, Role::Reviewer, Role::Signatory, Role::Auditor]);
        let interim = state == EvaluationState::Open && interim_opened;
        if reads && state >= EvaluationState::Closed || roles.has(Role::Manager) && interim {
            return Sight::Scores;
        }
        match roles.has(Role::Organisation) {
            true if state == EvaluationState::Released => Sight::Scores,
            false if reads => Sight::Counts,
            _ => Sight::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees(role: Role, state: EvaluationState, interim: bool) -> Sight {
        Sight::of(RoleSet::from_iter([role]), state, interim)
    }

    #[test]
    fn nobody_sees_a_score_before_it_is_time() {
        use EvaluationState::*;
        for role in Role::IN_EVALUATIONS {
            for state in [Draft, Frozen, Open] {
                assert_ne!(sees(role, state, false), Sight::Scores, "{role:?} {state:?}");
                assert_eq!(
                    sees(role, state, true) == Sight::Scores,
                    role == Role::Manager && state == Open,
                    "{role:?} {state:?}"
                );
            }
            for state in [Closed, Sealed] {
                let wanted = match role {
                    Role::Evaluator | Role::Organisation => Sight::Nothing,
                    _ => Sight::Scores,
                };
                assert_eq!(sees(role, state, false), wanted);
            }
        }
        assert_eq!(sees(Role::Organisation, Released, false), Sight::Scores);
        assert_eq!(sees(Role::Evaluator, Released, false), Sight::Nothing);
        assert_eq!(sees(Role::Auditor, Open, true), Sight::Counts);
    }
}
