//! The office's page of an evaluation's invitations.

use super::super::grading::{Section, Sheet, Typed, address, is_any, page};
use super::Letter;
use crate::access::Role;
use crate::survey::invitation::{Funnel, Schedule};
use crate::view::office::form::{Choice, Form};
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// A plan of letters as its page shows it.
#[derive(Debug, Clone)]
pub struct PlanLine {
    /// Its number.
    pub version: i32,
    /// When letters go out.
    pub schedule: Schedule,
    /// Persons it was proposed for.
    pub recipients: i64,
    /// `None` while it waits.
    pub approved: Option<bool>,
    /// Who proposed it.
    pub proposed_by: String,
    /// Whether that is who looks.
    pub is_mine: bool,
    /// Who decided, where somebody had to.
    pub decided_by: Option<String>,
}

/// What the page of invitations shows.
#[derive(Debug)]
pub struct InvitationsPage<'a> {
    /// Mail is set up.
    pub is_on: bool,
    /// All mail is paused.
    pub is_paused: bool,
    /// The letters of this evaluation are stopped since, Unix ms.
    pub halted_at_ms: Option<i64>,
    /// The evaluation is open.
    pub is_open: bool,
    /// Persons by what became of their letters.
    pub funnel: Funnel,
    /// The latest plan.
    pub plan: Option<PlanLine>,
    /// With more recipients than this a reviewer approves.
    pub approval_above: u32,
    /// The first of those who would be written to: masked address and letter.
    pub samples: &'a [(String, Letter)],
}

impl InvitationsPage<'_> {
    fn waits(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.approved.is_none())
    }
}

/// The page of invitations.
///
/// # Errors
/// What the template engine reports.
pub fn invitations(desk: &Desk, about: &InvitationsPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let is_manager = is_any(desk, &[Role::Manager]);
    let mut notices = Vec::new();
    if !about.is_on {
        notices.push(words.t("mail-off"));
    } else if about.is_paused {
        notices.push(words.t("mail-paused"));
    }
    if let Some(at_ms) = about.halted_at_ms {
        notices.push(words.tn("mail-halted", &[("at", moment(at_ms).into())]));
    }
    let mut sections = vec![funnel(desk, about)];
    sections.extend(plan(desk, about, typed));
    if is_manager && about.funnel.unwritten > 0 {
        sections.extend(samples(words, about));
    }
    if is_manager && about.is_on && about.is_open && !about.waits() && about.funnel.unwritten > 0 {
        sections.push(proposal(desk, about, typed));
    }
    if is_manager && about.plan.is_some() && about.is_open {
        sections.push(halting(desk, about, typed));
    }
    if is_manager && about.is_on {
        sections.push(test(desk, typed));
    }
    let sheet = Sheet {
        heading: words.t("mail-heading"),
        lead: words.t("mail-lead"),
        notices,
        sections,
    };
    page(desk, sheet, typed)
}

fn funnel(desk: &Desk, about: &InvitationsPage<'_>) -> Section {
    let (words, funnel) = (desk.words(), &about.funnel);
    let all = [
        (words.t("mail-count-drawn"), funnel.drawn),
        (words.t("mail-count-unwritten"), funnel.unwritten),
        (words.t("mail-count-waiting"), funnel.waiting),
        (words.t("mail-count-reached"), funnel.reached),
        (words.t("mail-count-bounced"), funnel.bounced),
        (words.t("mail-count-failed"), funnel.failed),
        (words.t("mail-count-cancelled"), funnel.cancelled),
        (words.t("mail-count-reminded"), funnel.reminded),
        (words.t("mail-count-answered"), funnel.answered),
        (words.t("mail-count-no-reply"), funnel.no_reply()),
        (words.t("mail-count-unsubscribed"), funnel.unsubscribed),
        (words.t("mail-count-objected"), funnel.objected),
    ];
    let nobody = match about.funnel.drawn {
        0 => vec![words.t("mail-nobody-drawn")],
        _ => Vec::new(),
    };
    Section {
        id: "states".into(),
        heading: words.t("mail-states"),
        notes: nobody,
        facts: all.into_iter().map(|(name, n)| (name, n.to_string())).collect(),
        ways: vec![(address(desk, "mail/recipients"), words.t("mail-to-recipients"))],
        ..Section::default()
    }
}

fn plan(desk: &Desk, about: &InvitationsPage<'_>, typed: &Typed) -> Option<Section> {
    let (words, plan) = (desk.words(), about.plan.as_ref()?);
    let (from, to) = plan.schedule.hours();
    let gaps = plan.schedule.gaps().iter();
    let gaps: Vec<String> = gaps
        .map(|days| words.tn("mail-gap", &[("days", u64::from(*days).into())]))
        .collect();
    let state = match plan.approved {
        None => words.t("mail-plan-waits"),
        Some(true) => words.t("mail-plan-approved"),
        Some(false) => words.t("mail-plan-refused"),
    };
    let mut facts = vec![
        (words.t("mail-plan-state"), state),
        (words.t("mail-first-on"), plan.schedule.first_on().to_string()),
        (words.t("mail-hours"), format!("{from}:00–{to}:00")),
        (
            words.t("mail-reminders"),
            match gaps.is_empty() {
                true => words.t("mail-no-reminder"),
                false => gaps.join(&words.t("list-separator")),
            },
        ),
        (words.t("mail-plan-recipients"), plan.recipients.to_string()),
        (words.t("mail-proposed-by"), plan.proposed_by.clone()),
    ];
    if let Some(name) = &plan.decided_by {
        facts.push((words.t("mail-decided-by"), name.clone()));
    }
    let decides = plan.approved.is_none() && !plan.is_mine && is_any(desk, &[Role::Reviewer]);
    let options = [("yes", words.t("mail-approve-yes")), ("no", words.t("mail-approve-no"))];
    let form = typed
        .builder(desk, "approval", address(desk, "mail/approval"))
        .hidden("version", plan.version.to_string())
        .radios(
            "approves",
            words.t("mail-approve"),
            options.map(|(value, text)| Choice::new(value, text)).to_vec(),
        )
        .submit(words.t("mail-approve-button"));
    Some(Section {
        id: "plan".into(),
        heading: words.t("mail-plan"),
        facts,
        form: decides.then_some(form),
        ..Section::default()
    })
}

fn proposal(desk: &Desk, about: &InvitationsPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let n = about.funnel.unwritten;
    let mut notes = vec![words.tn("mail-would-go", &[("n", n.into())])];
    if n > u64::from(about.approval_above) {
        notes.push(words.tn("mail-needs-approval", &[("n", u64::from(about.approval_above).into())]));
    }
    let form = typed
        .builder(desk, "plan", address(desk, "mail"))
        .day("first_on", words.t("mail-first-on"))
        .number("from_hour", words.t("mail-from-hour"))
        .hint(words.t("mail-hours-hint"))
        .number("to_hour", words.t("mail-to-hour"))
        .number("reminder1", words.t("mail-reminder-1"))
        .hint(words.t("mail-reminder-hint"))
        .optional()
        .number("reminder2", words.t("mail-reminder-2"))
        .optional()
        .submit(match n > u64::from(about.approval_above) {
            true => words.t("mail-propose"),
            false => words.t("mail-send"),
        });
    Section {
        id: "propose".into(),
        heading: words.t("mail-new-plan"),
        notes,
        form: Some(form),
        ..Section::default()
    }
}

/// What would be sent to whom, and the first letter: the dry run.
fn samples(words: Words, about: &InvitationsPage<'_>) -> [Section; 2] {
    let to = about.samples.iter();
    let first = about
        .samples
        .first()
        .map(|(_, letter)| letter.text())
        .unwrap_or_default();
    let addresses = Section {
        id: "samples".into(),
        heading: words.t("mail-samples"),
        notes: vec![words.tn("mail-samples-note", &[("n", about.funnel.unwritten.into())])],
        facts: to
            .map(|(address, letter)| (address.clone(), letter.subject.clone()))
            .collect(),
        ..Section::default()
    };
    let letter = Section {
        id: "letter".into(),
        heading: words.t("mail-letter"),
        notes: first.split("\n\n").map(str::to_owned).collect(),
        ..Section::default()
    };
    [addresses, letter]
}

fn halting(desk: &Desk, about: &InvitationsPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let builder = typed.builder(desk, "halt", address(desk, "mail/halt"));
    let (note, form): (String, Form) = match about.halted_at_ms {
        None => (
            words.t("mail-halt-note"),
            builder.hidden("to", "halt").grave().submit(words.t("mail-halt")),
        ),
        Some(_) => (
            words.t("mail-resume-note"),
            builder.hidden("to", "resume").submit(words.t("mail-resume")),
        ),
    };
    Section {
        id: "halt".into(),
        heading: words.t("mail-halt-heading"),
        notes: vec![note],
        form: Some(form),
        ..Section::default()
    }
}

fn test(desk: &Desk, typed: &Typed) -> Section {
    let words = desk.words();
    let form = typed
        .builder(desk, "test", address(desk, "mail/test"))
        .text("address", words.t("mail-test-address"), 254)
        .submit(words.t("mail-test-send"));
    Section {
        id: "test".into(),
        heading: words.t("mail-test-heading"),
        notes: vec![words.t("mail-test-letter-note")],
        form: Some(form),
        ..Section::default()
    }
}
