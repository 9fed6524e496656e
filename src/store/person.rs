//! People by name, for lists and the log.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::StoreError;
use super::conn::Conn;
use super::schema::person;
use crate::survey::id::PersonId;

/// Names of those among these ids (as texts, e.g. actors of events) that are people.
///
/// # Errors
/// [`StoreError::Database`].
pub fn names(conn: &mut Conn, ids: &BTreeSet<String>) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = person::table
        .filter(person::id.eq_any(ids))
        .select((person::id, person::name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The names of everybody of the certification body, by id.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn all_names(conn: &mut Conn) -> Result<BTreeMap<PersonId, String>, StoreError> {
    let rows: Vec<(String, String)> = person::table.select((person::id, person::name)).load(conn)?;
    let named = |(id, name): (String, String)| {
        let person = id.parse().map_err(|_| StoreError::Corrupt(format!("person {id}")))?;
        Ok((person, name))
    };
    rows.into_iter().map(named).collect()
}

/// Name and registration number of these people.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn registered(
    conn: &mut Conn,
    people: &BTreeSet<PersonId>,
) -> Result<BTreeMap<PersonId, (String, String)>, StoreError> {
    let rows: Vec<(String, String, String)> = person::table
        .filter(person::id.eq_any(people.iter().map(PersonId::to_string)))
        .select((person::id, person::name, person::registration_no))
        .load(conn)?;
    let known = |(id, name, registration_no): (String, String, String)| {
        let person = id.parse().map_err(|_| StoreError::Corrupt(format!("person {id}")))?;
        Ok((person, (name, registration_no)))
    };
    rows.into_iter().map(known).collect()
}
