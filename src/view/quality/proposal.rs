//! One proposal: what it is about, its effect, the decision of another person.

use super::super::grading::{Grid, Item, Names, Section, Sheet, Typed, address, is_any, page};
use super::super::office::form::Choice;
use super::super::office::{Desk, moment};
use super::margin::score_text;
use super::{Flagged, names};
use crate::access::Role;
use crate::statistics::star::survey_star;
use crate::survey::evaluation::EvaluationState;
use crate::survey::exclusion::{EXPLANATION_MAX, Kind, Reason, Scored};
use crate::survey::id::{OutletId, PersonId, ResponseId};
use crate::survey::language::Text;
use crate::view::office::star_name;

/// A proposal as lists show it.
#[derive(Debug, Clone)]
pub struct ProposalShown {
    /// Its number.
    pub number: i32,
    /// What.
    pub kind: Kind,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub explanation: String,
    /// Responses.
    pub responses: usize,
    /// By whom.
    pub proposed_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
    /// By whom it was decided, when, for how many responses approved.
    pub decided: Option<(PersonId, i64, usize)>,
}

/// What the page shows.
#[derive(Debug)]
pub struct ProposalPage<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// The proposal.
    pub proposal: &'a ProposalShown,
    /// What was said with the decision.
    pub judged: &'a str,
    /// Its responses.
    pub responses: &'a [Flagged],
    /// Those for which it was approved.
    pub approved: &'a [ResponseId],
    /// Outlets by name.
    pub outlets: &'a [(OutletId, Text, u64)],
    /// Points before and after all of it is approved, or as it was decided; only for who may see scores.
    pub effect: Option<(Scored, Scored)>,
    /// Names of people.
    pub names: &'a Names,
    /// Who looks.
    pub me: PersonId,
}

/// The page of a proposal.
///
/// # Errors
/// What the template engine reports.
pub fn proposal(desk: &Desk, about: &ProposalPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let one = about.proposal;
    let mut sections = vec![summary(desk, about)];
    sections.extend(about.effect.map(|(before, after)| effect(desk, before, after)));
    sections.push(decision(desk, about, typed));
    let values = [
        ("kind", names::kind(words, one.kind).into()),
        ("number", one.number.into()),
    ];
    let sheet = Sheet {
        heading: words.tn("quality-proposal-heading", &values),
        lead: words.t("quality-two-people"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn summary(desk: &Desk, about: &ProposalPage<'_>) -> Section {
    let (words, one) = (desk.words(), about.proposal);
    let who = |person| about.names.get(&person).cloned().unwrap_or_default();
    let mut facts = vec![
        (words.t("quality-reason"), names::reason(words, one.reason)),
        (words.t("quality-responses"), one.responses.to_string()),
        (
            words.t("quality-proposed-by"),
            format!("{} · {}", who(one.proposed_by), moment(one.at_ms)),
        ),
    ];
    if !one.explanation.is_empty() {
        facts.push((words.t("quality-explanation"), one.explanation.clone()));
    }
    if let Some((by, at_ms, approved)) = one.decided {
        let values = [
            ("approved", approved.into()),
            ("refused", (one.responses - approved).into()),
        ];
        facts.push((words.t("quality-decision"), words.tn("quality-decided", &values)));
        facts.push((
            words.t("quality-decided-by"),
            format!("{} · {}", who(by), moment(at_ms)),
        ));
        if !about.judged.is_empty() {
            facts.push((words.t("quality-judged"), about.judged.to_owned()));
        }
    }
    Section {
        id: "proposal".into(),
        heading: words.t("quality-proposal"),
        facts,
        ways: vec![(address(desk, "quality#proposals"), words.t("quality-back"))],
        ..Section::default()
    }
}

fn effect(desk: &Desk, before: Scored, after: Scored) -> Section {
    let words = desk.words();
    let star = |scored: &Scored| {
        let star = survey_star(scored.s().as_ref(), scored.s_face().as_ref());
        star.map_or_else(|| "–".to_owned(), |found| star_name(words, found.star))
    };
    let row = |name: String, before: String, after: String| Vec::from([name, before, after].map(Item::plain));
    Section {
        id: "effect".into(),
        heading: words.t("quality-effect"),
        notes: vec![words.t("quality-effect-note")],
        grid: Some(Grid {
            head: vec![
                words.t("quality-figure"),
                words.t("quality-before"),
                words.t("quality-after"),
            ],
            rows: vec![
                row(words.t("score-s"), score_text(&before.s()), score_text(&after.s())),
                row(
                    words.t("score-s-face"),
                    score_text(&before.s_face()),
                    score_text(&after.s_face()),
                ),
                row(words.t("quality-star"), star(&before), star(&after)),
            ],
        }),
        ..Section::default()
    }
}

fn decision(desk: &Desk, about: &ProposalPage<'_>, typed: &Typed) -> Section {
    let (words, one) = (desk.words(), about.proposal);
    let line = |response: &Flagged| {
        let outlet = about.outlets.iter().find(|(id, ..)| *id == response.outlet);
        let outlet = outlet.map_or("", |(_, name, _)| name.get(desk.language));
        format!(
            "{} · {outlet} · {}",
            names::letters(response.id),
            names::class(words, response.class)
        )
    };
    let way = |response: &Flagged| address(desk, &format!("quality/responses/{}", response.id));
    let open = one.decided.is_none();
    let now = matches!(about.state, EvaluationState::Open | EvaluationState::Closed);
    let mine = one.proposed_by == about.me;
    if open && now && !mine && is_any(desk, &[Role::Reviewer]) {
        let choices = about.responses.iter().map(|response| {
            Choice::new(response.id.to_string(), line(response))
                .noted(names::flags(words, &response.flags))
                .with_way(way(response), words.t("quality-evidence"))
        });
        let form = typed
            .builder(
                desk,
                "decide",
                address(desk, &format!("quality/proposals/{}", one.number)),
            )
            .boxes("response", words.t("quality-approve-for"), choices.collect())
            .optional()
            .lines("explanation", words.t("quality-judged"), 3, EXPLANATION_MAX)
            .optional()
            .hint(words.t("quality-judged-hint"))
            .submit(words.t("quality-decide"));
        return Section {
            id: "decide".into(),
            heading: words.t("quality-decide"),
            notes: vec![words.t("quality-decide-lead")],
            form: Some(form),
            ..Section::default()
        };
    }
    let rows = about.responses.iter().map(|response| {
        let verdict = match (open, about.approved.contains(&response.id)) {
            (true, _) => words.t("quality-waits"),
            (false, true) => words.t("quality-approved"),
            (false, false) => words.t("quality-refused"),
        };
        vec![
            Item::plain(line(response)).link(way(response)),
            Item::plain(names::flags(words, &response.flags)),
            Item::plain(verdict),
        ]
    });
    let notes = match (open, mine) {
        (true, true) => vec![words.t("quality-mine")],
        (true, false) => vec![words.t("quality-waits-reviewer")],
        (false, _) => Vec::new(),
    };
    Section {
        id: "responses".into(),
        heading: words.t("quality-responses"),
        notes,
        grid: Some(Grid {
            head: vec![
                words.t("quality-response"),
                words.t("quality-flags"),
                words.t("quality-decision"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}
