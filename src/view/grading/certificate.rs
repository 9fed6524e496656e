//! Certificates: the office's page, the register, the public page.

use chrono::NaiveDate;

use super::super::office::star_name;
use super::{Grid, Item, Names, Section, Sheet, Stars, Typed, address, is_any, is_me, names, page, who};
use crate::access::Role;
use crate::grading::agenda::{Duty, prepared};
use crate::grading::certificate::{Certificate, Reason, State, Step};
use crate::grading::fact::{EVIDENCE_MAX, LINE_MAX, name_of};
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::language::{Language, Text};
use crate::view::office::Desk;
use crate::view::office::form::Choice;
use crate::view::words::Words;

/// The rule that every certificate names (requirements §5).
const RULE: &str = "CQM/F-RZ-ZY-06-001";

/// A certificate as its pages show it.
pub struct CertificatePage<'a> {
    /// Its number.
    pub number: &'a str,
    /// Name of the organisation.
    pub firm: &'a Text,
    /// The certified scope.
    pub scope: &'a str,
    /// First day.
    pub issued_on: NaiveDate,
    /// Star, term and state.
    pub certificate: &'a Certificate,
    /// Number of the one it replaced.
    pub replaces: Option<&'a str>,
    /// Number of the one that replaced it.
    pub replaced_by: Option<&'a str>,
    /// Steps: which, why, where it stood then, since when, on what, proposed and signed by whom.
    pub steps: Vec<(Step, Reason, State, NaiveDate, &'a str, PersonId, PersonId)>,
    /// What is due.
    pub agenda: Vec<(NaiveDate, Duty)>,
    /// Notices: kind, day, whether void.
    pub notices: Vec<(String, NaiveDate, bool)>,
    /// Accidents and complaints that were reported: kind, day, source and account.
    pub reports: Vec<(String, NaiveDate, String)>,
    /// The extra evaluation that is open, and whether the reader takes part in it.
    pub extra: Option<(EvaluationId, bool)>,
    /// The step that waits for a signature: version, step, reason, day, evidence, by whom.
    pub waiting: Option<(i32, Step, Reason, NaiveDate, String, PersonId)>,
    /// Today.
    pub today: NaiveDate,
}

pub(super) fn last_day(certificate: &Certificate) -> String {
    certificate
        .granted()
        .map(|granted| granted.last_day.to_string())
        .unwrap_or_default()
}

/// The office's page of the certificate that the evaluated organisation holds; `None` while it holds none.
///
/// # Errors
/// What the template engine reports.
pub fn certificate(
    desk: &Desk,
    about: Option<&CertificatePage<'_>>,
    people: &Names,
    typed: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let Some(about) = about else {
        let sheet = Sheet {
            heading: words.t("certificate-heading"),
            lead: words.t("certificate-none"),
            ..Sheet::default()
        };
        return page(desk, sheet, typed);
    };
    let due = |(day, one): &(NaiveDate, Duty)| {
        let overdue = *day <= about.today && !matches!(one, Duty::Remind(_));
        let small = if overdue { words.t("duty-now") } else { String::new() };
        vec![
            Item::plain(day.to_string()).small(small),
            Item::plain(names::duty(words, *one)),
        ]
    };
    let steps = about
        .steps
        .iter()
        .map(|(step, reason, state, since, evidence, by, signed)| {
            vec![
                Item::plain(names::step(words, *step)).small(names::reason(words, *reason)),
                Item::plain(since.to_string()),
                Item::plain(names::state(words, *state)),
                Item::plain(*evidence).quiet(),
                Item::plain(format!("{} / {}", who(people, *by), who(people, *signed))).quiet(),
            ]
        });
    let notices = about.notices.iter().map(|(kind, day, void)| {
        let small = if *void { words.t("notice-void") } else { String::new() };
        vec![
            Item::plain(day.to_string()).small(small),
            Item::plain(names::notice(words, kind)),
        ]
    });
    let mut ways = vec![
        (
            format!("/certificates/{}", about.number),
            words.t("certificate-to-public"),
        ),
        ("/certificates".to_owned(), words.t("register-heading")),
    ];
    if is_any(desk, &[Role::Manager]) {
        ways.push((address(desk, "certificate/contact"), words.t("mail-contact-heading")));
    }
    let sections = vec![
        Section {
            ways,
            ..stated(words, desk.language, about)
        },
        Section {
            id: "agenda".into(),
            heading: words.t("certificate-agenda"),
            grid: Some(Grid {
                head: vec![words.t("certificate-day"), words.t("certificate-duty")],
                rows: about.agenda.iter().map(due).collect(),
            }),
            ..Section::default()
        },
        Section {
            id: "steps".into(),
            heading: words.t("certificate-steps"),
            grid: Some(Grid {
                head: vec![
                    words.t("certificate-step"),
                    words.t("certificate-since"),
                    words.t("certificate-state"),
                    words.t("fact-evidence"),
                    words.t("certificate-signed"),
                ],
                rows: steps.collect(),
            }),
            ..Section::default()
        },
        waiting(desk, about, people, typed),
        reports(desk, about, typed),
        Section {
            id: "notices".into(),
            heading: words.t("certificate-notices"),
            notes: vec![words.t("certificate-notices-note")],
            grid: Some(Grid {
                head: vec![words.t("certificate-day"), words.t("certificate-notice")],
                rows: notices.collect(),
            }),
            ..Section::default()
        },
    ];
    let sheet = Sheet {
        heading: words.t("certificate-heading"),
        lead: about.number.to_owned(),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

/// What a certificate says, the same for the office and for everybody.
pub(super) fn stated(words: Words, language: Language, about: &CertificatePage<'_>) -> Section {
    let star = about.certificate.granted().map_or(0, |granted| granted.star);
    let mut facts = vec![
        (words.t("certificate-number"), about.number.to_owned()),
        (words.t("certificate-holder"), about.firm.get(language).to_owned()),
        (words.t("certificate-scope"), about.scope.to_owned()),
        (words.t("head-star"), star_name(words, star)),
        (words.t("certificate-rule"), RULE.to_owned()),
        (words.t("certificate-issued-on"), about.issued_on.to_string()),
        (words.t("certificate-last-day"), last_day(about.certificate)),
        (
            words.t("certificate-standing-since"),
            about.certificate.since().to_string(),
        ),
    ];
    let others = [
        (words.t("certificate-replaces"), about.replaces),
        (words.t("certificate-replaced-by"), about.replaced_by),
    ];
    facts.extend(
        others
            .into_iter()
            .filter_map(|(label, number)| Some((label, number?.to_owned()))),
    );
    facts.retain(|(_, text)| !text.is_empty());
    let marks = match about.certificate.marks_may_be_used() {
        true => words.t("certificate-marks"),
        false => words.t("certificate-no-marks"),
    };
    Section {
        id: "certificate".into(),
        heading: names::state(words, about.certificate.state()),
        stars: Some(Stars::of(words, star)),
        notes: vec![marks],
        facts,
        ..Section::default()
    }
}

fn waiting(desk: &Desk, about: &CertificatePage<'_>, people: &Names, typed: &Typed) -> Section {
    let words = desk.words();
    let mut section = Section {
        id: "change".into(),
        heading: words.t("certificate-change"),
        notes: vec![words.t("certificate-change-note")],
        ..Section::default()
    };
    if let Some((version, step, reason, on, evidence, by)) = &about.waiting {
        section.facts = vec![
            (words.t("certificate-step"), names::step(words, *step)),
            (words.t("decision-reason-code"), names::reason(words, *reason)),
            (words.t("certificate-since"), on.to_string()),
            (words.t("fact-evidence"), evidence.clone()),
            (words.t("decision-proposed-by"), who(people, *by)),
        ];
        if is_any(desk, &[Role::Signatory]) && !is_me(desk, *by) {
            let form = typed
                .builder(desk, "sign", address(desk, "certificate/signature"))
                .tick(
                    "approves",
                    words.t("decision-your-word"),
                    words.t("certificate-sign-text"),
                )
                .hidden("version", version.to_string())
                .grave()
                .submit(words.t("certificate-sign"));
            section.form = Some(form);
            return section;
        }
    }
    if is_any(desk, &[Role::Manager]) && !about.certificate.state().is_final() {
        let steps = [
            Step::Suspend,
            Step::Reinstate,
            Step::Withdraw,
            Step::Cancel,
            Step::Expire,
        ];
        let options = steps.map(|step| Choice::new(name_of(&step), names::step(words, step)));
        let ready = prepared(&about.agenda, about.today).filter(|_| about.waiting.is_none());
        let filled = ready.map(|(since, duty, step, reason)| {
            let text = names::duty(words, duty);
            section
                .notes
                .push(words.tn("certificate-prepared", &[("duty", text.as_str().into())]));
            let pairs = [
                ("step", name_of(&step)),
                ("reason", name_of(&reason)),
                ("takes_effect_on", about.today.to_string()),
                ("grounds", format!("{since} {text}")),
            ];
            Typed::filled("step", pairs.map(|(field, value)| (field.to_owned(), value)).to_vec())
        });
        let form = filled
            .as_ref()
            .filter(|_| typed.which != "step")
            .unwrap_or(typed)
            .builder(desk, "step", address(desk, "certificate/steps"))
            .radios("step", words.t("certificate-step"), options.to_vec())
            .select("reason", words.t("decision-reason-code"), names::reasons(words, &steps))
            .day("takes_effect_on", words.t("certificate-effect"))
            .lines("grounds", words.t("fact-evidence"), 3, EVIDENCE_MAX)
            .submit(words.t("certificate-propose"));
        section.form = Some(form);
    }
    section
}

fn reports(desk: &Desk, about: &CertificatePage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let kind_name = |kind: &str| match kind {
        "accident" => words.t("fact-accident"),
        _ => words.t("fact-complaint"),
    };
    let rows = about.reports.iter().map(|(kind, day, text)| {
        vec![
            Item::plain(kind_name(kind)),
            Item::plain(day.to_string()),
            Item::plain(text).quiet(),
        ]
    });
    let open = is_any(desk, &[Role::Manager, Role::Evaluator]) && !about.certificate.state().is_final();
    let form = open.then(|| {
        let kinds = ["accident", "complaint"].map(|kind| Choice::new(kind, kind_name(kind)));
        typed
            .builder(desk, "report", address(desk, "certificate/reports"))
            .radios("kind", words.t("facts-kind"), kinds.to_vec())
            .day("reported_on", words.t("report-on"))
            .text("source", words.t("facts-source"), LINE_MAX)
            .lines("account", words.t("report-account"), 3, EVIDENCE_MAX)
            .submit(words.t("report-send"))
    });
    let mut notes = vec![words.t("report-note")];
    let mut ways = Vec::new();
    match about.extra {
        Some((id, true)) => ways.push((format!("/evaluations/{id}"), words.t("report-to-extra"))),
        Some((_, false)) => notes.push(words.t("report-extra-open")),
        None => {}
    }
    Section {
        id: "reports".into(),
        heading: words.t("report-heading"),
        notes,
        ways,
        grid: Some(Grid {
            head: vec![
                words.t("facts-kind"),
                words.t("certificate-day"),
                words.t("report-account"),
            ],
            rows: rows.collect(),
        }),
        form,
        ..Section::default()
    }
}
