//! Where evaluators go: outlets with targets and what was done; and, for managers and reviewers, who did what.

use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;

use super::assignments::{day_name, part_name, selection};
use crate::survey::admission::Refusal;
use crate::survey::assignment::Assignment;
use crate::survey::disposition::Code;
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::interview::Contacts;
use crate::survey::language::Text;
use crate::survey::questionnaire::Questionnaire;
use crate::view::office::{Desk, Frame};
use crate::view::supervision::Asked;
use crate::view::words::Words;

/// Names of evaluators.
pub type Names = BTreeMap<PersonId, String>;
/// Everybody's approaches, per evaluator and outlet.
pub type Everybody = BTreeMap<(PersonId, OutletId), Contacts>;

/// An outlet with one evaluator's or everybody's approaches.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its id.
    pub outlet: OutletId,
    /// Its name.
    pub name: Text,
    /// Planned interviews of all evaluators.
    pub target: i32,
    /// One's own approaches today.
    pub today: Contacts,
    /// One's own approaches.
    pub own: Contacts,
    /// Everybody's approaches.
    pub all: Contacts,
}

/// The outlets of an evaluation.
#[derive(Debug, Clone)]
pub struct Sites {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Title of the wave.
    pub title: Text,
    /// Whether an interview may begin now.
    pub standing: Result<(), Refusal>,
    /// Its outlets in their order.
    pub sites: Vec<Site>,
}

/// An assignment of the viewer, today or later.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Name of the outlet.
    pub outlet: Text,
    /// Where it is; may be empty.
    pub address: String,
    /// The assignment.
    pub assignment: Assignment,
    /// Valid interviews that belong to it.
    pub done: i64,
}

struct Task {
    name: String,
    about: String,
    progress: String,
    rule: String,
    ways: (String, String, String),
}

struct Card {
    name: String,
    progress: String,
    today: String,
    own: String,
    ways: Option<(String, String)>,
    paper: Option<String>,
}

struct Place {
    heading: String,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "interview/today.html")]
struct Today {
    frame: Frame,
    day: String,
    tasks: Vec<Task>,
    coming: Vec<(String, String)>,
    asked: Vec<(String, String)>,
    is_anywhere: bool,
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "interview/interviews.html")]
struct Interviews {
    frame: Frame,
    recorded: Option<String>,
    closed: Option<String>,
    tabs: Vec<(String, String)>,
    cards: Vec<Card>,
    team: Option<Team>,
}

/// Evaluators × outlets, and how approaches ended.
struct Team {
    head: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
    outcomes: Vec<(String, String, i64)>,
}

/// Why no interview begins now.
pub(super) fn outside(words: Words, refusal: Refusal) -> String {
    match refusal {
        Refusal::BeforeField(day) => words.tn("fieldwork-before", &[("day", day.to_string().into())]),
        Refusal::AfterField(day) => words.tn("fieldwork-after", &[("day", day.to_string().into())]),
        _ => words.t("fieldwork-closed"),
    }
}

/// Where an interview begins, an approach is recorded, a paper form is entered.
fn ways(base: &str) -> (String, String, String) {
    (
        format!("{base}/interview"),
        format!("{base}/approach"),
        format!("{base}/paper"),
    )
}

fn task(desk: &Desk, errand: &Errand) -> Task {
    let (words, slot) = (desk.words(), &errand.assignment.slot);
    let firm = errand.firm.get(desk.language);
    Task {
        name: errand.outlet.get(desk.language).to_owned(),
        about: match errand.address.as_str() {
            "" => firm.to_owned(),
            address => format!("{firm} · {address}"),
        },
        progress: words.tn(
            "assign-progress",
            &[
                ("part", part_name(words, slot.part).into()),
                ("done", errand.done.into()),
                ("target", errand.assignment.target.into()),
            ],
        ),
        rule: selection(words, &errand.assignment.selection),
        ways: ways(&format!("/evaluations/{}/outlets/{}", errand.evaluation, slot.outlet)),
    }
}

fn cards(desk: &Desk, sites: &Sites) -> Vec<Card> {
    let words = desk.words();
    let figures = |contacts: &Contacts| {
        [
            ("done", contacts.done().into()),
            ("approached", contacts.approached().into()),
        ]
    };
    let card = |site: &Site| {
        let base = format!("/evaluations/{}/outlets/{}", sites.evaluation, site.outlet);
        let (interview, approach, paper) = ways(&base);
        Card {
            name: site.name.get(desk.language).to_owned(),
            progress: words.tn(
                "fieldwork-progress",
                &[
                    ("done", site.all.done().into()),
                    ("target", i64::from(site.target).into()),
                ],
            ),
            today: words.tn("fieldwork-today", &figures(&site.today)),
            own: words.tn("fieldwork-own", &figures(&site.own)),
            ways: sites.standing.is_ok().then_some((interview, approach)),
            // What was taken down in time may be entered later.
            paper: matches!(sites.standing, Ok(()) | Err(Refusal::AfterField(_))).then_some(paper),
        }
    };
    sites.sites.iter().map(card).collect()
}

/// An evaluator's start page: what is assigned today and on the next days, then every other outlet of the open evaluations
/// they are in; above all of it what reviewers asked back. `day` is the day in China.
///
/// # Errors
/// What the template engine reports.
pub fn today(
    desk: &Desk,
    day: NaiveDate,
    errands: &[Errand],
    evaluations: &[Sites],
    asked: &[Asked],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let on_day = |errand: &&Errand| errand.assignment.slot.day == day;
    let is_elsewhere = |evaluation, site: &Site| {
        let here = |e: &Errand| e.evaluation == evaluation && e.assignment.slot.outlet == site.outlet;
        !errands.iter().filter(on_day).any(here)
    };
    let place = |sites: &Sites| {
        let mut others = sites.clone();
        others.sites.retain(|site| is_elsewhere(sites.evaluation, site));
        Place {
            heading: format!("{} › {}", sites.firm.get(desk.language), sites.title.get(desk.language)),
            cards: cards(desk, &others),
        }
    };
    let coming = |errand: &Errand| {
        let task = task(desk, errand);
        let on = day_name(words, errand.assignment.slot.day);
        (on, format!("{} · {} · {}", task.name, task.progress, task.rule))
    };
    let page = Today {
        frame: Frame::at(desk, &words.t("today-heading")),
        day: day_name(words, day),
        tasks: errands.iter().filter(on_day).map(|errand| task(desk, errand)).collect(),
        coming: errands
            .iter()
            .filter(|errand| errand.assignment.slot.day > day)
            .map(coming)
            .collect(),
        asked: asked
            .iter()
            .map(|asked| {
                let firm = asked.firm.get(desk.language);
                let values = [("n", asked.interviews.into()), ("firm", firm.into())];
                let href = format!("/evaluations/{}/own-interviews", asked.evaluation);
                (href, words.tn("supervise-today", &values))
            })
            .collect(),
        is_anywhere: !evaluations.is_empty(),
        places: evaluations
            .iter()
            .map(place)
            .filter(|place| !place.cards.is_empty())
            .collect(),
    };
    page.render()
}

/// Interviews and approaches of one evaluation. `own`: the viewer is one of its evaluators. `team`: names of evaluators
/// and everybody's approaches, for those who manage or review. `recorded`: what was recorded just now.
///
/// # Errors
/// What the template engine reports.
pub fn interviews(
    desk: &Desk,
    questionnaire: &Questionnaire,
    sites: &Sites,
    own: bool,
    team: Option<(&Names, &Everybody)>,
    recorded: Option<Code>,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let page = Interviews {
        frame: Frame::at(desk, &words.t("fieldwork-heading")),
        recorded: recorded.map(|code| {
            let outcome = outcome(questionnaire, code, desk);
            words.tn("fieldwork-recorded", &[("outcome", outcome.into())])
        }),
        closed: sites.standing.err().map(|refusal| outside(words, refusal)),
        tabs: tabs(desk, sites.evaluation, own, team.is_some()),
        cards: if own { cards(desk, sites) } else { Vec::new() },
        team: team.map(|(names, contacts)| table(desk, questionnaire, sites, names, contacts)),
    };
    page.render()
}

/// What stands beside this page: paper for everybody, their own interviews for evaluators, planning, outcomes and
/// supervision for those who manage or review.
fn tabs(desk: &Desk, evaluation: EvaluationId, own: bool, oversees: bool) -> Vec<(String, String)> {
    let words = desk.words();
    let mut tabs = Vec::new();
    if oversees {
        tabs.extend([
            ("assignments", words.t("assign-heading")),
            ("contacts", words.t("contacts-heading")),
            ("reviews", words.t("supervise-heading")),
            ("evaluators", words.t("supervise-evaluators")),
            ("uploads", words.t("uploads-heading")),
            ("funnel", words.t("planning-funnel")),
        ]);
    }
    if own {
        tabs.push(("own-interviews", words.t("supervise-own")));
    }
    tabs.extend([
        ("back-checks", words.t("supervise-back-checks")),
        ("paper", words.t("paper-heading")),
        ("postings", words.t("planning-postings")),
    ]);
    let tab = |(end, name)| (format!("/evaluations/{evaluation}/{end}"), name);
    tabs.into_iter().map(tab).collect()
}

fn outcome(questionnaire: &Questionnaire, code: Code, desk: &Desk) -> String {
    let row = questionnaire
        .dispositions()
        .iter()
        .find(|row| row.code == code.as_str());
    row.map_or_else(
        || code.as_str().to_owned(),
        |row| row.text.get(desk.language).to_owned(),
    )
}

fn table(desk: &Desk, questionnaire: &Questionnaire, sites: &Sites, names: &Names, contacts: &Everybody) -> Team {
    let words = desk.words();
    let figures = |contacts: &Contacts| {
        let values = [
            ("done", contacts.done().into()),
            ("approached", contacts.approached().into()),
        ];
        words.tn("fieldwork-figures", &values)
    };
    let sum = |found: &mut dyn Iterator<Item = &Contacts>| {
        let mut sum = Contacts::default();
        found.for_each(|contacts| sum.merge(contacts));
        sum
    };
    let row = |person: &PersonId, name: &String| {
        let own = |outlet| contacts.get(&(*person, outlet)).cloned().unwrap_or_default();
        let mut cells: Vec<String> = sites.sites.iter().map(|site| figures(&own(site.outlet))).collect();
        let all = sum(&mut contacts
            .iter()
            .filter(|((who, _), _)| who == person)
            .map(|(_, found)| found));
        cells.push(figures(&all));
        (name.clone(), cells)
    };
    let mut rows: Vec<(String, Vec<String>)> = names.iter().map(|(person, name)| row(person, name)).collect();
    rows.sort();
    let everybody = sum(&mut contacts.values());
    let mut last: Vec<String> = sites.sites.iter().map(|site| figures(&site.all)).collect();
    last.push(figures(&everybody));
    rows.push((words.t("column-all"), last));
    let names = sites.sites.iter().map(|site| site.name.get(desk.language).to_owned());
    Team {
        head: std::iter::once(words.t("role-evaluator"))
            .chain(names)
            .chain([words.t("column-all")])
            .collect(),
        rows,
        outcomes: Code::ALL
            .into_iter()
            .filter(|code| *code != Code::Withdrawn)
            .map(|code| {
                (
                    code.as_str().to_owned(),
                    outcome(questionnaire, code, desk),
                    everybody.count(code),
                )
            })
            .filter(|(_, _, n)| *n > 0)
            .collect(),
    }
}
