//! Every table as rows of cells: what copying, verifying and sealing need, generated beside diesel's own definition so that a
//! table cannot be known to the one and not to the other.

use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SqlType, Text};
use sha2::{Digest, Sha256};

use super::StoreError;
use super::conn::Conn;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Number(i64),
    Flag(bool),
    Text(String),
}

/// The Rust type of a column, and its way into a cell and back.
pub(super) trait Column {
    type Value;
    fn cell(value: Self::Value) -> Cell;
    fn value(cell: &Cell) -> Option<Self::Value>;
}

impl Column for Text {
    type Value = String;
    fn cell(value: String) -> Cell {
        Cell::Text(value)
    }
    fn value(cell: &Cell) -> Option<String> {
        match cell {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Column for BigInt {
    type Value = i64;
    fn cell(value: i64) -> Cell {
        Cell::Number(value)
    }
    fn value(cell: &Cell) -> Option<i64> {
        match cell {
            Cell::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl Column for Integer {
    type Value = i32;
    fn cell(value: i32) -> Cell {
        Cell::Number(value.into())
    }
    fn value(cell: &Cell) -> Option<i32> {
        <BigInt as Column>::value(cell).and_then(|number| number.try_into().ok())
    }
}

impl Column for Bool {
    type Value = bool;
    fn cell(value: bool) -> Cell {
        Cell::Flag(value)
    }
    fn value(cell: &Cell) -> Option<bool> {
        match cell {
            Cell::Flag(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl<T: Column + SqlType> Column for Nullable<T> {
    type Value = Option<T::Value>;
    fn cell(value: Option<T::Value>) -> Cell {
        value.map_or(Cell::Null, T::cell)
    }
    fn value(cell: &Cell) -> Option<Option<T::Value>> {
        match cell {
            Cell::Null => Some(None),
            cell => T::value(cell).map(Some),
        }
    }
}

/// Receives rows one by one.
pub(super) type Each<'a> = &'a mut dyn FnMut(Vec<Cell>) -> Result<(), StoreError>;

/// A table: its names, and how its rows are read and written.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    /// Hands over every row, one at a time, in no particular order.
    pub(super) read: fn(&mut Conn, Each<'_>) -> Result<(), StoreError>,
    /// Adds rows.
    pub(super) insert: fn(&mut Conn, &[Vec<Cell>]) -> Result<(), StoreError>,
}

impl Table {
    /// Place of a column.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| *name == column)
    }
}

/// What can be copied: implemented by the macro for every table.
pub(super) trait Copied {
    const TABLE: Table;
}

/// Defines a table for diesel, and the same table as [`Copied`].
macro_rules! table {
    ($name:ident ($($key:ident),+ $(,)?) { $($column:ident -> $kind:ty),+ $(,)? }) => {
        diesel::table! { $name ($($key),+) { $($column -> $kind,)+ } }

        impl $crate::store::table::Copied for $name::table {
            const TABLE: $crate::store::table::Table = $crate::store::table::Table {
                name: stringify!($name),
                columns: &[$(stringify!($column)),+],
                read: |conn, each| {
                    use diesel::prelude::*;
                    #[allow(unused_imports, reason = "not every table has every type")]
                    use diesel::sql_types::*;
                    type Row = ($(<$kind as $crate::store::table::Column>::Value,)+);
                    let mut take = |row: Result<Row, diesel::result::Error>| {
                        let ($($column,)+) = row?;
                        each(vec![$(<$kind as $crate::store::table::Column>::cell($column)),+])
                    };
                    match conn {
                        $crate::store::conn::Conn::Postgres(c) => $name::table
                            .load_iter::<Row, diesel::pg::PgRowByRowLoadingMode>(c)?
                            .try_for_each(&mut take),
                        $crate::store::conn::Conn::Sqlite(c) => $name::table
                            .load_iter::<Row, diesel::connection::DefaultLoadingMode>(c)?
                            .try_for_each(&mut take),
                    }
                },
                insert: |conn, rows| {
                    use diesel::prelude::*;
                    #[allow(unused_imports, reason = "not every table has every type")]
                    use diesel::sql_types::*;
                    let foreign = || $crate::store::StoreError::Corrupt(concat!(stringify!($name), ": foreign row").into());
                    let mut values = Vec::with_capacity(rows.len());
                    for row in rows {
                        let mut cells = row.iter();
                        values.push(($(
                            $name::$column.eq(cells
                                .next()
                                .and_then(<$kind as $crate::store::table::Column>::value)
                                .ok_or_else(foreign)?),
                        )+));
                    }
                    $crate::store::conn::per_backend!(conn, |c| diesel::insert_into($name::table)
                        .values(&values)
                        .execute(c))?;
                    Ok(())
                },
            };
        }
    };
}
pub(super) use table;

/// SHA-256 over the cells of a row, each with its kind and length: no two rows have one text.
pub(super) fn row_hash(row: &[Cell]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"perception-row-v1");
    for cell in row {
        match cell {
            Cell::Null => hash.update([0]),
            Cell::Number(number) => {
                hash.update([1]);
                hash.update(number.to_be_bytes());
            }
            Cell::Flag(flag) => hash.update([2, u8::from(*flag)]),
            Cell::Text(text) => {
                hash.update([3]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
    }
    hash.finalize().into()
}

/// The rows of a table, whatever their order: how many, and the hash over their sorted hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extract {
    pub(super) rows: u64,
    pub(super) hash: String,
}

/// The extract of the rows that `keep` takes. Holds 32 bytes a row.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn extract(conn: &mut Conn, table: &Table, keep: &dyn Fn(&[Cell]) -> bool) -> Result<Extract, StoreError> {
    let mut hashes = Vec::new();
    (table.read)(conn, &mut |row| {
        if keep(&row) {
            hashes.push(row_hash(&row));
        }
        Ok(())
    })?;
    hashes.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(b"perception-table-v1");
    hash.update(table.name);
    for row in &hashes {
        hash.update(row);
    }
    Ok(Extract {
        rows: hashes.len() as u64,
        hash: data_encoding::HEXLOWER.encode(&hash.finalize()),
    })
}
