//! The facts of a sampling report, read from the record.

mod sampling;
mod team;

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::grading::fact::Statement;
use crate::statistics::flag::Rule;
use crate::store::catalogue::Catalogue;
use crate::store::checkpoint::{self, Reason};
use crate::store::conn::Conn;
use crate::store::funnel::{self, Source};
use crate::store::outbox;
use crate::store::schema::{evaluation as evaluations, event, link, response};
use crate::store::schema_proof::seal as seals;
use crate::store::{
    StoreError, comment, conflict, evaluation, exclusion, fact, fieldwork, flag, person, plan, plan_review, report,
    seal,
};
use crate::survey::checkpoint::Chain;
use crate::survey::counting::Decision;
use crate::survey::dossier::{Access, Counters, Day, Decisions, Declared, Dossier, OutletCodes, Planned, Sealed, Step};
use crate::survey::evaluation::EvaluationState;
use crate::survey::field::Field;
use crate::survey::fieldwork::day_and_hour;
use crate::survey::id::EvaluationId;
use crate::survey::link::LinkKind;

const DAY_MS: i64 = 24 * 3_600_000;

/// The facts of an evaluation; `None` when there is no such evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Dossier>, StoreError> {
    let Some(found) = evaluation::find(conn, catalogue, id)? else {
        return Ok(None);
    };
    let names = person::all_names(conn)?;
    let named = |actor: &str| {
        let known = actor.parse().ok().and_then(|id| names.get(&id).cloned());
        known.unwrap_or_else(|| actor.to_owned())
    };
    let events = events(conn, id)?;
    let sealed = seal::sealed(conn, id)?;
    let until_ms = sealed.map_or(i64::MAX, |(_, at_ms)| at_ms);
    let fieldwork = fieldwork::fieldwork_table(conn, id)?;
    let field: BTreeSet<_> = fieldwork.by_evaluator.keys().copied().collect();
    let proposal = seal::latest(conn, id)?;
    let seal = sealed.zip(proposal).map(|((by, at_ms), proposal)| Sealed {
        proposed_by: named(&proposal.proposed_by.to_string()),
        sealed_by: named(&by.to_string()),
        at_ms,
        result_id: proposal.result_id,
    });
    let checkpoints = checkpoint::list(conn, Chain::Evaluation(id))?;
    let at_seal = checkpoints.iter().position(|(reason, _)| *reason == Reason::Sealing);
    let checkpoint = checkpoints.into_iter().nth(at_seal.unwrap_or(0));
    let team = team::read(conn, id, &events, until_ms)?;
    let declarations = conflict::list(conn, id)?
        .into_iter()
        .filter(|one| one.at_ms <= until_ms);
    let mut declarations: Vec<Declared> = declarations
        .map(|one| Declared {
            name: named(&one.person.to_string()),
            conflicted: one.conflicted,
            at_ms: one.at_ms,
        })
        .collect();
    declarations.sort_by(|a, b| (a.at_ms, &a.name).cmp(&(b.at_ms, &b.name)));
    let counters = match sealed_counters(&events)? {
        Some(counters) => counters,
        None => counters(conn, id)?,
    };
    Ok(Some(Dossier {
        mode: found.mode,
        scope: found.scope,
        products: found.products.into_iter().map(|product| product.text).collect(),
        retention_end: found.retention_end,
        steps: steps(&events, until_ms, named),
        team,
        access: access(&events, until_ms, named),
        declarations,
        plan: planned(conn, id, named)?,
        sampling: sampling::read(conn, id, until_ms, named)?,
        names: names
            .iter()
            .filter(|(id, _)| field.contains(id))
            .map(|(id, name)| (*id, name.clone()))
            .collect(),
        fieldwork,
        counters,
        in_grace: in_grace(conn, id, found.field)?,
        decisions: decisions(conn, id)?,
        flags: flags(conn, id)?,
        comments: match found.state > EvaluationState::Open {
            true => comment::report_of(conn, &found.instrument, id)?,
            false => None,
        },
        erasures: erasures(conn, id, until_ms)?,
        excluded: exclusion::standing(conn, &found.instrument, id)?,
        adequate: adequate(conn, id, until_ms, named)?,
        seal,
        checkpoint: checkpoint.map(|(_, checkpoint)| checkpoint),
        previous: previous(conn, catalogue, id, until_ms)?,
    }))
}

/// What happened outside single responses.
struct Happened {
    at_ms: i64,
    actor: String,
    action: String,
    object: String,
    data: String,
}

fn events(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Happened>, StoreError> {
    let told = event::action
        .like("evaluation.%")
        .or(event::action.like("member.%"))
        .or(event::action.like("record.%"))
        .or(event::action.eq(evaluation::INTERIM_OPENED));
    let rows: Vec<(i64, String, String, String, String)> = event::table
        .filter(event::evaluation_id.eq(id.to_string()))
        .filter(told)
        .order(event::seq)
        .select((event::at_ms, event::actor, event::action, event::object, event::data))
        .load(conn)?;
    let happened = |(at_ms, actor, action, object, data)| Happened {
        at_ms,
        actor,
        action,
        object,
        data,
    };
    Ok(rows.into_iter().map(happened).collect())
}

/// The steps until sealing; a release afterwards changes nothing in the report.
fn steps(events: &[Happened], until_ms: i64, named: impl Fn(&str) -> String) -> Vec<Step> {
    const SHOWN: [&str; 7] = [
        "evaluation.created",
        "evaluation.frozen",
        "evaluation.open",
        "evaluation.closed",
        evaluation::INTERIM_OPENED,
        "record.seal_proposed",
        seal::SEALED_ACTION,
    ];
    let shown = events
        .iter()
        .filter(|event| event.at_ms <= until_ms && SHOWN.contains(&event.action.as_str()));
    let step = |event: &Happened| Step {
        action: event.action.clone(),
        at_ms: event.at_ms,
        actor: named(&event.actor),
    };
    shown.map(step).collect()
}

fn access(events: &[Happened], until_ms: i64, named: impl Fn(&str) -> String) -> Vec<Access> {
    let member = events
        .iter()
        .filter(|event| event.at_ms <= until_ms && event.action.starts_with("member."));
    let access = |event: &Happened| {
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
        Access {
            at_ms: event.at_ms,
            name: named(&event.object),
            role: data
                .get("role")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            given: event.action == "member.added",
        }
    };
    member.map(access).collect()
}

fn planned(conn: &mut Conn, id: EvaluationId, named: impl Fn(&str) -> String) -> Result<Option<Planned>, StoreError> {
    let approval = plan_review::approval(conn, id)?.map(|review| (named(&review.reviewed_by), review.at_ms));
    Ok(plan::find(conn, id)?.map(|stored| Planned {
        plan: stored.plan,
        hash: stored.hash,
        approval,
    }))
}

/// What is counted beside the answers, as it stands now.
pub(super) fn counters(conn: &mut Conn, id: EvaluationId) -> Result<Counters, StoreError> {
    let funnel = outbox::counts(conn, id)?;
    let (codes, days) = codes(conn, id)?;
    Ok(Counters {
        invitations: (funnel.drawn > 0).then_some(funnel),
        codes,
        days,
    })
}

/// The same as it stood when the record was sealed; nothing before, and for records sealed by a program that did not keep it.
fn sealed_counters(events: &[Happened]) -> Result<Option<Counters>, StoreError> {
    let Some(sealed) = events.iter().rev().find(|event| event.action == seal::SEALED_ACTION) else {
        return Ok(None);
    };
    let corrupt = |e: serde_json::Error| StoreError::Corrupt(format!("{}: {e}", seal::SEALED_ACTION));
    let data: serde_json::Value = serde_json::from_str(&sealed.data).map_err(corrupt)?;
    let counters = data.get("counters").cloned();
    counters.map(serde_json::from_value).transpose().map_err(corrupt)
}

/// Codes of every outlet with the visits through them, and the visits of every day.
fn codes(conn: &mut Conn, id: EvaluationId) -> Result<(Vec<OutletCodes>, Vec<Day>), StoreError> {
    let rows: Vec<(String, bool)> = link::table
        .filter(link::evaluation_id.eq(id.to_string()))
        .filter(link::kind.eq(LinkKind::Outlet.as_str()))
        .select((link::outlet_id, link::revoked))
        .load(conn)?;
    let mut codes = BTreeMap::new();
    let none = |outlet| OutletCodes {
        outlet,
        made: 0,
        revoked: 0,
        opened: 0,
        started: 0,
        completed: 0,
    };
    for (outlet, revoked) in rows {
        let outlet = outlet
            .parse()
            .map_err(|_| StoreError::Corrupt(format!("link of {outlet}")))?;
        let entry: &mut OutletCodes = codes.entry(outlet).or_insert_with(|| none(outlet));
        entry.made += 1;
        entry.revoked += u64::from(revoked);
    }
    let mut days: BTreeMap<i64, Day> = BTreeMap::new();
    let count = |n: i64| u64::try_from(n).unwrap_or_default();
    for visits in funnel::of_evaluation(conn, id)? {
        if !matches!(visits.source, Source::Code(_)) {
            continue;
        }
        let entry = codes.entry(visits.outlet).or_insert_with(|| none(visits.outlet));
        entry.opened += count(visits.opened);
        entry.started += count(visits.started);
        entry.completed += count(visits.completed);
        // Days are Chinese ones.
        let (_, hour) = day_and_hour(visits.hour_ms);
        let at_ms = visits.hour_ms - visits.hour_ms.rem_euclid(DAY_MS / 24) - i64::from(hour) * DAY_MS / 24;
        let day = days.entry(at_ms).or_insert(Day {
            at_ms,
            opened: 0,
            started: 0,
        });
        day.opened += count(visits.opened);
        day.started += count(visits.started);
    }
    Ok((codes.into_values().collect(), days.into_values().collect()))
}

/// Electronic answers that came after the last day, on forms opened before it ended.
fn in_grace(conn: &mut Conn, id: EvaluationId, field: Field) -> Result<Option<u64>, StoreError> {
    let Some(until_ms) = field.until_ms() else {
        return Ok(None);
    };
    let late: i64 = response::table
        .filter(response::evaluation_id.eq(id.to_string()))
        .filter(response::interview_id.is_null())
        .filter(response::received_hour_ms.ge(until_ms))
        .count()
        .get_result(conn)?;
    Ok(u64::try_from(late).ok())
}

/// What stands about every response that somebody decided about.
fn decisions(conn: &mut Conn, id: EvaluationId) -> Result<Decisions, StoreError> {
    let actions: Vec<&str> = Decision::ALL.iter().map(|decision| decision.action()).collect();
    let rows: Vec<(String, String)> = event::table
        .filter(event::evaluation_id.eq(id.to_string()))
        .filter(event::action.eq_any(actions))
        .order(event::seq)
        .select((event::object, event::action))
        .load(conn)?;
    let (mut approved, mut excluded) = (BTreeSet::new(), BTreeSet::new());
    for (object, action) in rows {
        match Decision::from_action(&action) {
            Some(Decision::Approved) => approved.insert(object),
            Some(Decision::Rejected | Decision::Returned) => approved.remove(&object),
            Some(Decision::Excluded) => excluded.insert(object),
            Some(Decision::Included) => excluded.remove(&object),
            Some(Decision::Withdrawn) | None => false,
        };
    }
    Ok(Decisions {
        approved: approved.len() as u64,
        excluded: excluded.len() as u64,
    })
}

/// Flagged responses by rule, once the last look is over.
fn flags(conn: &mut Conn, id: EvaluationId) -> Result<Option<BTreeMap<Rule, u64>>, StoreError> {
    if !flag::passed(conn, id)?.is_some_and(|passed| passed.is_final) {
        return Ok(None);
    }
    let mut flags = BTreeMap::new();
    for ((rule, ..), n) in flag::counts(conn, id)? {
        *flags.entry(rule).or_default() += n;
    }
    Ok(Some(flags))
}

/// How often contact data were erased because somebody asked.
fn erasures(conn: &mut Conn, id: EvaluationId, until_ms: i64) -> Result<u64, StoreError> {
    let count: i64 = event::table
        .filter(event::evaluation_id.eq(id.to_string()))
        .filter(event::object.eq("").and(event::action.eq("contact.erased")))
        .filter(event::at_ms.le(until_ms))
        .count()
        .get_result(conn)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What was confirmed about the sample.
fn adequate(
    conn: &mut Conn,
    id: EvaluationId,
    until_ms: i64,
    named: impl Fn(&str) -> String,
) -> Result<Option<(bool, String, i64)>, StoreError> {
    let facts = fact::list(conn, id)?
        .into_iter()
        .rev()
        .filter(|fact| !fact.entry.withdrawn);
    let mut confirmed = facts.filter_map(|fact| {
        let check = fact.check.filter(|check| check.agrees && check.at_ms <= until_ms)?;
        match fact.entry.statement {
            Statement::Sample { adequate } => Some((adequate, named(&check.by.to_string()), check.at_ms)),
            _ => None,
        }
    });
    Ok(confirmed.next())
}

/// The result of the evaluation of the same organisation before this one, if it was sealed until then.
fn previous(
    conn: &mut Conn,
    catalogue: &Catalogue,
    id: EvaluationId,
    until_ms: i64,
) -> Result<Option<Box<crate::survey::report::Report>>, StoreError> {
    let (organisation, created_at_ms): (String, i64) = evaluations::table
        .find(id.to_string())
        .select((evaluations::organisation_id, evaluations::created_at_ms))
        .first(conn)?;
    let sealed = [EvaluationState::Sealed, EvaluationState::Released].map(EvaluationState::as_str);
    let too_late: Vec<String> = seals::table
        .filter(seals::at_ms.gt(until_ms))
        .select(seals::evaluation_id)
        .load(conn)?;
    let before: Option<String> = evaluations::table
        .filter(evaluations::id.ne_all(too_late))
        .filter(evaluations::organisation_id.eq(organisation))
        .filter(evaluations::created_at_ms.lt(created_at_ms))
        .filter(evaluations::state.eq_any(sealed))
        .order((evaluations::created_at_ms.desc(), evaluations::id))
        .select(evaluations::id)
        .first(conn)
        .optional()?;
    let Some(before) = before else { return Ok(None) };
    let before = before
        .parse()
        .map_err(|_| StoreError::Corrupt(format!("evaluation {before}")))?;
    Ok(report::compute(conn, catalogue, before)?.map(Box::new))
}
