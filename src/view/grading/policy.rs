//! What the scheme owner settled: in force, proposed, and before.

use super::{Grid, Item, Names, Section, Sheet, Typed, is_me, names, page, who};
use crate::access::{Role, RoleSet};
use crate::grading::fact::{EVIDENCE_MAX, name_of};
use crate::grading::policy::{Example4, Policy, RANGES, REASON_MAX, Settled};
use crate::survey::id::PersonId;
use crate::view::office::form::Choice;
use crate::view::office::{Desk, moment, star_name};
use crate::view::words::Words;

/// What the page of the settings needs.
pub struct PolicyPage<'a> {
    /// In force now.
    pub settled: Settled,
    /// What was proposed, the latest first.
    pub history: Vec<PolicyProposal<'a>>,
    /// Who is who.
    pub names: &'a Names,
}

/// What was proposed, and what became of it.
pub struct PolicyProposal<'a> {
    /// Running number.
    pub number: i32,
    /// Every setting as proposed.
    pub policy: Policy,
    /// Why.
    pub reason: &'a str,
    /// By whom and when, Unix ms.
    pub proposed: (PersonId, i64),
    /// The answer: version (nothing where refused), remark, by whom, when.
    pub answer: Option<(Option<i32>, &'a str, PersonId, i64)>,
}

/// Who may propose.
const PROPOSES: &[Role] = &[Role::Administrator, Role::Manager];
/// Who may confirm.
const CONFIRMS: &[Role] = &[Role::Signatory];

/// The page of the settings.
///
/// # Errors
/// What the template engine reports.
pub fn policy(desk: &Desk, about: &PolicyPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let roles = desk
        .viewer
        .as_ref()
        .map_or_else(RoleSet::default, |viewer| viewer.roles);
    let waiting = about.history.first().filter(|latest| latest.answer.is_none());
    let mut sections = vec![Section {
        id: "in-force".into(),
        heading: version(words, about.settled.version),
        notes: vec![words.t("policy-in-force-note")],
        facts: told(words, &about.settled.policy),
        ..Section::default()
    }];
    sections.extend(waiting.map(|latest| proposed(desk, about, latest, roles, typed)));
    if roles.has_any(PROPOSES) {
        sections.push(propose(desk, &about.settled.policy, typed));
    }
    sections.push(Section {
        id: "elsewhere".into(),
        heading: words.t("policy-elsewhere"),
        facts: vec![
            (words.t("policy-conversion"), words.t("policy-conversion-where")),
            (words.t("policy-pooling"), words.t("policy-pooling-where")),
            (words.t("policy-sizes"), words.t("policy-sizes-where")),
            (words.t("policy-marks"), words.t("policy-marks-where")),
        ],
        ..Section::default()
    });
    sections.push(history(words, about));
    let sheet = Sheet {
        heading: words.t("policy-heading"),
        lead: words.t("policy-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

/// A version as it is called.
pub(super) fn version(words: Words, number: i32) -> String {
    match number {
        0 => words.t("policy-version-none"),
        number => words.tn("policy-version", &[("n", number.into())]),
    }
}

fn example4(words: Words, setting: Example4) -> String {
    match setting {
        Example4::Advisory => words.t("policy-example4-advisory"),
        Example4::Cap3 => words.t("policy-example4-cap3"),
        Example4::Off => words.t("policy-example4-off"),
    }
}

fn label(words: Words, name: &str) -> String {
    match name {
        "complaint_window_months" => words.t("policy-complaint-window"),
        "negative_window_months" => words.t("policy-negative-window"),
        "one_star_min_s" => words.t("policy-one-star-s"),
        "closed_serious_nc_star" => words.t("policy-closed-serious"),
        "certificate_term_months" => words.t("policy-term"),
        _ => words.t("policy-suspension"),
    }
}

fn value(words: Words, name: &str, number: u32) -> String {
    match (name, number) {
        ("one_star_min_s", 0) => words.t("policy-no-condition"),
        ("one_star_min_s", percent) => format!("{percent}%"),
        ("closed_serious_nc_star", 0) => words.t("policy-as-failed"),
        ("closed_serious_nc_star", star) => star_name(words, u8::try_from(star).unwrap_or_default()),
        (_, months) => words.tn("policy-months", &[("n", months.into())]),
    }
}

/// Every setting with its value, in words.
fn told(words: Words, policy: &Policy) -> Vec<(String, String)> {
    let mut told = vec![(words.t("policy-example4"), example4(words, policy.example4))];
    let numbers = RANGES.iter().zip(policy.numbers());
    told.extend(numbers.map(|((name, _), number)| (label(words, name), value(words, name, number))));
    told.push((
        words.t("policy-one-star-others"),
        names::yes_no(words, policy.one_star_other_conditions),
    ));
    told
}

/// The settings that differ, `before → after`.
fn changes(words: Words, before: &Policy, after: &Policy) -> Vec<(String, String)> {
    let pairs = told(words, before).into_iter().zip(told(words, after));
    pairs
        .filter(|(before, after)| before != after)
        .map(|((label, before), (_, after))| (label, format!("{before} → {after}")))
        .collect()
}

fn proposed(
    desk: &Desk,
    about: &PolicyPage<'_>,
    latest: &PolicyProposal<'_>,
    roles: RoleSet,
    typed: &Typed,
) -> Section {
    let words = desk.words();
    let (by, at_ms) = latest.proposed;
    let mut facts = changes(words, &about.settled.policy, &latest.policy);
    facts.push((words.t("decision-reason"), latest.reason.to_owned()));
    facts.push((
        words.t("decision-proposed-by"),
        format!("{} {}", who(about.names, by), moment(at_ms)),
    ));
    let may = roles.has_any(CONFIRMS) && !is_me(desk, by);
    let options = [("yes", words.t("policy-confirm")), ("no", words.t("policy-refuse"))];
    let form = may.then(|| {
        typed
            .builder(desk, "answer", "/policy/answer".into())
            .radios(
                "approves",
                words.t("decision-your-word"),
                options.map(|(value, text)| Choice::new(value, text)).to_vec(),
            )
            .lines("remark", words.t("fact-remark"), 3, EVIDENCE_MAX)
            .hint(words.t("policy-remark-hint"))
            .optional()
            .hidden("version", latest.number.to_string())
            .submit(words.t("policy-answer-send"))
    });
    Section {
        id: "waiting".into(),
        heading: words.t("policy-waiting"),
        notes: vec![words.t("policy-waiting-note")],
        facts,
        form,
        ..Section::default()
    }
}

fn propose(desk: &Desk, policy: &Policy, typed: &Typed) -> Section {
    let words = desk.words();
    let numbers = RANGES.iter().zip(policy.numbers());
    let mut pairs: Vec<(String, String)> = numbers
        .map(|((name, _), number)| ((*name).to_owned(), number.to_string()))
        .collect();
    let others = if policy.one_star_other_conditions { "yes" } else { "no" };
    pairs.push(("one_star_other_conditions".into(), others.into()));
    pairs.push(("example4".into(), name_of(&policy.example4)));
    let filled = Typed::filled("proposal", pairs);
    let typed = match typed.which {
        "proposal" => typed,
        _ => &filled,
    };
    let options = [Example4::Advisory, Example4::Cap3, Example4::Off];
    let form = typed.builder(desk, "proposal", "/policy".into()).radios(
        "example4",
        words.t("policy-example4"),
        options
            .map(|option| Choice::new(name_of(&option), example4(words, option)))
            .to_vec(),
    );
    let form = RANGES.iter().fold(form, |form, (name, range)| {
        let bounds = [("from", (*range.start()).into()), ("to", (*range.end()).into())];
        let hint = match *name {
            "one_star_min_s" => words.tn("policy-hint-s", &bounds),
            "closed_serious_nc_star" => words.tn("policy-hint-star", &bounds),
            _ => words.tn("policy-hint-months", &bounds),
        };
        form.number(name, label(words, name)).hint(hint)
    });
    let form = form
        .radios(
            "one_star_other_conditions",
            words.t("policy-one-star-others"),
            names::yes_no_choices(words),
        )
        .lines("reason", words.t("decision-reason"), 3, REASON_MAX)
        .submit(words.t("policy-propose-send"));
    Section {
        id: "propose".into(),
        heading: words.t("policy-propose"),
        notes: vec![words.t("policy-propose-note")],
        form: Some(form),
        ..Section::default()
    }
}

/// Everything that was proposed, each beside the settings that were in force before it.
fn history(words: Words, about: &PolicyPage<'_>) -> Section {
    let latest = about.history.first().map(|one| one.number);
    let mut before = Policy::default();
    let mut rows: Vec<Vec<Item>> = Vec::new();
    for one in about.history.iter().rev() {
        let changed: Vec<String> = changes(words, &before, &one.policy)
            .into_iter()
            .map(|(label, change)| format!("{label}: {change}"))
            .collect();
        let (by, at_ms) = one.proposed;
        let outcome = match one.answer {
            None if Some(one.number) == latest => Item::plain("–"),
            None => Item::plain(words.t("policy-superseded")),
            Some((became, remark, other, at_ms)) => {
                let text = match became {
                    Some(number) => version(words, number),
                    None => words.tn("decision-returned", &[("remark", remark.into())]),
                };
                Item::plain(text).small(format!("{} {}", who(about.names, other), moment(at_ms)))
            }
        };
        rows.push(vec![
            Item::plain(one.number.to_string()),
            Item::plain(changed.join("；")).quiet(),
            Item::plain(one.reason).small(format!("{} {}", who(about.names, by), moment(at_ms))),
            outcome,
        ]);
        if one.answer.is_some_and(|(became, ..)| became.is_some()) {
            before = one.policy;
        }
    }
    rows.reverse();
    Section {
        id: "history".into(),
        heading: words.t("policy-history"),
        grid: Some(Grid {
            head: vec![
                words.t("policy-number"),
                words.t("policy-changes"),
                words.t("decision-reason"),
                words.t("policy-outcome"),
            ],
            rows,
        }),
        ..Section::default()
    }
}
