//! Who is what in an evaluation.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::{account, account_role, evaluation, membership, organisation, person};
use super::{StoreError, WriteTx};
use crate::access::{Role, RoleSet};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::language::Text;

/// Somebody in an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// Evaluator registration or staff number.
    pub registration_no: String,
    /// What they are.
    pub role: Role,
}

/// An evaluation in somebody's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Title of the wave.
    pub title: Text,
    /// State.
    pub state: EvaluationState,
    /// What the person is there.
    pub roles: RoleSet,
}

/// Gives a person a role in an evaluation; nothing changes if they hold it.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(tx: &mut WriteTx<'_>, id: EvaluationId, person: PersonId, role: Role) -> Result<(), StoreError> {
    let row = (
        membership::evaluation_id.eq(id.to_string()),
        membership::person_id.eq(person.to_string()),
        membership::role.eq(role.as_str()),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(membership::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Takes a role in an evaluation from a person.
///
/// # Errors
/// [`StoreError::Database`].
pub fn delete(tx: &mut WriteTx<'_>, id: EvaluationId, person: PersonId, role: Role) -> Result<(), StoreError> {
    let row = membership::table.find((id.to_string(), person.to_string(), role.as_str().to_owned()));
    diesel::delete(row).execute(tx.conn)?;
    Ok(())
}

/// What a person is in an evaluation; nothing for one that does not exist.
///
/// # Errors
/// [`StoreError::Database`].
pub fn roles(conn: &mut Conn, id: EvaluationId, person: PersonId) -> Result<RoleSet, StoreError> {
    let names: Vec<String> = membership::table
        .filter(membership::evaluation_id.eq(id.to_string()))
        .filter(membership::person_id.eq(person.to_string()))
        .select(membership::role)
        .load(conn)?;
    Ok(names.iter().filter_map(|name| Role::parse(name)).collect())
}

/// Everybody in an evaluation, by role and name.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Member>, StoreError> {
    type Row = (String, String, String, String);
    let rows: Vec<Row> = membership::table
        .inner_join(account::table.inner_join(person::table))
        .filter(membership::evaluation_id.eq(id.to_string()))
        .select((
            membership::person_id,
            person::name,
            person::registration_no,
            membership::role,
        ))
        .load(conn)?;
    let member = |(person, name, registration_no, role): Row| {
        let corrupt = || StoreError::Corrupt(format!("member {person} of {id}"));
        Ok(Member {
            role: Role::parse(&role).ok_or_else(corrupt)?,
            person: person.parse().map_err(|_| corrupt())?,
            name,
            registration_no,
        })
    };
    let mut members: Vec<Member> = rows.into_iter().map(member).collect::<Result<_, StoreError>>()?;
    members.sort_by(|a, b| (a.role, &a.name, a.person).cmp(&(b.role, &b.name, b.person)));
    Ok(members)
}

/// The evaluations somebody is in, the latest first; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_places(conn: &mut Conn, person: PersonId, rows_max: i64) -> Result<Vec<Place>, StoreError> {
    type Row = (String, String, String, String, String, String, String);
    let rows: Vec<Row> = membership::table
        .inner_join(evaluation::table.inner_join(organisation::table))
        .filter(membership::person_id.eq(person.to_string()))
        .order((evaluation::created_at_ms.desc(), evaluation::id))
        .select((
            evaluation::id,
            organisation::name_zh,
            organisation::name_en,
            evaluation::title_zh,
            evaluation::title_en,
            evaluation::state,
            membership::role,
        ))
        .limit(rows_max)
        .load(conn)?;
    let mut places: Vec<Place> = Vec::new();
    for (id, firm_zh, firm_en, title_zh, title_en, state, role) in rows {
        let corrupt = || StoreError::Corrupt(format!("membership in {id}"));
        let evaluation: EvaluationId = id.parse().map_err(|_| corrupt())?;
        let role = Role::parse(&role).ok_or_else(corrupt)?;
        match places.last_mut().filter(|place| place.evaluation == evaluation) {
            Some(place) => place.roles = place.roles.iter().chain([role]).collect(),
            None => places.push(Place {
                evaluation,
                firm: Text::new(firm_zh, firm_en),
                title: Text::new(title_zh, title_en),
                state: EvaluationState::parse(&state).ok_or_else(corrupt)?,
                roles: RoleSet::from_iter([role]),
            }),
        }
    }
    Ok(places)
}

/// Somebody who may be given a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// Name as shown.
    pub name: String,
    /// Evaluator registration or staff number.
    pub registration_no: String,
    /// What their account may hold.
    pub roles: RoleSet,
}

/// Everybody whose account is in use and may hold a role in evaluations, by name; at most `rows_max` roles.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_candidates(conn: &mut Conn, rows_max: i64) -> Result<Vec<Candidate>, StoreError> {
    let rows: Vec<(String, String, String, String)> = account_role::table
        .inner_join(account::table.inner_join(person::table))
        .filter(account::disabled.eq(false))
        .order((person::name, account_role::person_id))
        .select((
            account_role::person_id,
            person::name,
            person::registration_no,
            account_role::role,
        ))
        .limit(rows_max)
        .load(conn)?;
    let mut found: Vec<Candidate> = Vec::new();
    for (id, name, registration_no, role) in rows {
        let corrupt = || StoreError::Corrupt(format!("account {id}"));
        let person: PersonId = id.parse().map_err(|_| corrupt())?;
        let role = Role::parse(&role).ok_or_else(corrupt)?;
        if !Role::IN_EVALUATIONS.contains(&role) {
            continue;
        }
        match found.last_mut().filter(|last| last.person == person) {
            Some(last) => last.roles = last.roles.iter().chain([role]).collect(),
            None => found.push(Candidate {
                person,
                name,
                registration_no,
                roles: RoleSet::from_iter([role]),
            }),
        }
    }
    Ok(found)
}
