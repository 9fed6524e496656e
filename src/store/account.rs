//! Accounts: how people sign in, and what they may be.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::{account, account_role, person};
use super::{StoreError, WriteTx};
use crate::access::{Role, RoleSet};
use crate::survey::id::PersonId;

/// An account without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
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
    /// Whether roles that need a second factor do without one here (the worked example).
    pub second_factor_waived: bool,
    /// Whether nobody can sign in with it.
    pub disabled: bool,
}

impl Account {
    /// Whether a second factor must still be set up before anything else.
    pub fn must_enrol(&self) -> bool {
        self.roles.needs_second_factor() && !self.has_second_factor && !self.second_factor_waived
    }
}

type Row = (
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    bool,
    bool,
);

/// Adds an account for a person who is there; it has no password yet.
///
/// # Errors
/// [`StoreError::Database`], also when the login is taken.
pub fn insert(
    tx: &mut WriteTx<'_>,
    person: PersonId,
    login: &str,
    roles: RoleSet,
    second_factor_waived: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = (
        account::person_id.eq(person.to_string()),
        account::login.eq(login),
        account::second_factor_waived.eq(second_factor_waived),
        account::created_at_ms.eq(now_ms),
    );
    diesel::insert_into(account::table).values(row).execute(tx.conn)?;
    insert_roles(tx.conn, person, roles)
}

fn insert_roles(conn: &mut Conn, person: PersonId, roles: RoleSet) -> Result<(), StoreError> {
    let person = person.to_string();
    for role in roles.iter() {
        let row = (
            account_role::person_id.eq(&person),
            account_role::role.eq(role.as_str()),
        );
        per_backend!(&mut *conn, |c| diesel::insert_into(account_role::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The account of a person.
///
/// # Errors
/// [`StoreError::Corrupt`] for rows the program cannot have written.
pub fn find(conn: &mut Conn, person: PersonId) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = account::table
        .inner_join(person::table)
        .filter(account::person_id.eq(person.to_string()))
        .select((
            account::person_id,
            person::name,
            person::registration_no,
            account::login,
            account::password_hash,
            account::totp_secret,
            account::second_factor_waived,
            account::disabled,
        ))
        .first(conn)
        .optional()?;
    row.map(|row| read(conn, row)).transpose()
}

fn read(conn: &mut Conn, row: Row) -> Result<Account, StoreError> {
    let (id, name, registration_no, login, password, totp, second_factor_waived, disabled) = row;
    let person = id.parse().map_err(|_| StoreError::Corrupt(format!("account {id}")))?;
    Ok(Account {
        person,
        name,
        registration_no,
        login,
        roles: roles(conn, person)?,
        has_password: password.is_some(),
        has_second_factor: totp.is_some(),
        second_factor_waived,
        disabled,
    })
}

/// The roles that a person may hold.
///
/// # Errors
/// [`StoreError::Database`].
pub fn roles(conn: &mut Conn, person: PersonId) -> Result<RoleSet, StoreError> {
    let names: Vec<String> = account_role::table
        .filter(account_role::person_id.eq(person.to_string()))
        .select(account_role::role)
        .load(conn)?;
    Ok(names.iter().filter_map(|name| Role::parse(name)).collect())
}

/// The names of everybody of the certification body, by id.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn names(conn: &mut Conn) -> Result<std::collections::BTreeMap<PersonId, String>, StoreError> {
    let rows: Vec<(String, String)> = person::table.select((person::id, person::name)).load(conn)?;
    rows.into_iter()
        .map(|(id, name)| {
            Ok((
                id.parse().map_err(|_| StoreError::Corrupt(format!("person {id}")))?,
                name,
            ))
        })
        .collect()
}
