//! How far fieldwork has come: counts and targets per outlet and channel, never a score, so that nobody steers the
//! interviews by the result (requirements.md §6).

use super::evaluation::EvaluationState;
use super::id::OutletId;
use super::language::Text;

/// Time without an answer after which somebody should look.
pub const QUIET_MS: i64 = 3 * 24 * 3_600_000;

/// Answers of one channel against their target; a target of 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Answers that count.
    pub counted: u64,
    /// Planned answers.
    pub target: u64,
}

impl Done {
    /// Answers still missing.
    pub fn missing(self) -> u64 {
        self.target.saturating_sub(self.counted)
    }

    fn plus(self, other: Done) -> Done {
        Done {
            counted: self.counted + other.counted,
            target: self.target + other.target,
        }
    }
}

/// One outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletProgress {
    /// Which.
    pub id: OutletId,
    /// Its name.
    pub name: Text,
    /// In person.
    pub face: Done,
    /// Electronic: invited and open.
    pub electronic: Done,
    /// Of the electronic ones, those that came by invitation.
    pub invited: u64,
}

/// An evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Outlets in their order.
    pub outlets: Vec<OutletProgress>,
}

impl Progress {
    /// All outlets' interviews.
    pub fn face(&self) -> Done {
        self.outlets
            .iter()
            .fold(Done::default(), |sum, outlet| sum.plus(outlet.face))
    }

    /// All outlets' electronic answers.
    pub fn electronic(&self) -> Done {
        self.outlets
            .iter()
            .fold(Done::default(), |sum, outlet| sum.plus(outlet.electronic))
    }
}

/// What an alarm is raised from.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// How far it has come.
    pub progress: &'a Progress,
    /// Evaluators in it.
    pub evaluators: usize,
    /// Reviewers in it.
    pub reviewers: usize,
    /// Since when fieldwork runs, Unix ms.
    pub opened_at_ms: Option<i64>,
    /// Whether an answer came in within [`QUIET_MS`]; `None` = not looked up.
    pub lately: Option<bool>,
    /// Now, Unix ms.
    pub now_ms: i64,
}

/// Something that somebody should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// There is no outlet: nothing can be frozen.
    NoOutlet,
    /// Nobody can interview.
    NoEvaluator,
    /// Nobody can approve what comes after fieldwork.
    NoReviewer,
    /// No outlet has a target: progress cannot be judged.
    NoTarget,
    /// No answer for three days.
    Quiet,
    /// Every target is reached: fieldwork can be closed.
    TargetsReached,
}

/// The alarms of a situation, most urgent first.
pub fn alarms(now: &Situation<'_>) -> Vec<Alarm> {
    use EvaluationState::{Closed, Draft, Open};
    let (face, electronic) = (now.progress.face(), now.progress.electronic());
    let planned = face.target + electronic.target > 0;
    let before_end = now.state <= Open;
    let quiet = now.lately == Some(false)
        && now
            .opened_at_ms
            .is_some_and(|at| now.now_ms.saturating_sub(at) >= QUIET_MS);
    let reached = now
        .progress
        .outlets
        .iter()
        .all(|o| o.face.missing() + o.electronic.missing() == 0);
    [
        (before_end && now.progress.outlets.is_empty(), Alarm::NoOutlet),
        (now.state == Open && quiet, Alarm::Quiet),
        (before_end && now.evaluators == 0, Alarm::NoEvaluator),
        (now.state <= Closed && now.reviewers == 0, Alarm::NoReviewer),
        (
            now.state == Draft && !planned && !now.progress.outlets.is_empty(),
            Alarm::NoTarget,
        ),
        (now.state == Open && planned && reached, Alarm::TargetsReached),
    ]
    .into_iter()
    .filter_map(|(holds, alarm)| holds.then_some(alarm))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(pairs: &[(u64, u64)]) -> Progress {
        let outlets = pairs.iter().map(|(counted, target)| OutletProgress {
            id: OutletId::from_random([1; 16]),
            name: Text::default(),
            face: Done {
                counted: *counted,
                target: *target,
            },
            electronic: Done::default(),
            invited: 0,
        });
        Progress {
            outlets: outlets.collect(),
        }
    }

    fn raised(state: EvaluationState, progress: &Progress, lately: Option<bool>, now_ms: i64) -> Vec<Alarm> {
        alarms(&Situation {
            state,
            progress,
            evaluators: 1,
            reviewers: 1,
            opened_at_ms: Some(0),
            lately,
            now_ms,
        })
    }

    #[test]
    fn surplus_at_one_outlet_does_not_stand_in_for_another() {
        let open = EvaluationState::Open;
        assert_eq!(raised(open, &progress(&[(9, 3), (2, 3)]), Some(true), 0), []);
        assert_eq!(
            raised(open, &progress(&[(9, 3), (3, 3)]), Some(true), 0),
            [Alarm::TargetsReached]
        );
        assert_eq!(progress(&[(9, 3), (2, 3)]).face().missing(), 0);
    }

    #[test]
    fn three_days_of_silence_are_told_only_once_they_have_passed() {
        let (open, some) = (EvaluationState::Open, progress(&[(1, 3)]));
        assert_eq!(raised(open, &some, Some(false), QUIET_MS - 1), []);
        assert_eq!(raised(open, &some, Some(false), QUIET_MS), [Alarm::Quiet]);
        assert_eq!(raised(open, &some, None, QUIET_MS), []);
        assert_eq!(raised(EvaluationState::Closed, &some, Some(false), QUIET_MS), []);
    }

    #[test]
    fn who_and_what_is_missing_is_told_in_time() {
        let empty = Progress::default();
        let nobody = Situation {
            state: EvaluationState::Draft,
            progress: &empty,
            evaluators: 0,
            reviewers: 0,
            opened_at_ms: None,
            lately: None,
            now_ms: 0,
        };
        assert_eq!(
            alarms(&nobody),
            [Alarm::NoOutlet, Alarm::NoEvaluator, Alarm::NoReviewer]
        );
        assert_eq!(
            raised(EvaluationState::Draft, &progress(&[(0, 0)]), None, 0),
            [Alarm::NoTarget]
        );
        assert_eq!(raised(EvaluationState::Released, &empty, None, 0), []);
    }
}
