//! Every approach of evaluators, row by row: for assignments, for the outcome rates, for the report.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::StoreError;
use super::conn::Conn;
use super::grading::person;
use super::schema::{disposition, interview, response};
use super::schema_fieldwork::paper_form;
use crate::survey::disposition::Code;
use crate::survey::fieldwork::{Contact, Table, Talk};
use crate::survey::id::{EvaluationId, PersonId};

/// The approaches of an evaluation, of one evaluator alone or of everybody.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn contacts(conn: &mut Conn, id: EvaluationId, who: Option<PersonId>) -> Result<Vec<Contact>, StoreError> {
    let mut found = interviews(conn, id, who)?;
    type Row = (Option<String>, String, String, i64, String);
    let mut query = disposition::table
        .filter(disposition::evaluation_id.eq(id.to_string()))
        .filter(disposition::evaluator_id.is_not_null())
        .select((
            disposition::evaluator_id,
            disposition::outlet_id,
            disposition::code,
            disposition::hour_ms,
            disposition::refusal_reason,
        ))
        .into_boxed();
    if let Some(who) = who {
        query = query.filter(disposition::evaluator_id.eq(who.to_string()));
    }
    let rows: Vec<Row> = query.load(conn)?;
    for (evaluator, outlet, code, at_ms, refusal_reason) in rows {
        let corrupt = || StoreError::Corrupt(format!("disposition {code} at {outlet}"));
        found.push(Contact {
            evaluator: person(evaluator.as_deref().unwrap_or_default())?,
            outlet: outlet.parse().map_err(|_| corrupt())?,
            at_ms,
            code: Code::parse(&code).ok_or_else(corrupt)?,
            refusal_reason,
            talk: None,
        });
    }
    Ok(found)
}

fn interviews(conn: &mut Conn, id: EvaluationId, who: Option<PersonId>) -> Result<Vec<Contact>, StoreError> {
    let papers: Vec<String> = paper_form::table
        .filter(paper_form::evaluation_id.eq(id.to_string()))
        .select(paper_form::interview_id)
        .load(conn)?;
    let papers: BTreeSet<String> = papers.into_iter().collect();
    let of_interview = interview::evaluation_id
        .nullable()
        .eq(response::evaluation_id.nullable())
        .and(interview::id.nullable().eq(response::interview_id));
    type Row = ((String, String, String), (i64, i64, String), String);
    let mut query = response::table
        .inner_join(interview::table.on(of_interview))
        .filter(response::evaluation_id.eq(id.to_string()))
        .filter(response::interview_id.is_not_null())
        .select((
            (interview::id, interview::evaluator_id, interview::outlet_id),
            (interview::started_at_ms, interview::ended_at_ms, interview::protocol),
            response::status,
        ))
        .into_boxed();
    if let Some(who) = who {
        query = query.filter(response::evaluator_id.eq(who.to_string()));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let contact = |((key, evaluator, outlet), (started_at_ms, ended_at_ms, protocol), status): Row| {
        let corrupt = || StoreError::Corrupt(format!("interview {key}"));
        let protocol: serde_json::Value = serde_json::from_str(&protocol).map_err(|_| corrupt())?;
        let noted = |name: &str| protocol.get(name).and_then(serde_json::Value::as_bool);
        Ok(Contact {
            evaluator: person(&evaluator)?,
            outlet: outlet.parse().map_err(|_| corrupt())?,
            at_ms: started_at_ms,
            code: match status.as_str() {
                "I" => Code::Complete,
                "P" => Code::Partial,
                "R" => Code::BreakOff,
                _ => return Err(corrupt()),
            },
            refusal_reason: String::new(),
            talk: Some(Talk {
                duration_s: u32::try_from((ended_at_ms - started_at_ms) / 1000).unwrap_or_default(),
                staff_within_earshot: noted("staff_within_earshot").unwrap_or_default(),
                on_paper: papers.contains(&key),
            }),
        })
    };
    rows.into_iter().map(contact).collect()
}

/// Evaluators × outlets with everything that the report says about fieldwork in person.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn fieldwork_table(conn: &mut Conn, id: EvaluationId) -> Result<Table, StoreError> {
    Ok(Table::of(&contacts(conn, id, None)?))
}
