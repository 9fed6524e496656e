//! The home of an evaluation: how far it is, what comes next, what waits for whom, what somebody should look at.

use askama::Template;

use super::{Bar, Button, base, mode_name};
use crate::access::{Role, RoleSet};
use crate::survey::evaluation::{Act, EvaluationState, Mode};
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;
use crate::survey::language::Text;
use crate::survey::progress::{Alarm, Done, Progress};
use crate::survey::supervision::Counts;
use crate::view::office::{Desk, Frame, moment, role_name, state_name};
use crate::view::words::Words;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Overview<'a> {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Its state.
    pub state: EvaluationState,
    /// Questionnaire and method.
    pub instrument: &'a Instrument,
    /// Why it is done.
    pub mode: Mode,
    /// The certified scope in words.
    pub scope: &'a str,
    /// Until when answers are kept.
    pub retention_end: &'a str,
    /// Products in the scope.
    pub products: &'a [Text],
    /// How far it has come.
    pub progress: &'a Progress,
    /// What somebody should look at.
    pub alarms: &'a [Alarm],
    /// Who is what: name and role.
    pub members: &'a [(String, Role)],
    /// What the viewer is.
    pub roles: RoleSet,
    /// Whether a reviewer approved the plan.
    pub plan_approved: bool,
    /// Whether a deviation from it waits for the reviewer.
    pub deviation_waits: bool,
    /// How interviews stand in review; `None` where none is asked for.
    pub interviews: Option<Counts>,
    /// Who opened interim results.
    pub interim: Option<&'a Opened>,
    /// Closing was asked for while interviews wait.
    pub is_refused: bool,
}

/// Interim results were opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// When, Unix ms.
    pub at_ms: i64,
    /// By whom, by name.
    pub actor: String,
    /// Why.
    pub reason: String,
}

struct Step {
    name: String,
    current: bool,
    done: bool,
}

struct Next {
    heading: String,
    text: String,
    button: Option<Button>,
    grave: bool,
}

struct Row<'a> {
    name: &'a str,
    face: Bar,
    electronic: Bar,
}

#[derive(Template)]
#[template(path = "office/evaluation/overview.html")]
struct Page<'a> {
    frame: Frame,
    heading: &'a str,
    title: &'a str,
    state: String,
    steps: Vec<Step>,
    alarms: Vec<String>,
    refused: Option<String>,
    next: Option<Next>,
    ways: Vec<(String, String)>,
    waits: Vec<(String, String)>,
    rows: Vec<Row<'a>>,
    total: Option<(Bar, Bar)>,
    interim: Option<String>,
    interim_reason: Option<String>,
    open_interim: Option<String>,
    settings: Option<String>,
    facts: Vec<(String, String)>,
}

/// The home of an evaluation.
///
/// # Errors
/// What the template engine reports.
pub fn overview(desk: &Desk, shown: &Overview<'_>) -> Result<String, askama::Error> {
    let (words, language) = (desk.words(), desk.language);
    let here = desk.here.as_ref().map(|(here, _)| here);
    let bar = |name: String, done| Bar::of(words, name, done);
    let (face, electronic) = (words.t("column-face"), words.t("column-electronic"));
    let rows = shown.progress.outlets.iter().map(|outlet| Row {
        name: outlet.name.get(language),
        face: bar(face.clone(), outlet.face),
        electronic: bar(electronic.clone(), outlet.electronic),
    });
    let rows = rows.collect();
    let total = (shown.progress.outlets.len() > 1).then(|| {
        (
            bar(face.clone(), shown.progress.face()),
            bar(electronic.clone(), shown.progress.electronic()),
        )
    });
    let is_manager = shown.roles.has(Role::Manager);
    let may = |act| is_manager && shown.state.allows(act);
    let base = base(shown.evaluation);
    let page = Page {
        frame: Frame::at(desk, &words.t("rail-home")),
        heading: here.map_or("", |here| here.firm.get(language)),
        title: here.map_or("", |here| here.title.get(language)),
        state: state_name(words, shown.state),
        steps: steps(words, shown.state),
        alarms: shown.alarms.iter().map(|alarm| alarm_text(words, *alarm)).collect(),
        refused: shown
            .is_refused
            .then(|| words.tn("supervise-close-waits", &[("n", in_review(shown).into())])),
        next: is_manager.then(|| next(desk, shown)).flatten(),
        ways: ways(words, shown),
        waits: waits(words, shown),
        rows,
        total,
        interim: shown.interim.map(|opened| {
            let values = [
                ("at", moment(opened.at_ms).into()),
                ("actor", opened.actor.as_str().into()),
            ];
            words.tn("overview-interim-opened", &values)
        }),
        interim_reason: shown
            .interim
            .map(|opened| words.tn("activity-reason", &[("reason", opened.reason.as_str().into())])),
        open_interim: (may(Act::OpenInterim) && shown.interim.is_none()).then(|| format!("{base}/interim")),
        settings: may(Act::ChangePlan).then(|| format!("{base}/settings")),
        facts: facts(words, shown),
    };
    page.render()
}

fn steps(words: Words, now: EvaluationState) -> Vec<Step> {
    EvaluationState::ALL
        .into_iter()
        .map(|state| Step {
            name: state_name(words, state),
            current: state == now,
            done: state < now,
        })
        .collect()
}

fn alarm_text(words: Words, alarm: Alarm) -> String {
    match alarm {
        Alarm::NoOutlet => words.t("alarm-no-outlet"),
        Alarm::NoEvaluator => words.t("alarm-no-evaluator"),
        Alarm::NoReviewer => words.t("alarm-no-reviewer"),
        Alarm::NoTarget => words.t("alarm-no-target"),
        Alarm::Quiet => words.t("alarm-quiet"),
        Alarm::TargetsReached => words.t("alarm-targets-reached"),
    }
}

/// The manager's next step, with what it means in plain words beside its button.
fn next(desk: &Desk, shown: &Overview<'_>) -> Option<Next> {
    let words = desk.words();
    let to = shown.state.next_by_manager()?;
    let (heading, text, button) = match to {
        EvaluationState::Frozen => (
            words.t("next-freeze"),
            words.t("next-freeze-text"),
            words.t("next-freeze-button"),
        ),
        EvaluationState::Open => (
            words.t("next-open"),
            words.tn("next-open-text", &[("n", shown.progress.outlets.len().into())]),
            words.t("next-open-button"),
        ),
        _ => (
            words.t("next-close"),
            words.t("next-close-text"),
            words.t("next-close-button"),
        ),
    };
    let unapproved = to == EvaluationState::Open && !shown.plan_approved;
    let (heading, text) = match unapproved {
        true => (words.t("approval-next"), words.t("approval-waits")),
        false => (heading, text),
    };
    let unreviewed = to == EvaluationState::Closed && in_review(shown) > 0;
    let text = match unreviewed {
        true => words.tn("supervise-close-waits", &[("n", in_review(shown).into())]),
        false => text,
    };
    let possible = !shown.progress.outlets.is_empty() && !unapproved && !unreviewed;
    Some(Next {
        heading,
        text,
        button: possible.then(|| Button {
            action: format!("{}/step", base(shown.evaluation)),
            csrf: desk.csrf.clone(),
            fields: vec![("to", to.as_str().to_owned())],
            text: button,
            about: String::new(),
        }),
        grave: to == EvaluationState::Closed,
    })
}

/// Interviews that somebody has to act on before fieldwork is closed.
fn in_review(shown: &Overview<'_>) -> u64 {
    shown.interviews.map_or(0, |counts| counts.open())
}

/// Where the viewer works from here: address and words, the main thing first.
fn ways(words: Words, shown: &Overview<'_>) -> Vec<(String, String)> {
    let base = base(shown.evaluation);
    let mut ways = Vec::new();
    if shown.state == EvaluationState::Frozen && !shown.plan_approved && shown.roles.has(Role::Reviewer) {
        ways.push((format!("{base}/plan"), words.t("approval-wait")));
    }
    if shown.deviation_waits && shown.roles.has(Role::Reviewer) {
        ways.push((format!("{base}/deviations"), words.t("planning-waits-review")));
    }
    if shown.state == EvaluationState::Open {
        if shown.roles.has(Role::Evaluator) {
            ways.push((format!("{base}/interviews"), words.t("home-interviews")));
        }
        if shown.roles.has(Role::Manager) {
            ways.push((format!("{base}/codes"), words.t("overview-codes")));
        }
    }
    let counts = shown.interviews.unwrap_or_default();
    if counts.waiting > 0 && shown.roles.has(Role::Reviewer) {
        ways.push((format!("{base}/reviews"), words.t("supervise-heading")));
    }
    if counts.asked_back > 0 && shown.roles.has(Role::Evaluator) {
        ways.push((format!("{base}/own-interviews"), words.t("supervise-own")));
    }
    let results = [Role::Manager, Role::Reviewer, Role::Signatory, Role::Auditor];
    if shown.state >= EvaluationState::Closed && shown.roles.has_any(&results) {
        ways.push((format!("{base}/results"), words.t("demo-results")));
    }
    ways
}

/// What waits for whom.
fn waits(words: Words, shown: &Overview<'_>) -> Vec<(String, String)> {
    let who = |role: Role| {
        let members = shown.members.iter().filter(|(_, held)| *held == role);
        let names: Vec<&str> = members.map(|(name, _)| name.as_str()).collect();
        let names = match names.is_empty() {
            true => words.t("waits-nobody"),
            false => names.join(&words.t("list-separator")),
        };
        let values = [("role", role_name(words, role).into()), ("names", names.into())];
        words.tn("waits-who", &values)
    };
    let missing = |done: Done| done.missing();
    let (face, electronic) = (missing(shown.progress.face()), missing(shown.progress.electronic()));
    let counts = shown.interviews.unwrap_or_default();
    let in_review = [
        (
            counts.waiting,
            Role::Reviewer,
            words.tn("supervise-wait-review", &[("n", counts.waiting.into())]),
        ),
        (
            counts.asked_back,
            Role::Evaluator,
            words.tn("supervise-wait-answer", &[("n", counts.asked_back.into())]),
        ),
    ];
    let mut waits = match shown.state {
        EvaluationState::Draft => vec![(who(Role::Manager), words.t("waits-freeze"))],
        EvaluationState::Frozen if !shown.plan_approved => vec![(who(Role::Reviewer), words.t("approval-wait"))],
        EvaluationState::Frozen => vec![(who(Role::Manager), words.t("waits-open"))],
        EvaluationState::Open => [
            (
                face,
                Role::Evaluator,
                words.tn("waits-interviews", &[("n", face.into())]),
            ),
            (
                electronic,
                Role::Manager,
                words.tn("waits-electronic", &[("n", electronic.into())]),
            ),
            (
                u64::from(face + electronic + counts.open() == 0),
                Role::Manager,
                words.t("waits-close"),
            ),
        ]
        .into_iter()
        .chain(in_review)
        .filter(|(n, ..)| *n > 0)
        .map(|(_, role, text)| (who(role), text))
        .collect(),
        EvaluationState::Closed => vec![(who(Role::Reviewer), words.t("waits-review"))],
        EvaluationState::Sealed => vec![(who(Role::Signatory), words.t("waits-sign"))],
        EvaluationState::Released => Vec::new(),
    };
    if shown.deviation_waits {
        waits.push((who(Role::Reviewer), words.t("planning-waits-review")));
    }
    waits
}

fn facts(words: Words, shown: &Overview<'_>) -> Vec<(String, String)> {
    let questionnaire = shown.instrument.questionnaire();
    let products: Vec<&str> = shown.products.iter().map(|text| text.get(words.language())).collect();
    let scope = match shown.scope.is_empty() {
        true => "–",
        false => shown.scope,
    };
    let mut facts = vec![
        (words.t("setup-scope"), scope.to_owned()),
        (words.t("setup-mode"), mode_name(words, shown.mode)),
    ];
    if !products.is_empty() {
        facts.push((words.t("setup-products"), products.join(&words.t("list-separator"))));
    }
    facts.push((words.t("setup-retention"), shown.retention_end.to_owned()));
    facts.push((
        words.t("version-questionnaire"),
        format!(
            "{} {}",
            questionnaire.title().get(words.language()),
            questionnaire.version()
        ),
    ));
    facts.push((words.t("version-method"), shown.instrument.method().name().to_owned()));
    facts
}
