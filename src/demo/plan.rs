//! What the plan says of customers, plates in the field, and one deviation from the plan.

use std::sync::Arc;

use super::errands;
use super::plot::Plot;
use super::story::DAY_MS;
use crate::app::Installation;
use crate::clock::{day_in_china, in_china};
use crate::statistics::draw::METHOD;
use crate::store::{StoreError, WriteTx, deviation, evaluation, outlet, outlet_draw as draws, plan, posting};
use crate::survey::deviation::Change;
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::outlet_draw::{self, OutletDraw};
use crate::survey::plan_review::Verdict;
use crate::survey::plan_scope::Scope;
use crate::survey::posting::{Deed, Item, Posting};

/// Interviews and electronic answers planned at an outlet that is visited; at another one nobody is interviewed.
pub(super) const TARGETS: (i32, i32) = (20, 90);

/// Stores the usual plan with population and time in the field, four weeks where it is not known when it ended; once a week
/// more. Where the plot says so the outlets to visit are drawn.
pub(super) fn store(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    plot: &Plot,
    manager: &str,
    (began_ms, last_ms): (i64, Option<i64>),
) -> Result<(), StoreError> {
    let scope = Scope {
        population: plot.scope.to_owned(),
        gaps: "没有电话和邮箱的到店顾客".to_owned(),
        first_day: Some(day_in_china(began_ms)),
        last_day: Some(day_in_china(last_ms.unwrap_or(began_ms + 27 * DAY_MS))),
        extension_days: 7,
        ..Scope::usual()
    };
    let usual = plan::present(tx.conn, id)?;
    plan::put(tx, id, &usual.scoped(scope))?;
    let Some(lot) = &plot.draw else { return Ok(()) };
    let act = |at_ms| {
        let who = manager.parse().map_err(|_| StoreError::Corrupt(manager.to_owned()))?;
        Ok::<_, StoreError>((who, at_ms))
    };
    let outlets: Vec<OutletId> = outlet::list(tx.conn, id)?.into_iter().map(|outlet| outlet.id).collect();
    let by_risk: Vec<OutletId> = lot
        .by_risk
        .iter()
        .filter_map(|place| outlets.get(*place))
        .copied()
        .collect();
    let frame = outlet_draw::frame(&outlets, &by_risk);
    let draw = OutletDraw {
        method: METHOD.to_owned(),
        frame_sha256: outlet_draw::hash(&frame),
        seed: lot.seed.to_owned(),
        at_random: lot.at_random,
        by_risk: by_risk.iter().map(ToString::to_string).collect(),
        reason: lot.reason.to_owned(),
    };
    draws::announce(tx, id, &draw, &frame, act(began_ms - 3 * DAY_MS)?).map_err(errands::plain)?;
    draws::carry_out(tx, id, 1, act(began_ms - 2 * DAY_MS)?).map_err(errands::plain)?;
    for planned in plan::present(tx.conn, id)?.outlets() {
        let face = if planned.is_visited { TARGETS.0 } else { 0 };
        outlet::set_targets(tx, id, planned.id, (face, TARGETS.1))?;
    }
    let plan = plan::present(tx.conn, id)?;
    plan::put(tx, id, &plan)?;
    Ok(())
}

/// Every plate of an evaluation is posted by its evaluators, and one deviation is proposed and approved.
pub(super) fn carry_out(
    installation: &Installation,
    id: EvaluationId,
    (manager, reviewer): (PersonId, PersonId),
    evaluators: Vec<PersonId>,
) -> Result<(), StoreError> {
    let (catalogue, key, now_ms) = (
        Arc::clone(installation.store.catalogue()),
        installation.key.bytes().to_vec(),
        installation.clock.now_ms(),
    );
    installation.store.write_blocking(move |tx| {
        let Some(found) = evaluation::find(tx.conn, &catalogue, id)? else {
            return Ok(());
        };
        let offers = posting::offers(tx.conn, &found, &key, now_ms)?;
        let plates = offers
            .iter()
            .filter(|offer| matches!(offer.item, Item::Plate(_)) && !offer.is_over);
        for ((number, plate), evaluator) in (17..).zip(plates).zip(evaluators.iter().cycle()) {
            let new = Posting {
                deed: Deed::Posted,
                item: plate.item.to_string(),
                when: in_china(now_ms - 4 * DAY_MS),
                spot: "服务台".to_owned(),
                photo: format!("IMG-{number:04}"),
                scanned: String::new(),
            };
            let act = (*evaluator, now_ms - DAY_MS);
            posting::note(tx, &catalogue, id, (&new, &offers), &key, act).map_err(errands::plain)?;
        }
        let change = Change::Other("上午和下午各半".to_owned(), "只在下午".to_owned());
        let (proposed, approved) = ((manager, now_ms - DAY_MS), (reviewer, now_ms - DAY_MS / 2));
        deviation::propose(tx, id, (&change, "一个网点上午不接待到店顾客"), proposed).map_err(errands::plain)?;
        deviation::review(tx, id, 1, (Verdict::Approve, ""), approved).map_err(errands::plain)
    })
}
