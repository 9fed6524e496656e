//! The sampling plan of an evaluation.

use diesel::prelude::*;

use super::conn::Conn;
use super::outlet::{self, Outlet};
use super::schema::{evaluation, plan};
use super::{StoreError, WriteTx, field};
use crate::survey::evaluation::Mode;
use crate::survey::field::Field;
use crate::survey::id::EvaluationId;
use crate::survey::plan::{Plan, PlannedOutlet};

/// A stored plan with the hash of its text.
#[derive(Debug, Clone)]
pub struct StoredPlan {
    /// The plan.
    pub plan: Plan,
    /// SHA-256 of the stored text, hexadecimal.
    pub hash: String,
}

/// The plan of an evaluation as it was stored; `None` where none was.
///
/// # Errors
/// [`StoreError::Corrupt`] for a text that is no plan.
pub fn find(conn: &mut Conn, id: EvaluationId) -> Result<Option<StoredPlan>, StoreError> {
    let row = plan::table.find(id.to_string()).select((plan::body, plan::hash));
    let row: Option<(String, String)> = row.first(conn).optional()?;
    row.map(|(body, hash)| {
        let plan = Plan::read(&body).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(StoredPlan { plan, hash })
    })
    .transpose()
}

/// The outlets of an evaluation with their targets as a plan takes them; interviews are held at all of them.
///
/// # Errors
/// [`StoreError::Database`].
pub fn outlets(conn: &mut Conn, id: EvaluationId) -> Result<Vec<PlannedOutlet>, StoreError> {
    let planned = |outlet: Outlet| PlannedOutlet {
        id: outlet.id,
        name: outlet.name,
        customers: outlet.customers.and_then(|customers| customers.try_into().ok()),
        is_visited: true,
        sd: None,
        cost: None,
        target_face: outlet.target_face.try_into().unwrap_or_default(),
        target_electronic: outlet.target_electronic.try_into().unwrap_or_default(),
    };
    Ok(outlet::list(conn, id)?.into_iter().map(planned).collect())
}

/// The plan as it would be frozen now: the stored one, else the usual one, for the outlets and their targets as they stand.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn present(conn: &mut Conn, id: EvaluationId) -> Result<Plan, StoreError> {
    let outlets = outlets(conn, id)?;
    let plan = match find(conn, id)? {
        Some(stored) => stored.plan.onto(outlets),
        None => {
            let mode: String = evaluation::table
                .find(id.to_string())
                .select(evaluation::mode)
                .first(conn)?;
            let mode = Mode::parse(&mode).ok_or_else(|| StoreError::Corrupt(format!("mode {mode}")))?;
            Plan::usual(mode, outlets)
        }
    };
    plan.map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// Stores a draft's plan in place of the one before, with its targets as those of the outlets and what it lets in as the
/// evaluation's field; its hash.
///
/// # Errors
/// [`StoreError::Database`], also when the plan is fixed.
pub fn put(tx: &mut WriteTx<'_>, id: EvaluationId, new: &Plan) -> Result<String, StoreError> {
    let body = new.body().map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let hash = Plan::hash(&body);
    let values = (plan::body.eq(&body), plan::hash.eq(&hash));
    let row = plan::table.find(id.to_string());
    if diesel::update(row).set(values).execute(tx.conn)? == 0 {
        let key = plan::evaluation_id.eq(id.to_string());
        let values = (key, plan::body.eq(&body), plan::hash.eq(&hash));
        diesel::insert_into(plan::table).values(values).execute(tx.conn)?;
    }
    for outlet in new.outlets() {
        let target = |n: u64| i32::try_from(n).unwrap_or(i32::MAX);
        let targets = (target(outlet.target_face), target(outlet.target_electronic));
        outlet::set_targets(tx, id, outlet.id, targets)?;
    }
    field::set(tx, id, &Field::of(new.scope()))?;
    Ok(hash)
}
