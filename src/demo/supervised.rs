//! Supervision of the open evaluation: most interviews are approved, some wait, one is asked back and was corrected; some were
//! drawn for back-checks, and one of those is contradicted.

use std::sync::Arc;

use super::staff::Staff;
use super::story::DAY_MS;
use crate::store::grading::GradingError;
use crate::store::supervision::Supervised;
use crate::store::{StoreError, WriteTx, back_check, correction, interview_record, supervision};
use crate::survey::answers::FormChoices;
use crate::survey::back_check::{Finding, Reached, Told, Way};
use crate::survey::correction::{Correction, filled, months};
use crate::survey::form::RawForm;
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;
use crate::survey::questionnaire::Item;
use crate::survey::supervision::{Ruling, Step};

/// The latest interviews, which nobody has looked at yet.
const WAITING: usize = 6;

/// What reviewer, manager and a second evaluator did.
pub(super) fn review(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    id: EvaluationId,
    staff: &Staff,
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some((manager, reviewer, evaluator)) = staff.judges() else {
        return Ok(());
    };
    let at_ms = now_ms - DAY_MS / 2;
    let interviews = supervision::list(tx.conn, id, None)?;
    let reviewed = interviews.iter().filter(|one| one.is_reviewed());
    let reviewed: Vec<_> = reviewed.skip(WAITING).collect();
    // One of hers who signs in to look around.
    let asked = reviewed.iter().find(|one| one.evaluator == evaluator);
    if let Some(asked) = asked {
        let ruling = Ruling {
            step: Step::Returned,
            reason: None,
            comment: "备注写“旁边有人”，是工作人员吗？ / The note says that others were present: staff?".to_owned(),
        };
        supervision::rule(tx, instrument, id, &[asked.interview], &ruling, (reviewer, at_ms)).map_err(plain)?;
        correct(tx, instrument, id, asked, at_ms + DAY_MS / 4)?;
    }
    let rest = reviewed.iter().map(|one| one.interview);
    let rest: Vec<_> = rest
        .filter(|one| asked.is_none_or(|asked| asked.interview != *one))
        .collect();
    supervision::rule(tx, instrument, id, &rest, &Ruling::approval(), (reviewer, at_ms)).map_err(plain)?;

    back_check::set_seed(tx, id, "2026-11-双色球-132", (manager, at_ms - DAY_MS)).map_err(plain)?;
    back_check::draw(tx, id, (manager, at_ms)).map_err(plain)?;
    let cases = back_check::list(tx.conn, id)?;
    let findings = [
        (Told::Yes, "凭回执核对"),
        (Told::Yes, ""),
        (Told::No, "称当日未到过网点"),
    ];
    for (case, (interviewed, remark)) in cases.iter().filter(|case| case.is_drawn).zip(findings) {
        let finding = Finding {
            way: Way::Receipt,
            reached: Some(Reached {
                interviewed,
                place: if interviewed == Told::Yes {
                    Told::Yes
                } else {
                    Told::Unsure
                },
                day: Told::Unsure,
                overall: None,
                reply: None,
            }),
            remark: remark.to_owned(),
        };
        let which = (id, case.interview.interview);
        back_check::record(tx, instrument, which, &finding, (reviewer, at_ms)).map_err(plain)?;
    }
    Ok(())
}

/// What the evaluator found when asked back: the customer had used one more service, and was asked about it.
fn correct(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    id: EvaluationId,
    asked: &Supervised,
    at_ms: i64,
) -> Result<(), StoreError> {
    let (_, before) = interview_record::present(tx, instrument, id, asked.interview).map_err(plain)?;
    let (questionnaire, used) = (instrument.questionnaire(), before.services());
    let screening = questionnaire.screening();
    let mut others = screening.service_options.iter().enumerate();
    let Some((place, added)) = others.find(|(place, _)| !used.contains(*place)) else {
        return Ok(());
    };
    let applies = |item: &&Item| item.applies(used.with(place)) && !item.applies(used);
    let asked_now = questionnaire.items().iter().filter(applies);
    let typed = [
        (screening.services.id.as_str(), added.id.as_str()),
        ("reason", "mistaken"),
        (
            "note",
            "漏记一项服务，相关题目当时已问 / One service was left out; its questions had been asked",
        ),
    ];
    let answered = asked_now.map(|item| (item.id.as_str(), "4"));
    let as_it_was = filled(questionnaire, &before);
    let pairs = as_it_was.pairs().chain(typed).chain(answered);
    let form = RawForm::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
    let choices = FormChoices {
        products: &[],
        months: &months(Vec::new(), &before),
    };
    let new = Correction::parse(questionnaire, choices, &before, &form).map_err(refused)?;
    let which = (id, asked.interview);
    correction::correct(tx, instrument, which, &new, rand::random(), (asked.evaluator, at_ms)).map_err(plain)
}

fn refused(error: impl std::fmt::Debug) -> StoreError {
    StoreError::Corrupt(format!("the example was refused: {error:?}"))
}

fn plain(error: GradingError) -> StoreError {
    match error {
        GradingError::Store(error) => error,
        GradingError::Refused(error) => refused(error),
    }
}
