//! The management audit: checklist, findings, verdict.

use super::{Grid, Item, Names, Section, Sheet, Typed, address, is_any, names, page, who};
use crate::access::Role;
use crate::grading::audit::{Finding, Severity, serious};
use crate::grading::fact::{EVIDENCE_MAX, name_of};
use crate::grading::record::Record;
use crate::grading::scheme::AuditClause;
use crate::view::office::Desk;
use crate::view::office::form::{Choice, Form};

/// The overview.
///
/// # Errors
/// What the template engine reports.
pub fn audit(desk: &Desk, record: &Record, people: &Names, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let clause = |clause: &AuditClause| {
        let check = record.checks.iter().find(|check| check.clause == clause.clause);
        let verdict = match check.map(|check| check.conform) {
            Some(true) => words.t("audit-conform"),
            Some(false) => words.t("audit-not-conform"),
            None => words.t("audit-open"),
        };
        vec![
            Item::plain(&clause.clause).small(clause.text.get(desk.language)),
            Item::plain(verdict),
            Item::plain(check.map(|check| check.evidence.clone()).unwrap_or_default()).quiet(),
        ]
    };
    let finding = |finding: &Finding| {
        let entry = &finding.entry;
        let state = match entry.closed_on {
            Some(day) => words.tn("finding-closed", &[("day", day.to_string().into())]),
            None => words.t("finding-open"),
        };
        vec![
            Item::plain(format!("{} · {}", finding.number, entry.clause))
                .link(address(desk, &format!("audit/findings/{}", finding.number))),
            Item::plain(names::severity(words, entry.severity)),
            Item::plain(&entry.evidence).small(&entry.correction).quiet(),
            Item::plain(entry.raised_on.to_string()),
            Item::plain(state),
            Item::plain(who(people, finding.by)).quiet(),
        ]
    };
    let can = is_any(desk, &[Role::Evaluator]);
    let (raised, open) = serious(&record.findings);
    let checklist = Section {
        id: "checklist".into(),
        heading: words.t("audit-checklist"),
        notes: vec![words.tn("audit-left", &[("n", record.unaudited().into())])],
        grid: Some(Grid {
            head: vec![
                words.t("scoring-head-clause"),
                words.t("audit-conclusion"),
                words.t("fact-evidence"),
            ],
            rows: record.scheme.audit().iter().map(clause).collect(),
        }),
        ways: match can {
            true => vec![(address(desk, "audit/checklist"), words.t("audit-fill"))],
            false => Vec::new(),
        },
        ..Section::default()
    };
    let findings = Section {
        id: "findings".into(),
        heading: words.t("audit-findings"),
        notes: vec![words.tn("audit-serious", &[("raised", raised.into()), ("open", open.into())])],
        grid: Some(Grid {
            head: vec![
                words.t("scoring-head-clause"),
                words.t("finding-severity"),
                words.t("fact-evidence"),
                words.t("finding-raised-on"),
                words.t("finding-state"),
                words.t("grading-by"),
            ],
            rows: record.findings.iter().map(finding).collect(),
        }),
        form: can.then(|| finding_form(desk, record, None, typed)),
        ..Section::default()
    };
    let sheet = Sheet {
        heading: words.t("audit-heading"),
        lead: words.t("audit-lead"),
        sections: vec![checklist, findings, verdict(desk, record)],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn verdict(desk: &Desk, record: &Record) -> Section {
    use crate::grading::fact::{Kind, Statement};
    let words = desk.words();
    let given = record
        .in_force()
        .find(|fact| fact.entry.statement.kind() == Kind::Verdict);
    let note = match given.map(|fact| (&fact.entry.statement, fact.is_confirmed())) {
        Some((Statement::Verdict { conclusion }, confirmed)) => {
            let check = match confirmed {
                true => words.t("fact-confirmed"),
                false => words.t("fact-waiting"),
            };
            format!("{} · {check}", names::conclusion(words, *conclusion))
        }
        _ => words.t("audit-no-verdict"),
    };
    Section {
        id: "verdict".into(),
        heading: words.t("fact-verdict"),
        notes: vec![note],
        ways: vec![(address(desk, "facts"), words.t("audit-to-facts"))],
        ..Section::default()
    }
}

/// The form of the checklist.
///
/// # Errors
/// What the template engine reports.
pub fn checklist(desk: &Desk, record: &Record, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let pairs = record.checks.iter().flat_map(|check| {
        let conform = if check.conform { "yes" } else { "no" };
        [
            (format!("conform-{}", check.clause), conform.to_owned()),
            (format!("evidence-{}", check.clause), check.evidence.clone()),
        ]
    });
    let before = Typed::filled("checklist", pairs.collect());
    let typed = if typed.which == "checklist" { typed } else { &before };
    let mut form = typed.builder(desk, "checklist", address(desk, "audit/checklist"));
    for clause in record.scheme.audit() {
        let options = [("yes", words.t("audit-conform")), ("no", words.t("audit-not-conform"))];
        let options = options.map(|(value, text)| Choice::new(value, text)).to_vec();
        form = form
            .radios(
                &format!("conform-{}", clause.clause),
                format!("{} {}", clause.clause, clause.text.get(desk.language)),
                options,
            )
            .lines(
                &format!("evidence-{}", clause.clause),
                words.tn("scoring-field-evidence", &[("clause", clause.clause.as_str().into())]),
                2,
                EVIDENCE_MAX,
            );
    }
    let form = form
        .cancel(address(desk, "audit"), words.t("grading-back"))
        .submit(words.t("grading-save"));
    let sheet = Sheet {
        heading: words.t("audit-checklist"),
        lead: words.t("audit-fill-note"),
        sections: vec![Section {
            id: "checklist".into(),
            heading: words.t("audit-clauses"),
            form: Some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn finding_form(desk: &Desk, record: &Record, known: Option<&Finding>, typed: &Typed) -> Form {
    let words = desk.words();
    let clauses = record.scheme.audit().iter();
    let clauses = clauses.map(|c| Choice::new(&c.clause, format!("{} {}", c.clause, c.text.get(desk.language))));
    let severities = Severity::ALL.map(|one| Choice::new(name_of(&one), names::severity(words, one)));
    let end = match known {
        Some(known) => format!("audit/findings/{}", known.number),
        None => "audit/findings".to_owned(),
    };
    let mut form = typed
        .builder(desk, "finding", address(desk, &end))
        .select(
            "clause",
            words.t("scoring-head-clause"),
            names::chosen_from(words, clauses),
        )
        .radios("severity", words.t("finding-severity"), severities.to_vec())
        .lines("evidence", words.t("fact-evidence"), 3, EVIDENCE_MAX)
        .day("raised_on", words.t("finding-raised-on"))
        .lines("correction", words.t("finding-correction"), 3, EVIDENCE_MAX)
        .optional()
        .day("closed_on", words.t("finding-closed-on"))
        .hint(words.t("finding-closed-on-hint"))
        .optional();
    if let Some(known) = known {
        form = form
            .hidden("version", known.version.to_string())
            .cancel(address(desk, "audit"), words.t("grading-back"));
    }
    form.submit(match known {
        Some(_) => words.t("grading-save"),
        None => words.t("finding-raise"),
    })
}

/// One finding, to be corrected or closed.
///
/// # Errors
/// What the template engine reports.
pub fn finding(desk: &Desk, record: &Record, known: &Finding, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let entry = &known.entry;
    let pairs = [
        ("clause", entry.clause.clone()),
        ("severity", name_of(&entry.severity)),
        ("evidence", entry.evidence.clone()),
        ("raised_on", entry.raised_on.to_string()),
        ("correction", entry.correction.clone()),
        (
            "closed_on",
            entry.closed_on.map(|day| day.to_string()).unwrap_or_default(),
        ),
    ];
    let before = Typed::filled("finding", pairs.map(|(n, v)| (n.to_owned(), v)).to_vec());
    let typed = if typed.which == "finding" { typed } else { &before };
    let sheet = Sheet {
        heading: words.tn("finding-heading", &[("number", known.number.into())]),
        lead: words.t("finding-note"),
        sections: vec![Section {
            id: "finding".into(),
            heading: format!("{} · {}", entry.clause, names::severity(words, entry.severity)),
            facts: vec![
                (words.t("fact-evidence"), entry.evidence.clone()),
                (words.t("finding-correction"), entry.correction.clone()),
            ],
            form: is_any(desk, &[Role::Evaluator]).then(|| finding_form(desk, record, Some(known), typed)),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
