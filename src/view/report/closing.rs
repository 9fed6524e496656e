//! Parts 12 to 14 and the annex: comments, independence and privacy, handover to grading, what else belongs to the report.

use super::figures::printed;
use super::{Block, Part, Source, grid, part, quiet, row};
use crate::survey::comment_report::QUOTES_MAX;
use crate::view::comment::{concern_name, theme_name};
use crate::view::office::moment;
use crate::view::results::{Shown, judged};

pub(super) fn parts(source: &Source<'_>) -> Vec<Part> {
    vec![comments(source), independence(source), handover(source), annex(source)]
}

/// Comments of answers that count; small numbers are withheld as in the figures.
fn comments(source: &Source<'_>) -> Part {
    let words = source.words;
    let Some(told) = &source.dossier.comments else {
        let note = Block::Text(words.t("report-comments-unread"));
        return part(12, words.t("report-part-12"), vec![note]);
    };
    let number = |n: Option<u64>| n.map_or_else(|| words.t("cell-withheld"), |n| n.to_string());
    let concerns: Vec<String> = told
        .concerns
        .iter()
        .map(|concern| concern_name(words, *concern))
        .collect();
    let facts = vec![
        (words.t("report-comments"), number(told.comments)),
        (words.t("report-comments-cleared"), number(told.cleared)),
        (
            words.t("report-incidents"),
            match concerns.is_empty() {
                true => words.t("report-incidents-none"),
                false => concerns.join(&words.t("list-separator")),
            },
        ),
    ];
    let mut blocks = vec![Block::Facts(facts)];
    if !told.themes.is_empty() {
        let rows = told.themes.iter().map(|(theme, n)| {
            let shown = match n {
                Some(n) => Shown::plain(n.to_string()),
                None => quiet(words.t("cell-withheld")),
            };
            row(theme_name(words, *theme, &told.own), [shown])
        });
        let head = vec![words.t("report-theme"), words.t("report-comments")];
        blocks.push(grid("themes", words.t("report-themes"), head, rows.collect()));
        blocks.push(Block::Note(words.t("report-themes-note")));
    }
    if !told.quotes.is_empty() {
        let rows = told.quotes.iter().map(|quote| row(quote, []));
        let head = vec![words.t("report-quote")];
        blocks.push(grid("quotes", words.t("report-quotes"), head, rows.collect()));
        let most = [("most", QUOTES_MAX.into())];
        blocks.push(Block::Note(words.tn("report-quotes-note", &most)));
    }
    part(12, words.t("report-part-12"), blocks)
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
        (words.t("report-erasures"), dossier.erasures.to_string()),
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
