//! The worksheet of the decision: every criterion with its value, threshold, clause and star; what stands in the way;
//! the change since last year; proposal and signatures.

use super::comparison::{Comparison, compared};
use super::policy::version;
use super::{Grid, Item, Names, Section, Sheet, Stars, Typed, address, is_any, names, page, told, who};
use crate::access::Role;
use crate::grading::certificate::Step;
use crate::grading::evidence::{Evidence, Occasion};
use crate::grading::fact::EVIDENCE_MAX;
use crate::grading::grade::{Grade, Judged, Outcome};
use crate::grading::record::{Compiled, Record};
use crate::grading::ruling::{Decision, Place, Progress, possible, recommended};
use crate::grading::table::Criterion;
use crate::statistics::exact::{Ratio, percent_truncated};
use crate::view::office::form::Choice;
use crate::view::office::{Desk, moment, star_name};
use crate::view::words::Words;

/// What the worksheet needs.
pub struct DecisionPage<'a> {
    /// Everything recorded.
    pub record: &'a Record,
    /// The case as it is graded, and what stands in the way.
    pub compiled: &'a Compiled,
    /// What came out.
    pub outcome: Option<&'a Outcome>,
    /// SHA-256 of the case; empty while there is none.
    pub input_hash: &'a str,
    /// The latest decision.
    pub decision: Option<&'a Decision>,
    /// Who is who.
    pub names: &'a Names,
    /// This survey beside the one before.
    pub comparison: Option<&'a Comparison>,
    /// Whether S or S_face is withheld for too few people.
    pub withheld: [bool; 2],
}

/// The worksheet.
///
/// # Errors
/// What the template engine reports.
pub fn decision(desk: &Desk, about: &DecisionPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = vec![recommendation(words, about)];
    if let Some(Outcome::Graded(grade)) = about.outcome {
        sections.push(worksheet(words, about, grade));
    }
    if let Some(evidence) = &about.compiled.evidence {
        sections.push(indicators(desk, about, evidence));
    }
    sections.extend(about.comparison.map(|comparison| compared(desk, comparison)));
    sections.extend(about.decision.map(|decision| decided(words, about, decision)));
    sections.extend(next(desk, about, typed));
    let sealed = about.decision.is_some_and(Decision::is_sealed);
    let sheet = Sheet {
        heading: words.t("decision-heading"),
        lead: words.tn("decision-lead", &[("scheme", about.record.scheme.name().into())]),
        notices: match sealed {
            true => vec![words.t("decision-sealed")],
            false => Vec::new(),
        },
        sections,
    };
    page(desk, sheet, typed)
}

fn recommendation(words: Words, about: &DecisionPage<'_>) -> Section {
    let mut list: Vec<String> = Vec::new();
    if !about.decision.is_some_and(Decision::is_sealed) {
        list.extend(about.compiled.obstacles.iter().map(|one| told::obstacle(words, one)));
    }
    let mut section = Section {
        id: "star".into(),
        heading: words.t("decision-recommendation"),
        ..Section::default()
    };
    match about.outcome {
        None => section.notes.push(words.t("decision-incomplete")),
        Some(Outcome::Incomplete(missing)) => {
            section.notes.push(words.t("decision-incomplete"));
            list.extend(missing.iter().map(|one| told::missing(words, *one)));
        }
        Some(Outcome::Graded(grade)) => {
            section.stars = Some(Stars::of(words, grade.star));
            section.notes.push(match grade.star {
                0 => words.t("decision-no-star"),
                star => words.tn("decision-star", &[("star", star_name(words, star).into())]),
            });
            let limiting: Vec<String> = grade
                .limiting()
                .into_iter()
                .map(|one| told::criterion(words, one))
                .collect();
            if !limiting.is_empty() {
                let limiting = limiting.join(&words.t("list-separator"));
                section
                    .notes
                    .push(words.tn("decision-limiting", &[("criteria", limiting.into())]));
            }
            section.notes.push(words.tn(
                "decision-recommended",
                &[("ruling", names::ruling(words, recommended(grade)).into())],
            ));
            list.extend(grade.holds.iter().map(|one| told::hold(words, *one)));
            list.extend(grade.warnings.iter().map(|one| told::warning(words, *one)));
        }
    }
    section.list = list;
    section
}

fn worksheet(words: Words, about: &DecisionPage<'_>, grade: &Grade) -> Section {
    let row = |judged: &Judged| {
        let criterion = judged.row.criterion;
        let withheld = match criterion {
            Criterion::S => about.withheld.first(),
            Criterion::SFace => about.withheld.last(),
            _ => None,
        };
        let value = match withheld {
            Some(true) => words.t("cell-withheld"),
            _ => told::finding(words, &judged.finding),
        };
        let met = judged
            .row
            .best_first()
            .find(|(star, _)| *star == judged.supports)
            .map_or_else(|| "–".to_owned(), |(_, condition)| told::condition(words, condition));
        let (next, needs) = match &judged.lift {
            Some(lift) => {
                let values = [
                    ("star", star_name(words, lift.star).into()),
                    ("asks", told::condition(words, lift.condition).into()),
                ];
                let needs: Vec<String> = lift.needs.iter().map(|need| told::need(words, need)).collect();
                (
                    words.tn("decision-next", &values),
                    needs.join(&words.t("list-separator")),
                )
            }
            None => ("–".to_owned(), String::new()),
        };
        vec![
            Item::plain(told::criterion(words, criterion)).small(format!(
                "{} · {}",
                criterion.clause(),
                criterion.rules().join(" ")
            )),
            Item::plain(value),
            Item::plain(met),
            Item::plain(match judged.supports {
                0 => words.t("decision-none"),
                star => star_name(words, star),
            }),
            Item::plain(next).small(needs).quiet(),
        ]
    };
    Section {
        id: "worksheet".into(),
        heading: words.t("decision-worksheet"),
        grid: Some(Grid {
            head: vec![
                words.t("decision-head-criterion"),
                words.t("decision-head-value"),
                words.t("decision-head-threshold"),
                words.t("head-star"),
                words.t("decision-head-next"),
            ],
            rows: grade.criteria.iter().map(row).collect(),
        }),
        notes: vec![
            words.t("decision-lowest"),
            words.tn(
                "policy-judged-by",
                &[("version", version(words, about.record.settled.version).into())],
            ),
        ],
        ..Section::default()
    }
}

fn indicators(desk: &Desk, about: &DecisionPage<'_>, evidence: &Evidence) -> Section {
    let words = desk.words();
    let name = |clause: &str| {
        let heading = about.record.scheme.heading(clause);
        heading.map_or_else(String::new, |heading| heading.text.get(desk.language).to_owned())
    };
    let rows = evidence.indicators.all().iter().map(|row| {
        let cut = |ratio: &Ratio| percent_truncated(ratio, 2);
        let hundred = Ratio::from_integer(100.into());
        vec![
            Item::plain(format!("{} {}", row.clause(), name(row.clause()))),
            Item::plain(
                row.marks()
                    .map_or_else(|| "–".to_owned(), |marks| cut(&(marks / &hundred))),
            ),
            Item::plain(row.full().to_string()),
            Item::plain(
                row.share()
                    .map_or_else(|| "–".to_owned(), |share| format!("{}%", cut(&share))),
            ),
        ]
    });
    Section {
        id: "indicators".into(),
        heading: words.t("table-headings"),
        grid: Some(Grid {
            head: vec![
                words.t("head-heading"),
                words.t("scoring-head-marks"),
                words.t("scoring-head-full"),
                words.t("scoring-head-share"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn decided(words: Words, about: &DecisionPage<'_>, decision: &Decision) -> Section {
    let mut facts = vec![
        (
            words.t("decision-proposed-by"),
            format!("{} {}", who(about.names, decision.proposed_by), moment(decision.at_ms)),
        ),
        (words.t("decision-on"), decision.decided_on.to_string()),
        (words.t("decision-reason"), decision.proposal.reason.clone()),
        (words.t("decision-case"), decision.input_hash.clone()),
    ];
    if let Some(reason) = decision.proposal.reason_code {
        facts.push((words.t("decision-reason-code"), names::reason(words, reason)));
    }
    facts.retain(|(_, text)| !text.is_empty());
    for signature in &decision.signatures {
        let label = match signature.place {
            Place::Review => words.t("decision-review"),
            Place::Signature => words.t("decision-signature"),
        };
        let verdict = match signature.approves {
            true => words.t("decision-approved"),
            false => words.tn("decision-returned", &[("remark", signature.remark.as_str().into())]),
        };
        let text = format!(
            "{} {} · {verdict}",
            who(about.names, signature.by),
            moment(signature.at_ms)
        );
        facts.push((label, text));
    }
    let state = match decision.progress() {
        Progress::Proposed => words.t("decision-waits-review"),
        Progress::Reviewed => words.t("decision-waits-signature"),
        Progress::Returned => words.t("decision-was-returned"),
        Progress::Signed => words.t("decision-was-signed"),
    };
    Section {
        id: "decision".into(),
        heading: names::ruling(words, decision.proposal.ruling),
        stars: decision.proposal.ruling.star().map(|star| Stars::of(words, star)),
        notes: vec![state],
        facts,
        ..Section::default()
    }
}

/// The form that the viewer can use now.
fn next(desk: &Desk, about: &DecisionPage<'_>, typed: &Typed) -> Option<Section> {
    let progress = about.decision.map(Decision::progress);
    if about.decision.is_some_and(Decision::is_sealed) {
        return None;
    }
    match (progress, about.decision) {
        (Some(Progress::Proposed), Some(decision)) if is_any(desk, &[Role::Reviewer]) => {
            Some(sign(desk, typed, decision, "review"))
        }
        (Some(Progress::Reviewed), Some(decision)) if is_any(desk, &[Role::Signatory]) => {
            Some(sign(desk, typed, decision, "signature"))
        }
        _ if is_any(desk, &[Role::Manager]) => propose(desk, about, typed),
        _ => None,
    }
}

fn propose(desk: &Desk, about: &DecisionPage<'_>, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let Some(Outcome::Graded(grade)) = about.outcome.filter(|_| about.compiled.obstacles.is_empty()) else {
        return None;
    };
    let occasion = about
        .compiled
        .evidence
        .as_ref()
        .map_or(Occasion::Initial, |evidence| evidence.occasion);
    let choices = possible(grade, &occasion);
    let first = choices.first().copied();
    let options = choices.iter().map(|ruling| {
        let option = Choice::new(ruling.code(), names::ruling(words, *ruling));
        match Some(*ruling) == first {
            true => option.noted(words.t("decision-as-recommended")),
            false => option.noted(words.t("decision-needs-reason")),
        }
    });
    let mut form = typed
        .builder(desk, "proposal", address(desk, "decision"))
        .radios("ruling", words.t("decision-ruling"), options.collect())
        .lines("reason", words.t("decision-reason"), 4, EVIDENCE_MAX)
        .hint(words.t("decision-reason-hint"))
        .optional();
    if choices
        .iter()
        .any(|ruling| matches!(ruling.step(), Some(Step::Suspend | Step::Withdraw)))
    {
        let reasons = names::reasons(words, &[Step::Suspend, Step::Withdraw]);
        form = form
            .select("reason_code", words.t("decision-reason-code"), reasons)
            .hint(words.t("decision-reason-code-hint"))
            .optional();
    }
    Some(Section {
        id: "propose".into(),
        heading: words.t("decision-propose"),
        notes: vec![words.t("decision-propose-note")],
        form: Some(
            form.hidden("case", about.input_hash)
                .submit(words.t("decision-propose-send")),
        ),
        ..Section::default()
    })
}

fn sign(desk: &Desk, typed: &Typed, decision: &Decision, which: &'static str) -> Section {
    let words = desk.words();
    let (heading, send) = match which {
        "review" => (words.t("decision-review-heading"), words.t("decision-review-send")),
        _ => (words.t("decision-sign-heading"), words.t("decision-sign-send")),
    };
    let options = [("yes", words.t("decision-approve")), ("no", words.t("decision-return"))];
    let form = typed
        .builder(desk, which, address(desk, &format!("decision/{which}")))
        .radios(
            "approves",
            words.t("decision-your-word"),
            options.map(|(value, text)| Choice::new(value, text)).to_vec(),
        )
        .lines("remark", words.t("fact-remark"), 3, EVIDENCE_MAX)
        .optional()
        .hidden("version", decision.version.to_string())
        .submit(send);
    Section {
        id: which.into(),
        heading,
        notes: vec![words.t("decision-sign-note")],
        form: Some(form),
        ..Section::default()
    }
}
