//! The companies that are graded.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::organisation;
use super::{StoreError, WriteTx};
use crate::survey::id::OrganisationId;
use crate::survey::language::{Language, Text};

/// An organisation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: Text,
}

/// Adds an organisation; its unified social credit code may be empty.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(
    tx: &mut WriteTx<'_>,
    id: OrganisationId,
    name: &Text,
    credit_code: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = (
        organisation::id.eq(id.to_string()),
        organisation::name_zh.eq(name.get(Language::ZhCn)),
        organisation::name_en.eq(name.get(Language::En)),
        organisation::credit_code.eq(credit_code),
        organisation::created_at_ms.eq(now_ms),
    );
    diesel::insert_into(organisation::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Whether there is an organisation of this id.
///
/// # Errors
/// [`StoreError::Database`].
pub fn exists(conn: &mut Conn, id: OrganisationId) -> Result<bool, StoreError> {
    let row = organisation::table.find(id.to_string()).select(organisation::id);
    let found: Option<String> = row.first(conn).optional()?;
    Ok(found.is_some())
}

/// Organisations by name; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, rows_max: i64) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<(String, String, String)> = organisation::table
        .order((organisation::name_zh, organisation::id))
        .select((organisation::id, organisation::name_zh, organisation::name_en))
        .limit(rows_max)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, zh, en)| {
            let id = id
                .parse()
                .map_err(|_| StoreError::Corrupt(format!("organisation {id}")))?;
            Ok(Organisation {
                id,
                name: Text::new(zh, en),
            })
        })
        .collect()
}
