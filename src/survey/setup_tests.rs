//! Office forms: what is read, what is refused.

use chrono::NaiveDate;

use super::form::{FieldError, Problem, RawForm};
use super::language::{Language, Text};
use super::setup::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

fn form(change: &[(&str, &str)]) -> RawForm {
    let usual = [
        ("organisation", "new"),
        ("firm", "海晴电器"),
        ("gate", "none"),
        ("title", "2026 年度评价"),
        ("mode", "initial"),
        ("scope", "家用电器售后服务"),
        ("retention_end", "2032-03-01"),
        (
            "outlets",
            "浦东网点 | Pudong\t480\r\n徐汇网点，397\r\n\r\n静安, 南京西路",
        ),
        ("questionnaire", "q"),
        ("method", "m"),
    ];
    let kept = usual.iter().filter(|(name, _)| !change.iter().any(|(n, _)| n == name));
    let pairs = kept.chain(change).map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    RawForm::new(pairs.collect())
}

fn read(change: &[(&str, &str)]) -> Result<Setup, Vec<FieldError>> {
    parse_setup(&form(change), today(), &["q".into()], &["m".into()])
}

#[test]
fn lists_are_read_as_they_are_copied_from_a_spreadsheet() {
    let setup = read(&[("products", "冰箱|Fridge\n空调")]).unwrap();
    let outlets: Vec<_> = setup
        .outlets
        .iter()
        .map(|o| (o.name.get(Language::ZhCn), o.name.get(Language::En), o.customers))
        .collect();
    assert_eq!(
        outlets,
        [
            ("浦东网点", "Pudong", Some(480)),
            ("徐汇网点", "徐汇网点", Some(397)),
            ("静安, 南京西路", "静安, 南京西路", None)
        ]
    );
    let products = &setup.settings.products;
    assert_eq!(
        (products[0].id.as_str(), products[1].text.get(Language::En)),
        ("p1", "空调")
    );
    assert_eq!(
        setup.organisation,
        Organisation::New(Text::new("海晴电器", "海晴电器"), String::new())
    );
}

#[test]
fn clause_1_refuses_and_names_its_field() {
    for excluded in ["cars", "special", "licence"] {
        assert_eq!(
            read(&[("gate", excluded)]).unwrap_err(),
            [FieldError::new("gate", Problem::Excluded)]
        );
    }
    assert_eq!(
        read(&[("gate", "")]).unwrap_err(),
        [FieldError::new("gate", Problem::Missing)]
    );
}

#[test]
fn everything_that_must_be_corrected_is_named() {
    let fields = |change: &[(&str, &str)]| -> Vec<(String, Problem)> {
        let errors = read(change).unwrap_err();
        errors.into_iter().map(|e| (e.field, e.problem)).collect()
    };
    let one = |field: &str, problem| vec![(field.to_owned(), problem)];
    assert_eq!(fields(&[("outlets", " \n")]), one("outlets", Problem::Empty));
    assert_eq!(fields(&[("outlets", "甲\n甲,3")]), one("outlets", Problem::Taken));
    assert_eq!(fields(&[("outlets", "| only English")]), one("outlets", Problem::Wrong));
    let many: String = (0..=OUTLETS_MAX).map(|n| format!("{n}号\n")).collect();
    assert_eq!(fields(&[("outlets", &many)]), one("outlets", Problem::OutOfRange));
    assert_eq!(
        fields(&[("retention_end", "2026-03-01")]),
        one("retention_end", Problem::OutOfRange)
    );
    assert_eq!(fields(&[("retention_end", "")]), one("retention_end", Problem::Empty));
    assert_eq!(
        fields(&[("questionnaire", "x")]),
        one("questionnaire", Problem::NotAChoice)
    );
    assert_eq!(fields(&[("firm", ""), ("scope", "")]).len(), 2);
}

#[test]
fn a_credit_code_has_its_check_character() {
    let code = |text: &str| read(&[("credit_code", text)]).map(|setup| setup.organisation);
    let name = Text::new("海晴电器", "海晴电器");
    assert_eq!(
        code("91350100m000100y43"),
        Ok(Organisation::New(name, "91350100M000100Y43".into()))
    );
    // A changed letter, two letters changed round, a letter too few, one that the alphabet lacks.
    for wrong in [
        "91350100M000100Y44",
        "91350100M001000Y43",
        "91350100M000100Y4",
        "91350100I000100Y43",
    ] {
        assert_eq!(
            code(wrong).unwrap_err(),
            [FieldError::new("credit_code", Problem::Wrong)],
            "{wrong}"
        );
    }
}

#[test]
fn usual_targets_reach_the_plan_in_all_and_the_floor_everywhere() {
    assert_eq!(
        (usual_targets(1), usual_targets(3), usual_targets(40)),
        ((60, 90), (20, 30), (5, 8))
    );
}

#[test]
fn a_reason_says_something() {
    let reason = |text: &str| parse_reason(&RawForm::new(vec![("reason".into(), text.into())]));
    assert!(reason("客户要求尽早了解进度").is_ok());
    assert!(reason("看看").is_err() && reason("").is_err());
}
