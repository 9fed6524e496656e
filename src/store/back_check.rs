//! Back-checks: a seed on record, a draw with it, and what somebody else than the interviewer found.

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, hold_open, log, person};
use super::schema_supervision::{back_check, back_check_case, back_check_seed};
use super::supervision::{self, Supervised};
use super::{StoreError, WriteTx, interview_record, plan};
use crate::survey::answers::Answers;
use crate::survey::back_check::{self as rules, Counts, Extent, Finding, Outcome, Told};
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, InterviewId, PersonId};
use crate::survey::instrument::Instrument;

/// A seed and whether something was drawn with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Its number.
    pub number: i32,
    /// The seed.
    pub seed: String,
    /// Since when it is on record, Unix ms.
    pub at_ms: i64,
    /// Interviews drawn from; 0 before the draw.
    pub interviews: usize,
}

/// An interview in drawn order.
#[derive(Debug, Clone)]
pub struct Case {
    /// The interview.
    pub interview: Supervised,
    /// Round.
    pub round: i32,
    /// Place in the drawn order of its evaluator, from 1.
    pub place: i32,
    /// Drawn; else in reserve.
    pub is_drawn: bool,
    /// The newest back-check.
    pub checked: Option<Checked>,
}

/// A back-check on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it says.
    pub outcome: Outcome,
    /// Interviewed at all, place, day; empty where nobody was reached.
    pub told: Vec<Told>,
    /// The overall rating again.
    pub overall: Option<u8>,
    /// Which item was asked again.
    pub item: String,
    /// Its rating again.
    pub reply: Option<u8>,
    /// In words.
    pub remark: String,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// How many interviews of every evaluator the frozen plan has drawn.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn extent(conn: &mut Conn, id: EvaluationId) -> Result<Extent, StoreError> {
    let stored = plan::find(conn, id)?;
    let scope = stored.as_ref().and_then(|stored| stored.plan.scope());
    Ok(scope.map_or_else(Extent::default, |scope| scope.back_checks))
}

/// Puts the seed of the next round on record, before anybody knows from what it will draw.
///
/// # Errors
/// [`GradingError::Refused`] while a seed is there that nothing was drawn with, and after sealing.
pub fn set_seed(tx: &mut WriteTx<'_>, id: EvaluationId, seed: &str, (who, at_ms): Act) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    supervision::hold_unsealed(tx, id)?;
    let rounds = rounds(tx.conn, id)?;
    if rounds.last().is_some_and(|round| round.interviews == 0) {
        return Err(GradingError::refused("seed", Problem::Taken));
    }
    let number = rounds.last().map_or(0, |round| round.number) + 1;
    let row = (
        back_check_seed::evaluation_id.eq(id.to_string()),
        back_check_seed::round.eq(number),
        back_check_seed::seed.eq(seed),
        back_check_seed::set_by.eq(who.to_string()),
        back_check_seed::at_ms.eq(at_ms),
    );
    diesel::insert_into(back_check_seed::table)
        .values(row)
        .execute(tx.conn)?;
    let Extent { percent, least } = extent(tx.conn, id)?;
    let data = serde_json::json!({"least": least, "percent": percent, "round": number, "seed": seed});
    Ok(log(tx, id, (who, at_ms), ("back_check.seeded", ""), &data)?)
}

/// Draws with the seed on record from the interviews that no earlier round drew from.
///
/// # Errors
/// [`GradingError::Refused`] without a seed, without interviews, and after sealing.
pub fn draw(tx: &mut WriteTx<'_>, id: EvaluationId, (who, at_ms): Act) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    supervision::hold_unsealed(tx, id)?;
    let refused = || GradingError::refused("", Problem::NotReady);
    let round = rounds(tx.conn, id)?.pop().filter(|round| round.interviews == 0);
    let round = round.ok_or_else(refused)?;
    let before: Vec<String> = back_check_case::table
        .filter(back_check_case::evaluation_id.eq(id.to_string()))
        .select(back_check_case::interview_id)
        .load(tx.conn)?;
    let interviews: Vec<(PersonId, InterviewId)> = supervision::list(tx.conn, id, None)?
        .iter()
        .filter(|one| one.is_reviewed() && !before.contains(&one.interview.to_string()))
        .map(|one| (one.evaluator, one.interview))
        .collect();
    if interviews.is_empty() {
        return Err(refused());
    }
    let drawn =
        rules::draw(&interviews, &round.seed, extent(tx.conn, id)?).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let mut taken = 0;
    for one in &drawn {
        taken += u64::from(!one.reserve);
        let row = (
            back_check_case::evaluation_id.eq(id.to_string()),
            back_check_case::interview_id.eq(&one.id),
            back_check_case::evaluator_id.eq(&one.stratum),
            back_check_case::round.eq(round.number),
            back_check_case::place.eq(i32::try_from(one.place).unwrap_or(i32::MAX)),
            back_check_case::drawn.eq(!one.reserve),
        );
        diesel::insert_into(back_check_case::table)
            .values(row)
            .execute(tx.conn)?;
    }
    let data = serde_json::json!({
        "drawn": taken, "frame": rules::frame_hash(&rules::frame(&interviews)), "interviews": drawn.len(),
        "round": round.number,
    });
    Ok(log(tx, id, (who, at_ms), ("back_check.drawn", ""), &data)?)
}

/// The rounds, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn rounds(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Round>, StoreError> {
    let seeds: Vec<(i32, String, i64)> = back_check_seed::table
        .filter(back_check_seed::evaluation_id.eq(id.to_string()))
        .order(back_check_seed::round)
        .select((back_check_seed::round, back_check_seed::seed, back_check_seed::at_ms))
        .load(conn)?;
    let drawn: Vec<i32> = back_check_case::table
        .filter(back_check_case::evaluation_id.eq(id.to_string()))
        .select(back_check_case::round)
        .load(conn)?;
    let round = |(number, seed, at_ms)| Round {
        number,
        seed,
        at_ms,
        interviews: drawn.iter().filter(|round| **round == number).count(),
    };
    Ok(seeds.into_iter().map(round).collect())
}

/// Every interview that a round drew from, by evaluator and drawn order.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Case>, StoreError> {
    let rows: Vec<(String, i32, i32, bool)> = back_check_case::table
        .filter(back_check_case::evaluation_id.eq(id.to_string()))
        .order((
            back_check_case::evaluator_id,
            back_check_case::round,
            back_check_case::place,
        ))
        .select((
            back_check_case::interview_id,
            back_check_case::round,
            back_check_case::place,
            back_check_case::drawn,
        ))
        .load(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut checked = checked(conn, id)?;
    let interviews = supervision::list(conn, id, None)?.into_iter();
    let mut interviews: BTreeMap<String, Supervised> = interviews.map(|one| (one.interview.to_string(), one)).collect();
    let case = |(key, round, place, is_drawn): (String, i32, i32, bool)| {
        Some(Case {
            interview: interviews.remove(&key)?,
            round,
            place,
            is_drawn,
            checked: checked.remove(&key),
        })
    };
    Ok(rows.into_iter().filter_map(case).collect())
}

fn checked(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<String, Checked>, StoreError> {
    type Row = (
        (String, String, String, String, String),
        (Option<i32>, String, Option<i32>),
        (String, String, i64),
    );
    let rows: Vec<Row> = back_check::table
        .filter(back_check::evaluation_id.eq(id.to_string()))
        .order(back_check::seq)
        .select((
            (
                back_check::interview_id,
                back_check::outcome,
                back_check::interviewed,
                back_check::place,
                back_check::day,
            ),
            (back_check::overall, back_check::item, back_check::reply),
            (back_check::remark, back_check::checked_by, back_check::at_ms),
        ))
        .load(conn)?;
    let read = |((key, outcome, interviewed, place, day), (overall, item, reply), (remark, by, at_ms)): Row| {
        let code = |code: Option<i32>| code.and_then(|code| u8::try_from(code).ok());
        let checked = Checked {
            outcome: Outcome::parse(&outcome).ok_or(StoreError::Corrupt(outcome))?,
            told: [interviewed, place, day]
                .iter()
                .filter_map(|text| Told::parse(text))
                .collect(),
            overall: code(overall),
            item,
            reply: code(reply),
            remark,
            by: person(&by)?,
            at_ms,
        };
        Ok((key, checked))
    };
    // Of one interview the newest counts.
    rows.into_iter().map(read).collect()
}

/// Of an interview: its overall rating, the item that is asked again, the item's rating.
pub type Repeated = (Option<u8>, String, Option<u8>);

/// The first answers of an interview and what is asked again of them.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn repeated(
    conn: &mut Conn,
    instrument: &Instrument,
    id: EvaluationId,
    case: &Case,
) -> Result<Option<Repeated>, StoreError> {
    let answers: Option<Answers> = interview_record::answers(conn, instrument, id, case.interview.response)?.pop();
    let rounds = rounds(conn, id)?;
    let seed = rounds.iter().find(|round| round.number == case.round);
    let seed = seed.map_or("", |round| round.seed.as_str());
    Ok(answers.map(|answers| {
        let item = rules::repeated(instrument.questionnaire(), &answers, seed, case.interview.interview);
        let (item, code) = item.map_or(("", None), |(item, code)| (item, Some(code)));
        (answers.overall(), item.to_owned(), code)
    }))
}

/// Records a back-check; of one interview the newest counts.
///
/// # Errors
/// [`GradingError::Refused`] for one's own interview, one that was not in a draw or is withdrawn, and after sealing.
pub fn record(
    tx: &mut WriteTx<'_>,
    instrument: &Instrument,
    (id, which): (EvaluationId, InterviewId),
    finding: &Finding,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    supervision::hold_unsealed(tx, id)?;
    let case = list(tx.conn, id)?
        .into_iter()
        .find(|case| case.interview.interview == which);
    let case = case.ok_or_else(|| GradingError::refused("", Problem::NotPossible))?;
    if case.interview.evaluator == who {
        return Err(GradingError::refused("", Problem::OwnWork));
    }
    let first = repeated(tx.conn, instrument, id, &case)?;
    let (overall, item, reply) = first.ok_or_else(|| GradingError::refused("", Problem::NotPossible))?;
    let outcome = finding.outcome(overall, reply);
    let last: Option<i64> = back_check::table
        .filter(back_check::evaluation_id.eq(id.to_string()))
        .select(max(back_check::seq))
        .first(tx.conn)?;
    let said = finding.reached;
    let told = |of: fn(&rules::Reached) -> Told| said.as_ref().map_or("", |said| of(said).as_str());
    let row = (
        back_check::evaluation_id.eq(id.to_string()),
        back_check::seq.eq(last.unwrap_or(0) + 1),
        back_check::interview_id.eq(which.to_string()),
        back_check::evaluator_id.eq(case.interview.evaluator.to_string()),
        back_check::way.eq(finding.way.as_str()),
        back_check::outcome.eq(outcome.as_str()),
        back_check::interviewed.eq(told(|said| said.interviewed)),
        back_check::place.eq(told(|said| said.place)),
        back_check::day.eq(told(|said| said.day)),
        back_check::overall.eq(said.and_then(|said| said.overall).map(i32::from)),
        back_check::item.eq(item),
        back_check::reply.eq(said.and_then(|said| said.reply).map(i32::from)),
        back_check::remark.eq(&finding.remark),
        back_check::checked_by.eq(who.to_string()),
        back_check::at_ms.eq(at_ms),
    );
    diesel::insert_into(back_check::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"outcome": outcome.as_str(), "way": finding.way.as_str()});
    let about = ("back_check.recorded", &*case.interview.response.to_string());
    Ok(log(tx, id, (who, at_ms), about, &data)?)
}

/// How far back-checks have come, per evaluator.
pub fn counts(cases: &[Case]) -> BTreeMap<PersonId, Counts> {
    let mut counts: BTreeMap<PersonId, Counts> = BTreeMap::new();
    for case in cases {
        let outcome = case.checked.as_ref().map(|checked| checked.outcome);
        counts
            .entry(case.interview.evaluator)
            .or_default()
            .add(case.is_drawn, outcome);
    }
    counts
}
