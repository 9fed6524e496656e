//! Addresses that get no more mail, known by an index that only the server's key can make of them. Rows stay when lists
//! are erased: who once said no is not written to again.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema_mail::mail_suppression;
use super::{StoreError, WriteTx, recipient};
use crate::survey::unsubscribe::Unsubscribe;

/// Why an address gets no more mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppressed {
    /// Unsubscribed.
    Unsubscribed,
    /// Objected to being asked at all.
    Objected,
    /// Mail to it is returned for good.
    Bounced,
}

impl Suppressed {
    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Objected => "objected",
            Self::Bounced => "bounced",
        }
    }
}

/// Adds an address; `false` when it was there.
///
/// # Errors
/// [`StoreError::Database`].
pub fn add(tx: &mut WriteTx<'_>, index: &str, why: Suppressed, now_ms: i64) -> Result<bool, StoreError> {
    let row = (
        mail_suppression::address_index.eq(index),
        mail_suppression::reason.eq(why.as_str()),
        mail_suppression::at_ms.eq(now_ms),
    );
    let added = per_backend!(&mut *tx.conn, |c| diesel::insert_into(mail_suppression::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 0 && why == Suppressed::Objected {
        // Who unsubscribed and then objects has objected.
        diesel::update(mail_suppression::table.find(index))
            .set(mail_suppression::reason.eq(why.as_str()))
            .execute(tx.conn)?;
    }
    Ok(added == 1)
}

/// Somebody used the way out of a letter: her address gets no more mail, in no evaluation; her objection stands beside
/// her in the list, while there is one.
///
/// # Errors
/// [`StoreError::Database`].
pub fn leave(tx: &mut WriteTx<'_>, who: &Unsubscribe, why: Suppressed, now_ms: i64) -> Result<(), StoreError> {
    let index = data_encoding::HEXLOWER.encode(&who.address_index);
    add(tx, &index, why, now_ms)?;
    recipient::stop_address(tx, &index, why.as_str())?;
    Ok(())
}

/// Why an address gets no mail, if so.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn, index: &str) -> Result<Option<String>, StoreError> {
    Ok(mail_suppression::table
        .find(index)
        .select(mail_suppression::reason)
        .first(conn)
        .optional()?)
}
