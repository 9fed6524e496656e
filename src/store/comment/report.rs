//! Comments as the sampling report sums them up.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::read::{any_unread, incidents, own_themes};
use crate::statistics::score::Completeness;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::response::decisions;
use crate::store::schema::{response, response_comment};
use crate::store::schema_comment::comment_review;
use crate::survey::EvidenceClass;
use crate::survey::comment_report::CommentReport;
use crate::survey::counting;
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;
use crate::survey::theme::Themes;

/// What may be published of comments; nothing while one is unread.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(in crate::store) fn report(
    conn: &mut Conn,
    instrument: &Instrument,
    id: EvaluationId,
) -> Result<Option<CommentReport>, StoreError> {
    if any_unread(conn, id)? {
        return Ok(None);
    }
    let rows: Vec<(String, String, Option<String>)> = comment_review::table
        .filter(comment_review::evaluation_id.eq(id.to_string()))
        .order((comment_review::response_id, comment_review::number))
        .select((
            comment_review::response_id,
            comment_review::themes,
            comment_review::cleared,
        ))
        .load(conn)?;
    // The newest counts.
    let mut reviews: BTreeMap<String, (String, Option<String>)> = rows
        .into_iter()
        .map(|(response, themes, text)| (response, (themes, text)))
        .collect();
    let history = decisions(conn, id)?;
    let same = response_comment::evaluation_id
        .eq(response::evaluation_id)
        .and(response_comment::response_id.eq(response::id));
    let responses: Vec<(String, String, String)> = response::table
        .inner_join(response_comment::table.on(same))
        .filter(response::evaluation_id.eq(id.to_string()))
        .order(response::id)
        .select((response::id, response::evidence_class, response::status))
        .load(conn)?;
    let approval = instrument.method().interview_approval();
    let mut comments = Vec::new();
    for (response, class, status) in responses {
        let corrupt = || StoreError::Corrupt(format!("response {response}"));
        let class = EvidenceClass::parse(&class).ok_or_else(corrupt)?;
        let status = match status.as_str() {
            "I" => Completeness::Complete,
            "P" => Completeness::Partial,
            _ => Completeness::BreakOff,
        };
        let about = history.get(&response).into_iter().flatten().copied();
        let Some((themes, text)) = reviews
            .remove(&response)
            .filter(|_| counting::counts(status, class, approval, about))
        else {
            continue;
        };
        comments.push((Themes::parse(&themes).ok_or_else(corrupt)?.iter().collect(), text));
    }
    let mut concerns: Vec<_> = incidents(conn, id)?.into_iter().map(|one| one.concern).collect();
    concerns.sort_unstable();
    concerns.dedup();
    let below = instrument.method().suppress_below();
    Ok(Some(CommentReport::of(
        comments,
        (concerns, own_themes(conn, id)?),
        below,
    )))
}
