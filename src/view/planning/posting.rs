//! Plates and slips in the field.

use chrono::NaiveDateTime;

use crate::survey::posting::{Deed, Item, Offer, PHOTO_MAX, Posted, SPOT_MAX, standing};
use crate::view::grading::{Grid, Item as Cell, Names, Section, Sheet, Typed, address, page};
use crate::view::office::form::{Choice, Form};
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// What the page shows.
#[derive(Debug)]
pub struct PostingsPage<'a> {
    /// Plates and slips with scans and answers as far as they are counted.
    pub offers: &'a [(Option<(i64, i64)>, Offer)],
    /// Every record, oldest first.
    pub rows: &'a [Posted],
    /// Names of people.
    pub names: &'a Names,
    /// Whether the viewer may note something.
    pub may_note: bool,
    /// Whether the viewer sees how many came.
    pub sees_visits: bool,
    /// The time in China.
    pub now: NaiveDateTime,
}

/// The page; with what was typed where that must be corrected.
///
/// # Errors
/// What the template engine reports.
pub fn postings(desk: &Desk, shown: &PostingsPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = Vec::new();
    if shown.may_note && !shown.offers.is_empty() {
        let now = [
            ("day", shown.now.date().to_string()),
            ("time", shown.now.format("%H:%M").to_string()),
        ];
        let now = now.map(|(name, value)| (name.to_owned(), value));
        let fresh = Typed::filled("note", now.into());
        let typed = if typed.errors.is_empty() { &fresh } else { typed };
        sections.push(Section {
            id: "note".into(),
            heading: words.t("planning-note"),
            form: Some(note(desk, shown, typed)),
            ..Section::default()
        });
    }
    sections.push(items(desk, shown));
    sections.push(records(desk, shown));
    let sheet = Sheet {
        heading: words.t("planning-postings"),
        lead: words.t("planning-postings-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn name(desk: &Desk, offer: &Offer) -> String {
    let outlet = offer.name.get(desk.language);
    match offer.item {
        Item::Plate(_) => {
            let version = desk.words().tn("plate-version", &[("n", offer.mark.into())]);
            format!("{outlet} · {version}")
        }
        Item::Slips(_) => {
            let made = desk.words().tn("planning-slips", &[("at", moment(offer.mark).into())]);
            format!("{outlet} · {made}")
        }
    }
}

fn note(desk: &Desk, shown: &PostingsPage<'_>, typed: &Typed) -> Form {
    let words = desk.words();
    let standing = standing(shown.rows);
    let hangs = |offer: &Offer| standing.get(&offer.item).is_some_and(|row| row.deed == Deed::Posted);
    let usable = shown.offers.iter().filter(|(_, offer)| !offer.is_over || hangs(offer));
    let items = usable.map(|(_, offer)| Choice::new(offer.item.to_string(), name(desk, offer)));
    let none = Choice::new("", words.t("planning-choose"));
    let deeds = Deed::ALL.map(|deed| Choice::new(deed.as_str(), deed_name(words, deed)));
    typed
        .builder(desk, "note", address(desk, "postings"))
        .radios("deed", words.t("planning-deed"), deeds.into())
        .select(
            "item",
            words.t("planning-item"),
            std::iter::once(none).chain(items).collect(),
        )
        .text("scanned", words.t("planning-scanned"), 500)
        .hint(words.t("planning-scanned-hint"))
        .optional()
        .day("day", words.t("planning-day"))
        .text("time", words.t("planning-time"), 10)
        .shaped(false, 8)
        .text("spot", words.t("planning-spot"), SPOT_MAX)
        .hint(words.t("planning-spot-hint"))
        .text("photo", words.t("planning-photo"), PHOTO_MAX)
        .hint(words.t("planning-photo-hint"))
        .submit(words.t("planning-note-send"))
}

pub(in crate::view) fn deed_name(words: Words, deed: Deed) -> String {
    match deed {
        Deed::Posted => words.t("planning-posted"),
        Deed::Removed => words.t("planning-removed"),
    }
}

fn items(desk: &Desk, shown: &PostingsPage<'_>) -> Section {
    let words = desk.words();
    let standing = standing(shown.rows);
    let row = |(came, offer): &(Option<(i64, i64)>, Offer)| {
        let now = match standing.get(&offer.item) {
            Some(row) if row.deed == Deed::Posted => Cell::plain(words.t("planning-hangs")).small(row.spot.clone()),
            Some(_) => Cell::plain(words.t("planning-removed")),
            None => Cell::plain(words.t("planning-never")).quiet(),
        };
        let mut row = vec![Cell::plain(name(desk, offer)), now];
        if shown.sees_visits {
            // Of slips nothing is counted apart from all others: they are ballots.
            let counts = match came {
                Some((opened, completed)) => [opened.to_string(), completed.to_string()],
                None if matches!(offer.item, Item::Plate(_)) => ["0".to_owned(), "0".to_owned()],
                None => ["–".to_owned(), "–".to_owned()],
            };
            row.extend(counts.map(Cell::plain));
        }
        row
    };
    let mut head = vec![words.t("planning-item"), words.t("planning-now")];
    if shown.sees_visits {
        head.extend([words.t("planning-opened"), words.t("planning-completed")]);
    }
    let funnel = (address(desk, "funnel"), words.t("planning-funnel"));
    Section {
        id: "items".into(),
        heading: words.t("planning-items"),
        grid: Some(Grid {
            head,
            rows: shown.offers.iter().map(row).collect(),
        }),
        ways: shown.sees_visits.then_some(funnel).into_iter().collect(),
        ..Section::default()
    }
}

fn records(desk: &Desk, shown: &PostingsPage<'_>) -> Section {
    let words = desk.words();
    let row = |row: &Posted| {
        let offer = shown.offers.iter().find(|(_, offer)| offer.item == row.item);
        let deed = Cell::plain(deed_name(words, row.deed));
        vec![
            Cell::plain(moment(row.done_at_ms)),
            Cell::plain(offer.map_or_else(|| row.item.to_string(), |(_, offer)| name(desk, offer))),
            match row.is_scanned {
                true => deed.small(words.t("planning-was-scanned")),
                false => deed,
            },
            Cell::plain(row.spot.clone()),
            Cell::plain(row.photo.clone()),
            Cell::plain(shown.names.get(&row.evaluator).cloned().unwrap_or_default()),
        ]
    };
    Section {
        id: "records".into(),
        heading: words.t("planning-records"),
        grid: Some(Grid {
            head: vec![
                words.t("planning-when"),
                words.t("planning-item"),
                words.t("planning-deed"),
                words.t("planning-spot"),
                words.t("planning-photo"),
                words.t("role-evaluator"),
            ],
            rows: shown.rows.iter().rev().map(row).collect(),
        }),
        ..Section::default()
    }
}
