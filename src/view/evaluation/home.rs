//! The first page after signing in: one's evaluations by state, how far they are, what waits.

use askama::Template;

use super::{Bar, base};
use crate::access::{Role, RoleSet};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::survey::progress::Progress;
use crate::view::office::{Desk, Frame, role_names, state_name};
use crate::view::words::Words;

/// Who reads the register of certificates.
const REGISTER: &[Role] = &[
    Role::Administrator,
    Role::Manager,
    Role::Reviewer,
    Role::Signatory,
    Role::Auditor,
];

/// An evaluation of the person who is signed in.
#[derive(Debug, Clone)]
pub struct HomePlace {
    /// Its id.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Title of the wave.
    pub title: Text,
    /// State.
    pub state: EvaluationState,
    /// What the person is there.
    pub roles: RoleSet,
    /// How far it has come, once customers answer.
    pub progress: Option<Progress>,
}

struct Card<'a> {
    href: Option<String>,
    firm: &'a str,
    title: &'a str,
    state: String,
    roles: String,
    bars: Vec<Bar>,
    waits: Option<String>,
    way: Option<(String, String)>,
}

struct Group<'a> {
    heading: String,
    cards: Vec<Card<'a>>,
}

#[derive(Template)]
#[template(path = "office/evaluation/home.html")]
struct Page<'a> {
    frame: Frame,
    greeting: String,
    may_create: bool,
    may_administrate: bool,
    may_register: bool,
    groups: Vec<Group<'a>>,
    empty: Option<String>,
}

/// The first page of somebody who is signed in.
///
/// # Errors
/// What the template engine reports.
pub fn home(desk: &Desk, places: &[HomePlace]) -> Result<String, askama::Error> {
    let words = desk.words();
    let roles = desk.viewer.as_ref().map(|viewer| viewer.roles).unwrap_or_default();
    let name = desk.viewer.as_ref().map_or("", |viewer| viewer.name.as_str());
    let may_create = roles.has(Role::Manager);
    let page = Page {
        frame: Frame::at(desk, &words.t("home-heading")),
        greeting: words.tn("home-greeting", &[("name", name.into())]),
        may_create,
        may_administrate: roles.has(Role::Administrator),
        may_register: roles.has_any(REGISTER),
        groups: groups(words, places),
        empty: places.is_empty().then(|| match may_create {
            true => words.t("home-empty-manager"),
            false => words.t("home-empty"),
        }),
    };
    page.render()
}

fn groups(words: Words, places: &[HomePlace]) -> Vec<Group<'_>> {
    use EvaluationState::{Closed, Draft, Frozen, Open, Released, Sealed};
    let groups: [(String, &[EvaluationState]); 4] = [
        (words.t("home-open"), &[Open]),
        (words.t("home-before"), &[Draft, Frozen]),
        (words.t("home-after"), &[Closed, Sealed]),
        (words.t("home-released"), &[Released]),
    ];
    let group = |(heading, states): (String, &[EvaluationState])| Group {
        heading,
        cards: places
            .iter()
            .filter(|place| states.contains(&place.state))
            .map(|place| card(words, place))
            .collect(),
    };
    groups
        .into_iter()
        .map(group)
        .filter(|group| !group.cards.is_empty())
        .collect()
}

fn card(words: Words, place: &HomePlace) -> Card<'_> {
    let (language, base) = (words.language(), base(place.evaluation));
    let in_field = place.roles.has(Role::Evaluator) && place.state == EvaluationState::Open;
    // The organisation has one page, and that only once the report is out.
    let href = match place.roles.has_any(&Role::TEAM) {
        true => Some(base.clone()),
        false => (place.state == EvaluationState::Released).then(|| format!("{base}/results")),
    };
    let bars = place.progress.as_ref().map(|progress| {
        vec![
            Bar::of(words, words.t("column-face"), progress.face()),
            Bar::of(words, words.t("column-electronic"), progress.electronic()),
        ]
    });
    Card {
        href,
        firm: place.firm.get(language),
        title: place.title.get(language),
        state: state_name(words, place.state),
        roles: role_names(words, place.roles),
        bars: bars.unwrap_or_default(),
        waits: waits(words, place),
        way: in_field.then(|| (format!("{base}/interviews"), words.t("home-interviews"))),
    }
}

/// What waits for this person there.
fn waits(words: Words, place: &HomePlace) -> Option<String> {
    let missing = |done: Option<u64>| done.unwrap_or_default();
    let face = missing(place.progress.as_ref().map(|progress| progress.face().missing()));
    match place.state {
        EvaluationState::Draft if place.roles.has(Role::Manager) => Some(words.t("waits-freeze")),
        EvaluationState::Frozen if place.roles.has(Role::Manager) => Some(words.t("waits-open")),
        EvaluationState::Open if place.roles.has(Role::Evaluator) && face > 0 => {
            Some(words.tn("waits-interviews", &[("n", face.into())]))
        }
        EvaluationState::Closed if place.roles.has(Role::Reviewer) => Some(words.t("waits-review")),
        _ => None,
    }
}
