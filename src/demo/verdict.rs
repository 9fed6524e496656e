//! The closed evaluations and their certificate: last year's is signed; of this year's, marks, audit and facts are there and
//! the manager has proposed. Review and signature are left to whoever explores the demo.

use chrono::NaiveDate;

use super::staff::Staff;
use crate::access::Role;
use crate::clock::day_in_china;
use crate::grading::audit::ClauseCheck;
use crate::grading::certificate::Reason;
use crate::grading::decimal::Decimal;
use crate::grading::evidence::Conclusion;
use crate::grading::fact::{Day, Entry, Statement};
use crate::grading::grade::{Outcome, grade};
use crate::grading::ruling::{Place, Proposal, Ruling, recommended};
use crate::grading::scoring::Marked;
use crate::statistics::exact::Ratio;
use crate::store::catalogue::Catalogue;
use crate::store::decision::NewDecision;
use crate::store::grading::GradingError;
use crate::store::{StoreError, WriteTx, audit, decision, fact, grading, scoring};
use crate::survey::id::{EvaluationId, PersonId};

/// Marks of the clauses in per cent of their full marks, taken in turn.
const PERCENT: [i64; 5] = [96, 90, 94, 88, 92];

/// Brings a closed evaluation to a proposal.
pub(super) fn propose(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    staff: &Staff,
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some((manager, reviewer, evaluator)) = staff.judges() else {
        return Err(StoreError::Corrupt("the example lacks somebody".into()));
    };
    let today = day_in_china(now_ms);
    score(tx, id, (evaluator, now_ms)).map_err(plain)?;
    check(tx, id, (evaluator, now_ms)).map_err(plain)?;
    for (statement, source, evidence) in facts(today) {
        let name = statement.id("");
        let second = match statement {
            Statement::Sample { .. } => reviewer,
            _ => evaluator,
        };
        let entry = Entry {
            statement,
            source: source.into(),
            evidence: evidence.into(),
            withdrawn: false,
        };
        fact::insert(tx, id, (&name, 0), &entry, (manager, now_ms)).map_err(plain)?;
        fact::check(tx, id, (&name, 1), (true, ""), (second, now_ms)).map_err(plain)?;
    }
    decide(tx, catalogue, id, today, (manager, now_ms)).map_err(plain)
}

/// Brings a closed evaluation to a signed decision.
pub(super) fn sign(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    staff: &Staff,
    at_ms: i64,
) -> Result<(), StoreError> {
    propose(tx, catalogue, id, staff, at_ms)?;
    for (role, place) in [(Role::Reviewer, Place::Review), (Role::Signatory, Place::Signature)] {
        let Some(who) = staff.first(role) else {
            return Err(StoreError::Corrupt("the example lacks somebody".into()));
        };
        decision::sign(tx, catalogue, id, (1, place), (true, ""), (who, at_ms)).map_err(plain)?;
    }
    Ok(())
}

fn score(tx: &mut WriteTx<'_>, id: EvaluationId, act: (PersonId, i64)) -> Result<(), GradingError> {
    let scheme = grading::scheme()?;
    let clauses = scheme.headings().iter().flat_map(|heading| &heading.clauses);
    let marked = clauses.zip(PERCENT.iter().cycle()).map(|(clause, percent)| {
        // Hundredths, cut: marks as an evaluator would write them.
        let hundredths = (&clause.marks * Ratio::from_integer((*percent).into())).to_integer();
        let (whole, rest) = (&hundredths / 100, &hundredths % 100);
        let marks = Decimal::parse(&format!("{whole}.{rest:02}")).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(Marked {
            clause: clause.clause.clone(),
            marks,
            evidence: "现场查看、抽查记录".into(),
        })
    });
    let marked = marked.collect::<Result<Vec<_>, StoreError>>()?;
    scoring::insert(tx, id, &marked, false, act)
}

fn check(tx: &mut WriteTx<'_>, id: EvaluationId, act: (PersonId, i64)) -> Result<(), GradingError> {
    let scheme = grading::scheme()?;
    let conform = |clause: &String| ClauseCheck {
        clause: clause.clone(),
        conform: true,
        evidence: "查阅文件和记录".into(),
    };
    let checks: Vec<ClauseCheck> = scheme.audit().iter().map(|audited| conform(&audited.clause)).collect();
    audit::check(tx, id, &checks, act)
}

fn facts(today: NaiveDate) -> [(Statement, &'static str, &'static str); 5] {
    let before = |days| Day(today - chrono::Days::new(days));
    [
        (Statement::Onsite { on: before(20) }, "评价计划", "首次会议签到表"),
        (Statement::Operating { since: before(2600) }, "营业执照", "执照复印件"),
        (Statement::Blacklist { listed: false }, "信用信息公示系统", "查询截图"),
        (
            Statement::Sample { adequate: true },
            "抽样方案",
            "当面和电子答卷均达到计划下限",
        ),
        (
            Statement::Verdict {
                conclusion: Conclusion::Pass,
            },
            "管理审核报告",
            "审核报告",
        ),
    ]
}

fn decide(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    today: NaiveDate,
    act: (PersonId, i64),
) -> Result<(), GradingError> {
    let record = grading::record(tx.conn, catalogue, id)?;
    let evidence = record.compile(today).evidence;
    let evidence = evidence.ok_or_else(|| StoreError::Corrupt("the example is not complete".into()))?;
    let Outcome::Graded(found) = grade(&evidence, &record.settled.policy) else {
        return Err(StoreError::Corrupt("the example cannot be graded".into()).into());
    };
    let ruling = recommended(&found);
    let reason_code = match ruling {
        Ruling::Grant(_) => Some(Reason::ResultSupportsStar),
        Ruling::Downgrade(_) => Some(Reason::BelowStarHeld),
        _ => None,
    };
    let new = NewDecision {
        proposal: Proposal {
            ruling,
            reason_code,
            reason: String::new(),
        },
        input_hash: record.input(&evidence).1,
        recommended: found.star,
        decided_on: today,
    };
    decision::propose(tx, catalogue, id, &new, act)
}

/// The example is never refused by its own rules; if it is, the program is at fault.
fn plain(error: GradingError) -> StoreError {
    match error {
        GradingError::Store(error) => error,
        GradingError::Refused(refused) => StoreError::Corrupt(format!("the example was refused: {refused:?}")),
    }
}
