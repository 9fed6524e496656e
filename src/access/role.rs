//! Roles: what somebody may be, in the installation and in an evaluation.

/// What somebody is. An administrator is one for the whole installation; every other role is held per evaluation, and an
/// account says only which roles its person may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 管理员: accounts, keys, settings; no results.
    Administrator,
    /// 项目负责人: sets up and runs an evaluation.
    Manager,
    /// 复核人: approves, never one's own proposals.
    Reviewer,
    /// 签发人: signs the decision after the reviewer.
    Signatory,
    /// 评价员: interviews customers.
    Evaluator,
    /// 结果查阅员: reads and verifies results.
    Auditor,
    /// 受评组织: reads the released report.
    Organisation,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 7] = [
        Role::Administrator,
        Role::Manager,
        Role::Reviewer,
        Role::Signatory,
        Role::Evaluator,
        Role::Auditor,
        Role::Organisation,
    ];
    /// The roles that are held per evaluation.
    pub const IN_EVALUATIONS: [Role; 6] = [
        Role::Manager,
        Role::Reviewer,
        Role::Signatory,
        Role::Evaluator,
        Role::Auditor,
        Role::Organisation,
    ];
    /// Those who work on an evaluation for the certification body: everybody in it but the organisation.
    pub const TEAM: [Role; 5] = [
        Role::Manager,
        Role::Reviewer,
        Role::Signatory,
        Role::Evaluator,
        Role::Auditor,
    ];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Manager => "manager",
            Role::Reviewer => "reviewer",
            Role::Signatory => "signatory",
            Role::Evaluator => "evaluator",
            Role::Auditor => "auditor",
            Role::Organisation => "organisation",
        }
    }

    /// The role of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether its holder must use a second factor: those who decide.
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Role::Administrator | Role::Reviewer | Role::Signatory)
    }

    /// Whether one person may hold both roles in one evaluation. Who decides or only reads holds no other; a manager may
    /// also interview.
    pub fn combines_with(self, other: Role) -> bool {
        self == other
            || matches!(
                (self, other),
                (Role::Manager, Role::Evaluator) | (Role::Evaluator, Role::Manager)
            )
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RoleSet(u8);

impl RoleSet {
    /// Whether a role is in it.
    pub fn has(self, role: Role) -> bool {
        self.0 & Self::bit(role) != 0
    }
    /// Whether any of these is in it.
    pub fn has_any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }
    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Its roles in their order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
    /// Whether any of its roles must use a second factor.
    pub fn needs_second_factor(self) -> bool {
        self.iter().any(Role::needs_second_factor)
    }
    fn bit(role: Role) -> u8 {
        1 << Role::ALL.iter().position(|known| *known == role).unwrap_or(7)
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | Self::bit(role)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_sets_hold_what_was_put_in() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            let set = RoleSet::from_iter([role]);
            assert_eq!(set.iter().collect::<Vec<_>>(), [role]);
            assert_eq!(set.needs_second_factor(), role.needs_second_factor());
        }
        assert!(RoleSet::default().is_empty() && RoleSet::from_iter(Role::ALL).iter().count() == 7);
    }

    #[test]
    fn who_decides_holds_no_other_role_in_an_evaluation() {
        for other in Role::IN_EVALUATIONS {
            for decides in [Role::Reviewer, Role::Signatory, Role::Auditor, Role::Organisation] {
                assert_eq!(decides.combines_with(other), decides == other);
                assert_eq!(other.combines_with(decides), decides == other);
            }
        }
    }
}
