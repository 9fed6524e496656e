//! Parts 12 to 14 and the annex: comments, independence and privacy, handover to grading, what else belongs to the report.

use super::figures::printed;
use super::{Block, Part, Source, grid, part, row};
use crate::view::office::moment;
use crate::view::results::{Shown, judged};

pub(super) fn parts(source: &Source<'_>) -> Vec<Part> {
    vec![comments(source), independence(source), handover(source), annex(source)]
}

fn comments(source: &Source<'_>) -> Part {
    let words = source.words;
    let facts = vec![
        (words.t("report-comments"), source.unknown()),
        (words.t("report-themes"), source.unknown()),
        (words.t("report-incidents"), source.unknown()),
    ];
    part(12, words.t("report-part-12"), vec![Block::Facts(facts)])
}

fn independence(source: &Source<'_>) -> Part {
    let (words, dossier) = (source.words, source.dossier);
    let rows = dossier.access.iter().map(|access| {
        let act = match access.given {
            true => words.t("report-access-given"),
            false => words.t("report-access-taken"),
        };
        row(
            &access.name,
            [
                Shown::plain(source.role(&access.role)),
                Shown::plain(act),
                Shown::plain(moment(access.at_ms)),
            ],
        )
    });
    let head = vec![
        words.t("report-name"),
        words.t("report-role"),
        words.t("report-act"),
        words.t("report-when"),
    ];
    let facts = vec![
        (
            words.t("report-notice"),
            source.or_unknown(source.report.notice_version.clone()),
        ),
        (words.t("report-consent"), words.t("report-consent-text")),
        (
            words.t("report-retention"),
            source.or_unknown(Some(dossier.retention_end.clone())),
        ),
        (words.t("report-withdrawn"), source.withdrawn()),
        (words.t("report-privacy-incidents"), source.unknown()),
    ];
    let blocks = vec![
        Block::Text(words.t("report-independence")),
        grid("access", words.t("report-access"), head, rows.collect()),
        Block::Facts(facts),
    ];
    part(13, words.t("report-part-13"), blocks)
}

fn handover(source: &Source<'_>) -> Part {
    let (words, dossier, overall) = (source.words, source.dossier, &source.report.result.overall);
    let adequate = dossier.adequate.as_ref().map(|(adequate, by, at_ms)| {
        let said = match adequate {
            true => words.t("report-yes"),
            false => words.t("report-no"),
        };
        format!("{said} · {by} · {}", moment(*at_ms))
    });
    let mut facts = vec![
        (words.t("score-s"), printed(source, &overall.all)),
        (words.t("score-s-face"), printed(source, &overall.face)),
        (words.t("report-adequate"), source.or_unknown(adequate)),
        (words.t("report-result-id"), source.result_id.to_owned()),
    ];
    match &dossier.seal {
        Some(seal) => facts.extend([
            (words.t("report-whole-id"), seal.result_id.clone()),
            (words.t("report-proposed-by"), seal.proposed_by.clone()),
            (
                words.t("report-sealed-by"),
                format!("{} · {}", seal.sealed_by, moment(seal.at_ms)),
            ),
        ]),
        None => facts.push((words.t("report-sealed-by"), words.t("report-draft"))),
    }
    if let Some(checkpoint) = &dossier.checkpoint {
        facts.push((words.t("report-checkpoint-line"), checkpoint.to_string()));
    }
    let lines = vec![words.t("report-sign-lead"), words.t("report-sign-reviewer")];
    part(
        14,
        words.t("report-part-14"),
        vec![Block::Facts(facts), Block::Signatures(lines)],
    )
}

fn annex(source: &Source<'_>) -> Part {
    let (words, report) = (source.words, source.report);
    let questionnaire = report.instrument.questionnaire();
    let mut blocks = vec![Block::Facts(vec![
        (
            words.t("report-annex-questionnaire"),
            format!("SHA-256 {}", questionnaire.hash()),
        ),
        (
            words.t("report-annex-method"),
            format!("SHA-256 {}", report.instrument.method().hash()),
        ),
        (
            words.t("report-annex-plan"),
            match &source.dossier.plan {
                Some(planned) => format!("SHA-256 {}", planned.hash),
                None => source.unknown(),
            },
        ),
        (words.t("report-annex-trace"), words.t("report-annex-trace-text")),
    ])];
    blocks.extend(judged::appendix(words, report).into_iter().map(Block::Table));
    Part {
        id: "annex".into(),
        heading: words.t("report-annex"),
        blocks,
    }
}
