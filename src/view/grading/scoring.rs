//! Scoring of chapter 4.1: overview, hard facts, what customers reported; the form of one heading.

use super::{Grid, Item, Names, Section, Sheet, Typed, address, is_any, names, page, who};
use crate::access::Role;
use crate::grading::fact::{EVIDENCE_MAX, LINE_MAX};
use crate::grading::indicator::Score;
use crate::grading::observation::{Kind, ObservationRow};
use crate::grading::record::Record;
use crate::grading::scheme::Heading;
use crate::grading::scoring::{Standing, individual};
use crate::statistics::exact::{Ratio, percent_truncated};
use crate::survey::comment::Concern;
use crate::view::comment::incident_line;
use crate::view::office::Desk;
use crate::view::office::form::Choice;
use crate::view::words::Words;

/// What the overview needs.
pub struct ScoringPage<'a> {
    /// Everything recorded.
    pub record: &'a Record,
    /// Who is who.
    pub names: &'a Names,
    /// Hard facts found on site.
    pub observations: &'a [ObservationRow],
    /// What customers reported, `(complaint fee, safety, privacy)` answers, once fieldwork is over.
    pub reported: Option<[u64; 3]>,
    /// Incidents of safety or privacy, once fieldwork is over: which kind, the comment as it was cleared, a note.
    pub incidents: &'a [(Concern, Option<String>, String)],
}

/// Marks with two decimals, cut.
fn marks(ratio: &Ratio) -> String {
    percent_truncated(&(ratio / Ratio::from_integer(100.into())), 2)
}

fn standing_text(words: Words, standing: &Standing) -> String {
    match standing {
        Standing::Open => words.t("scoring-open"),
        Standing::Disputed => words.t("scoring-disputed"),
        Standing::Marks(given) => marks(given),
        Standing::NotApplicable => words.t("scoring-not-applicable"),
    }
}

/// The overview.
///
/// # Errors
/// What the template engine reports.
pub fn scoring(desk: &Desk, about: &ScoringPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let record = about.record;
    let row = |heading: &Heading| {
        let standings: Vec<Standing> = heading.clauses.iter().map(|c| record.standing(&c.clause)).collect();
        let done = standings
            .iter()
            .filter(|s| matches!(s, Standing::Marks(_) | Standing::NotApplicable))
            .count();
        let disputed = standings
            .contains(&Standing::Disputed)
            .then(|| words.t("scoring-disputed"));
        let indicator = record.indicator(heading);
        let (obtained, share) = match indicator.as_ref().map(|indicator| indicator.score()) {
            Some(Score::Marks(given)) => {
                let share = indicator.as_ref().and_then(|indicator| indicator.share());
                (
                    marks(given),
                    share.map(|share| format!("{}%", percent_truncated(&share, 2))),
                )
            }
            Some(Score::NotApplicable) => (words.t("scoring-not-applicable"), None),
            _ => (words.t("scoring-open"), None),
        };
        let name = format!("{} {}", heading.clause, heading.text.get(desk.language));
        vec![
            Item::plain(name).link(address(desk, &format!("scoring/{}", heading.clause))),
            Item::plain(format!("{done}/{}", standings.len())).small(disputed.unwrap_or_default()),
            Item::plain(obtained),
            Item::plain(heading.marks.to_string()),
            Item::plain(share.unwrap_or_else(|| "–".into())),
        ]
    };
    let overview = Section {
        id: "headings".into(),
        heading: words.t("scoring-headings"),
        grid: Some(Grid {
            head: vec![
                words.t("head-heading"),
                words.t("scoring-head-done"),
                words.t("scoring-head-marks"),
                words.t("scoring-head-full"),
                words.t("scoring-head-share"),
            ],
            rows: record.scheme.headings().iter().map(row).collect(),
        }),
        notes: vec![words.t("scoring-not-applicable-note")],
        ways: vec![(address(desk, "facts/not_applicable/new"), words.t("scoring-propose-na"))],
        ..Section::default()
    };
    let sheet = Sheet {
        heading: words.t("scoring-heading"),
        lead: words.tn("scoring-lead", &[("scheme", record.scheme.name().into())]),
        sections: vec![overview, reported(words, about), observations(desk, about, typed)],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn reported(words: Words, about: &ScoringPage<'_>) -> Section {
    let lines = about.reported.map(|[fee, safety, privacy]| {
        vec![
            words.tn("reported-fee", &[("n", fee.into())]),
            words.tn("reported-safety", &[("n", safety.into())]),
            words.tn("reported-privacy", &[("n", privacy.into())]),
        ]
    });
    let incidents = about.incidents.iter();
    let incidents = incidents.map(|(concern, text, note)| incident_line(words, *concern, text.as_deref(), note));
    Section {
        id: "reported".into(),
        heading: words.t("reported-heading"),
        notes: match &lines {
            Some(_) => vec![words.t("reported-note")],
            None => vec![words.t("reported-later")],
        },
        list: lines
            .map(|lines| lines.into_iter().chain(incidents).collect())
            .unwrap_or_default(),
        ..Section::default()
    }
}

fn observations(desk: &Desk, about: &ScoringPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let row = |row: &ObservationRow| {
        let seen = &row.observation;
        vec![
            Item::plain(names::observed(words, seen.kind)).small(seen.kind.clause()),
            Item::plain(&seen.subject).quiet(),
            Item::plain(&seen.promised).quiet(),
            Item::plain(&seen.actual).quiet(),
            Item::plain(names::yes_no(words, seen.met)),
            Item::plain(who(about.names, row.by)).quiet(),
        ]
    };
    let kinds = Kind::ALL.map(|kind| {
        let name = format!("{} ({})", names::observed(words, kind), kind.clause());
        Choice::new(kind.as_str(), name)
    });
    let form = is_any(desk, &[Role::Evaluator]).then(|| {
        typed
            .builder(desk, "observation", address(desk, "observations"))
            .select(
                "kind",
                words.t("observed-kind"),
                names::chosen_from(words, kinds.into_iter()),
            )
            .text("subject", words.t("observed-subject"), LINE_MAX)
            .hint(words.t("observed-subject-hint"))
            .text("promised", words.t("observed-promised"), LINE_MAX)
            .text("actual", words.t("observed-actual"), LINE_MAX)
            .radios("met", words.t("observed-met"), names::yes_no_choices(words))
            .submit(words.t("observed-add"))
    });
    Section {
        id: "observations".into(),
        heading: words.t("observed-heading"),
        grid: Some(Grid {
            head: vec![
                words.t("observed-kind"),
                words.t("observed-subject"),
                words.t("observed-promised"),
                words.t("observed-actual"),
                words.t("observed-met"),
                words.t("grading-by"),
            ],
            rows: about.observations.iter().map(row).collect(),
        }),
        form,
        ..Section::default()
    }
}

/// One heading: what everybody gave, the form for one's own marks, the form for what was settled.
///
/// # Errors
/// What the template engine reports.
pub fn heading(
    desk: &Desk,
    record: &Record,
    people: &Names,
    heading: &Heading,
    typed: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let title = format!("{} {}", heading.clause, heading.text.get(desk.language));
    let row = |clause: &crate::grading::scheme::ScoredClause| {
        let given: Vec<String> = individual(&record.scores, &clause.clause)
            .into_iter()
            .map(|row| format!("{} {}", who(people, row.by), row.marked.marks.as_str()))
            .collect();
        vec![
            Item::plain(&clause.clause).small(clause.text.get(desk.language)),
            Item::plain(given.join(&words.t("list-separator"))).quiet(),
            Item::plain(standing_text(words, &record.standing(&clause.clause))),
            Item::plain(marks(&clause.marks)),
        ]
    };
    let overview = Section {
        id: "marks".into(),
        heading: words.t("scoring-marks"),
        grid: Some(Grid {
            head: vec![
                words.t("scoring-head-clause"),
                words.t("scoring-head-given"),
                words.t("scoring-head-marks"),
                words.t("scoring-head-full"),
            ],
            rows: heading.clauses.iter().map(row).collect(),
        }),
        ..Section::default()
    };
    let mut sections = vec![overview];
    if is_any(desk, &[Role::Evaluator]) {
        sections.push(own_marks(desk, record, heading, typed));
    }
    let disputed: Vec<Choice> = heading
        .clauses
        .iter()
        .filter(|clause| record.standing(&clause.clause) == Standing::Disputed)
        .map(|clause| {
            Choice::new(
                &clause.clause,
                format!("{} {}", clause.clause, clause.text.get(desk.language)),
            )
        })
        .collect();
    let again = typed.which == "agreed";
    if is_any(desk, &[Role::Manager]) && (again || !disputed.is_empty()) {
        let form = typed
            .builder(
                desk,
                "agreed",
                address(desk, &format!("scoring/{}/agreed", heading.clause)),
            )
            .select(
                "clause",
                words.t("scoring-head-clause"),
                names::chosen_from(words, disputed.into_iter()),
            )
            .text("marks", words.t("scoring-agreed-marks"), 12)
            .shaped(false, 12)
            .text("reason", words.t("scoring-agreed-reason"), LINE_MAX)
            .submit(words.t("scoring-agreed-save"));
        sections.push(Section {
            id: "agreed".into(),
            heading: words.t("scoring-agreed-heading"),
            notes: vec![words.t("scoring-agreed-note")],
            form: Some(form),
            ..Section::default()
        });
    }
    let sheet = Sheet {
        heading: title,
        lead: words.tn("scoring-full", &[("marks", heading.marks.into())]),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn own_marks(desk: &Desk, record: &Record, heading: &Heading, typed: &Typed) -> Section {
    let words = desk.words();
    let me = desk.viewer.as_ref().map(|viewer| viewer.person);
    let mine = |clause: &str| {
        let given = individual(&record.scores, clause);
        given.into_iter().find(|row| Some(row.by) == me)
    };
    // Nothing typed yet: what one gave before stands in the fields.
    let pairs = heading.clauses.iter().filter_map(|clause| mine(&clause.clause));
    let pairs = pairs.flat_map(|row| {
        let marked = &row.marked;
        [
            (format!("marks-{}", marked.clause), marked.marks.as_str().to_owned()),
            (format!("evidence-{}", marked.clause), marked.evidence.clone()),
        ]
    });
    let before = Typed::filled("marks", pairs.collect());
    let typed = if typed.which == "marks" { typed } else { &before };
    let action = address(desk, &format!("scoring/{}", heading.clause));
    let mut form = typed.builder(desk, "marks", action);
    for clause in &heading.clauses {
        let values = [
            ("clause", clause.clause.as_str().into()),
            ("full", marks(&clause.marks).into()),
        ];
        form = form
            .text(
                &format!("marks-{}", clause.clause),
                words.tn("scoring-field-marks", &values),
                12,
            )
            .hint(clause.text.get(desk.language))
            .shaped(false, 12)
            .lines(
                &format!("evidence-{}", clause.clause),
                words.tn("scoring-field-evidence", &[("clause", clause.clause.as_str().into())]),
                2,
                EVIDENCE_MAX,
            );
    }
    Section {
        id: "mine".into(),
        heading: words.t("scoring-mine"),
        notes: vec![words.t("scoring-mine-note")],
        form: Some(form.submit(words.t("grading-save"))),
        ..Section::default()
    }
}
