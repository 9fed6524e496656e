//! Every form of the grading with entries that cannot be: refused with the field named, and everything typed kept.

use crate::grading_case::{Case, refused, sent};
use crate::harness::{Backend, Form, Staff, TestApp, message};

both_backends!(impossible_entries_come_back_with_the_field_named);

/// Page, where its form goes, what is entered, the field that is refused and why. `=` before a field chooses, a day is so
/// many days after (`@1`) or before (`@-3`) today.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

const CHECKED: &str = "audit/checklist";
const FINDINGS: &str = "audit/findings";
const SCORES: &str = "scoring/4.1.3";

/// Forms of evaluators.
const EVALUATOR: &[Row] = &[
    (
        SCORES,
        SCORES,
        &[("marks-4.1.3.1", "5.01"), ("evidence-4.1.3.1", "包装完好")],
        "marks-4.1.3.1",
        "error-above-full",
    ),
    (
        SCORES,
        SCORES,
        &[("marks-4.1.3.1", "五"), ("evidence-4.1.3.1", "包装完好")],
        "marks-4.1.3.1",
        "error-not-a-decimal",
    ),
    (
        SCORES,
        SCORES,
        &[("marks-4.1.3.1", "4")],
        "evidence-4.1.3.1",
        "error-empty",
    ),
    (
        "scoring",
        "observations",
        &[("=kind", "hotline"), ("promised", "24 小时"), ("actual", "无人接听")],
        "subject",
        "error-empty",
    ),
    (
        CHECKED,
        CHECKED,
        &[("=conform-4.2.2", "yes")],
        "evidence-4.2.2",
        "error-empty",
    ),
    (
        CHECKED,
        CHECKED,
        &[("evidence-4.2.2", "手册")],
        "conform-4.2.2",
        "error-missing",
    ),
    (
        "audit",
        FINDINGS,
        &[
            ("=clause", "4.2.6"),
            ("=severity", "serious"),
            ("evidence", "缺联系方式"),
            ("raised_on", "@-3"),
            ("closed_on", "@-4"),
            ("correction", "已补"),
        ],
        "closed_on",
        "error-too-early",
    ),
    (
        "audit",
        FINDINGS,
        &[
            ("=clause", "4.2.6"),
            ("=severity", "minor"),
            ("evidence", "缺联系方式"),
            ("raised_on", "@1"),
        ],
        "raised_on",
        "error-in-future",
    ),
    (
        "audit",
        FINDINGS,
        &[
            ("=clause", "4.2.6"),
            ("=severity", "minor"),
            ("evidence", "缺联系方式"),
            ("raised_on", "@-3"),
            ("closed_on", "@1"),
            ("correction", "已补"),
        ],
        "closed_on",
        "error-in-future",
    ),
    (
        "audit",
        FINDINGS,
        &[
            ("=clause", "4.2.6"),
            ("=severity", "minor"),
            ("evidence", "缺联系方式"),
            ("raised_on", "@-3"),
            ("closed_on", "@-2"),
        ],
        "correction",
        "error-empty",
    ),
];

/// A finding, and the same once more.
const TWIN: Row = (
    "audit",
    FINDINGS,
    &[
        ("=clause", "4.2.7.2"),
        ("=severity", "minor"),
        ("evidence", "未归档"),
        ("raised_on", "@-3"),
    ],
    "clause",
    "error-taken",
);

/// Forms of managers.
const MANAGER: &[Row] = &[
    (
        "facts/onsite/new",
        "facts/onsite/new",
        &[("on", "@1"), ("source", "计划"), ("evidence", "签到表")],
        "on",
        "error-in-future",
    ),
    (
        "facts/operating/new",
        "facts/operating/new",
        &[("since", "@1"), ("source", "执照"), ("evidence", "复印件")],
        "since",
        "error-in-future",
    ),
    (
        "facts/accident/new",
        "facts/accident/new",
        &[
            ("on", "@1"),
            ("=harm", "injury"),
            ("=responsible", "yes"),
            ("source", "媒体"),
            ("evidence", "报道"),
        ],
        "on",
        "error-in-future",
    ),
    (
        "facts/complaint/new",
        "facts/complaint/new",
        &[
            ("on", "@1"),
            ("=basis", "media"),
            ("=confirmed", "yes"),
            ("=rectification", "pending"),
            ("source", "媒体"),
            ("evidence", "报道"),
        ],
        "on",
        "error-in-future",
    ),
    (
        "facts/negative/new",
        "facts/negative/new",
        &[
            ("on", "@1"),
            ("=confirmed", "yes"),
            ("source", "媒体"),
            ("evidence", "报道"),
        ],
        "on",
        "error-in-future",
    ),
    (
        "facts/convenience/new",
        "facts/convenience/new",
        &[("services", "-1"), ("source", "现场"), ("evidence", "照片")],
        "services",
        "error-out-of-range",
    ),
    (
        "facts/blacklist/new",
        "facts/blacklist/new",
        &[("=listed", "no"), ("evidence", "截图")],
        "source",
        "error-empty",
    ),
    (
        "facts/verdict/new",
        "facts/verdict/new",
        &[("=conclusion", "pass"), ("source", "报告"), ("evidence", "报告")],
        "conclusion",
        "error-not-ready",
    ),
];

/// What contradicts an entry that is there: on site on the day ten days ago.
const AFTER_ONSITE: Row = (
    "facts/operating/new",
    "facts/operating/new",
    &[("since", "@-9"), ("source", "执照"), ("evidence", "复印件")],
    "since",
    "error-out-of-range",
);
/// A clause that does not apply, and the same once more.
const LEFT_OUT: Row = (
    "facts/not_applicable/new",
    "facts/not_applicable/new",
    &[("=clause", "4.1.3.1"), ("source", "合同"), ("evidence", "不配送")],
    "clause",
    "error-taken",
);

/// Forms about a certificate.
const CERTIFICATE: &[Row] = &[
    (
        "certificate",
        "certificate/steps",
        &[
            ("=step", "suspend"),
            ("=reason", "injury"),
            ("takes_effect_on", "@1"),
            ("grounds", "来函"),
        ],
        "takes_effect_on",
        "error-in-future",
    ),
    (
        "certificate",
        "certificate/steps",
        &[
            ("=step", "reinstate"),
            ("=reason", "cause_removed"),
            ("takes_effect_on", "@0"),
            ("grounds", "来函"),
        ],
        "step",
        "error-not-possible",
    ),
    (
        "certificate",
        "certificate/reports",
        &[
            ("=kind", "accident"),
            ("reported_on", "@1"),
            ("source", "媒体"),
            ("account", "安装坠落"),
        ],
        "reported_on",
        "error-in-future",
    ),
];

fn filled(case: &Case, who: &Staff, (page, action, entries, ..): &Row) -> Form {
    let mut form = who.get(&case.at(page)).form_to(&case.at(action));
    for (name, text) in *entries {
        match name.strip_prefix('=') {
            Some(name) => form.pick(name, text),
            None => form.write(name, &day(case, text)),
        }
    }
    form
}

fn day(case: &Case, text: &str) -> String {
    let Some(days) = text.strip_prefix('@') else {
        return text.to_owned();
    };
    let today = chrono::NaiveDate::parse_from_str(&case.day(0), "%Y-%m-%d").unwrap();
    (today + chrono::TimeDelta::days(days.parse().unwrap())).to_string()
}

fn refuses(case: &Case, who: &Staff, row: &Row) {
    let form = filled(case, who, row);
    let page = who.send(&form);
    let (_, action, _, field, why) = row;
    let said = refused(&page, field);
    assert!(said.contains(&message("zh-CN", why)), "{action} {field}: {said}");
    assert_eq!(
        page.form_to(&case.at(action)).pairs(),
        form.pairs(),
        "{action}: everything typed is kept"
    );
}

fn impossible_entries_come_back_with_the_field_named(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    let (manager, evaluator) = (&case.manager, &case.evaluators[0]);
    for row in EVALUATOR {
        refuses(&case, evaluator, row);
    }
    for row in MANAGER {
        refuses(&case, manager, row);
    }
    for table in ["score", "observation", "audit_check", "finding", "fact"] {
        assert_eq!(app.raw().count(table), 0, "{table}");
    }
    for (who, row) in [(evaluator, &TWIN), (manager, &LEFT_OUT)] {
        sent(&who.send(&filled(&case, who, row)));
        refuses(&case, who, row);
    }
    sent(&case.enter(manager, "onsite", &[("on", &case.day(10))]));
    refuses(&case, manager, &AFTER_ONSITE);

    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    case.prepare(&app, 85, "4");
    refuses(
        &case,
        &case.manager,
        &(
            "decision",
            "decision",
            &[("=ruling", "grant:3")],
            "reason",
            "error-empty",
        ),
    );
    sent(&case.propose("grant:4", ""));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    for row in CERTIFICATE {
        refuses(&case, &case.manager, row);
    }
}
