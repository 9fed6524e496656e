//! Back-checks: seed, draw, the interviews drawn with what came of them, and the form of one.

use super::{Outlets, address, name, outlet, rating};
use crate::survey::back_check::{Counts, Extent, Outcome, REMARK_MAX, SEED_MAX, Told, Way};
use crate::survey::id::{InterviewId, OutletId, PersonId};
use crate::survey::questionnaire::Questionnaire;
use crate::view::evaluation::extent;
use crate::view::grading::{Grid, Item, Names, Section, Sheet, Typed, page};
use crate::view::office::form::{Choice, Form};
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// A round: number, seed, since when (Unix ms), interviews drawn from.
pub type RoundLine = (i32, String, i64, usize);

/// What came of a back-check.
#[derive(Debug, Clone)]
pub struct ResultLine {
    /// What it says.
    pub outcome: Outcome,
    /// Interviewed, place, day.
    pub told: Vec<Told>,
    /// How far the repeated ratings are from the first ones, in steps of the scale.
    pub steps: [Option<i16>; 2],
    /// In words.
    pub remark: String,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// An interview in drawn order.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// Which.
    pub interview: InterviewId,
    /// Who interviewed.
    pub evaluator: PersonId,
    /// Where.
    pub outlet: OutletId,
    /// Start, Unix ms.
    pub started_at_ms: i64,
    /// Round and place in the drawn order.
    pub place: (i32, i32),
    /// Drawn; else in reserve.
    pub is_drawn: bool,
    /// What came of it.
    pub result: Option<ResultLine>,
}

/// What the page of back-checks shows.
#[derive(Debug)]
pub struct BackChecksPage<'a> {
    /// Rounds, oldest first.
    pub rounds: &'a [RoundLine],
    /// Interviews, by evaluator and drawn order.
    pub cases: &'a [CaseLine],
    /// All evaluators together.
    pub counts: Counts,
    /// How many are drawn, by the plan.
    pub extent: Extent,
    /// Names of people.
    pub names: &'a Names,
    /// Names of outlets.
    pub outlets: &'a Outlets,
    /// The viewer sets seeds and draws.
    pub may_draw: bool,
    /// The viewer sees what came of them, compared with the interview.
    pub oversees: bool,
    /// Back-checks are recorded now.
    pub is_time: bool,
}

/// The page of back-checks.
///
/// # Errors
/// What the template engine reports.
pub fn back_checks(desk: &Desk, about: &BackChecksPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let counts = about.counts;
    let mut sections = vec![Section {
        id: "counts".into(),
        heading: words.t("supervise-back-counts"),
        facts: vec![
            (words.t("supervise-drawn"), counts.drawn.to_string()),
            (words.t("supervise-confirmed"), counts.confirmed.to_string()),
            (words.t("supervise-contradicted"), counts.contradicted.to_string()),
            (words.t("supervise-unreachable"), counts.unreachable.to_string()),
        ],
        ..Section::default()
    }];
    if about.may_draw && about.is_time {
        sections.push(next(desk, about, typed));
    }
    sections.push(cases(desk, about));
    if about.oversees {
        sections.push(rounds(words, about.rounds));
    }
    let sheet = Sheet {
        heading: words.t("supervise-back-checks"),
        lead: words.tn("supervise-back-lead", &[("extent", extent(words, about.extent).into())]),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

/// First the seed, then the draw.
fn next(desk: &Desk, about: &BackChecksPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    match about.rounds.last().filter(|round| round.3 == 0) {
        None => Section {
            id: "seeding".into(),
            heading: words.t("supervise-seed"),
            notes: vec![words.t("supervise-seed-text")],
            form: Some(
                typed
                    .builder(desk, "seed", address(desk, "back-checks/seed"))
                    .text("seed", words.t("supervise-seed-label"), SEED_MAX)
                    .optional()
                    .hint(words.t("supervise-seed-hint"))
                    .submit(words.t("supervise-seed-button")),
            ),
            ..Section::default()
        },
        Some((_, seed, at_ms, _)) => Section {
            id: "drawing".into(),
            heading: words.t("supervise-draw"),
            notes: vec![
                words.t("supervise-draw-text"),
                words.tn(
                    "supervise-draw-seed",
                    &[("seed", seed.as_str().into()), ("at", moment(*at_ms).into())],
                ),
            ],
            form: Some(
                typed
                    .builder(desk, "draw", address(desk, "back-checks/draw"))
                    .submit(words.t("supervise-draw-button")),
            ),
            ..Section::default()
        },
    }
}

fn cases(desk: &Desk, about: &BackChecksPage<'_>) -> Section {
    let words = desk.words();
    let me = desk.viewer.as_ref().map(|viewer| viewer.person);
    let row = |case: &CaseLine| {
        let own = me == Some(case.evaluator);
        let start = Item::plain(moment(case.started_at_ms));
        let place = match case.is_drawn {
            true => words.t("supervise-drawn-case"),
            false => words.t("supervise-reserve"),
        };
        let outcome = match &case.result {
            None if own => words.t("supervise-own-case"),
            None => words.t("supervise-open-case"),
            Some(_) if !about.oversees => words.t("supervise-done-case"),
            Some(result) => self::outcome(words, result.outcome),
        };
        let mut row = vec![
            match own || !about.is_time {
                true => start,
                false => start.link(address(desk, &format!("back-checks/{}", case.interview))),
            },
            Item::plain(name(about.names, case.evaluator)),
            Item::plain(outlet(about.outlets, desk, case.outlet)),
            Item::plain(place).small(format!("{}-{}", case.place.0, case.place.1)),
            Item::plain(outcome),
        ];
        if about.oversees {
            let compared = case.result.as_ref().map(|result| compared(words, result));
            row.push(
                Item::plain(compared.unwrap_or_else(|| "—".to_owned())).small(
                    case.result
                        .as_ref()
                        .map(|result| result.remark.clone())
                        .unwrap_or_default(),
                ),
            );
            let by = case.result.as_ref();
            row.push(match by {
                Some(result) => Item::plain(name(about.names, result.by)).small(moment(result.at_ms)),
                None => Item::plain("—"),
            });
        }
        row
    };
    let mut head = vec![
        words.t("supervise-start"),
        words.t("role-evaluator"),
        words.t("assign-outlet"),
        words.t("supervise-place"),
        words.t("supervise-outcome"),
    ];
    if about.oversees {
        head.extend([words.t("supervise-compared"), words.t("supervise-checked-by")]);
    }
    Section {
        id: "cases".into(),
        heading: words.t("supervise-cases"),
        notes: vec![words.t("supervise-cases-text")],
        grid: Some(Grid {
            head,
            rows: wanted(about.cases).map(row).collect(),
        }),
        ..Section::default()
    }
}

/// What was drawn and what was checked, and of every evaluator and round as many reserves as nobody could be reached.
fn wanted(cases: &[CaseLine]) -> impl Iterator<Item = &CaseLine> {
    let is_unreachable = |case: &CaseLine| {
        let result = case.result.as_ref();
        result.is_some_and(|result| result.outcome == Outcome::Unreachable)
    };
    cases.iter().filter(move |case| {
        let same = |other: &&CaseLine| other.evaluator == case.evaluator && other.place.0 == case.place.0;
        let missed = cases.iter().filter(same).filter(|other| is_unreachable(other)).count();
        let before = cases
            .iter()
            .filter(same)
            .filter(|other| !other.is_drawn && other.place.1 < case.place.1)
            .count();
        case.is_drawn || case.result.is_some() || before < missed
    })
}

fn outcome(words: Words, outcome: Outcome) -> String {
    match outcome {
        Outcome::Unreachable => words.t("supervise-unreachable"),
        Outcome::Confirmed => words.t("supervise-confirmed"),
        Outcome::Contradicted => format!("⚑ {}", words.t("supervise-contradicted")),
    }
}

fn told(words: Words, told: Told) -> String {
    match told {
        Told::Yes => words.t("supervise-told-yes"),
        Told::No => words.t("supervise-told-no"),
        Told::Unsure => words.t("supervise-told-unsure"),
    }
}

/// The interview and the back-check beside each other: never the ratings, only how far they are apart.
fn compared(words: Words, result: &ResultLine) -> String {
    let names = [
        words.t("supervise-was-interviewed"),
        words.t("supervise-at-place"),
        words.t("supervise-on-day"),
    ];
    let mut parts: Vec<String> = names
        .iter()
        .zip(&result.told)
        .map(|(name, said)| format!("{name} {}", told(words, *said)))
        .collect();
    if result.outcome != Outcome::Unreachable {
        let step = |step: Option<i16>| step.map_or_else(|| "—".to_owned(), |step| format!("{step:+}"));
        let [overall, reply] = result.steps;
        let values = [("overall", step(overall).into()), ("reply", step(reply).into())];
        parts.push(words.tn("supervise-steps", &values));
    }
    parts.join(&words.t("list-separator"))
}

fn rounds(words: Words, rounds: &[RoundLine]) -> Section {
    let row = |(number, seed, at_ms, interviews): &RoundLine| {
        vec![
            Item::plain(number.to_string()),
            Item::plain(seed),
            Item::plain(moment(*at_ms)),
            Item::plain(interviews.to_string()),
        ]
    };
    Section {
        id: "rounds".into(),
        heading: words.t("supervise-rounds"),
        notes: vec![words.t("supervise-rounds-text")],
        grid: Some(Grid {
            head: vec![
                words.t("supervise-round"),
                words.t("supervise-seed-label"),
                words.t("supervise-since"),
                words.t("supervise-from"),
            ],
            rows: rounds.iter().map(row).collect(),
        }),
        ..Section::default()
    }
}

/// The form of one back-check; `item` is the rating that is asked again.
///
/// # Errors
/// What the template engine reports.
pub fn back_check(
    desk: &Desk,
    questionnaire: &Questionnaire,
    case: &CaseLine,
    (names, outlets): (&Names, &Outlets),
    item: &str,
    typed: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let sheet = Sheet {
        heading: words.t("supervise-check"),
        lead: words.t("supervise-check-lead"),
        sections: vec![
            Section {
                id: "about".into(),
                heading: words.t("supervise-about"),
                facts: vec![
                    (words.t("role-evaluator"), name(names, case.evaluator)),
                    (words.t("assign-outlet"), outlet(outlets, desk, case.outlet)),
                    (words.t("supervise-start"), moment(case.started_at_ms)),
                ],
                ..Section::default()
            },
            Section {
                id: "check".into(),
                heading: words.t("supervise-check-form"),
                form: Some(form(desk, questionnaire, case, item, typed)),
                ..Section::default()
            },
        ],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn form(desk: &Desk, questionnaire: &Questionnaire, case: &CaseLine, item: &str, typed: &Typed) -> Form {
    let (words, language) = (desk.words(), desk.language);
    let way = |way: Way| match way {
        Way::Receipt => words.t("supervise-way-receipt"),
        Way::Phone => words.t("supervise-way-phone"),
        Way::Accompanied => words.t("supervise-way-accompanied"),
    };
    let ways = Way::ALL.map(|one| Choice::new(one.as_str(), way(one))).to_vec();
    let tolds = || {
        Told::ALL
            .map(|one| Choice::new(one.as_str(), told(words, one)))
            .to_vec()
    };
    let codes = || {
        let codes = (1..=questionnaire.scale().max()).rev();
        let codes = codes.map(|code| Choice::new(code.to_string(), rating(words, questionnaire, Some(code))));
        std::iter::once(Choice::new("", words.t("supervise-told-unsure")))
            .chain(codes)
            .collect::<Vec<_>>()
    };
    let reached = [("yes", words.t("supervise-yes")), ("no", words.t("supervise-no"))];
    let mut builder = typed
        .builder(desk, "check", address(desk, &format!("back-checks/{}", case.interview)))
        .radios("way", words.t("supervise-way"), ways)
        .radios(
            "reached",
            words.t("supervise-reached"),
            reached.map(|(value, text)| Choice::new(value, text)).to_vec(),
        )
        .hint(words.t("supervise-reached-hint"))
        .radios("interviewed", words.t("supervise-ask-interviewed"), tolds())
        .radios("place", words.t("supervise-ask-place"), tolds())
        .radios("day", words.t("supervise-ask-day"), tolds())
        .select(
            "overall",
            questionnaire.overall().text.get(language).to_owned(),
            codes(),
        )
        .optional();
    if let Some(item) = questionnaire.items().iter().find(|known| known.id == item) {
        builder = builder
            .select("reply", item.text.get(language).to_owned(), codes())
            .optional();
    }
    builder
        .text("remark", words.t("supervise-remark"), REMARK_MAX)
        .optional()
        .hint(words.t("supervise-remark-hint"))
        .submit(words.t("supervise-check-button"))
}
