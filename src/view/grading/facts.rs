//! Facts: the register, the form of one, the form by which another person confirms one.

use super::{Grid, Item, Names, Section, Sheet, Typed, address, is_any, is_me, names, page, who};
use crate::access::Role;
use crate::grading::evidence::{Basis, Conclusion, Harm, Rectification};
use crate::grading::fact::{EVIDENCE_MAX, Fact, Kind, LINE_MAX, Statement, name_of};
use crate::grading::record::Record;
use crate::view::office::form::{Choice, FormBuilder};
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// What a statement says, in words.
pub(super) fn told(words: Words, statement: &Statement) -> String {
    let join = |parts: &[String]| parts.join(&words.t("list-separator"));
    let confirmed = |yes: bool| match yes {
        true => words.t("fact-true"),
        false => words.t("fact-not-confirmed"),
    };
    match statement {
        Statement::Onsite { on } => on.0.to_string(),
        Statement::Operating { since } => since.0.to_string(),
        Statement::Accident { on, harm, responsible } => {
            let caused = match responsible {
                true => words.t("fact-responsible"),
                false => words.t("fact-not-responsible"),
            };
            join(&[on.0.to_string(), names::harm(words, *harm), caused])
        }
        Statement::Complaint {
            on,
            basis,
            confirmed: yes,
            rectification,
        } => join(&[
            on.0.to_string(),
            names::basis(words, *basis),
            confirmed(*yes),
            names::rectification(words, *rectification),
        ]),
        Statement::Negative { on, confirmed: yes } => join(&[on.0.to_string(), confirmed(*yes)]),
        Statement::Blacklist { listed: true } => words.t("fact-listed"),
        Statement::Blacklist { listed: false } => words.t("fact-not-listed"),
        Statement::Convenience { services } => services.to_string(),
        Statement::NotApplicable { clause } => clause.clone(),
        Statement::Sample { adequate: true } => words.t("fact-adequate"),
        Statement::Sample { adequate: false } => words.t("fact-inadequate"),
        Statement::Verdict { conclusion } => names::conclusion(words, *conclusion),
    }
}

fn checked(words: Words, people: &Names, fact: &Fact) -> Item {
    match &fact.check {
        None => Item::plain(words.t("fact-waiting")),
        Some(check) if check.agrees => Item::plain(words.t("fact-confirmed")).small(who(people, check.by)),
        Some(check) => {
            let by = format!("{}: {}", who(people, check.by), check.remark);
            Item::plain(words.t("fact-disputed")).small(by)
        }
    }
}

/// The register.
///
/// # Errors
/// What the template engine reports.
pub fn facts(desk: &Desk, record: &Record, people: &Names) -> Result<String, askama::Error> {
    let words = desk.words();
    let row = |fact: &Fact| {
        let kind = fact.entry.statement.kind();
        let name = names::kind(words, kind);
        let text = match fact.entry.withdrawn {
            true => words.tn(
                "fact-taken-back",
                &[("text", told(words, &fact.entry.statement).into())],
            ),
            false => told(words, &fact.entry.statement),
        };
        vec![
            Item::plain(name).link(address(desk, &format!("facts/{}/{}", name_of(&kind), fact.id))),
            Item::plain(text),
            Item::plain(&fact.entry.source).small(&fact.entry.evidence).quiet(),
            Item::plain(who(people, fact.entered_by))
                .small(moment(fact.at_ms))
                .quiet(),
            checked(words, people, fact),
        ]
    };
    let register = Section {
        id: "register".into(),
        heading: words.t("facts-register"),
        notes: vec![words.t("facts-two-persons")],
        grid: Some(Grid {
            head: vec![
                words.t("facts-kind"),
                words.t("facts-text"),
                words.t("facts-source"),
                words.t("facts-entered"),
                words.t("facts-check"),
            ],
            rows: record.facts.iter().map(row).collect(),
        }),
        ..Section::default()
    };
    let there = |kind: Kind| record.facts.iter().any(|fact| fact.entry.statement.kind() == kind);
    let open = Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_event() || *kind == Kind::NotApplicable || !there(*kind));
    let ways = open.map(|kind| {
        let way = address(desk, &format!("facts/{}/new", name_of(&kind)));
        (way, names::kind(words, kind))
    });
    let mut sections = vec![register];
    if is_any(desk, &[Role::Manager, Role::Evaluator]) {
        sections.push(Section {
            id: "new".into(),
            heading: words.t("facts-new"),
            ways: ways.collect(),
            ..Section::default()
        });
    }
    let sheet = Sheet {
        heading: words.t("facts-heading"),
        lead: words.t("facts-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}

/// What the page of one fact needs.
pub struct FactPage<'a> {
    /// What it is about.
    pub kind: Kind,
    /// The latest version, where there is one.
    pub known: Option<&'a Fact>,
    /// Everything recorded.
    pub record: &'a Record,
    /// Who is who.
    pub names: &'a Names,
}

/// One fact: what is known, the form to enter or correct it.
///
/// # Errors
/// What the template engine reports.
pub fn fact(desk: &Desk, about: &FactPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections: Vec<Section> = about.known.map(|known| shown(desk, about, known)).into_iter().collect();
    if is_any(desk, &[Role::Manager, Role::Evaluator]) {
        let before = Typed::filled("fact", about.known.map(filled).unwrap_or_default());
        let typed = if typed.which == "fact" { typed } else { &before };
        let id = about.known.map_or("new", |known| known.id.as_str());
        let action = address(desk, &format!("facts/{}/{id}", name_of(&about.kind)));
        let mut form = fields(desk, about, typed.builder(desk, "fact", action))
            .text("source", words.t("facts-source"), LINE_MAX)
            .hint(words.t("fact-source-hint"))
            .lines("evidence", words.t("fact-evidence"), 4, EVIDENCE_MAX)
            .hint(words.t("fact-evidence-hint"))
            .cancel(address(desk, "facts"), words.t("grading-back"));
        if let Some(known) = about.known {
            form = form
                .tick("withdrawn", words.t("fact-withdraw"), words.t("fact-withdraw-text"))
                .hidden("version", known.version.to_string());
        }
        sections.push(Section {
            id: "enter".into(),
            heading: match about.known {
                Some(_) => words.t("fact-correct"),
                None => words.t("fact-enter"),
            },
            notes: vec![words.t("fact-again")],
            form: Some(form.submit(words.t("grading-save"))),
            ..Section::default()
        });
    }
    let sheet = Sheet {
        heading: names::kind(words, about.kind),
        lead: explained(words, about.kind),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn explained(words: Words, kind: Kind) -> String {
    match kind {
        Kind::Onsite => words.t("fact-onsite-note"),
        Kind::Operating => words.t("fact-operating-note"),
        Kind::Accident => words.t("fact-accident-note"),
        Kind::Complaint => words.t("fact-complaint-note"),
        Kind::Negative => words.t("fact-negative-note"),
        Kind::Blacklist => words.t("fact-blacklist-note"),
        Kind::Convenience => words.t("fact-convenience-note"),
        Kind::NotApplicable => words.t("fact-not-applicable-note"),
        Kind::Sample => words.t("fact-sample-note"),
        Kind::Verdict => words.t("fact-verdict-note"),
    }
}

fn shown(desk: &Desk, about: &FactPage<'_>, known: &Fact) -> Section {
    let words = desk.words();
    let mut facts = vec![
        (words.t("facts-source"), known.entry.source.clone()),
        (words.t("fact-evidence"), known.entry.evidence.clone()),
        (
            words.t("facts-entered"),
            format!("{} {}", who(about.names, known.entered_by), moment(known.at_ms)),
        ),
    ];
    let check = checked(words, about.names, known);
    facts.push((
        words.t("facts-check"),
        format!("{} {}", check.text, check.small.unwrap_or_default()),
    ));
    let may = match about.kind.needs_reviewer() {
        true => is_any(desk, &[Role::Reviewer]),
        false => is_any(desk, &[Role::Manager, Role::Evaluator, Role::Reviewer]),
    };
    let way = address(desk, &format!("facts/{}/{}/check", name_of(&about.kind), known.id));
    let ways = match known.check.is_none() && may && !is_me(desk, known.entered_by) {
        true => vec![(way, words.t("fact-check"))],
        false => Vec::new(),
    };
    Section {
        id: "known".into(),
        heading: told(words, &known.entry.statement),
        facts,
        ways,
        ..Section::default()
    }
}

/// What is known, as the form holds it.
fn filled(known: &Fact) -> Vec<(String, String)> {
    let entry = &known.entry;
    let mut pairs = vec![
        ("source".to_owned(), entry.source.clone()),
        ("evidence".to_owned(), entry.evidence.clone()),
    ];
    let statement = serde_json::to_value(&entry.statement).ok();
    for (name, value) in statement.iter().filter_map(|value| value.as_object()).flatten() {
        let text = match value {
            serde_json::Value::Bool(true) => "yes".to_owned(),
            serde_json::Value::Bool(false) => "no".to_owned(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        pairs.push((name.clone(), text));
    }
    pairs
}

fn fields<'a>(desk: &Desk, about: &FactPage<'_>, form: FormBuilder<'a>) -> FormBuilder<'a> {
    let words = desk.words();
    let yes_no = || names::yes_no_choices(words);
    match about.kind {
        Kind::Onsite => form.day("on", words.t("fact-onsite")),
        Kind::Operating => form.day("since", words.t("fact-operating")),
        Kind::Accident => {
            let harms = [Harm::Property, Harm::Injury, Harm::Death];
            form.day("on", words.t("fact-on"))
                .radios(
                    "harm",
                    words.t("fact-harm"),
                    harms
                        .map(|harm| Choice::new(name_of(&harm), names::harm(words, harm)))
                        .to_vec(),
                )
                .radios("responsible", words.t("fact-is-responsible"), yes_no())
        }
        Kind::Complaint => {
            let bases = [Basis::Media, Basis::GovSite, Basis::AdminPenalty];
            let states = [Rectification::Effective, Rectification::Pending, Rectification::Failed];
            form.day("on", words.t("fact-on"))
                .radios(
                    "basis",
                    words.t("fact-basis"),
                    bases
                        .map(|one| Choice::new(name_of(&one), names::basis(words, one)))
                        .to_vec(),
                )
                .radios("confirmed", words.t("fact-is-confirmed"), yes_no())
                .radios(
                    "rectification",
                    words.t("fact-rectification"),
                    states
                        .map(|one| Choice::new(name_of(&one), names::rectification(words, one)))
                        .to_vec(),
                )
        }
        Kind::Negative => {
            form.day("on", words.t("fact-on"))
                .radios("confirmed", words.t("fact-is-confirmed"), yes_no())
        }
        Kind::Blacklist => form.radios("listed", words.t("fact-is-listed"), yes_no()),
        Kind::Convenience => form.number("services", words.t("fact-services")),
        Kind::NotApplicable => {
            let clauses = about
                .record
                .scheme
                .headings()
                .iter()
                .flat_map(|heading| &heading.clauses);
            let options =
                clauses.map(|c| Choice::new(&c.clause, format!("{} {}", c.clause, c.text.get(desk.language))));
            form.select(
                "clause",
                words.t("scoring-head-clause"),
                names::chosen_from(words, options),
            )
        }
        Kind::Sample => form.radios("adequate", words.t("fact-is-adequate"), yes_no()),
        Kind::Verdict => {
            let options = [Conclusion::Pass, Conclusion::Fail];
            form.radios(
                "conclusion",
                words.t("audit-conclusion"),
                options
                    .map(|one| Choice::new(name_of(&one), names::conclusion(words, one)))
                    .to_vec(),
            )
        }
    }
}

/// The form by which another person confirms a fact or not.
///
/// # Errors
/// What the template engine reports.
pub fn fact_check(desk: &Desk, about: &FactPage<'_>, known: &Fact, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let way = format!("facts/{}/{}", name_of(&about.kind), known.id);
    let options = [("yes", words.t("fact-agree")), ("no", words.t("fact-disagree"))];
    let form = typed
        .builder(desk, "check", address(desk, &format!("{way}/check")))
        .radios(
            "agrees",
            words.t("facts-check"),
            options.map(|(value, text)| Choice::new(value, text)).to_vec(),
        )
        .text("remark", words.t("fact-remark"), LINE_MAX)
        .hint(words.t("fact-remark-hint"))
        .optional()
        .hidden("version", known.version.to_string())
        .cancel(address(desk, &way), words.t("grading-back"))
        .submit(words.t("fact-check"));
    let section = Section {
        ways: Vec::new(),
        form: Some(form),
        ..shown(desk, about, known)
    };
    let sheet = Sheet {
        heading: words.tn("fact-check-heading", &[("fact", names::kind(words, about.kind).into())]),
        lead: words.t("fact-check-lead"),
        sections: vec![section],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
