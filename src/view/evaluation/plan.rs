//! The sampling plan: sizes and what they come from, remarks, the curve of half-width against answers, targets, the form.

use askama::Template;

use super::{plan_form, plan_scope};
use crate::statistics::outlets_to_visit::Occasion;
use crate::survey::deviation::Deviation;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::EvaluationId;
use crate::survey::plan::{Plan, PlannedOutlet, Remark};
use crate::survey::plan_review::{COMMENT_MAX, Verdict};
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame, moment};
use crate::view::planning::deviation_line;
use crate::view::words::Words;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct PlanPage<'a> {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Its plan; `None` where it was frozen without one.
    pub plan: Option<&'a Plan>,
    /// Hash of the stored text; `None` where nothing is stored yet.
    pub hash: Option<&'a str>,
    /// Whether the plan may still change.
    pub is_draft: bool,
    /// Whether the viewer may change it.
    pub may_store: bool,
    /// Its approval.
    pub review: Reviewable<'a>,
    /// Deviations from it, oldest first.
    pub deviations: &'a [Deviation],
}

/// How far the approval of a plan is.
#[derive(Debug, Clone, Copy)]
pub struct Reviewable<'a> {
    /// Whether it waits for a reviewer.
    pub waits: bool,
    /// Whether the viewer may give a verdict.
    pub may_review: bool,
    /// The last verdict: by whom, when (Unix ms), with which comment.
    pub last: Option<(Verdict, &'a str, i64, &'a str)>,
}

/// A point of the curve in the drawing's units, with its words.
struct Point {
    x: String,
    y: String,
    label: String,
    anchor: &'static str,
}

/// Half-width against answers as an SVG of 340 × 220 units, and as a table.
struct Curve {
    description: String,
    path: String,
    points: Vec<Point>,
    ticks_x: Vec<Point>,
    ticks_y: Vec<Point>,
    rows: Vec<(String, String)>,
}

struct Row {
    name: String,
    customers: String,
    face: String,
    days: String,
    approaches: String,
    electronic: String,
    invitations: String,
}

struct Consequences {
    remarks: Vec<String>,
    scope: Vec<(String, String)>,
    facts: Vec<(String, String)>,
    curve: Option<Curve>,
    rows: Vec<Row>,
    total: Row,
}

#[derive(Template)]
#[template(path = "office/evaluation/plan.html")]
struct Page {
    frame: Frame,
    lead: String,
    plan: Option<Consequences>,
    approval: Option<String>,
    verdict: Option<Form>,
    /// Deviations, one a line; `None` in the draft.
    deviations: Option<Vec<String>>,
    base: String,
    form: Option<Form>,
}

/// The page of the plan; with what was typed where that must be corrected.
///
/// # Errors
/// What the template engine reports.
pub fn plan(
    desk: &Desk,
    shown: &PlanPage<'_>,
    typed: Option<(&RawForm, &[FieldError])>,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let lead = match (shown.plan, shown.is_draft, shown.hash) {
        (None, ..) => words.t("sampling-lead-none"),
        (_, false, _) => words.t("sampling-lead-fixed"),
        (_, true, None) => words.t("sampling-lead-usual"),
        (_, true, Some(_)) => words.t("sampling-lead-draft"),
    };
    let form = shown.plan.filter(|_| shown.may_store).map(|plan| match typed {
        Some((form, errors)) => plan_form::form(desk, shown.evaluation, plan, form, errors),
        None => plan_form::form(desk, shown.evaluation, plan, &plan_form::filled(plan), &[]),
    });
    let page = Page {
        frame: Frame::at(desk, &words.t("rail-plan")),
        lead,
        plan: shown.plan.map(|plan| consequences(desk, shown, plan)),
        approval: approval(words, &shown.review),
        verdict: shown.review.may_review.then(|| verdict(desk, shown, typed)),
        deviations: (!shown.is_draft).then(|| deviations(desk, shown)),
        base: super::base(shown.evaluation),
        form,
    };
    page.render()
}

fn deviations(desk: &Desk, shown: &PlanPage<'_>) -> Vec<String> {
    let words = desk.words();
    let outlets: Vec<_> = shown
        .plan
        .into_iter()
        .flat_map(Plan::outlets)
        .map(|outlet| (outlet.id, outlet.name.clone()))
        .collect();
    let line = |one: &Deviation| {
        let state = match &one.review {
            None => words.t("planning-waits"),
            Some(word) if word.is_approved => words.t("planning-in-force"),
            Some(_) => words.t("planning-refused"),
        };
        format!("{} — {state}", deviation_line(desk, &outlets, one))
    };
    shown.deviations.iter().map(line).collect()
}

fn approval(words: Words, review: &Reviewable<'_>) -> Option<String> {
    let Some((verdict, actor, at_ms, comment)) = review.last else {
        return review.waits.then(|| words.t("approval-waits"));
    };
    let values = [
        ("actor", actor.into()),
        ("at", moment(at_ms).into()),
        ("text", comment.into()),
    ];
    Some(match verdict {
        Verdict::Approve => words.tn("approval-given", &values),
        Verdict::Return => words.tn("approval-returned", &values),
    })
}

fn verdict(desk: &Desk, shown: &PlanPage<'_>, typed: Option<(&RawForm, &[FieldError])>) -> Form {
    let words = desk.words();
    let empty = RawForm::default();
    let (form, errors) = typed.unwrap_or((&empty, &[]));
    let options = Verdict::ALL.map(|verdict| {
        let text = match verdict {
            Verdict::Approve => words.t("approval-approve"),
            Verdict::Return => words.t("approval-return"),
        };
        Choice::new(verdict.as_str(), text)
    });
    let action = format!("{}/plan/review", super::base(shown.evaluation));
    FormBuilder::new(words, action, &desk.csrf, form, errors)
        .hidden("plan", shown.hash.unwrap_or_default())
        .radios("verdict", words.t("approval-verdict"), options.into())
        .text("comment", words.t("approval-comment"), COMMENT_MAX)
        .hint(words.t("approval-comment-hint"))
        .optional()
        .submit(words.t("approval-send"))
}

fn consequences(desk: &Desk, shown: &PlanPage<'_>, plan: &Plan) -> Consequences {
    let words = desk.words();
    let mut remarks: Vec<String> = plan
        .remarks()
        .into_iter()
        .map(|remark| remark_text(words, remark))
        .collect();
    // Targets that were set by hand since: what was stored is no longer what the rule gives.
    if shown.is_draft
        && shown.hash.is_some()
        && plan
            .allocated()
            .is_ok_and(|by_rule| by_rule.targets() != plan.targets())
    {
        remarks.push(words.t("sampling-remark-targets"));
    }
    let row = |name: String, customers: Option<u64>, face: u64, electronic: u64, is_visited: bool| Row {
        name,
        customers: customers.map_or_else(|| "–".to_owned(), |customers| customers.to_string()),
        face: match is_visited || face > 0 {
            true => face.to_string(),
            false => words.t("sampling-not-visited"),
        },
        days: plan
            .evaluator_days(face)
            .map_or_else(|| "–".to_owned(), |days| days.to_string()),
        approaches: plan.approaches(face).to_string(),
        electronic: electronic.to_string(),
        invitations: plan.invitations(electronic).to_string(),
    };
    let of = |outlet: &PlannedOutlet| {
        let name = outlet.name.get(desk.language).to_owned();
        let (face, electronic) = (outlet.target_face, outlet.target_electronic);
        row(name, outlet.customers, face, electronic, outlet.is_visited)
    };
    let (face, electronic) = plan.targets();
    let population = plan.sizes().population;
    let days = |outlet: &PlannedOutlet| plan.evaluator_days(outlet.target_face);
    // Nobody is at two outlets on one day.
    let days: Option<u64> = plan.outlets().iter().map(days).sum();
    let total = Row {
        days: days.map_or_else(|| "–".to_owned(), |days| days.to_string()),
        ..row(words.t("column-all"), population, face, electronic, true)
    };
    Consequences {
        remarks,
        scope: plan_scope::facts(words, plan),
        facts: facts(words, plan, shown.hash),
        curve: curve(words, plan),
        rows: plan.outlets().iter().map(of).collect(),
        total,
    }
}

fn points(half_width: Option<f64>) -> String {
    half_width.map_or_else(|| "–".to_owned(), |points| format!("{points:.1}"))
}

fn facts(words: Words, plan: &Plan, hash: Option<&str>) -> Vec<(String, String)> {
    let (sizes, aims) = (plan.sizes(), plan.aims());
    let answers = |n: u64| words.tn("sampling-answers", &[("n", n.into())]);
    let people = |n: u64| words.tn("sampling-people", &[("n", n.into())]);
    let from = |e: String, n: u64| words.tn("sampling-from-half-width", &[("e", e.into()), ("n", n.into())]);
    let join = |parts: &[String]| parts.join(&words.t("list-separator"));
    let face = join(&[
        from(aims.half_width_face.to_string(), sizes.face_for_half_width),
        words.t("sampling-floor-face"),
    ]);
    let mut all = vec![
        from(aims.half_width_all.to_string(), sizes.all_for_half_width),
        words.t("sampling-floor-all"),
    ];
    if let Some((proof, n)) = aims.proof.as_ref().zip(sizes.all_for_proof) {
        let values = [("bound", proof.bound.to_string().into()), ("n", n.into())];
        all.push(words.tn("sampling-from-proof", &values));
    }
    let (target_face, target_electronic) = plan.targets();
    let reached = [
        ("face", points(plan.half_width(target_face)).into()),
        ("all", points(plan.half_width(target_face + target_electronic)).into()),
    ];
    let rule = match aims.occasion {
        Occasion::First => words.t("sampling-visits-first"),
        Occasion::Surveillance => words.t("sampling-visits-surveillance"),
        Occasion::Recertification => words.t("sampling-visits-recertification"),
    };
    let visits = [
        ("n", sizes.visits.into()),
        ("random", sizes.visits_at_random.into()),
        ("rule", rule.into()),
    ];
    let population = sizes.population.map_or_else(|| words.t("sampling-infinite"), people);
    let mut facts = vec![
        (words.t("sampling-population"), population),
        (words.t("sampling-face"), format!("{} — {face}", answers(sizes.face))),
        (words.t("sampling-electronic"), answers(sizes.electronic)),
        (
            words.t("sampling-all"),
            format!("{} — {}", answers(sizes.face + sizes.electronic), join(&all)),
        ),
        (words.t("sampling-reached"), words.tn("sampling-reached-both", &reached)),
        (words.t("sampling-approaches"), people(plan.approaches(sizes.face))),
        (
            words.t("sampling-invitations"),
            people(plan.invitations(sizes.electronic)),
        ),
        (words.t("sampling-visits"), words.tn("sampling-visits-rule", &visits)),
    ];
    facts.extend(hash.map(|hash| (words.t("sampling-hash"), hash.chars().take(16).collect())));
    facts
}

fn remark_text(words: Words, remark: Remark) -> String {
    let n = |n: u64| [("n", n.into())];
    match remark {
        Remark::CustomersUnknown(outlets) => words.tn("sampling-remark-unknown", &n(outlets as u64)),
        Remark::AskEverybody(customers) => words.tn("sampling-remark-everybody", &n(customers)),
        Remark::FaceBelowPlan(face) => words.tn("sampling-remark-face-plan", &n(face)),
        Remark::FaceBelowFloor(face) => words.tn("sampling-remark-face-floor", &n(face)),
        Remark::AllBelowPlan(all) => words.tn("sampling-remark-all-plan", &n(all)),
        Remark::AllBelowFloor(all) => words.tn("sampling-remark-all-floor", &n(all)),
        Remark::FewAtOutlet(outlets) => words.tn("sampling-remark-outlet", &n(outlets as u64)),
        Remark::ManyFace => words.t("sampling-remark-many-face"),
        Remark::FaceTooWide => words.t("sampling-remark-face-wide"),
        Remark::AllTooWide => words.t("sampling-remark-all-wide"),
        Remark::FewVisits { visited, needed } => {
            let values = [("visited", visited.into()), ("needed", needed.into())];
            words.tn("sampling-remark-visits", &values)
        }
        Remark::NotDrawn => words.t("planning-remark-not-drawn"),
        Remark::Undescribed => words.t("planning-remark-population"),
        Remark::NoPeriod => words.t("planning-remark-period"),
        Remark::TooFewCustomers(asked) => words.tn("sampling-remark-customers", &n(asked)),
    }
}

/// Answers at the left end of the curve.
const FEWEST: u64 = 20;
/// The drawing: its corner and its sides.
const LEFT: f64 = 34.0;
const TOP: f64 = 16.0;
const WIDTH: f64 = 290.0;
const HEIGHT: f64 = 170.0;

fn curve(words: Words, plan: &Plan) -> Option<Curve> {
    let (face, electronic) = plan.targets();
    let all = face + electronic;
    // Up to twice the plan, but not past the last customer, in steps that end on round figures.
    let most = (all * 2).max(200).div_ceil(100) * 100;
    let most = plan
        .sizes()
        .population
        .map_or(most, |customers| most.min(customers.max(FEWEST * 2)));
    let widest = plan.half_width(FEWEST)?.ceil().max(1.0);
    let x = |n: u64| LEFT + (n as f64 - FEWEST as f64) / (most - FEWEST) as f64 * WIDTH;
    let y = |e: f64| TOP + (1.0 - e / widest) * HEIGHT;
    let at = |n: u64| plan.half_width(n).unwrap_or_default();
    let path: Vec<String> = (0..=60)
        .map(|step| FEWEST + (most - FEWEST) * step / 60)
        .map(|n| format!("{:.1},{:.1}", x(n), y(at(n))))
        .collect();
    let point = |n: u64, label: String| Point {
        x: format!("{:.1}", x(n)),
        y: format!("{:.1}", y(at(n))),
        label,
        anchor: "start",
    };
    let marks = [(face, words.t("score-s-face")), (all, words.t("score-s"))];
    let marks = marks.into_iter().filter(|(n, _)| (FEWEST..=most).contains(n));
    let tick_x = |n: u64| Point {
        x: format!("{:.1}", x(n)),
        y: format!("{:.1}", TOP + HEIGHT),
        label: n.to_string(),
        anchor: if n == most { "end" } else { "middle" },
    };
    let tick_y = |e: f64| Point {
        x: format!("{LEFT:.1}"),
        y: format!("{:.1}", y(e)),
        label: format!("{e:.0}"),
        anchor: "end",
    };
    let mut listed = vec![FEWEST, 30, 60, 100, 125, 200, 400, face, all, most];
    listed.retain(|n| (FEWEST..=most).contains(n));
    listed.sort_unstable();
    listed.dedup();
    let values = [
        ("low", FEWEST.into()),
        ("wide", points(plan.half_width(FEWEST)).into()),
        ("high", most.into()),
        ("narrow", points(plan.half_width(most)).into()),
    ];
    Some(Curve {
        description: words.tn("sampling-curve-about", &values),
        path: path.join(" "),
        points: marks.map(|(n, label)| point(n, label)).collect(),
        ticks_x: [FEWEST, (FEWEST + most) / 2, most].map(tick_x).into(),
        ticks_y: [0.0, (widest / 2.0).round(), widest].map(tick_y).into(),
        rows: listed
            .into_iter()
            .map(|n| (n.to_string(), format!("± {}", points(plan.half_width(n)))))
            .collect(),
    })
}
