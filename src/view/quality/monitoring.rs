//! Fieldwork as it is watched: alarms, quotas, arrivals, funnel, outlets' own networks. Counts, never a score, unless the
//! viewer may see scores.

use core::net::IpAddr;
use std::collections::BTreeMap;

use super::super::grading::{Bar, Chart, Grid, Item, Section, Sheet, Typed, address, is_any, page};
use super::super::office::Desk;
use super::super::office::form::Choice;
use super::{names, quotas};
use crate::access::Role;
use crate::survey::EvidenceClass;
use crate::survey::alarm::{Alarm, Kind};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::OutletId;
use crate::survey::invitation::Funnel;
use crate::survey::language::Text;
use crate::survey::progress::Done;
use crate::view::words::Words;

/// Characters of an address.
const ADDRESS_MAX: usize = 45;
/// Height of the curve.
const CURVE_PX: u64 = 140;
/// Days drawn; the table has all.
const DAYS_MAX: usize = 62;

/// One outlet.
#[derive(Debug, Clone)]
pub struct OutletShown {
    /// Which.
    pub id: OutletId,
    /// Its name.
    pub name: Text,
    /// In person.
    pub face: Done,
    /// Electronic.
    pub electronic: Done,
    /// Of these, by invitation.
    pub invited: u64,
    /// First pages shown, forms begun, forms sent in.
    pub funnel: (i64, i64, i64),
}

/// What the page shows.
#[derive(Debug)]
pub struct MonitoringPage<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// Alarms.
    pub alarms: &'a [Alarm],
    /// Outlets.
    pub outlets: &'a [OutletShown],
    /// Answers by day (its beginning in China, Unix ms) and class; nothing where there are too many to look through.
    pub arrivals: Option<&'a BTreeMap<(i64, EvidenceClass), u64>>,
    /// What became of invitations.
    pub mail: Option<&'a Funnel>,
    /// Outlets' own networks.
    pub networks: &'a [(OutletId, IpAddr)],
}

/// The page.
///
/// # Errors
/// What the template engine reports.
pub fn monitoring(desk: &Desk, about: &MonitoringPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = vec![alarms(desk, about), quotas::section(desk, about.outlets)];
    sections.extend(about.arrivals.map(|arrivals| curve(words, arrivals)));
    sections.push(funnel(desk, about));
    sections.extend(about.mail.map(|funnel| mail(desk, funnel)));
    sections.push(networks(desk, about, typed));
    let sheet = Sheet {
        heading: words.t("monitoring-heading"),
        lead: words.t("monitoring-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn name_of(desk: &Desk, about: &MonitoringPage<'_>, id: OutletId) -> String {
    let known = about.outlets.iter().find(|outlet| outlet.id == id);
    known.map_or_else(String::new, |outlet| outlet.name.get(desk.language).to_owned())
}

fn alarms(desk: &Desk, about: &MonitoringPage<'_>) -> Section {
    let words = desk.words();
    let rows = about.alarms.iter().map(|alarm| {
        let (what, value, bound, to) = told(words, alarm);
        let to = match to.is_empty() {
            true => address(desk, &format!("quality?outlet={}#list", alarm.outlet)),
            false => address(desk, &format!("quality?{to}&outlet={}#list", alarm.outlet)),
        };
        vec![
            Item::plain(what).link(to),
            Item::plain(name_of(desk, about, alarm.outlet)),
            Item::plain(value),
            Item::plain(bound),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let notes = match rows.is_empty() {
        true => vec![words.t("monitoring-calm")],
        false => vec![words.t("monitoring-alarms-note")],
    };
    let grid = (!rows.is_empty()).then(|| Grid {
        head: vec![
            words.t("monitoring-alarm"),
            words.t("head-outlet"),
            words.t("quality-value"),
            words.t("quality-bound"),
        ],
        rows,
    });
    Section {
        id: "alarms".into(),
        heading: words.t("monitoring-alarms"),
        notes,
        grid,
        ..Section::default()
    }
}

/// What an alarm says, its value and bound, and what the list of flagged responses is narrowed to.
fn told(words: Words, alarm: &Alarm) -> (String, String, String, String) {
    let share = |what: String, to: String| (what, names::percent(alarm.value), names::percent(alarm.threshold), to);
    let plain = |what: String, unit: &str| {
        let text = |value| format!("{}{unit}", names::figure(value));
        (what, text(alarm.value), text(alarm.threshold), String::new())
    };
    match alarm.kind {
        Kind::Volume => share(words.t("alarm-volume"), String::new()),
        Kind::Finishing => share(words.t("alarm-finishing"), String::new()),
        Kind::Outlier => plain(words.t("alarm-outlier"), "×"),
        Kind::Surplus => plain(words.t("alarm-surplus"), "×"),
        Kind::Gap => plain(words.t("alarm-gap"), ""),
        Kind::Share(rule) => {
            // The unit in its name is that of a single answer's figure.
            let name = names::rule(words, rule);
            let name = name.split(['(', '（']).next().unwrap_or_default().trim();
            let values = [("rule", name.into())];
            share(words.tn("alarm-share", &values), format!("rule={}", rule.as_str()))
        }
    }
}

/// Month and day in China of a day's beginning.
fn day(at_ms: i64) -> String {
    super::super::office::moment(at_ms)
        .get(..10)
        .unwrap_or_default()
        .to_owned()
}

fn curve(words: Words, arrivals: &BTreeMap<(i64, EvidenceClass), u64>) -> Section {
    let mut days: BTreeMap<i64, [u64; 3]> = BTreeMap::new();
    for ((at_ms, class), n) in arrivals {
        let place = EvidenceClass::ALL.iter().position(|known| known == class).unwrap_or(0);
        if let Some(count) = days.entry(*at_ms).or_default().get_mut(place) {
            *count += n;
        }
    }
    let rows = days.iter().map(|(at_ms, counts)| {
        let all: u64 = counts.iter().sum();
        let cells = counts.iter().chain([&all]).map(|n| Item::plain(n.to_string()));
        std::iter::once(Item::plain(day(*at_ms))).chain(cells).collect()
    });
    let classes = EvidenceClass::ALL.map(|class| names::class(words, class));
    let head = std::iter::once(words.t("monitoring-day"))
        .chain(classes.clone())
        .chain([words.t("column-all")]);
    let chart = drawn(words, &days, classes);
    Section {
        id: "arrivals".into(),
        heading: words.t("monitoring-arrivals"),
        chart,
        grid: Some(Grid {
            head: head.collect(),
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn drawn(words: Words, days: &BTreeMap<i64, [u64; 3]>, classes: [String; 3]) -> Option<Chart> {
    const DAY_MS: i64 = 24 * 3_600_000;
    let last = *days.keys().next_back()?;
    let earliest = last - i64::try_from(DAYS_MAX - 1).unwrap_or(0) * DAY_MS;
    let first = (*days.keys().next()?).max(earliest);
    let count = (last - first) / DAY_MS + 1;
    let most = days
        .range(first..)
        .map(|(_, counts)| counts.iter().sum::<u64>())
        .max()?
        .max(1);
    let step = 100.0 / count as f64;
    let mut bars = Vec::new();
    for (at_ms, counts) in days.range(first..) {
        let place = (at_ms - first) / DAY_MS;
        let mut foot = CURVE_PX as f64;
        for (kind, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let height = *n as f64 * CURVE_PX as f64 / most as f64;
            foot -= height;
            bars.push(Bar {
                kind,
                x: format!("{:.2}%", step * (place as f64 + 0.1)),
                y: format!("{foot:.1}"),
                width: format!("{:.2}%", step * 0.8),
                height: format!("{height:.1}"),
            });
        }
    }
    let values = [
        ("from", day(first).into()),
        ("to", day(last).into()),
        ("most", most.into()),
    ];
    Some(Chart {
        label: words.tn("monitoring-curve", &values),
        height: CURVE_PX,
        bars,
        key: classes.to_vec(),
    })
}

fn funnel(desk: &Desk, about: &MonitoringPage<'_>) -> Section {
    let words = desk.words();
    let rows = about.outlets.iter().map(|outlet| {
        let (opened, started, completed) = outlet.funnel;
        let share = match opened {
            0 => String::new(),
            n => names::percent(completed as f64 / n as f64),
        };
        vec![
            Item::plain(outlet.name.get(desk.language)),
            Item::plain(opened.to_string()),
            Item::plain(started.to_string()),
            Item::plain(completed.to_string()).small(share),
        ]
    });
    Section {
        id: "funnel".into(),
        heading: words.t("monitoring-funnel"),
        notes: vec![words.t("monitoring-funnel-note")],
        grid: Some(Grid {
            head: vec![
                words.t("head-outlet"),
                words.t("monitoring-opened"),
                words.t("monitoring-started"),
                words.t("monitoring-completed"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn mail(desk: &Desk, funnel: &Funnel) -> Section {
    let words = desk.words();
    let facts = [
        (words.t("monitoring-drawn"), funnel.drawn),
        (words.t("monitoring-waiting"), funnel.waiting + funnel.unwritten),
        (words.t("monitoring-reached"), funnel.reached),
        (words.t("monitoring-reminded"), funnel.reminded),
        (words.t("monitoring-answered"), funnel.answered),
        (words.t("monitoring-bounced"), funnel.bounced + funnel.failed),
        (words.t("monitoring-left"), funnel.unsubscribed + funnel.objected),
    ];
    Section {
        id: "invitations".into(),
        heading: words.t("monitoring-invitations"),
        facts: facts.map(|(name, n)| (name, n.to_string())).to_vec(),
        ways: vec![(address(desk, "mail"), words.t("rail-mail"))],
        ..Section::default()
    }
}

fn networks(desk: &Desk, about: &MonitoringPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let rows = about.networks.iter().map(|(outlet, known)| {
        vec![
            Item::plain(name_of(desk, about, *outlet)),
            Item::plain(known.to_string()),
        ]
    });
    let may = is_any(desk, &[Role::Manager]) && about.state <= EvaluationState::Open;
    let form = may.then(|| {
        let outlets = about
            .outlets
            .iter()
            .map(|outlet| Choice::new(outlet.id.to_string(), outlet.name.get(desk.language)));
        typed
            .builder(desk, "network", address(desk, "monitoring/networks"))
            .select("outlet", words.t("head-outlet"), outlets.collect())
            .text("address", words.t("monitoring-address"), ADDRESS_MAX)
            .hint(words.t("monitoring-address-hint"))
            .submit(words.t("monitoring-add-network"))
    });
    let rows: Vec<_> = rows.collect();
    Section {
        id: "networks".into(),
        heading: words.t("monitoring-networks"),
        notes: vec![words.t("monitoring-networks-note")],
        grid: (!rows.is_empty()).then(|| Grid {
            head: vec![words.t("head-outlet"), words.t("monitoring-address")],
            rows,
        }),
        form,
        ..Section::default()
    }
}
