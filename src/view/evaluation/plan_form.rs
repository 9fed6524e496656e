//! The form of a sampling plan.

use super::base;
use crate::statistics::allocation::Rule;
use crate::statistics::outlets_to_visit::Occasion;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::EvaluationId;
use crate::survey::language::Language;
use crate::survey::plan::{Hundredths, Plan, PlannedOutlet, Proof};
use crate::survey::plan_scope::{Exclusion, Layer, Scope, TEXT_MAX, Way};
use crate::survey::setup::OUTLETS_CHARS_MAX;
use crate::view::office::Desk;
use crate::view::office::form::{Choice, Form, FormBuilder};
use crate::view::words::Words;

/// A plan as its form.
pub(super) fn filled(plan: &Plan) -> RawForm {
    let aims = plan.aims();
    let proof = |of: fn(&Proof) -> Hundredths| {
        aims.proof
            .as_ref()
            .map(|proof| of(proof).to_string())
            .unwrap_or_default()
    };
    let power = match &aims.proof {
        Some(proof) => proof.power.to_string(),
        None => "80".to_owned(),
    };
    let fixed = [
        ("sd", aims.sd.to_string()),
        ("design_effect", aims.design_effect.to_string()),
        ("confidence", aims.confidence.to_string()),
        ("half_width_face", aims.half_width_face.to_string()),
        ("half_width_all", aims.half_width_all.to_string()),
        ("response_face", aims.response_face.to_string()),
        ("response_electronic", aims.response_electronic.to_string()),
        ("rule", aims.rule.as_str().to_owned()),
        ("occasion", aims.occasion.as_str().to_owned()),
        ("sds", lines(plan, |outlet| outlet.sd)),
        ("costs", lines(plan, |outlet| outlet.cost)),
        ("bound", proof(|proof| proof.bound)),
        ("expected", proof(|proof| proof.expected)),
        ("power", power),
    ];
    // All of them is what none says.
    let is_everywhere = plan.outlets().iter().all(|outlet| outlet.is_visited);
    let visited = plan
        .outlets()
        .iter()
        .filter(|outlet| outlet.is_visited && !is_everywhere);
    let visited = visited.map(|outlet| ("visited", outlet.id.to_string()));
    let scope = plan.scope().cloned().unwrap_or_else(Scope::usual);
    let pairs = fixed.into_iter().chain(visited).chain(scope_pairs(&scope));
    RawForm::new(pairs.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn scope_pairs(scope: &Scope) -> Vec<(&'static str, String)> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let mut pairs = vec![
        ("population", scope.population.clone()),
        ("window_months", scope.window_months.to_string()),
        ("exclusions_other", scope.exclusions_other.clone()),
        ("gaps", scope.gaps.clone()),
        ("first_day", day(scope.first_day)),
        ("last_day", day(scope.last_day)),
        ("extension_days", scope.extension_days.to_string()),
        ("per_day", scope.per_day.to_string()),
        ("back_check_percent", scope.back_checks.percent.to_string()),
        ("back_check_least", scope.back_checks.least.to_string()),
    ];
    let ticked = |name, values: Vec<&'static str>| values.into_iter().map(move |value| (name, value.to_owned()));
    let exclusions = scope.exclusions.iter().map(|one| one.as_str()).collect();
    pairs.extend(ticked("exclusions", exclusions));
    pairs.extend(ticked("layers", scope.layers.iter().map(|one| one.as_str()).collect()));
    pairs.extend(ticked("ways", scope.ways.iter().map(|one| one.as_str()).collect()));
    pairs
}

fn lines(plan: &Plan, of: fn(&PlannedOutlet) -> Option<Hundredths>) -> String {
    let line = |outlet: &PlannedOutlet| Some(format!("{},{}", outlet.name.get(Language::ZhCn), of(outlet)?));
    plan.outlets().iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// The form with what was typed and what is wrong with it.
pub(super) fn form(desk: &Desk, id: EvaluationId, plan: &Plan, typed: &RawForm, errors: &[FieldError]) -> Form {
    let words = desk.words();
    let outlet = |outlet: &PlannedOutlet| Choice::new(outlet.id.to_string(), outlet.name.get(desk.language));
    let builder = FormBuilder::new(words, format!("{}/plan", base(id)), &desk.csrf, typed, errors);
    scope_fields(builder, words)
        .decimal("sd", words.t("sampling-sd"))
        .hint(words.t("sampling-sd-hint"))
        .decimal("design_effect", words.t("sampling-deff"))
        .hint(words.t("sampling-deff-hint"))
        .decimal("confidence", words.t("sampling-confidence"))
        .decimal("half_width_face", words.t("sampling-half-width-face"))
        .decimal("half_width_all", words.t("sampling-half-width-all"))
        .hint(words.t("sampling-half-width-hint"))
        .decimal("response_face", words.t("sampling-response-face"))
        .decimal("response_electronic", words.t("sampling-response-electronic"))
        .radios("occasion", words.t("sampling-occasion"), occasions(words))
        .boxes(
            "visited",
            words.t("sampling-visited"),
            plan.outlets().iter().map(outlet).collect(),
        )
        .hint(words.t("sampling-visited-hint"))
        .optional()
        .radios("rule", words.t("sampling-rule"), rules(words))
        .lines("sds", words.t("sampling-sds"), 3, OUTLETS_CHARS_MAX)
        .hint(words.t("sampling-lines-hint"))
        .optional()
        .lines("costs", words.t("sampling-costs"), 3, OUTLETS_CHARS_MAX)
        .hint(words.t("sampling-lines-hint"))
        .optional()
        .decimal("bound", words.t("sampling-bound"))
        .hint(words.t("sampling-bound-hint"))
        .optional()
        .decimal("expected", words.t("sampling-expected"))
        .optional()
        .decimal("power", words.t("sampling-power"))
        .optional()
        .submit(words.t("sampling-save"))
}

fn scope_fields(builder: FormBuilder<'_>, words: Words) -> FormBuilder<'_> {
    let exclusions = Exclusion::ALL
        .iter()
        .map(|one| Choice::new(one.as_str(), exclusion_name(words, *one)));
    let layers = Layer::ALL
        .iter()
        .map(|one| Choice::new(one.as_str(), layer_name(words, *one)));
    let ways = Way::ALL
        .iter()
        .map(|one| Choice::new(one.as_str(), way_name(words, *one)));
    builder
        .lines("population", words.t("planning-population"), 3, TEXT_MAX)
        .hint(words.t("planning-population-hint"))
        .optional()
        .number("window_months", words.t("planning-window"))
        .boxes("exclusions", words.t("planning-exclusions"), exclusions.collect())
        .optional()
        .lines("exclusions_other", words.t("planning-exclusions-other"), 2, TEXT_MAX)
        .optional()
        .lines("gaps", words.t("planning-gaps"), 2, TEXT_MAX)
        .hint(words.t("planning-gaps-hint"))
        .optional()
        .boxes("layers", words.t("planning-layers"), layers.collect())
        .optional()
        .boxes("ways", words.t("planning-ways"), ways.collect())
        .hint(words.t("planning-ways-hint"))
        .day("first_day", words.t("planning-first-day"))
        .optional()
        .day("last_day", words.t("planning-last-day"))
        .optional()
        .number("extension_days", words.t("planning-extension-days"))
        .hint(words.t("planning-extension-days-hint"))
        .number("per_day", words.t("planning-per-day"))
        .hint(words.t("planning-per-day-hint"))
        .number("back_check_percent", words.t("planning-back-percent"))
        .hint(words.t("planning-back-percent-hint"))
        .number("back_check_least", words.t("planning-back-least"))
}

pub(super) fn exclusion_name(words: Words, one: Exclusion) -> String {
    match one {
        Exclusion::Staff => words.t("planning-exclusion-staff"),
        Exclusion::Relatives => words.t("planning-exclusion-relatives"),
        Exclusion::Dealers => words.t("planning-exclusion-dealers"),
        Exclusion::Contractors => words.t("planning-exclusion-contractors"),
        Exclusion::Minors => words.t("planning-exclusion-minors"),
    }
}

pub(super) fn layer_name(words: Words, one: Layer) -> String {
    match one {
        Layer::Outlet => words.t("head-outlet"),
        Layer::Service => words.t("planning-layer-service"),
        Layer::Product => words.t("planning-layer-product"),
        Layer::Month => words.t("planning-layer-month"),
    }
}

pub(super) fn way_name(words: Words, one: Way) -> String {
    match one {
        Way::Plate => words.t("planning-way-plate"),
        Way::Mail => words.t("codes-tab-personal"),
        Way::Slip => words.t("codes-tab-printed"),
    }
}

fn occasions(words: Words) -> Vec<Choice> {
    let name = |occasion| match occasion {
        Occasion::First => words.t("sampling-occasion-first"),
        Occasion::Surveillance => words.t("sampling-occasion-surveillance"),
        Occasion::Recertification => words.t("sampling-occasion-recertification"),
    };
    Occasion::ALL
        .map(|occasion| Choice::new(occasion.as_str(), name(occasion)))
        .into()
}

fn rules(words: Words) -> Vec<Choice> {
    let texts = |rule| match rule {
        Rule::Proportional => (
            words.t("sampling-rule-proportional"),
            words.t("sampling-rule-proportional-note"),
        ),
        Rule::Neyman => (words.t("sampling-rule-neyman"), words.t("sampling-rule-neyman-note")),
        Rule::CostOptimal => (words.t("sampling-rule-cost"), words.t("sampling-rule-cost-note")),
        Rule::Equal => (words.t("sampling-rule-equal"), words.t("sampling-rule-equal-note")),
    };
    let choice = |rule: Rule| {
        let (text, note) = texts(rule);
        Choice::new(rule.as_str(), text).noted(note)
    };
    Rule::ALL.map(choice).into()
}
