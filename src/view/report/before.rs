//! Parts 1 to 4: what is surveyed, by which plan, from which frame, at which outlets.

use super::{Block, Part, Source, grid, part, quiet, row, sampling, tenth};
use crate::statistics::class::Column;
use crate::statistics::outlets_to_visit::Occasion;
use crate::survey::dossier::Planned;
use crate::survey::language::Text;
use crate::view::evaluation::mode_name;
use crate::view::office::moment;
use crate::view::results::{Row, Shown, count, versions};

pub(super) fn parts(source: &Source<'_>) -> Vec<Part> {
    vec![identity(source), plan(source), frame(source), outlets(source)]
}

fn identity(source: &Source<'_>) -> Part {
    let (words, dossier) = (source.words, source.dossier);
    let names = |texts: &[Text]| {
        let names: Vec<&str> = texts.iter().map(|text| text.get(source.language())).collect();
        names.join(&words.t("list-separator"))
    };
    let mut facts = vec![
        (
            words.t("report-firm"),
            source.report.firm.get(source.language()).to_owned(),
        ),
        (
            words.t("report-wave"),
            source.report.title.get(source.language()).to_owned(),
        ),
        (words.t("report-scope"), source.or_unknown(Some(dossier.scope.clone()))),
        (
            words.t("report-products"),
            source.or_unknown(Some(names(&dossier.products))),
        ),
        (words.t("report-mode"), mode_name(words, dossier.mode)),
        (words.t("report-rule"), "CQM/F-RZ-ZY-06-001".to_owned()),
    ];
    facts.extend(versions(words, source.report));
    let steps = dossier.steps.iter().map(|step| {
        row(
            step_name(source, &step.action),
            [Shown::plain(moment(step.at_ms)), Shown::plain(&step.actor)],
        )
    });
    let team = dossier.team.iter().map(|member| {
        row(
            &member.name,
            [
                Shown::plain(source.role(&member.role)),
                Shown::plain(&member.registration_no),
            ],
        )
    });
    let declared = dossier.declarations.iter().map(|one| {
        let said = match one.conflicted {
            true => words.t("report-conflict-yes"),
            false => words.t("report-conflict-no"),
        };
        row(&one.name, [Shown::plain(said), Shown::plain(moment(one.at_ms))])
    });
    let blocks = vec![
        Block::Facts(facts),
        grid(
            "steps",
            words.t("report-steps"),
            vec![words.t("report-step"), words.t("report-when"), words.t("report-by")],
            steps.collect(),
        ),
        grid(
            "team",
            words.t("report-team"),
            vec![words.t("report-name"), words.t("report-role"), words.t("report-number")],
            team.collect(),
        ),
        grid(
            "declared",
            words.t("report-conflicts"),
            vec![
                words.t("report-name"),
                words.t("report-conflict"),
                words.t("report-when"),
            ],
            declared.collect(),
        ),
    ];
    part(1, words.t("report-part-1"), blocks)
}

/// The words for the event of a step.
fn step_name(source: &Source<'_>, action: &str) -> String {
    let words = source.words;
    match action {
        "evaluation.created" => words.t("report-step-created"),
        "evaluation.frozen" => words.t("report-step-frozen"),
        "evaluation.open" => words.t("report-step-open"),
        "evaluation.closed" => words.t("report-step-closed"),
        "interim.opened" => words.t("report-step-interim"),
        "record.seal_proposed" => words.t("report-step-proposed"),
        _ => words.t("report-step-sealed"),
    }
}

fn plan(source: &Source<'_>) -> Part {
    let words = source.words;
    let mut blocks = match &source.dossier.plan {
        Some(planned) => vec![Block::Facts(aims(source, planned))],
        None => vec![Block::Text(source.unknown())],
    };
    blocks.push(achieved(source));
    blocks.push(sampling::deviations(source));
    part(2, words.t("report-part-2"), blocks)
}

fn aims(source: &Source<'_>, planned: &Planned) -> Vec<(String, String)> {
    let words = source.words;
    let (aims, sizes) = (planned.plan.aims(), planned.plan.sizes());
    let approval = planned
        .approval
        .as_ref()
        .map(|(who, at_ms)| format!("{who} · {}", moment(*at_ms)));
    let first = source.dossier.fieldwork.all.days.first();
    let occasion = match aims.occasion {
        Occasion::First => words.t("sampling-visits-first"),
        Occasion::Surveillance => words.t("sampling-visits-surveillance"),
        Occasion::Recertification => words.t("sampling-visits-recertification"),
    };
    let half = |value: crate::survey::plan::Hundredths| words.tn("report-points", &[("n", value.to_string().into())]);
    let method = source.report.instrument.method();
    let population = sizes.population.map(|n| n.to_string());
    vec![
        (words.t("report-plan-hash"), format!("SHA-256 {}", planned.hash)),
        (words.t("report-plan-approval"), source.or_unknown(approval)),
        (
            words.t("report-first-contact"),
            source.or_unknown(first.map(ToString::to_string)),
        ),
        (words.t("report-population"), source.or_unknown(population)),
        (words.t("report-half-face"), half(aims.half_width_face)),
        (words.t("report-half-all"), half(aims.half_width_all)),
        (
            words.t("report-assumed"),
            words.tn(
                "report-assumed-text",
                &[
                    ("sd", aims.sd.to_string().into()),
                    ("deff", aims.design_effect.to_string().into()),
                    ("level", aims.confidence.to_string().into()),
                ],
            ),
        ),
        (
            words.t("report-sizes"),
            words.tn(
                "report-sizes-text",
                &[("face", sizes.face.into()), ("electronic", sizes.electronic.into())],
            ),
        ),
        (
            words.t("report-visits"),
            words.tn(
                "report-visits-text",
                &[
                    ("n", sizes.visits.into()),
                    ("random", sizes.visits_at_random.into()),
                    ("rule", occasion.into()),
                ],
            ),
        ),
        (words.t("report-pooling"), method.name().to_owned()),
        (words.t("report-seed"), sampling::seed(source)),
    ]
}

/// Planned and counted answers of every outlet and channel.
fn achieved(source: &Source<'_>) -> Block {
    let words = source.words;
    let report = source.report;
    let rows = report.outlets.iter().enumerate().map(|(place, outlet)| {
        let found = report.result.outlets.iter().find(|row| row.outlet == place);
        let counted = |column| found.map_or_else(|| "0".to_owned(), |row| count(words, row.counted.get(column)));
        row(
            outlet.name.get(source.language()),
            [
                Shown::plain(outlet.target_face.to_string()),
                Shown::plain(counted(Column::Face)),
                Shown::plain(outlet.target_electronic.to_string()),
                Shown::plain(counted(Column::Electronic)),
            ],
        )
    });
    grid(
        "achieved",
        words.t("report-achieved"),
        vec![
            words.t("head-outlet"),
            words.t("report-planned-face"),
            words.t("report-achieved-face"),
            words.t("report-planned-electronic"),
            words.t("report-achieved-electronic"),
        ],
        rows.collect(),
    )
}

fn frame(source: &Source<'_>) -> Part {
    let words = source.words;
    let drawn = source
        .dossier
        .counters
        .invitations
        .map(|funnel| funnel.drawn.to_string());
    let rows = source.report.outlets.iter().map(|outlet| {
        let customers = outlet.customers.map(|n| n.to_string());
        row(
            outlet.name.get(source.language()),
            [match customers {
                Some(n) => Shown::plain(n),
                None => quiet(source.unknown()),
            }],
        )
    });
    let blocks = vec![
        Block::Facts(sampling::list(source, drawn)),
        grid(
            "frame",
            words.t("report-frame"),
            vec![words.t("head-outlet"), words.t("report-customers")],
            rows.collect(),
        ),
    ];
    part(3, words.t("report-part-3"), blocks)
}

fn outlets(source: &Source<'_>) -> Part {
    let words = source.words;
    let mut blocks = Vec::new();
    if let Some(planned) = &source.dossier.plan {
        let outlets = planned.plan.outlets();
        let visited = outlets.iter().filter(|outlet| outlet.is_visited);
        let seen: Option<u64> = visited.clone().map(|outlet| outlet.customers).sum();
        let all: Option<u64> = outlets.iter().map(|outlet| outlet.customers).sum();
        let all = all.filter(|all| *all > 0);
        let share = seen.zip(all).map(|(seen, all)| tenth(seen as f64 / all as f64));
        let mut facts = vec![
            (words.t("report-outlets-all"), outlets.len().to_string()),
            (words.t("report-outlets-visited"), visited.count().to_string()),
            (
                words.t("report-outlets-required"),
                planned.plan.sizes().visits.to_string(),
            ),
            (words.t("report-outlets-share"), source.or_unknown(share)),
        ];
        facts.extend(sampling::outlets(source));
        blocks.push(Block::Facts(facts));
        let rows: Vec<Row> = outlets
            .iter()
            .map(|outlet| {
                let visited = match outlet.is_visited {
                    true => words.t("report-yes"),
                    false => words.t("report-no"),
                };
                row(
                    outlet.name.get(source.language()),
                    [
                        Shown::plain(visited),
                        Shown::plain(outlet.target_face.to_string()),
                        Shown::plain(outlet.target_electronic.to_string()),
                    ],
                )
            })
            .collect();
        let head = vec![
            words.t("head-outlet"),
            words.t("report-visited"),
            words.t("report-planned-face"),
            words.t("report-planned-electronic"),
        ];
        blocks.push(grid("outlets-drawn", words.t("report-outlets"), head, rows));
    } else {
        blocks.push(Block::Text(source.unknown()));
    }
    part(4, words.t("report-part-4"), blocks)
}
