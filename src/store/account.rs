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

/// The account that signs in with this login, and its stored password.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find_by_login(conn: &mut Conn, login: &str) -> Result<Option<(Account, Option<String>)>, StoreError> {
    let row: Option<(String, Option<String>)> = account::table
        .filter(account::login.eq(login))
        .select((account::person_id, account::password_hash))
        .first(conn)
        .optional()?;
    let Some((id, password)) = row else { return Ok(None) };
    let person = id.parse().map_err(|_| StoreError::Corrupt(format!("account {id}")))?;
    Ok(find(conn, person)?.map(|account| (account, password)))
}

/// The stored password of a person.
///
/// # Errors
/// [`StoreError::Database`].
pub fn password_hash(conn: &mut Conn, person: PersonId) -> Result<Option<String>, StoreError> {
    let stored = account::table
        .find(person.to_string())
        .select(account::password_hash)
        .first::<Option<String>>(conn)
        .optional()?;
    Ok(stored.flatten())
}

/// Every account, by name.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn) -> Result<Vec<Account>, StoreError> {
    let ids: Vec<String> = account::table.select(account::person_id).load(conn)?;
    let mut accounts = Vec::with_capacity(ids.len());
    for id in ids {
        let person = id.parse().map_err(|_| StoreError::Corrupt(format!("account {id}")))?;
        accounts.extend(find(conn, person)?);
    }
    accounts.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
    Ok(accounts)
}

/// Whether there is any account.
///
/// # Errors
/// [`StoreError::Database`].
pub fn is_any(conn: &mut Conn) -> Result<bool, StoreError> {
    let first: Option<String> = account::table.select(account::person_id).first(conn).optional()?;
    Ok(first.is_some())
}

/// Whether somebody has this login, and whether somebody has this registration number.
///
/// # Errors
/// [`StoreError::Database`].
pub fn taken(conn: &mut Conn, login: &str, registration_no: &str) -> Result<(bool, bool), StoreError> {
    let login = account::table.filter(account::login.eq(login));
    let number = person::table.filter(person::registration_no.eq(registration_no));
    Ok((
        diesel::select(diesel::dsl::exists(login)).get_result(conn)?,
        diesel::select(diesel::dsl::exists(number)).get_result(conn)?,
    ))
}

/// Whether somebody but this person administers and can sign in.
///
/// # Errors
/// [`StoreError::Database`].
pub fn is_administered_without(conn: &mut Conn, person: PersonId) -> Result<bool, StoreError> {
    let others = account::table
        .inner_join(account_role::table)
        .filter(account_role::role.eq(Role::Administrator.as_str()))
        .filter(account::disabled.eq(false))
        .filter(account::password_hash.is_not_null())
        .filter(account::person_id.ne(person.to_string()));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(conn)?)
}

/// Sets what a person may be.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set_roles(tx: &mut WriteTx<'_>, person: PersonId, roles: RoleSet) -> Result<(), StoreError> {
    let rows = account_role::table.filter(account_role::person_id.eq(person.to_string()));
    diesel::delete(rows).execute(tx.conn)?;
    insert_roles(tx.conn, person, roles)
}

/// Sets the stored password (PHC string).
///
/// # Errors
/// [`StoreError::Database`].
pub fn set_password(tx: &mut WriteTx<'_>, person: PersonId, hash: &str) -> Result<(), StoreError> {
    diesel::update(account::table.find(person.to_string()))
        .set(account::password_hash.eq(hash))
        .execute(tx.conn)?;
    Ok(())
}

/// Sets whether nobody can sign in with an account.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set_disabled(tx: &mut WriteTx<'_>, person: PersonId, disabled: bool) -> Result<(), StoreError> {
    diesel::update(account::table.find(person.to_string()))
        .set(account::disabled.eq(disabled))
        .execute(tx.conn)?;
    Ok(())
}
