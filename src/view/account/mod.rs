//! Pages around signing in, one's own account, everybody's accounts.

mod activity;
mod own;
mod people;
mod sign_in;

pub use activity::{Happened, activity};
pub use own::{Device, codes, enrol, own, second_factor};
pub use people::{PersonPage, link, new_person, people, person};
pub use sign_in::{Notice, changed_password, code, confirm, first, gone, password_of, sign_in};

use super::office::role_names;
use super::words::Words;
use crate::access::RoleSet;

/// What the pages show of an account.
#[derive(Debug, Clone)]
pub struct AccountFacts {
    /// Id of the person.
    pub person: String,
    /// Name as shown.
    pub name: String,
    /// Evaluator registration or staff number.
    pub registration_no: String,
    /// What is typed to sign in.
    pub login: String,
    /// What the person may be.
    pub roles: RoleSet,
    /// Whether a password has been set.
    pub has_password: bool,
    /// Whether a second factor has been set up.
    pub has_second_factor: bool,
    /// Whether nobody can sign in with it.
    pub disabled: bool,
}

fn state(words: Words, account: &AccountFacts) -> String {
    match (account.disabled, account.has_password) {
        (true, _) => words.t("people-disabled"),
        (false, false) => words.t("people-invited"),
        (false, true) => words.t("people-active"),
    }
}
