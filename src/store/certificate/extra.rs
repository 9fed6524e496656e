//! Reported accidents and major complaints, and the extra evaluation that they open (5.1).

use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use super::Held;
use crate::access::Role;
use crate::grading::ruling::Decision;
use crate::store::conn::Conn;
use crate::store::evaluation::NewEvaluation;
use crate::store::grading::{Act, GradingError, day, log};
use crate::store::outlet::Outlet;
use crate::store::schema::evaluation as table;
use crate::store::schema_grading::certificate_report;
use crate::store::{StoreError, WriteTx, decision, evaluation, event, membership, notice, outlet};
use crate::survey::evaluation::Mode;
use crate::survey::id::{EvaluationId, OrganisationId, OutletId};
use crate::survey::language::Text;
use crate::survey::questionnaire::Choice;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The extra evaluation of an organisation that is not decided yet, the latest where there are several.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn extra(conn: &mut Conn, organisation: OrganisationId) -> Result<Option<EvaluationId>, StoreError> {
    let ids: Vec<String> = table::table
        .filter(table::organisation_id.eq(organisation.to_string()))
        .filter(table::mode.eq(Mode::Special.as_str()))
        .order((table::created_at_ms.desc(), table::id))
        .select(table::id)
        .load(conn)?;
    for id in ids {
        let id: EvaluationId = id
            .parse()
            .map_err(|_| StoreError::Corrupt(format!("evaluation {id}")))?;
        if !decision::latest(conn, id)?.is_some_and(|decision| Decision::is_sealed(&decision)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The extra evaluation of the certificate's organisation: the one that is open, else a new draft with scope, products,
/// outlets, questionnaire and method of the last decided one. Its managers come along; evaluators, reviewer and
/// signatory are named anew, because each of them first declares conflicts. The caller holds the evaluation's chain.
pub(super) fn open(
    tx: &mut WriteTx<'_>,
    held: &Held,
    new: &Opening,
    (who, at_ms): Act,
) -> Result<EvaluationId, StoreError> {
    if let Some(open) = extra(tx.conn, held.organisation)? {
        return Ok(open);
    }
    let last = decision::past(tx.conn, held.organisation)?;
    let last = last.first().map_or(held.evaluation, |past| past.evaluation);
    let id = EvaluationId::from_random((new.random)());
    let made = like(tx.conn, last, id, held.organisation, (&new.title, at_ms))?;
    evaluation::insert(tx, &made, &who.to_string(), at_ms)?;
    for member in membership::list(tx.conn, last)? {
        if member.role == Role::Manager {
            membership::insert(tx, id, member.person, member.role)?;
            let data = serde_json::json!({"role": member.role.as_str()});
            log(
                tx,
                id,
                (who, at_ms),
                ("member.added", &member.person.to_string()),
                &data,
            )?;
        }
    }
    for before in outlet::list(tx.conn, last)? {
        let outlet = Outlet {
            id: OutletId::from_random((new.random)()),
            ..before
        };
        outlet::insert(tx, id, &outlet)?;
        let data = serde_json::json!({"name": outlet.name});
        log(tx, id, (who, at_ms), ("outlet.added", &outlet.id.to_string()), &data)?;
    }
    Ok(id)
}

/// An extra evaluation with the settings of another; answers are kept as long after its beginning as there.
fn like(
    conn: &mut Conn,
    last: EvaluationId,
    id: EvaluationId,
    organisation: OrganisationId,
    (title, at_ms): (&Text, i64),
) -> Result<NewEvaluation, StoreError> {
    type Row = (String, String, String, String, String, i64);
    let (questionnaire_hash, method_hash, products, retention_end, scope, created_at_ms): Row = table::table
        .find(last.to_string())
        .select((
            table::questionnaire_hash,
            table::method_hash,
            table::products,
            table::retention_end,
            table::scope,
            table::created_at_ms,
        ))
        .first(conn)?;
    let products: Vec<(String, Text)> =
        serde_json::from_str(&products).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let later = u64::try_from((at_ms - created_at_ms) / DAY_MS).unwrap_or_default();
    let kept_until = day(&retention_end)?;
    Ok(NewEvaluation {
        id,
        organisation,
        title: title.clone(),
        questionnaire_hash,
        method_hash,
        products: products.into_iter().map(|(id, text)| Choice { id, text }).collect(),
        retention_end: kept_until
            .checked_add_days(Days::new(later))
            .unwrap_or(kept_until)
            .to_string(),
        mode: Mode::Special,
        scope,
    })
}

/// An accident or a major complaint that somebody reports.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// `accident` or `complaint`.
    pub kind: &'static str,
    /// When it was heard of.
    pub on: NaiveDate,
    /// From where.
    pub source: String,
    /// What happened.
    pub account: String,
}

/// What an extra evaluation needs, should none be open.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its title.
    pub title: Text,
    /// Where its ids come from.
    pub random: fn() -> [u8; 16],
}

/// Records a report. An extra evaluation is due from then on (5.1): it is opened unless one is open, and the holder is told.
///
/// # Errors
/// [`GradingError::Store`].
pub fn report(
    tx: &mut WriteTx<'_>,
    held: &Held,
    new: &NewReport,
    opening: &Opening,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    // Two reports at once open one evaluation.
    event::lock_chain(tx.conn, held.evaluation)?;
    let last: Option<i32> = certificate_report::table
        .filter(certificate_report::number.eq(&held.number))
        .select(diesel::dsl::max(certificate_report::seq))
        .first(tx.conn)?;
    let row = (
        certificate_report::number.eq(&held.number),
        certificate_report::seq.eq(last.unwrap_or(0) + 1),
        certificate_report::kind.eq(new.kind),
        certificate_report::reported_on.eq(new.on.to_string()),
        certificate_report::source.eq(&new.source),
        certificate_report::account.eq(&new.account),
        certificate_report::reported_by.eq(who.to_string()),
        certificate_report::at_ms.eq(at_ms),
    );
    diesel::insert_into(certificate_report::table)
        .values(row)
        .execute(tx.conn)?;
    notice::put(tx, &held.number, "extra", new.on)?;
    let evaluation = open(tx, held, opening, (who, at_ms))?.to_string();
    let data = serde_json::json!({
        "kind": new.kind, "source": new.source, "account": new.account, "evaluation": evaluation,
    });
    Ok(log(
        tx,
        held.evaluation,
        (who, at_ms),
        ("certificate.reported", &held.number),
        &data,
    )?)
}
