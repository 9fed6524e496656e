//! The rule of a route and its answer to a viewer. Decided here once; `web` only carries it out.

use super::role::{Role, RoleSet};
use super::session;
use crate::survey::id::PersonId;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody: customers' pages, files, signs of life.
    Anybody,
    /// Everybody, on the pages around signing in; what is sent must come from a page of ours.
    Visitor,
    /// Who is signed in.
    SignedIn,
    /// Who is signed in, even while a second factor must still be set up.
    Enrolling,
    /// As [`Who::Enrolling`], having proved lately who they are.
    FreshEnrolling,
    /// Whose account holds one of these roles.
    Holder(&'static [Role]),
    /// Who holds one of these roles in the evaluation of the address.
    Member(&'static [Role]),
    /// As [`Who::Holder`], having proved lately who they are.
    FreshHolder(&'static [Role]),
    /// As [`Who::Member`], having proved lately who they are.
    FreshMember(&'static [Role]),
    /// As [`Who::SignedIn`], having proved lately who they are.
    Fresh,
    /// As the rule within; where the worked example shows it, everybody. The handler learns who it is, if anybody.
    Shown(&'static Who),
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// Roles the account may hold.
    pub roles: RoleSet,
    /// A second factor is required and not yet set up.
    pub must_enrol: bool,
    /// When they last proved who they are, Unix ms.
    pub confirmed_at_ms: i64,
}

/// What a request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What it asks for.
    Allow,
    /// The way to sign in.
    SignIn,
    /// The way to set up the second factor.
    Enrol,
    /// The way to prove once more who is there.
    Confirm,
    /// No: this person is not of those who may (403).
    Forbid,
    /// Nothing: to this person it does not exist, just as what really does not (404).
    Hide,
}

impl Who {
    /// The answer to a request. `inside` are the viewer's roles in the evaluation that the address names; none for an
    /// evaluation that does not exist, so that nobody can tell it from one they are not in.
    pub fn answer(self, viewer: Option<&Viewer>, inside: RoleSet, now_ms: i64) -> Answer {
        match self {
            Who::Anybody | Who::Visitor => return Answer::Allow,
            Who::Shown(rule) => return rule.answer(viewer, inside, now_ms),
            _ => {}
        }
        let Some(viewer) = viewer else { return Answer::SignIn };
        if viewer.must_enrol && !matches!(self, Who::Enrolling | Who::FreshEnrolling) {
            return Answer::Enrol;
        }
        match self {
            Who::Anybody
            | Who::Visitor
            | Who::SignedIn
            | Who::Enrolling
            | Who::FreshEnrolling
            | Who::Fresh
            | Who::Shown(_) => {}
            Who::Holder(roles) | Who::FreshHolder(roles) if !viewer.roles.has_any(roles) => return Answer::Forbid,
            Who::Member(_) | Who::FreshMember(_) if inside.is_empty() => return Answer::Hide,
            Who::Member(roles) | Who::FreshMember(roles) if !inside.has_any(roles) => return Answer::Forbid,
            Who::Holder(_) | Who::FreshHolder(_) | Who::Member(_) | Who::FreshMember(_) => {}
        }
        if self.is_fresh() && !session::is_fresh(viewer.confirmed_at_ms, now_ms) {
            return Answer::Confirm;
        }
        Answer::Allow
    }

    /// Whether the viewer must have proved lately who they are (security.md §3, re-authentication).
    pub fn is_fresh(self) -> bool {
        matches!(
            self,
            Who::Fresh | Who::FreshEnrolling | Who::FreshHolder(_) | Who::FreshMember(_)
        )
    }

    /// Whether the address names an evaluation.
    pub fn is_inside(self) -> bool {
        match self {
            Who::Shown(rule) => rule.is_inside(),
            _ => matches!(self, Who::Member(_) | Who::FreshMember(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANAGERS: &[Role] = &[Role::Manager];

    fn viewer(roles: &[Role]) -> Viewer {
        Viewer {
            person: PersonId::from_random([1; 16]),
            name: "周明".into(),
            roles: roles.iter().copied().collect(),
            must_enrol: false,
            confirmed_at_ms: 0,
        }
    }

    #[test]
    fn who_is_not_in_an_evaluation_cannot_tell_that_it_exists() {
        let somebody = viewer(&Role::ALL);
        let rule = Who::Member(MANAGERS);
        assert_eq!(rule.answer(Some(&somebody), RoleSet::default(), 0), Answer::Hide);
        let auditor = RoleSet::from_iter([Role::Auditor]);
        assert_eq!(rule.answer(Some(&somebody), auditor, 0), Answer::Forbid);
        let manager = RoleSet::from_iter([Role::Manager]);
        assert_eq!(rule.answer(Some(&somebody), manager, 0), Answer::Allow);
        assert_eq!(rule.answer(None, manager, 0), Answer::SignIn);
    }

    #[test]
    fn what_the_example_shows_is_otherwise_as_closed_as_its_rule() {
        let (rule, shown) = (Who::Member(MANAGERS), Who::Shown(&Who::Member(MANAGERS)));
        for inside in [
            RoleSet::default(),
            RoleSet::from_iter([Role::Auditor]),
            RoleSet::from_iter(MANAGERS.to_vec()),
        ] {
            for viewer in [None, Some(&viewer(MANAGERS))] {
                assert_eq!(shown.answer(viewer, inside, 0), rule.answer(viewer, inside, 0));
            }
        }
        assert!(shown.is_inside() && !Who::Shown(&Who::SignedIn).is_inside());
    }

    #[test]
    fn what_an_account_may_be_is_not_what_it_is_in_an_evaluation() {
        let manager = viewer(MANAGERS);
        assert_eq!(
            Who::Holder(MANAGERS).answer(Some(&manager), RoleSet::default(), 0),
            Answer::Allow
        );
        assert_eq!(
            Who::Holder(&[Role::Administrator]).answer(Some(&manager), RoleSet::from_iter(Role::ALL), 0),
            Answer::Forbid
        );
    }

    #[test]
    fn a_missing_second_factor_comes_before_everything_and_an_old_proof_last() {
        let enrolling = Viewer {
            must_enrol: true,
            ..viewer(&Role::ALL)
        };
        let inside = RoleSet::from_iter(Role::ALL);
        for rule in [Who::SignedIn, Who::Fresh, Who::Holder(MANAGERS), Who::Member(MANAGERS)] {
            assert_eq!(rule.answer(Some(&enrolling), inside, 0), Answer::Enrol);
        }
        assert_eq!(Who::Enrolling.answer(Some(&enrolling), inside, 0), Answer::Allow);
        assert_eq!(Who::FreshEnrolling.answer(Some(&enrolling), inside, 0), Answer::Allow);
        assert_eq!(
            Who::FreshEnrolling.answer(Some(&enrolling), inside, session::FRESH_MS + 1),
            Answer::Confirm
        );
        let later = session::FRESH_MS + 1;
        assert_eq!(
            Who::FreshMember(MANAGERS).answer(Some(&viewer(MANAGERS)), inside, later),
            Answer::Confirm
        );
        assert_eq!(
            Who::FreshMember(MANAGERS).answer(Some(&viewer(MANAGERS)), inside, later - 1),
            Answer::Allow
        );
        assert_eq!(
            Who::FreshMember(MANAGERS).answer(Some(&viewer(MANAGERS)), RoleSet::default(), later),
            Answer::Hide
        );
    }
}
