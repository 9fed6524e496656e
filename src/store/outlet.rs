//! Outlets of an evaluation.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::outlet;
use super::{StoreError, WriteTx};
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::language::{Language, Text};

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
}

/// Adds an outlet.
///
/// # Errors
/// [`StoreError::Database`], also when its place is taken.
pub fn insert(tx: &mut WriteTx<'_>, evaluation: EvaluationId, new: &Outlet) -> Result<(), StoreError> {
    let row = (
        outlet::evaluation_id.eq(evaluation.to_string()),
        outlet::id.eq(new.id.to_string()),
        outlet::place.eq(new.place),
        outlet::name_zh.eq(new.name.get(Language::ZhCn)),
        outlet::name_en.eq(new.name.get(Language::En)),
        outlet::customers.eq(new.customers),
        outlet::target_face.eq(new.target_face),
        outlet::target_electronic.eq(new.target_electronic),
    );
    diesel::insert_into(outlet::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The outlets of an evaluation in their order.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<Outlet>, StoreError> {
    type Row = (String, i32, String, String, Option<i64>, i32, i32);
    let rows: Vec<Row> = outlet::table
        .filter(outlet::evaluation_id.eq(evaluation.to_string()))
        .order(outlet::place)
        .select((
            outlet::id,
            outlet::place,
            outlet::name_zh,
            outlet::name_en,
            outlet::customers,
            outlet::target_face,
            outlet::target_electronic,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, place, zh, en, customers, target_face, target_electronic)| {
            let id = id.parse().map_err(|_| StoreError::Corrupt(format!("outlet {id}")))?;
            Ok(Outlet {
                id,
                place,
                name: Text::new(zh, en),
                customers,
                target_face,
                target_electronic,
            })
        })
        .collect()
}
