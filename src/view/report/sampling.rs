//! How the sample came about, for parts 2 to 7: deviations, draws, the list of customers, plates, back-checks.

use super::{Block, Source, grid, quiet, row};
use crate::survey::back_check::Extent;
use crate::survey::deviation::{Deviation, Kind};
use crate::survey::dossier::CustomerList;
use crate::survey::id::OutletId;
use crate::survey::outlet_draw::LoggedDraw;
use crate::survey::posting::Posted;
use crate::view::evaluation::extent;
use crate::view::frame::out_name;
use crate::view::office::moment;
use crate::view::planning::{deed_name, deviation_about, deviation_values};
use crate::view::results::{Row, Shown};

impl Source<'_> {
    pub(super) fn outlet_name(&self, id: OutletId) -> &str {
        let known = self.report.outlets.iter().find(|known| known.id == id);
        known.map_or("–", |known| known.name.get(self.language()))
    }

    /// The name behind an id in a text.
    fn outlet_named(&self, id: &str) -> String {
        id.parse()
            .map_or_else(|_| id.to_owned(), |id| self.outlet_name(id).to_owned())
    }
}

/// What was done differently than planned, and what a reviewer said to it.
pub(super) fn deviations(source: &Source<'_>) -> Block {
    let words = source.words;
    let rows: Vec<Row> = source
        .dossier
        .sampling
        .deviations
        .iter()
        .map(|one| deviation(source, one))
        .collect();
    if rows.is_empty() {
        return Block::Facts(vec![(words.t("report-deviations"), words.t("report-none"))]);
    }
    let head = vec![
        words.t("planning-what"),
        words.t("planning-planned"),
        words.t("planning-done"),
        words.t("planning-reason"),
        words.t("planning-word"),
    ];
    grid("deviations", words.t("report-deviations"), head, rows)
}

fn deviation(source: &Source<'_>, one: &Deviation) -> Row {
    let words = source.words;
    let named = |id: &str| source.outlet_named(id);
    let (planned, done) = deviation_values(named, one);
    let about = deviation_about(words, named, one);
    let word = match &one.review {
        None => quiet(words.t("planning-waits")),
        Some(word) => Shown {
            text: match word.is_approved {
                true => words.t("planning-in-force"),
                false => words.t("planning-refused"),
            },
            small: Some(format!("{} · {}", word.reviewed_by, moment(word.at_ms))),
            quiet: false,
        },
    };
    let mut cells: Vec<Shown> = [planned, done, one.reason.clone()].map(Shown::plain).into();
    cells.push(word);
    let proposed = format!("{} · {}", one.proposed_by, moment(one.at_ms));
    Row {
        small: Some(proposed),
        ..row(about, cells)
    }
}

/// The seed by which customers were drawn.
pub(super) fn seed(source: &Source<'_>) -> String {
    let words = source.words;
    let list = source.dossier.sampling.list.as_ref();
    let Some(taken) = list.and_then(|list| list.taken.as_ref()) else {
        return source.unknown();
    };
    let from = match taken.seed_source.as_str() {
        "" => words.t("frame-seed-random"),
        public => public.to_owned(),
    };
    format!("{} · {from} · {}", taken.seed, moment(taken.fixed_at_ms))
}

/// The list of customers; `drawn` can be written to.
pub(super) fn list(source: &Source<'_>, drawn: Option<String>) -> Vec<(String, String)> {
    let words = source.words;
    let list = source.dossier.sampling.list.as_ref();
    let record = list.and_then(|list| list.record.as_ref());
    let gaps = record.map(|record| {
        let said = [record.complete.as_str(), record.gaps.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
        said.join(" · ")
    });
    let mut facts = vec![
        (
            words.t("report-frame-source"),
            source.or_unknown(record.map(|record| record.source.clone())),
        ),
        (
            words.t("report-frame-date"),
            source.or_unknown(record.map(|record| record.extracted_on.to_string())),
        ),
        (
            words.t("report-frame-received"),
            source.or_unknown(list.and_then(|list| received(source, list))),
        ),
        (words.t("report-frame-drawn"), source.or_unknown(drawn)),
        (words.t("report-frame-complete"), source.or_unknown(gaps)),
    ];
    if let Some(taken) = list.and_then(|list| list.taken.as_ref()) {
        facts.push((words.t("report-frame-hash"), format!("SHA-256 {}", taken.frame_sha256)));
    }
    facts
}

fn received(source: &Source<'_>, list: &CustomerList) -> Option<String> {
    let (words, summary) = (source.words, list.summary.as_ref()?);
    let out = summary.out.iter();
    let out = out.map(|(reason, n)| format!("{} {n}", out_name(words, *reason)));
    let wrong = (summary.errors > 0).then(|| words.tn("report-frame-wrong", &[("n", summary.errors.into())]));
    let left: Vec<String> = out.chain(wrong).collect();
    let values = [
        ("at", moment(list.uploaded_at_ms).into()),
        ("rows", summary.rows.into()),
        ("cases", summary.cases.into()),
    ];
    let mut said = vec![words.tn("report-frame-rows", &values)];
    said.extend((!left.is_empty()).then(|| left.join(&words.t("list-separator"))));
    Some(said.join(" · "))
}

/// The draw of outlets that the plan follows, and reserves visited in the place of others.
pub(super) fn outlets(source: &Source<'_>) -> Vec<(String, String)> {
    let (words, sampling) = (source.words, &source.dossier.sampling);
    let plan = source.dossier.plan.as_ref();
    let draws = sampling.outlet_draws.iter().rev();
    let followed = draws
        .into_iter()
        .find(|one| plan.is_some_and(|planned| one.draw.is_of(&planned.plan)));
    let instead: Vec<String> = sampling
        .deviations
        .iter()
        .filter(|one| one.kind == Kind::Outlet && one.is_in_force())
        .map(|one| {
            let (planned, done) = deviation_values(|id| source.outlet_named(id), one);
            format!("{planned} → {done}")
        })
        .collect();
    let used = match instead.is_empty() {
        true => words.t("report-none"),
        false => instead.join(&words.t("list-separator")),
    };
    vec![
        (
            words.t("report-outlets-seed"),
            source.or_unknown(followed.map(|one| outlet_draw(source, one))),
        ),
        (words.t("report-outlets-reserves"), used),
    ]
}

fn outlet_draw(source: &Source<'_>, one: &LoggedDraw) -> String {
    let (words, draw) = (source.words, &one.draw);
    let risk: Vec<String> = draw.by_risk.iter().map(|id| source.outlet_named(id)).collect();
    let mut said = vec![
        draw.seed.clone(),
        moment(one.at_ms),
        words.tn("report-outlets-random", &[("n", draw.at_random.into())]),
    ];
    if !risk.is_empty() {
        let risk = risk.join(&words.t("list-separator"));
        said.push(words.tn(
            "report-outlets-risk",
            &[("outlets", risk.into()), ("reason", draw.reason.clone().into())],
        ));
    }
    said.join(" · ")
}

/// Plates and slips put up and taken down, with the number of the photograph.
pub(super) fn plates(source: &Source<'_>) -> Block {
    let words = source.words;
    let posted = |one: &Posted| {
        let deed = Shown {
            small: one.is_scanned.then(|| words.t("planning-was-scanned")),
            ..Shown::plain(deed_name(words, one.deed))
        };
        row(
            source.outlet_name(one.outlet),
            [
                Shown::plain(moment(one.done_at_ms)),
                deed,
                Shown::plain(&one.spot),
                Shown::plain(&one.photo),
            ],
        )
    };
    let rows: Vec<Row> = source.dossier.sampling.postings.iter().map(posted).collect();
    if rows.is_empty() {
        return Block::Facts(vec![(words.t("report-plates"), source.unknown())]);
    }
    let head = vec![
        words.t("head-outlet"),
        words.t("planning-when"),
        words.t("planning-deed"),
        words.t("planning-spot"),
        words.t("planning-photo"),
    ];
    grid("plates", words.t("report-plates"), head, rows)
}

/// How many interviews were asked again, and what came of it.
pub(super) fn back_checks(source: &Source<'_>) -> String {
    let (words, counts) = (source.words, source.dossier.sampling.back_checks);
    if source.report.result.dispositions.face.is_suppressed() {
        return words.t("cell-withheld");
    }
    if counts.drawn == 0 {
        return source.unknown();
    }
    let values = [
        ("drawn", counts.drawn.into()),
        ("confirmed", counts.confirmed.into()),
        ("contradicted", counts.contradicted.into()),
        ("unreachable", counts.unreachable.into()),
    ];
    let scope = source.dossier.plan.as_ref().and_then(|planned| planned.plan.scope());
    let planned = scope.map_or_else(Extent::default, |scope| scope.back_checks);
    let done = words.tn("report-back-checks-text", &values);
    format!("{done} ({})", extent(words, planned))
}
