//! Outlets of an evaluation.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{link, outlet};
use super::{StoreError, WriteTx};
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::language::{Language, Text};
use crate::survey::link::LinkKind;

/// An outlet in an evaluation.
#[derive(Debug, Clone)]
pub struct Outlet {
    /// Its id.
    pub id: OutletId,
    /// Place in lists, from 0.
    pub place: i32,
    /// Its name.
    pub name: Text,
    /// Customers served in the window; `None` = unknown.
    pub customers: Option<i64>,
    /// Planned interviews.
    pub target_face: i32,
    /// Planned electronic answers.
    pub target_electronic: i32,
    /// Where it is; may be empty.
    pub address: String,
    /// When it serves; may be empty.
    pub hours: String,
    /// Visitors it declares, per day; `None` = not asked.
    pub visitors_per_day: Option<i64>,
}

/// Everything about an outlet but its id and place.
macro_rules! particulars {
    ($of:expr) => {
        (
            outlet::name_zh.eq($of.name.get(Language::ZhCn)),
            outlet::name_en.eq($of.name.get(Language::En)),
            outlet::customers.eq($of.customers),
            outlet::target_face.eq($of.target_face),
            outlet::target_electronic.eq($of.target_electronic),
            outlet::address.eq(&$of.address),
            outlet::hours.eq(&$of.hours),
            outlet::visitors_per_day.eq($of.visitors_per_day),
        )
    };
}

/// Adds an outlet.
///
/// # Errors
/// [`StoreError::Database`], also when its place is taken.
pub fn insert(tx: &mut WriteTx<'_>, evaluation: EvaluationId, new: &Outlet) -> Result<(), StoreError> {
    let key = (
        outlet::evaluation_id.eq(evaluation.to_string()),
        outlet::id.eq(new.id.to_string()),
        outlet::place.eq(new.place),
    );
    let row = (key, particulars!(new));
    diesel::insert_into(outlet::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes an outlet's particulars anew; its place stays.
///
/// # Errors
/// [`StoreError::Database`].
pub fn update(tx: &mut WriteTx<'_>, evaluation: EvaluationId, changed: &Outlet) -> Result<(), StoreError> {
    let row = outlet::table.find((evaluation.to_string(), changed.id.to_string()));
    diesel::update(row).set(particulars!(changed)).execute(tx.conn)?;
    Ok(())
}

/// Sets how many interviews and electronic answers are planned at an outlet.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set_targets(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    id: OutletId,
    (face, electronic): (i32, i32),
) -> Result<(), StoreError> {
    let values = (outlet::target_face.eq(face), outlet::target_electronic.eq(electronic));
    let row = outlet::table.find((evaluation.to_string(), id.to_string()));
    diesel::update(row).set(values).execute(tx.conn)?;
    Ok(())
}

/// Removes a draft's outlet with its ways in; nobody can have answered through them.
///
/// # Errors
/// [`StoreError::Database`], also when the plan is fixed.
pub fn delete(tx: &mut WriteTx<'_>, evaluation: EvaluationId, id: OutletId) -> Result<(), StoreError> {
    let (evaluation, id) = (evaluation.to_string(), id.to_string());
    let links = link::table.filter(link::evaluation_id.eq(&evaluation).and(link::outlet_id.eq(&id)));
    diesel::delete(links).execute(tx.conn)?;
    diesel::delete(outlet::table.find((evaluation, id))).execute(tx.conn)?;
    Ok(())
}

/// Lets two outlets change places.
///
/// # Errors
/// [`StoreError::Database`].
pub fn swap(tx: &mut WriteTx<'_>, evaluation: EvaluationId, a: &Outlet, b: &Outlet) -> Result<(), StoreError> {
    // A place is taken by one outlet at a time; none is ever below 0.
    for (id, place) in [(a.id, -1), (b.id, a.place), (a.id, b.place)] {
        let row = outlet::table.find((evaluation.to_string(), id.to_string()));
        diesel::update(row).set(outlet::place.eq(place)).execute(tx.conn)?;
    }
    Ok(())
}

/// Outlets of an evaluation without a code for everybody.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_without_code(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<OutletId>, StoreError> {
    let codes: Vec<String> = link::table
        .filter(link::evaluation_id.eq(evaluation.to_string()))
        .filter(link::kind.eq(LinkKind::Outlet.as_str()).and(link::revoked.eq(false)))
        .select(link::outlet_id)
        .load(conn)?;
    let outlets = list(conn, evaluation)?.into_iter().map(|outlet| outlet.id);
    Ok(outlets.filter(|id| !codes.contains(&id.to_string())).collect())
}

/// The outlets of an evaluation in their order.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<Outlet>, StoreError> {
    type Row = (
        (String, i32, String, String),
        (Option<i64>, i32, i32),
        (String, String, Option<i64>),
    );
    let rows: Vec<Row> = outlet::table
        .filter(outlet::evaluation_id.eq(evaluation.to_string()))
        .order(outlet::place)
        .select((
            (outlet::id, outlet::place, outlet::name_zh, outlet::name_en),
            (outlet::customers, outlet::target_face, outlet::target_electronic),
            (outlet::address, outlet::hours, outlet::visitors_per_day),
        ))
        .load(conn)?;
    rows.into_iter()
        .map(
            |((id, place, zh, en), (customers, target_face, target_electronic), (address, hours, visitors_per_day))| {
                let id = id.parse().map_err(|_| StoreError::Corrupt(format!("outlet {id}")))?;
                Ok(Outlet {
                    id,
                    place,
                    name: Text::new(zh, en),
                    customers,
                    target_face,
                    target_electronic,
                    address,
                    hours,
                    visitors_per_day,
                })
            },
        )
        .collect()
}
