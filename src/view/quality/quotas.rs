//! Quotas by outlet and channel: target, done, open, surplus.

use super::super::grading::{Grid, Item, Section};
use super::super::office::Desk;
use super::monitoring::OutletShown;
use crate::survey::progress::Done;
use crate::view::words::Words;

pub(super) fn section(desk: &Desk, outlets: &[OutletShown]) -> Section {
    let words = desk.words();
    let mut rows = Vec::new();
    let (mut face, mut electronic) = (Quota::default(), Quota::default());
    for outlet in outlets {
        let name = outlet.name.get(desk.language);
        let (here, from_here) = (
            Quota::of(outlet.face, None),
            Quota::of(outlet.electronic, Some(outlet.invited)),
        );
        rows.push(here.row(words, name, words.t("column-face")));
        rows.push(from_here.row(words, name, words.t("column-electronic")));
        (face, electronic) = (face.plus(here), electronic.plus(from_here));
    }
    if outlets.len() > 1 {
        let name = words.t("monitoring-all-outlets");
        rows.push(face.row(words, &name, words.t("column-face")));
        rows.push(electronic.row(words, &name, words.t("column-electronic")));
    }
    Section {
        id: "quotas".into(),
        heading: words.t("monitoring-quotas"),
        notes: vec![words.t("monitoring-surplus-note")],
        grid: Some(Grid {
            head: vec![
                words.t("monitoring-outlet-channel"),
                words.t("monitoring-target"),
                words.t("monitoring-done"),
                words.t("monitoring-open"),
                words.t("monitoring-surplus"),
            ],
            rows,
        }),
        ..Section::default()
    }
}

/// One channel of an outlet, or of all: a surplus at one outlet does not stand in for another.
#[derive(Clone, Copy, Default)]
struct Quota {
    target: u64,
    counted: u64,
    /// Of the electronic ones, those that came by invitation.
    invited: Option<u64>,
    missing: u64,
    surplus: u64,
}

impl Quota {
    fn of(done: Done, invited: Option<u64>) -> Self {
        let surplus = match done.target {
            0 => 0,
            target => done.counted.saturating_sub(target),
        };
        Self {
            target: done.target,
            counted: done.counted,
            invited,
            missing: done.missing(),
            surplus,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            target: self.target + other.target,
            counted: self.counted + other.counted,
            invited: other.invited.map(|invited| invited + self.invited.unwrap_or(0)),
            missing: self.missing + other.missing,
            surplus: self.surplus + other.surplus,
        }
    }

    fn row(self, words: Words, name: &str, channel: String) -> Vec<Item> {
        let target = match self.target {
            0 => words.t("monitoring-no-target"),
            n => n.to_string(),
        };
        let ways = self.invited.filter(|_| self.counted > 0).map(|invited| {
            let open = self.counted.saturating_sub(invited);
            words.tn(
                "monitoring-by-way",
                &[("invited", invited.into()), ("open", open.into())],
            )
        });
        let surplus = match self.surplus {
            0 => Item::plain("").quiet(),
            n => Item::plain(words.tn("monitoring-surplus-of", &[("n", n.into())])),
        };
        vec![
            Item::plain(name).small(channel),
            Item::plain(target),
            Item::plain(self.counted.to_string()).small(ways.unwrap_or_default()),
            Item::plain(self.missing.to_string()),
            surplus,
        ]
    }
}
