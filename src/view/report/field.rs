//! Parts 5 to 8: fieldwork in person, electronic answers, quality, who answered.

use super::{Block, Part, Source, grid, part, quiet, row, sampling, tenth};
use crate::statistics::class::{Column, EvidenceClass};
use crate::statistics::exact;
use crate::statistics::flag::Rule;
use crate::statistics::outcome::OutcomeCounts;
use crate::statistics::suppress::Cell;
use crate::survey::disposition::Code;
use crate::survey::fieldwork::Sum;
use crate::survey::id::OutletId;
use crate::view::office::moment;
use crate::view::quality::{reason_name, rule_name};
use crate::view::results::{Row, Shown, tables};

pub(super) fn parts(source: &Source<'_>) -> Vec<Part> {
    vec![in_person(source), electronic(source), quality(source), profile(source)]
}

impl Source<'_> {
    /// Whether the answers of an outlet in this column are counted in public.
    fn tells(&self, outlet: OutletId, column: Column) -> bool {
        let place = self.report.outlets.iter().position(|known| known.id == outlet);
        let found = self.report.result.outlets.iter().find(|row| Some(row.outlet) == place);
        found.is_none_or(|row| !row.counted.get(column).is_suppressed())
    }

    /// Answers that their customers withdrew, by way in, as far as the contacts of a way in are public.
    pub(super) fn withdrawn(&self) -> String {
        let told = EvidenceClass::ALL.map(|class| {
            let n = Shown::of(self.words, self.report.result.dispositions.get(class), |codes| {
                codes.get(Code::Withdrawn.as_str()).copied().unwrap_or(0).to_string()
            });
            format!("{} {}", tables::column_name(self.words, class.into()), n.text)
        });
        told.join(" · ")
    }

    fn withheld(&self) -> Shown {
        quiet(self.words.t("cell-withheld"))
    }
}

fn in_person(source: &Source<'_>) -> Part {
    let (words, table) = (source.words, &source.dossier.fieldwork);
    let mut blocks = Vec::new();
    let open = !source.report.result.dispositions.face.is_suppressed();
    if open {
        blocks.push(Block::Facts(vec![
            (
                words.t("report-approached"),
                table.all.contacts.approached().to_string(),
            ),
            (words.t("report-duration"), source.or_unknown(minutes(&table.all))),
            (words.t("report-staff-present"), table.all.staff_present.to_string()),
            (words.t("report-on-paper"), table.all.on_paper.to_string()),
        ]));
    }
    let head = vec![
        words.t("report-evaluator"),
        words.t("head-outlet"),
        words.t("report-days"),
        words.t("report-hours"),
        words.t("report-approached"),
        words.t("report-interviews"),
        words.t("report-refused"),
        words.t("report-duration"),
        words.t("report-staff-present"),
    ];
    blocks.push(grid(
        "evaluators",
        words.t("report-fieldwork"),
        head,
        evaluators(source),
    ));
    if open {
        blocks.extend(refusals(source));
    }
    blocks.push(Block::Table(tables::dispositions(words, source.report)));
    blocks.push(rates(source));
    part(5, words.t("report-part-5"), blocks)
}

fn minutes(sum: &Sum) -> Option<String> {
    sum.median_duration_s().map(|s| format!("{}:{:02}", s / 60, s % 60))
}

/// Evaluators × outlets, as far as their numbers tell nothing that the result withholds: an evaluator's few interviews at an
/// outlet would split a published number into withheld ones.
fn evaluators(source: &Source<'_>) -> Vec<Row> {
    use crate::survey::disposition::Code;
    let table = &source.dossier.fieldwork;
    let below = i64::try_from(source.report.result.rule.suppress_below).unwrap_or(i64::MAX);
    let small = |outlet: OutletId| {
        let mut sums = table
            .rows
            .iter()
            .filter(|((_, at), _)| *at == outlet)
            .map(|(_, sum)| sum.contacts.done());
        let several = table.rows.keys().filter(|(_, at)| *at == outlet).count() > 1;
        several && sums.any(|done| done > 0 && done < below)
    };
    let rows = table.rows.iter().map(|((who, outlet), sum)| {
        let tells = source.tells(*outlet, Column::Face) && !small(*outlet);
        let shown = |text: String| match tells {
            true => Shown::plain(text),
            false => source.withheld(),
        };
        let hours = sum.hours.map(|(first, last)| format!("{first:02}–{:02}", last + 1));
        row(
            source.dossier.name(*who),
            [
                Shown::plain(source.outlet_name(*outlet)),
                Shown::plain(sum.days.len().to_string()),
                Shown::plain(hours.unwrap_or_default()),
                shown(sum.contacts.approached().to_string()),
                shown(sum.contacts.done().to_string()),
                shown(sum.contacts.count(Code::Refusal).to_string()),
                shown(minutes(sum).unwrap_or_else(|| "–".into())),
                shown(sum.staff_present.to_string()),
            ],
        )
    });
    rows.collect()
}

fn refusals(source: &Source<'_>) -> Option<Block> {
    let words = source.words;
    let reasons = &source.dossier.fieldwork.all.reasons;
    let rows: Vec<Row> = reasons
        .iter()
        .map(|(reason, n)| row(refusal(source, reason), [Shown::plain(n.to_string())]))
        .collect();
    let head = vec![words.t("report-reason"), words.t("report-people")];
    (!rows.is_empty()).then(|| grid("refusals", words.t("report-refusals"), head, rows))
}

/// The words for a reason: those of the questionnaire.
fn refusal(source: &Source<'_>, id: &str) -> String {
    let reasons = source.report.instrument.questionnaire().refusal_reasons();
    let known = reasons.iter().find(|choice| choice.id == id);
    known.map_or_else(|| id.to_owned(), |choice| choice.text.get(source.language()).to_owned())
}

/// Outcome rates of both channels with cases, from the published contacts.
fn rates(source: &Source<'_>) -> Block {
    let words = source.words;
    let counts = |class: EvidenceClass| {
        let codes = source.report.result.dispositions.get(class).published()?;
        let mut counts = OutcomeCounts::default();
        for (code, cases) in codes {
            counts.add(source.report.instrument.questionnaire().outcome(code, class)?, *cases);
        }
        Some(counts.rates(None))
    };
    let (face, invited) = (counts(EvidenceClass::Face), counts(EvidenceClass::Invited));
    let names = face.iter().chain(&invited).flatten().map(|(name, _)| *name);
    let names: std::collections::BTreeSet<_> = names.collect();
    let rows = names.into_iter().map(|name| {
        let cell = |rates: &Option<Vec<_>>| {
            let rate = rates.iter().flatten().find(|(known, _)| *known == name);
            match rate.and_then(|(_, rate): &(_, Option<exact::Ratio>)| rate.as_ref()) {
                Some(rate) => Shown::plain(exact::percent_truncated(rate, 2)),
                None => quiet("–".into()),
            }
        };
        row(name.to_string(), [cell(&face), cell(&invited)])
    });
    let head = vec![
        words.t("report-rate"),
        words.t("column-face"),
        words.t("column-invited"),
    ];
    grid("rates", words.t("report-rates"), head, rows.collect())
}

fn electronic(source: &Source<'_>) -> Part {
    let (words, dossier) = (source.words, source.dossier);
    let tells = !source.report.result.counted.invited.is_suppressed();
    let mut blocks = match dossier.counters.invitations.filter(|_| tells) {
        Some(funnel) => vec![Block::Facts(vec![
            (words.t("report-mail-drawn"), funnel.drawn.to_string()),
            (words.t("report-mail-reached"), funnel.reached.to_string()),
            (words.t("report-mail-bounced"), funnel.bounced.to_string()),
            (words.t("report-mail-failed"), funnel.failed.to_string()),
            (words.t("report-mail-reminded"), funnel.reminded.to_string()),
            (words.t("report-mail-answered"), funnel.answered.to_string()),
            (
                words.t("report-mail-left"),
                (funnel.unsubscribed + funnel.objected).to_string(),
            ),
        ])],
        None => vec![Block::Facts(vec![(words.t("report-mail-drawn"), source.unknown())])],
    };
    let rows = dossier.counters.codes.iter().map(|codes| {
        let tells = source.tells(codes.outlet, Column::Open);
        let shown = |n: u64| match tells {
            true => Shown::plain(n.to_string()),
            false => source.withheld(),
        };
        row(
            source.outlet_name(codes.outlet),
            [
                Shown::plain(codes.made.to_string()),
                Shown::plain(codes.revoked.to_string()),
                shown(codes.opened),
                shown(codes.started),
                shown(codes.completed),
            ],
        )
    });
    let head = vec![
        words.t("head-outlet"),
        words.t("report-codes-made"),
        words.t("report-codes-revoked"),
        words.t("report-opened"),
        words.t("report-started"),
        words.t("report-completed"),
    ];
    blocks.push(grid("codes", words.t("report-codes"), head, rows.collect()));
    let days: Vec<Row> = dossier
        .counters
        .days
        .iter()
        .map(|day| {
            let date: String = moment(day.at_ms).chars().take(10).collect();
            row(
                date,
                [
                    Shown::plain(day.opened.to_string()),
                    Shown::plain(day.started.to_string()),
                ],
            )
        })
        .collect();
    if !days.is_empty() {
        let head = vec![
            words.t("report-day"),
            words.t("report-opened"),
            words.t("report-started"),
        ];
        blocks.push(grid("code-days", words.t("report-code-days"), head, days));
    }
    blocks.push(Block::Text(words.t("report-self-selected")));
    if let Some(n) = dossier.in_grace {
        blocks.push(Block::Text(words.tn("report-in-grace", &[("n", n.into())])));
    }
    blocks.push(sampling::plates(source));
    part(6, words.t("report-part-6"), blocks)
}

fn quality(source: &Source<'_>) -> Part {
    let (words, decisions) = (source.words, source.dossier.decisions);
    let facts = vec![
        (words.t("report-approved"), decisions.approved.to_string()),
        (words.t("report-excluded"), decisions.excluded.to_string()),
        (words.t("report-withdrawn"), source.withdrawn()),
        (words.t("report-back-checks"), sampling::back_checks(source)),
        (words.t("report-with-excluded"), with_excluded(source)),
        (words.t("report-integrity"), source.or_unknown(integrity(source))),
    ];
    let mut blocks = vec![Block::Facts(facts)];
    blocks.push(flags(source));
    let reasons = source.dossier.excluded.by_reason.iter();
    let reasons: Vec<Row> = reasons
        .map(|(reason, n)| row(reason_name(words, *reason), [Shown::plain(n.to_string())]))
        .collect();
    if !reasons.is_empty() {
        let head = vec![words.t("report-reason"), words.t("quality-responses")];
        blocks.push(grid("excluded", words.t("report-excluded-why"), head, reasons));
    }
    part(7, words.t("report-part-7"), blocks)
}

/// S and S_face as if nothing were excluded; withheld where that would tell what few people answered.
fn with_excluded(source: &Source<'_>) -> String {
    let (words, result, excluded) = (source.words, &source.report.result, &source.dossier.excluded);
    let few = excluded.are_few(result.rule.suppress_below);
    if few || result.overall.all.is_suppressed() || result.overall.face.is_suppressed() {
        return words.t("cell-withheld");
    }
    if !source.report.instrument.method().statistical().is_pooled() {
        return source.unknown();
    }
    let score = |name: String, score: Option<exact::Ratio>| {
        let score = score.map_or_else(|| "–".to_owned(), |score| exact::percent_truncated(&score, 2) + " %");
        format!("{name} {score}")
    };
    let s = score(words.t("score-s"), excluded.with.s());
    format!("{s} · {}", score(words.t("score-s-face"), excluded.with.s_face()))
}

/// How many answers have a flag, as far as the number tells of more than a few people.
fn flagged(source: &Source<'_>, rule: Rule) -> Option<Shown> {
    let n = source.dossier.flags.as_ref()?.get(&rule).copied().unwrap_or(0);
    Some(match n > 0 && n < source.report.result.rule.suppress_below {
        true => source.withheld(),
        false => Shown::plain(n.to_string()),
    })
}

fn integrity(source: &Source<'_>) -> Option<String> {
    let rules = [Rule::AskedHigh, Rule::FilledIn, Rule::Watched];
    let said = rules.map(|rule| {
        let n = flagged(source, rule)?;
        Some(format!("{} {}", rule_name(source.words, rule), n.text))
    });
    let said: Option<Vec<String>> = said.into_iter().collect();
    said.map(|said| said.join(&source.words.t("list-separator")))
}

/// Flagged answers by rule, once the last look at all answers is over.
fn flags(source: &Source<'_>) -> Block {
    let words = source.words;
    let rows: Option<Vec<Row>> = Rule::ALL
        .into_iter()
        .map(|rule| Some(row(rule_name(words, rule), [flagged(source, rule)?])))
        .collect();
    match rows {
        Some(rows) => {
            let head = vec![words.t("quality-rule"), words.t("quality-responses")];
            grid("flags", words.t("report-flags"), head, rows)
        }
        None => Block::Facts(vec![(words.t("report-flags"), source.unknown())]),
    }
}

/// Shares of the outlets among the answers beside their shares of the customers.
fn profile(source: &Source<'_>) -> Part {
    let (words, report) = (source.words, source.report);
    let customers: Option<i64> = report.outlets.iter().map(|outlet| outlet.customers).sum();
    let answers = report.result.counted.all.published().copied().filter(|n| *n > 0);
    let mut largest: Option<(f64, &str)> = None;
    let rows: Vec<Row> = report
        .outlets
        .iter()
        .enumerate()
        .map(|(place, outlet)| {
            let name = outlet.name.get(source.language());
            let found = report.result.outlets.iter().find(|row| row.outlet == place);
            let counted = found.map_or(Cell::Published(0), |row| row.counted.all.clone());
            let share = counted.published().zip(answers).map(|(n, all)| *n as f64 / all as f64);
            let known = outlet.customers.zip(customers).filter(|(_, all)| *all > 0);
            let of_all = known.map(|(n, all)| n as f64 / all as f64);
            let gap = share.zip(of_all).map(|(share, of_all)| share - of_all);
            if let Some(gap) = gap.filter(|gap| largest.is_none_or(|(most, _)| gap.abs() > most.abs())) {
                largest = Some((gap, name));
            }
            let cell = |value: Option<f64>| value.map_or_else(|| quiet("–".into()), |value| Shown::plain(tenth(value)));
            let answered = match counted.is_suppressed() {
                true => source.withheld(),
                false => cell(share),
            };
            row(name, [answered, cell(of_all), cell(gap)])
        })
        .collect();
    let gap = largest.map(|(gap, name)| format!("{name} {}", tenth(gap)));
    let head = vec![
        words.t("head-outlet"),
        words.t("report-share-answers"),
        words.t("report-share-customers"),
        words.t("report-gap"),
    ];
    let blocks = vec![
        grid("profile", words.t("report-profile"), head, rows),
        Block::Facts(vec![
            (words.t("report-largest-gap"), source.or_unknown(gap)),
            (words.t("report-profile-others"), source.unknown()),
        ]),
    ];
    part(8, words.t("report-part-8"), blocks)
}
