//! Pages of fieldwork and quality: alarms, flags, evidence side by side, exclusions by two people.

mod evidence;
mod margin;
mod monitoring;
mod names;
mod proposal;
mod quotas;

use std::collections::BTreeMap;

use super::grading::{Grid, Item, Names, Section, Sheet, Typed, address, is_any, page};
use super::office::form::Choice;
use super::office::{Desk, moment};
use crate::access::Role;
use crate::statistics::flag::{Flag, Rule};
use crate::survey::EvidenceClass;
use crate::survey::evaluation::EvaluationState;
use crate::survey::exclusion::{EXPLANATION_MAX, Kind, Reason};
use crate::survey::flagging::INTEGRITY_MOST;
use crate::survey::id::{OutletId, ResponseId};
use crate::survey::language::Text;

pub use evidence::{EvidenceShown, evidence};
pub use margin::{MarginShown, margin_notes};
pub use monitoring::{MonitoringPage, OutletShown, monitoring};
pub(in crate::view) use names::{reason as reason_name, rule as rule_name};
pub use proposal::{ProposalPage, ProposalShown, proposal};

/// A flagged response in the list.
#[derive(Debug, Clone)]
pub struct Flagged {
    /// Which.
    pub id: ResponseId,
    /// Where.
    pub outlet: OutletId,
    /// How it came in.
    pub class: EvidenceClass,
    /// Why.
    pub flags: Vec<Flag>,
    /// Whether it is excluded.
    pub is_excluded: bool,
}

/// What the page of the quality stage shows.
#[derive(Debug)]
pub struct QualityPage<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// Responses of the last pass, whether it is the last for good, when (Unix ms).
    pub passed: Option<(u64, bool, i64)>,
    /// Outlets with name and answers that count.
    pub outlets: &'a [(OutletId, Text, u64)],
    /// Flagged responses by rule, outlet, class.
    pub counts: &'a BTreeMap<(Rule, OutletId, EvidenceClass), u64>,
    /// Responses with an answer that is excluded after review, by outlet.
    pub integrity: &'a BTreeMap<OutletId, u64>,
    /// What the list is narrowed to.
    pub filter: (Option<Rule>, Option<OutletId>, Option<EvidenceClass>),
    /// One page of flagged responses.
    pub flagged: &'a [Flagged],
    /// The last one, when there are more.
    pub next: Option<ResponseId>,
    /// Proposals, latest first.
    pub proposals: &'a [ProposalShown],
    /// The grade margin, for who may see scores.
    pub margin: Option<MarginShown>,
    /// Names of people.
    pub names: &'a Names,
}

/// Flags, the list, proposals.
///
/// # Errors
/// What the template engine reports.
pub fn quality(desk: &Desk, about: &QualityPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let passed = match about.passed {
        None => words.t("quality-not-passed"),
        Some((n, is_final, at_ms)) => {
            let values = [("n", n.into()), ("at", moment(at_ms).into())];
            match is_final {
                true => words.tn("quality-passed-final", &values),
                false => words.tn("quality-passed", &values),
            }
        }
    };
    let mut sections = vec![by_rule(desk, about), by_outlet(desk, about)];
    sections.push(list(desk, about, typed));
    sections.push(proposals(desk, about));
    sections.extend(about.margin.as_ref().map(|shown| margin::section(words, shown)));
    let sheet = Sheet {
        heading: words.t("quality-heading"),
        lead: words.t("quality-lead"),
        notices: vec![passed],
        sections,
    };
    page(desk, sheet, typed)
}

fn narrowed(desk: &Desk, query: &str) -> String {
    address(desk, &format!("quality?{query}#list"))
}

fn by_rule(desk: &Desk, about: &QualityPage<'_>) -> Section {
    let words = desk.words();
    let rows = Rule::ALL.into_iter().filter_map(|rule| {
        let of = |class: EvidenceClass| -> u64 {
            let counted = about.counts.iter();
            counted
                .filter(|((r, _, c), _)| *r == rule && *c == class)
                .map(|(_, n)| n)
                .sum()
        };
        let by_class = EvidenceClass::ALL.map(of);
        let all: u64 = by_class.iter().sum();
        let name = Item::plain(names::rule(words, rule)).link(narrowed(desk, &format!("rule={}", rule.as_str())));
        (all > 0).then(|| {
            let counts = by_class.iter().chain([&all]).map(|n| Item::plain(n.to_string()));
            std::iter::once(name).chain(counts).collect()
        })
    });
    let classes = EvidenceClass::ALL.map(|class| names::class(words, class));
    let head = std::iter::once(words.t("quality-rule"))
        .chain(classes)
        .chain([words.t("column-all")]);
    Section {
        id: "rules".into(),
        heading: words.t("quality-by-rule"),
        notes: vec![words.t("quality-never-excludes")],
        grid: Some(Grid {
            head: head.collect(),
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn by_outlet(desk: &Desk, about: &QualityPage<'_>) -> Section {
    let words = desk.words();
    let mut findings = Vec::new();
    let rows = about.outlets.iter().map(|(id, name, answers)| {
        let doubtful = about.integrity.get(id).copied().unwrap_or(0);
        let share = match answers {
            0 => 0.0,
            n => doubtful as f64 / *n as f64,
        };
        let name = name.get(desk.language);
        if share > INTEGRITY_MOST {
            let values = [
                ("outlet", name.into()),
                ("share", names::percent(share).into()),
                ("most", names::percent(INTEGRITY_MOST).into()),
            ];
            findings.push(words.tn("quality-integrity-finding", &values));
        }
        let flags: u64 = about
            .counts
            .iter()
            .filter(|((_, outlet, _), _)| outlet == id)
            .map(|(_, n)| n)
            .sum();
        vec![
            Item::plain(name).link(narrowed(desk, &format!("outlet={id}"))),
            Item::plain(answers.to_string()),
            Item::plain(flags.to_string()),
            Item::plain(doubtful.to_string()).small(names::percent(share)),
        ]
    });
    let rows = rows.collect();
    let ways = match findings.is_empty() {
        true => Vec::new(),
        false => vec![(address(desk, "audit"), words.t("quality-to-audit"))],
    };
    Section {
        id: "outlets".into(),
        heading: words.t("quality-by-outlet"),
        list: findings,
        grid: Some(Grid {
            head: vec![
                words.t("head-outlet"),
                words.t("quality-answers"),
                words.t("quality-flags"),
                words.t("quality-integrity"),
            ],
            rows,
        }),
        ways,
        ..Section::default()
    }
}

/// Whether the viewer may propose now.
fn may_propose(desk: &Desk, state: EvaluationState) -> bool {
    let now = matches!(state, EvaluationState::Open | EvaluationState::Closed);
    now && is_any(desk, &[Role::Manager, Role::Reviewer])
}

fn list(desk: &Desk, about: &QualityPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let outlet_name = |id: OutletId| {
        let known = about.outlets.iter().find(|(known, ..)| *known == id);
        known.map_or_else(String::new, |(_, name, _)| name.get(desk.language).to_owned())
    };
    let (rule, outlet, class) = about.filter;
    let narrowed_to: Vec<String> = [
        rule.map(|rule| names::rule(words, rule)),
        outlet.map(outlet_name),
        class.map(|class| names::class(words, class)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let line = |one: &Flagged| {
        let mut parts = vec![
            names::letters(one.id),
            outlet_name(one.outlet),
            names::class(words, one.class),
        ];
        if one.is_excluded {
            parts.push(words.t("quality-excluded"));
        }
        parts.join(" · ")
    };
    let query = names::query(about.filter);
    let mut ways: Vec<(String, String)> = EvidenceClass::ALL
        .into_iter()
        .filter(|other| class != Some(*other))
        .map(|other| {
            let to = names::query((rule, outlet, Some(other)));
            (narrowed(desk, &to), names::class(words, other))
        })
        .collect();
    if !narrowed_to.is_empty() {
        ways.push((address(desk, "quality#list"), words.t("quality-show-all")));
    }
    if let Some(next) = about.next {
        ways.push((
            narrowed(desk, &format!("{query}&after={next}")),
            words.t("quality-next"),
        ));
    }
    let mut section = Section {
        id: "list".into(),
        heading: words.t("quality-list"),
        ways,
        ..Section::default()
    };
    if !narrowed_to.is_empty() {
        let values = [("what", narrowed_to.join(" · ").into())];
        section.notes.push(words.tn("quality-narrowed", &values));
    }
    if about.flagged.is_empty() {
        section.notes.push(words.t("quality-none"));
        return section;
    }
    if !may_propose(desk, about.state) {
        let rows = about.flagged.iter().map(|one| {
            let link = address(desk, &format!("quality/responses/{}", one.id));
            vec![
                Item::plain(line(one)).link(link),
                Item::plain(names::flags(words, &one.flags)),
            ]
        });
        section.grid = Some(Grid {
            head: vec![words.t("quality-response"), words.t("quality-flags")],
            rows: rows.collect(),
        });
        return section;
    }
    let choices = about.flagged.iter().map(|one| {
        let link = address(desk, &format!("quality/responses/{}", one.id));
        Choice::new(one.id.to_string(), line(one))
            .noted(names::flags(words, &one.flags))
            .with_way(link, words.t("quality-evidence"))
    });
    section.notes.push(words.t("quality-propose-lead"));
    section.form = Some(propose_form(desk, typed, choices.collect(), &query));
    section
}

/// The form of a proposal about some of these responses.
fn propose_form(desk: &Desk, typed: &Typed, choices: Vec<Choice>, query: &str) -> super::office::form::Form {
    let words = desk.words();
    let kinds = [
        Choice::new(Kind::Exclude.as_str(), words.t("quality-exclude")),
        Choice::new(Kind::Include.as_str(), words.t("quality-include")),
    ];
    let reasons = Reason::ALL.map(|reason| Choice::new(reason.as_str(), names::reason(words, reason)));
    let none = Choice::new("", words.t("quality-choose-reason"));
    let to = match query.is_empty() {
        true => address(desk, "quality/proposals"),
        false => address(desk, &format!("quality/proposals?{query}")),
    };
    typed
        .builder(desk, "propose", to)
        .boxes("response", words.t("quality-responses"), choices)
        .radios("kind", words.t("quality-kind"), kinds.to_vec())
        .select(
            "reason",
            words.t("quality-reason"),
            std::iter::once(none).chain(reasons).collect(),
        )
        .lines("explanation", words.t("quality-explanation"), 3, EXPLANATION_MAX)
        .optional()
        .hint(words.t("quality-explanation-hint"))
        .submit(words.t("quality-propose"))
}

fn proposals(desk: &Desk, about: &QualityPage<'_>) -> Section {
    let words = desk.words();
    let who = |person| about.names.get(&person).cloned().unwrap_or_default();
    let rows = about.proposals.iter().map(|one| {
        let decision = match &one.decided {
            None => words.t("quality-waits"),
            Some((_, _, approved)) => {
                let refused = one.responses - approved;
                words.tn(
                    "quality-decided",
                    &[("approved", (*approved).into()), ("refused", refused.into())],
                )
            }
        };
        let by = one
            .decided
            .map(|(by, at_ms, _)| format!("{} · {}", who(by), moment(at_ms)));
        vec![
            Item::plain(format!("{} {}", names::kind(words, one.kind), one.number))
                .link(address(desk, &format!("quality/proposals/{}", one.number))),
            Item::plain(names::reason(words, one.reason)).small(one.explanation.clone()),
            Item::plain(one.responses.to_string()),
            Item::plain(who(one.proposed_by)).small(moment(one.at_ms)),
            Item::plain(decision).small(by.unwrap_or_default()),
        ]
    });
    Section {
        id: "proposals".into(),
        heading: words.t("quality-proposals"),
        notes: vec![words.t("quality-two-people")],
        grid: Some(Grid {
            head: vec![
                words.t("quality-proposal"),
                words.t("quality-reason"),
                words.t("quality-responses"),
                words.t("quality-proposed-by"),
                words.t("quality-decision"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}
