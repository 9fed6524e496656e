//! Where notices to an organisation go.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema_mail::organisation_contact;
use super::{StoreError, WriteTx};
use crate::survey::id::OrganisationId;
use crate::survey::language::Language;

/// The sealed address, and the language of what is sent there.
#[derive(Debug, Clone)]
pub struct OrganisationContact {
    /// As `personal` sealed it.
    pub sealed_email: String,
    /// Language.
    pub language: Language,
}

/// Sets the address.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set(
    tx: &mut WriteTx<'_>,
    organisation: OrganisationId,
    contact: &OrganisationContact,
    now_ms: i64,
) -> Result<(), StoreError> {
    let set = (
        organisation_contact::sealed_email.eq(&contact.sealed_email),
        organisation_contact::language.eq(contact.language.tag()),
        organisation_contact::changed_at_ms.eq(now_ms),
    );
    let row = (organisation_contact::organisation_id.eq(organisation.to_string()), set);
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(organisation_contact::table)
        .values(row)
        .on_conflict(organisation_contact::organisation_id)
        .do_update()
        .set(set)
        .execute(c))?;
    Ok(())
}

/// The address, if one was set.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn, organisation: OrganisationId) -> Result<Option<OrganisationContact>, StoreError> {
    let row: Option<(String, String)> = organisation_contact::table
        .find(organisation.to_string())
        .select((organisation_contact::sealed_email, organisation_contact::language))
        .first(conn)
        .optional()?;
    Ok(row.map(|(sealed_email, language)| OrganisationContact {
        sealed_email,
        language: Language::from_tag(&language).unwrap_or_default(),
    }))
}
