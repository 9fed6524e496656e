//! What a plan says about customers, ways and time, in words.

use super::plan_form::{exclusion_name, layer_name, way_name};
use crate::survey::back_check::Extent;
use crate::survey::plan::Plan;
use crate::view::words::Words;

/// Terms with what the plan says; nothing for plans from before this was asked.
pub(super) fn facts(words: Words, plan: &Plan) -> Vec<(String, String)> {
    let Some(scope) = plan.scope() else { return Vec::new() };
    let join = |names: Vec<String>| match names.is_empty() {
        true => words.t("planning-nothing"),
        false => names.join(&words.t("list-separator")),
    };
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let window = words.tn("planning-window-months", &[("n", scope.window_months.into())]);
    let population = text(&scope.population).into_iter().chain([window]).collect();
    let excluded = scope.exclusions.iter().map(|one| exclusion_name(words, *one));
    let excluded = excluded.chain(text(&scope.exclusions_other)).collect();
    let layers = scope.layers.iter().map(|one| layer_name(words, *one)).collect();
    let ways = scope.ways.iter().map(|one| way_name(words, *one));
    let ways = std::iter::once(words.t("planning-way-face")).chain(ways).collect();
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
    let extension = match scope.latest_day() {
        Some(latest) => words.tn("planning-extension-to", &[("latest", latest.to_string().into())]),
        None => words.t("planning-extension-none"),
    };
    let mut facts = vec![
        (words.t("planning-population"), join(population)),
        (words.t("planning-exclusions"), join(excluded)),
    ];
    facts.extend(text(&scope.gaps).map(|gaps| (words.t("planning-gaps"), gaps)));
    facts.push((words.t("planning-layers"), join(layers)));
    facts.push((words.t("planning-ways-all"), join(ways)));
    facts.push((
        words.t("planning-period"),
        format!("{} – {} · {extension}", day(scope.first_day), day(scope.last_day)),
    ));
    let per_day = words.tn("planning-per-day-n", &[("n", scope.per_day.into())]);
    facts.push((words.t("planning-per-day"), per_day));
    facts.push((words.t("supervise-back-checks"), extent(words, scope.back_checks)));
    if let Some(draw) = plan.draw() {
        let values = [
            ("risk", draw.by_risk.len().into()),
            ("random", draw.at_random.into()),
            ("seed", draw.seed.as_str().into()),
        ];
        facts.push((words.t("planning-draw"), words.tn("planning-drawn-by", &values)));
    }
    facts
}

/// How many interviews are asked again.
pub(in crate::view) fn extent(words: Words, extent: Extent) -> String {
    let values = [("percent", extent.percent.into()), ("least", extent.least.into())];
    words.tn("planning-back-extent", &values)
}
