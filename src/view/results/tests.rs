#![allow(clippy::unwrap_used)]
use crate::survey::evaluation::EvaluationState;
use crate::survey::language::{Language, Text};
use crate::survey::report::Report;
use crate::view::codes::{self, Plate};
use crate::view::demo::{self, DemoEvaluation, DemoHome};
use crate::view::office::{Desk, office_stylesheet};
use crate::view::testing;

/// The page of a visitor.
fn page(report: &Report, language: Language) -> Result<String, askama::Error> {
    let desk = Desk {
        language,
        viewer: None,
        csrf: String::new(),
        here: None,
    };
    super::page(&desk, report, report.shows_scores())
}

fn closed() -> Report {
    testing::report(EvaluationState::Closed, &[[20, 30, 25], [15, 20, 25], [30, 9, 12]], 6)
}

fn text_of(html: &str) -> String {
    html.split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join(" ")
}

fn all_pages(language: Language) -> Vec<String> {
    let body = Text::new("华信认证中心", "Huaxin Certification");
    let open = testing::interim(&[[9, 9, 9], [3, 0, 12]], 5);
    let plate = Plate {
        body: &body,
        firm: &open.firm,
        title: &open.title,
        outlet: &open.outlets.first().unwrap().name,
        call: &open.instrument.questionnaire().texts().plate,
        url: "https://example.org/s/ABC",
        generation: 1,
    };
    let desk = Desk {
        language,
        viewer: None,
        csrf: String::new(),
        here: None,
    };
    let evaluations = [
        DemoEvaluation {
            report: open.clone(),
            survey_href: Some("/s/ABC".into()),
            personal_hrefs: vec!["/s/DEF".into()],
        },
        DemoEvaluation {
            report: closed(),
            survey_href: None,
            personal_hrefs: vec![],
        },
    ];
    vec![
        page(&closed(), language).unwrap(),
        page(&open, language).unwrap(),
        page(&testing::report(EvaluationState::Open, &[[8, 8, 8]], 5), language).unwrap(),
        page(&testing::report(EvaluationState::Closed, &[[0, 0, 0]], 5), language).unwrap(),
        codes::plates(&desk, &[plate]).unwrap(),
        demo::home(
            &DemoHome {
                password: "abcd-efgh-2345",
                body: &body,
                evaluations: &evaluations,
            },
            language,
        )
        .unwrap(),
    ]
}

#[test]
fn office_pages_have_no_script_no_style_attribute_and_one_heading() {
    for language in Language::ALL {
        for html in all_pages(language) {
            assert!(!html.contains("<script") && !html.contains(" style=") && !html.contains("<style"));
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())));
            assert!(html.contains(&format!("href=\"/static/{}\"", office_stylesheet().0)));
            assert!(html.contains(&format!("href=\"?lang={}\"", language.other().tag())));
            let regions = html.matches("role=\"region\"").count();
            assert_eq!(
                regions,
                html.matches("tabindex=\"0\"").count(),
                "what scrolls can be reached by keyboard"
            );
            assert_eq!(
                regions,
                html.matches("<table").count(),
                "every table scrolls inside its own box"
            );
        }
    }
}

#[test]
fn published_scores_stand_on_the_page_as_they_were_cut() {
    let report = closed();
    let html = page(&report, Language::En).unwrap();
    for score in [
        &report.result.overall.all,
        &report.result.overall.face,
        &report.result.overall.open,
    ] {
        let found = score.published().unwrap();
        assert!(
            html.contains(&format!(">{}<", found.rate.percent)),
            "{}",
            found.rate.percent
        );
    }
    assert!(html.contains("no sampling error can be stated"));
    assert!(html.contains("S_face") && html.contains("results.csv") && html.contains("4.1.7"));
}

#[test]
fn the_page_judges_compares_and_draws_what_is_published() {
    let report = closed();
    for language in Language::ALL {
        let html = page(&report, language).unwrap();
        for part in [
            "verdicts",
            "sensitivity",
            "outlets",
            "decision",
            "reliability",
            "mode-effect",
        ] {
            assert_eq!(html.matches(&format!("<h2 id=\"{part}\">")).count(), 1, "{part}");
        }
        assert!(
            html.contains("<details class=\"appendix\">")
                && html.contains("role=\"img\" aria-labelledby=\"plot-title\"")
        );
    }
    let chinese = text_of(&page(&report, Language::ZhCn).unwrap());
    assert!(chinese.contains("辅助决策，不是评价结果的一部分") && chinese.contains("未达到"));
    // Three outlets, two channels each; one more pair explains the marks.
    let html = page(&report, Language::En).unwrap();
    let dots =
        |html: &str| html.matches("class=\"point\" cx=").count() + html.matches("class=\"point hollow\" cx=").count();
    assert_eq!(dots(&html), 2 + 6 + 2, "ladder, outlets, key");
    assert!(
        !page(&testing::interim(&[[20, 30, 25], [15, 20, 25]], 6), Language::En)
            .unwrap()
            .contains("<details")
    );
    // The first outlet and one more are told with both channels together: not drawn apart, and no verdict leaks.
    let small = testing::report(EvaluationState::Closed, &[[3, 30, 20], [20, 30, 20], [20, 30, 20]], 6);
    let outlets = small.result.outlets.iter();
    let cells = outlets.flat_map(|row| [&row.score.face, &row.score.electronic]);
    let hidden = cells.filter(|cell| cell.is_suppressed()).count();
    assert_eq!(dots(&page(&small, Language::En).unwrap()), 2 + (6 - hidden) + 2);
    assert_eq!(hidden, 4);
}

#[test]
fn before_the_end_of_fieldwork_there_are_counts_and_no_scores() {
    let html = page(
        &testing::report(EvaluationState::Open, &[[8, 8, 8], [7, 7, 7]], 5),
        Language::En,
    )
    .unwrap();
    assert!(!html.contains("results.csv") && !html.contains("ladder") && !html.contains("★"));
    assert!(!text_of(&html).contains('%') && !text_of(&html).contains("Score"));
    let opened = page(&testing::interim(&[[8, 8, 8], [7, 7, 7]], 5), Language::En).unwrap();
    assert!(opened.contains("Interim result") && opened.contains("周明") && opened.contains("2026-04-01 07:30"));
    assert!(opened.contains("ladder") && opened.contains("results.csv"));
}

#[test]
fn withheld_cells_say_so_and_why() {
    let report = testing::report(EvaluationState::Closed, &[[3, 30, 20], [20, 30, 20]], 6);
    let html = page(&report, Language::En).unwrap();
    assert!(html.contains("withheld") && html.contains("fewer than 5 people"));
    assert!(
        !page(&closed(), Language::En).unwrap().contains("fewer than 5 people"),
        "nothing withheld, nothing explained"
    );
}

#[test]
fn without_a_score_there_is_no_star_and_no_zero() {
    let html = page(&testing::report(EvaluationState::Closed, &[[0, 0, 0]], 5), Language::En).unwrap();
    assert!(html.contains("No star can be stated") && !html.contains(">0.00<"));
}

#[test]
fn the_demo_leads_to_every_part_in_the_language_of_the_page() {
    let html = all_pages(Language::En).pop().unwrap();
    for way in ["/s/ABC?lang=en", "/s/DEF?lang=en", "/qr?lang=en", "/results?lang=en"] {
        assert!(html.contains(way), "{way}");
    }
    let html = all_pages(Language::ZhCn).pop().unwrap();
    assert!(html.contains("href=\"/s/ABC\"") && html.contains("S当面"));
}
