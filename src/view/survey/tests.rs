#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use std::io::Write;

use super::*;
use crate::survey::admission::Refusal;
use crate::survey::answers::FormChoices;
use crate::survey::disposition::Code;
use crate::survey::form::{FieldError, Problem, RawForm};
use crate::survey::notice::Notice;
use crate::survey::questionnaire::{Choice, ServiceSet};
use crate::survey::submission::Receipt;

const EVERYTHING: ServiceSet = ServiceSet(0xfff);
const OUTLET_ONLY: ServiceSet = ServiceSet(0b10);

struct World {
    questionnaire: Questionnaire,
    body: Text,
    firm: Text,
    outlet: Text,
    months: Vec<String>,
    products: Vec<Choice>,
}

impl World {
    fn new() -> Self {
        let bytes = include_bytes!("../../../questionnaires/cqm-after-sales-perception-1.1.0.json");
        Self {
            questionnaire: Questionnaire::from_json(bytes).unwrap(),
            body: Text::new("华信认证中心", "Huaxin Certification"),
            firm: Text::new("海晴<电器>", "Haiqing <Appliances>"),
            outlet: Text::new("浦东网点", "Pudong outlet"),
            months: vec!["2026-11".into(), "2026-10".into()],
            products: vec![Choice {
                id: "fridge".into(),
                text: Text::new("冰箱", "Refrigerator"),
            }],
        }
    }

    fn scene(&self, language: Language) -> Scene<'_> {
        Scene {
            language,
            body: &self.body,
            firm: &self.firm,
            outlet: Some(&self.outlet),
            questionnaire: &self.questionnaire,
        }
    }

    fn landing(&self, language: Language, form: &RawForm, errors: &[FieldError]) -> String {
        let notice = Notice::render(&self.questionnaire, &self.body, "privacy@huaxin.example", "2029-12-31");
        landing(
            &self.scene(language),
            &notice,
            "/s/T?lang=en",
            "/s/T?lang=zh-CN",
            form,
            errors,
        )
        .unwrap()
    }

    fn rating(&self, language: Language, services: ServiceSet, form: &RawForm, errors: &[FieldError]) -> String {
        let choices = FormChoices {
            products: &self.products,
            months: &self.months,
        };
        rating(
            &self.scene(language),
            services,
            choices,
            "FORM-MARK",
            Some("OTHER-MARK"),
            form,
            errors,
            None,
        )
        .unwrap()
    }

    /// Every page a customer can see, by name.
    fn pages(&self, language: Language) -> Vec<(String, String)> {
        let (scene, receipt_code) = (self.scene(language), Receipt::of(b"key", &[1; 16]));
        let form = form(&[("comment", "<script>alert(1)</script>"), ("F01", "5")]);
        let mut pages = vec![
            ("landing".to_owned(), self.landing(language, &form, &[])),
            (
                "landing refused".to_owned(),
                self.landing(language, &form, &landing_errors()),
            ),
            (
                "rating".to_owned(),
                self.rating(language, EVERYTHING, &RawForm::default(), &[]),
            ),
            (
                "rating refused".to_owned(),
                self.rating(language, EVERYTHING, &form, &rating_errors()),
            ),
            (
                "receipt".to_owned(),
                receipt(&scene, &receipt_code, "https://survey.example", true).unwrap(),
            ),
        ];
        let problems = Refusal::ALL
            .into_iter()
            .map(|each| (format!("{each:?}"), refusal(language, each, "/s/T?lang=en").unwrap()));
        let troubles = Trouble::ALL
            .into_iter()
            .map(|each| (format!("{each:?}"), trouble(language, each, "AB12", None).unwrap()));
        let ends = Code::ALL
            .into_iter()
            .map(|each| (format!("{each:?}"), ended(language, each).unwrap()));
        pages.extend(problems.chain(troubles).chain(ends));
        pages
    }
}

fn form(pairs: &[(&str, &str)]) -> RawForm {
    RawForm::new(
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
    )
}

fn landing_errors() -> Vec<FieldError> {
    let missing = ["age18", "service_12m", "conflict"].map(|field| FieldError::new(field, Problem::Missing));
    let others = [
        FieldError::new("consent", Problem::ConsentMissing),
        FieldError::new("services", Problem::NoService),
    ];
    missing.into_iter().chain(others).collect()
}

fn rating_errors() -> Vec<FieldError> {
    let fields = [
        "G00",
        "T05",
        "product_category",
        "service_month",
        "customer_type",
        "integrity",
        "complaint_fee",
    ];
    let choices = fields.map(|field| FieldError::new(field, Problem::NotAChoice));
    let others = [
        FieldError::new("F01", Problem::NothingRated),
        FieldError::new("comment", Problem::TooLong),
    ];
    choices.into_iter().chain(others).collect()
}

/// The start tags of a page, without `<` and `>`.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|tag| !tag.starts_with('/'))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

/// `name=value` of the controls that are checked or selected.
fn chosen(html: &str) -> Vec<String> {
    let on = |tag: &&str| tag.ends_with(" checked") || tag.contains(" checked ") || tag.ends_with(" selected");
    let name = |tag: &str| {
        format!(
            "{}={}",
            attribute(tag, "name").unwrap_or("option"),
            attribute(tag, "value").unwrap_or("")
        )
    };
    tags(html).into_iter().filter(on).map(name).collect()
}

fn names(html: &str) -> std::collections::BTreeSet<&str> {
    tags(html)
        .into_iter()
        .filter_map(|tag| attribute(tag, "name"))
        .collect()
}

#[test]
fn every_page_is_one_small_request_without_script_or_style_attributes() {
    let world = World::new();
    for language in Language::ALL {
        for (name, html) in world.pages(language) {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(html.as_bytes()).unwrap();
            let size = gzip.finish().unwrap().len();
            assert!(size <= 8_000, "{name}: {size} B");
            for tag in tags(&html) {
                assert!(
                    !tag.starts_with("script") && !tag.contains(" style=") && !tag.contains(" on"),
                    "{name}: {tag}"
                );
                let loads = attribute(tag, "src").is_some()
                    || (tag.starts_with("link") && attribute(tag, "href") != Some("data:,"));
                assert!(!loads, "{name}: {tag}");
            }
            let style = html
                .split("<style>")
                .nth(1)
                .and_then(|rest| rest.split("</style>").next());
            assert_eq!(style, Some(SURVEY_CSS), "{name}");
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name}");
            let ids: Vec<&str> = tags(&html).into_iter().filter_map(|tag| attribute(tag, "id")).collect();
            assert_eq!(
                ids.len(),
                ids.iter().collect::<std::collections::BTreeSet<_>>().len(),
                "{name}: {ids:?}"
            );
        }
    }
}

#[test]
fn the_stylesheet_is_what_its_hash_says_and_old_engines_understand_it() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/static/survey.css")).unwrap();
    assert_eq!(SURVEY_CSS.as_bytes(), file);
    assert!(stylesheet_hash().starts_with("'sha256-") && stylesheet_hash().ends_with("='"));
    for new in [
        "grid",
        "gap:",
        ":is(",
        ":where(",
        ":has(",
        "focus-visible",
        "inset",
        "aspect-ratio",
        "clamp(",
        "min(",
        "max(",
    ] {
        assert!(!SURVEY_CSS.contains(new), "{new}");
    }
}

#[test]
fn controls_bear_the_ids_of_the_questionnaire() {
    let world = World::new();
    let landing = world.landing(Language::ZhCn, &RawForm::default(), &[]);
    let only = |html: &str| {
        names(html)
            .into_iter()
            .filter(|name| !["format-detection", "robots", "viewport"].contains(name))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        only(&landing),
        ["action", "age18", "conflict", "consent", "service_12m", "services"]
    );
    let rating = world.rating(Language::ZhCn, OUTLET_ONLY, &RawForm::default(), &[]);
    let items = ["E01", "F01", "F02", "F03", "G00", "K01", "S01", "T01", "V01"];
    let rest = [
        "comment",
        "customer_type",
        "integrity",
        "low_reasons",
        "product_category",
        "service_month",
        "website",
    ];
    assert_eq!(only(&rating), [items.as_slice(), rest.as_slice()].concat());
    assert!(
        only(&world.rating(Language::En, EVERYTHING, &RawForm::default(), &[])).contains(&"complaint_fee".to_owned())
    );
    for (id, values) in [
        ("F01", vec!["5", "4", "3", "2", "1", "0"]),
        ("G00", vec!["5", "4", "3", "2", "1"]),
    ] {
        let found: Vec<_> = tags(&rating)
            .into_iter()
            .filter(|tag| attribute(tag, "name") == Some(id))
            .filter_map(|tag| attribute(tag, "value"))
            .collect();
        assert_eq!(found, values);
    }
    assert!(!rating.contains(" required"), "ratings may be skipped");
}

#[test]
fn a_refused_form_keeps_every_answer_and_links_every_error() {
    let world = World::new();
    let typed = [
        ("G00", "4"),
        ("F01", "5"),
        ("F02", "0"),
        ("integrity", "watched"),
        ("integrity", "rather_not"),
        ("product_category", "fridge"),
        ("service_month", "2026-10"),
        ("customer_type", "business"),
        ("complaint_fee", "yes"),
        ("comment", "\n很好 <b>&\"'"),
    ];
    for language in Language::ALL {
        let html = world.rating(language, EVERYTHING, &form(&typed), &rating_errors());
        let kept = [
            "G00=4",
            "F01=5",
            "F02=0",
            "integrity=watched",
            "integrity=rather_not",
            "option=fridge",
            "option=2026-10",
            "customer_type=business",
            "complaint_fee=yes",
        ];
        assert_eq!(chosen(&html), kept);
        // The first line break after the start tag is the parser's.
        assert!(html.contains(">\n\n很好 &#60;b&#62;&#38;&#34;&#39;</textarea>"));
        for error in rating_errors() {
            assert!(html.contains(&format!("<a href=\"#{}\">", error.field)), "{error:?}");
            assert!(
                tags(&html).iter().any(|tag| attribute(tag, "id") == Some(&error.field)),
                "{error:?}"
            );
            let described = format!("{}-error", error.field);
            assert!(
                tags(&html)
                    .iter()
                    .any(|tag| attribute(tag, "aria-describedby") == Some(&described)),
                "{error:?}"
            );
            assert!(
                tags(&html).iter().any(|tag| attribute(tag, "id") == Some(&described)),
                "{error:?}"
            );
        }
        let landing = world.landing(
            language,
            &form(&[("age18", "yes"), ("services", "repair"), ("consent", "yes")]),
            &landing_errors(),
        );
        assert_eq!(
            chosen(&landing),
            ["age18=yes", "services=repair"],
            "consent is never ticked for anybody"
        );
        for error in landing_errors() {
            assert!(landing.contains(&format!("<a href=\"#{}\">", error.field)), "{error:?}");
        }
    }
}

#[test]
fn addresses_are_printed_once_and_verbatim() {
    let html = World::new().rating(Language::En, EVERYTHING, &RawForm::default(), &[]);
    assert_eq!(
        (html.matches("\"FORM-MARK\"").count(), html.matches("FORM-MARK").count()),
        (1, 1)
    );
    assert_eq!(
        (
            html.matches("\"OTHER-MARK\"").count(),
            html.matches("OTHER-MARK").count()
        ),
        (1, 1)
    );
}

#[test]
fn a_busy_page_keeps_the_answers_and_is_no_error_of_the_customer() {
    let world = World::new();
    let choices = FormChoices {
        products: &[],
        months: &[],
    };
    let html = rating(
        &world.scene(Language::En),
        OUTLET_ONLY,
        choices,
        "/f/X",
        None,
        &form(&[("F01", "2")]),
        &[],
        Some(Halt::Busy),
    )
    .unwrap();
    assert_eq!(chosen(&html), ["F01=2"]);
    assert!(html.contains("role=\"alert\"") && !html.contains("aria-invalid"));
    assert!(!html.contains("<select"), "nothing to choose from, nothing asked");
}

#[test]
fn the_receipt_shows_its_code_and_names_are_escaped() {
    let world = World::new();
    let code = Receipt::of(b"key", &[1; 16]);
    let html = receipt(&world.scene(Language::ZhCn), &code, "https://survey.example", false).unwrap();
    assert!(html.contains(&format!("data-receipt=\"{0}\">{0}<", code.as_str())));
    assert!(html.contains("海晴&#60;电器&#62;") && !html.contains("海晴<"));
}
