//! The responses that count, for an evidence pack: without id, names or times.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::counting::{SCAN_ROWS, columns, decisions, same_response};
use crate::statistics::score::Completeness;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::correction;
use crate::store::schema::{response, response_content};
use crate::survey::EvidenceClass;
use crate::survey::answers::Answers;
use crate::survey::content;
use crate::survey::counting::{self, Decision};
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::instrument::Instrument;

/// A counted response.
#[derive(Debug)]
pub struct Counted {
    /// Outlet.
    pub outlet: OutletId,
    /// Evidence class.
    pub class: EvidenceClass,
    /// Complete or partial.
    pub status: Completeness,
    /// Seconds, where known.
    pub duration_s: Option<u32>,
    /// What was answered, without the comment.
    pub answers: Answers,
}

/// Hands over every response that counts, in pages, in the order of their random ids.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable; what `each` returns.
pub fn each_counted<E: From<StoreError>>(
    conn: &mut Conn,
    evaluation: EvaluationId,
    instrument: &Instrument,
    mut each: impl FnMut(Counted) -> Result<(), E>,
) -> Result<(), E> {
    let mut pass = Pass::begin(conn, evaluation)?;
    while pass.page(conn, instrument, &mut each)? {}
    Ok(())
}

/// A pass over the responses, a page at a time, so that nothing is held in between.
pub(in crate::store) struct Pass {
    evaluation: EvaluationId,
    decisions: BTreeMap<String, Vec<Decision>>,
    corrections: BTreeMap<String, String>,
    after: String,
}

impl Pass {
    /// Before the first response; decisions count as they stand now.
    pub fn begin(conn: &mut Conn, evaluation: EvaluationId) -> Result<Self, StoreError> {
        Ok(Self {
            evaluation,
            decisions: decisions(conn, evaluation)?,
            corrections: correction::lines(conn, evaluation)?,
            after: String::new(),
        })
    }

    /// Hands over the next page; says whether there was one.
    pub fn page<E: From<StoreError>>(
        &mut self,
        conn: &mut Conn,
        instrument: &Instrument,
        mut each: impl FnMut(Counted) -> Result<(), E>,
    ) -> Result<bool, E> {
        let approval = instrument.method().interview_approval();
        let page: Vec<super::counting::Row> = response::table
            .left_join(response_content::table.on(same_response()))
            .filter(
                response::evaluation_id
                    .eq(self.evaluation.to_string())
                    .and(response::id.gt(&self.after)),
            )
            .order(response::id)
            .select(columns())
            .limit(SCAN_ROWS)
            .load(conn)
            .map_err(StoreError::from)?;
        let Some(last) = page.last() else { return Ok(false) };
        self.after.clone_from(&last.0);
        for mut row in page {
            correction::apply(&self.corrections, &mut row);
            let (id, outlet, class, status, answers, duration_s) = row;
            let corrupt = |what: &dyn std::fmt::Display| StoreError::Corrupt(format!("response {id}: {what}"));
            let Some(line) = answers else { continue };
            let status = match status.as_str() {
                "I" => Completeness::Complete,
                "P" => Completeness::Partial,
                _ => continue,
            };
            let class = EvidenceClass::parse(&class).ok_or_else(|| corrupt(&class))?;
            let history = self.decisions.get(&id).into_iter().flatten().copied();
            if !counting::counts(status, class, approval, history) {
                continue;
            }
            each(Counted {
                outlet: outlet.parse().map_err(|_| corrupt(&outlet))?,
                class,
                status,
                duration_s: duration_s.and_then(|seconds| u32::try_from(seconds).ok()),
                answers: content::decode(instrument.questionnaire(), &line, None).map_err(|e| corrupt(&e))?,
            })?;
        }
        Ok(true)
    }
}
