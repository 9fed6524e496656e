//! The people of the example: one account per role, all with one password made for this demo.

use super::story::DAY_MS;
use crate::access::{Role, RoleSet};
use crate::store::{StoreError, WriteTx, account, evaluation, membership};
use crate::survey::id::{EvaluationId, PersonId};

/// Role, name, number.
const PEOPLE: [(Role, &str, &str); 7] = [
    (Role::Administrator, "赵敏", "HX-0001"),
    (Role::Manager, "沈静", "HX-0021"),
    (Role::Reviewer, "韩松", "HX-0034"),
    (Role::Signatory, "顾文远", "HX-0008"),
    (Role::Evaluator, "周明", "EV-0117"),
    (Role::Auditor, "许蕾", "HX-0052"),
    (Role::Organisation, "受评组织联系人", "ORG-0001"),
];
/// Evaluators without a sign-in of their own in the example.
const COLLEAGUES: [(&str, &str); 2] = [("林岚", "EV-0142"), ("陈志远", "EV-0203")];

/// A password nobody needs to remember: 60 random bits in groups, as it stands on the demo's first page.
pub(super) fn password() -> String {
    let letters = data_encoding::BASE32_NOPAD
        .encode(&rand::random::<[u8; 10]>())
        .to_lowercase();
    let letters: Vec<char> = letters.chars().take(12).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Everybody in the example.
pub(super) struct Staff {
    members: Vec<(Role, PersonId)>,
}

impl Staff {
    /// Makes the accounts; logins are the names of the roles.
    pub(super) fn hire(tx: &mut WriteTx<'_>, password_hash: &str, now_ms: i64) -> Result<Self, StoreError> {
        let at_ms = now_ms - 500 * DAY_MS;
        let mut members = Vec::new();
        for (role, name, number) in PEOPLE {
            let person = add(tx, role, name, number, role.as_str(), at_ms)?;
            account::set_password(tx, person, password_hash)?;
            members.push((role, person));
        }
        for (name, number) in COLLEAGUES {
            let person = add(tx, Role::Evaluator, name, number, &number.to_lowercase(), at_ms)?;
            members.push((Role::Evaluator, person));
        }
        Ok(Self { members })
    }

    /// Makes everybody a member of an evaluation, but the administrator.
    pub(super) fn join(&self, tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), StoreError> {
        for (role, person) in self.members.iter().filter(|(role, _)| *role != Role::Administrator) {
            membership::insert(tx, id, *person, *role)?;
        }
        Ok(())
    }

    /// The manager as the one who did something.
    pub(super) fn manager(&self) -> String {
        let manager = self.members.iter().find(|(role, _)| *role == Role::Manager);
        manager.map_or_else(String::new, |(_, person)| person.to_string())
    }

    /// The reviewer as the one who did something.
    pub(super) fn reviewer(&self) -> String {
        let reviewer = self.members.iter().find(|(role, _)| *role == Role::Reviewer);
        reviewer.map_or_else(String::new, |(_, person)| person.to_string())
    }

    /// Manager, reviewer and the first evaluator.
    pub(super) fn judges(&self) -> Option<(PersonId, PersonId, PersonId)> {
        Some((
            self.first(Role::Manager)?,
            self.first(Role::Reviewer)?,
            self.first(Role::Evaluator)?,
        ))
    }

    /// The first who holds a role.
    pub(super) fn first(&self, wanted: Role) -> Option<PersonId> {
        let found = self.members.iter().find(|(role, _)| *role == wanted);
        found.map(|(_, person)| *person)
    }

    /// Those who interview.
    pub(super) fn evaluators(&self) -> Vec<PersonId> {
        let evaluators = self.members.iter().filter(|(role, _)| *role == Role::Evaluator);
        evaluators.map(|(_, person)| *person).collect()
    }
}

fn add(
    tx: &mut WriteTx<'_>,
    role: Role,
    name: &str,
    number: &str,
    login: &str,
    at_ms: i64,
) -> Result<PersonId, StoreError> {
    let person = PersonId::from_random(rand::random());
    evaluation::insert_person(tx, person, name, number, at_ms)?;
    account::insert(tx, person, login, RoleSet::from_iter([role]), true, at_ms)?;
    Ok(person)
}
