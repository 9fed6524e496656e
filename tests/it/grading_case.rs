//! An evaluation that is graded: its people, and what they do on its pages.

use chrono::{Days, NaiveDate};
use perception::access::Role;
use perception::store::response;
use perception::survey::answers::{Answers, FormChoices};
use perception::survey::evaluation::{EvaluationState, Mode};
use perception::survey::form::RawForm;
use perception::survey::id::EvaluationId;
use perception::survey::questionnaire::ServiceSet;
use perception::survey::submission::Submission;

use crate::harness::{Page, Pen, Plan, Staff, TestApp, Wave};

/// The people of one evaluation, each with one role.
pub struct Case {
    pub id: EvaluationId,
    wave: Option<Wave>,
    pub manager: Staff,
    pub evaluators: [Staff; 2],
    pub reviewer: Staff,
    pub signatory: Staff,
    today: NaiveDate,
}

/// Headings with their clauses and full marks in hundredths, as the scheme has them.
pub fn headings() -> Vec<(String, Vec<(String, u32)>)> {
    let scheme: serde_json::Value =
        serde_json::from_str(include_str!("../../schemes/cqm-f-rz-zy-06-001-1.0.0.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let hundredths = |value: &serde_json::Value| {
        let (whole, part) = value
            .as_str()
            .unwrap()
            .split_once('.')
            .unwrap_or((value.as_str().unwrap(), ""));
        whole.parse::<u32>().unwrap() * 100 + format!("{part:0<2}").parse::<u32>().unwrap()
    };
    let clauses = |heading: &serde_json::Value| {
        let all = heading["clauses"].as_array().unwrap();
        all.iter()
            .map(|c| (text(&c["clause"]), hundredths(&c["marks"])))
            .collect()
    };
    let all = scheme["headings"].as_array().unwrap();
    all.iter()
        .map(|heading| (text(&heading["clause"]), clauses(heading)))
        .collect()
}

impl Case {
    /// The evaluation that a test server starts with.
    pub fn first(app: &TestApp) -> Self {
        Self::of(app, app.wave.clone())
    }

    /// Another evaluation of the same organisation, in fieldwork; every person signs in anew.
    pub fn again(app: &TestApp, mode: &str) -> Self {
        Self::following(app, mode, 2)
    }

    /// Yet another one, with ids that follow from this seed.
    pub fn following(app: &TestApp, mode: &str, seed: u64) -> Self {
        let owner = format!(
            "SELECT organisation_id AS value FROM evaluation WHERE id = '{}'",
            app.wave.id
        );
        let firm = app.raw().texts(&owner).pop().unwrap().parse().unwrap();
        let plan = Plan {
            seed,
            mode: Mode::parse(mode).unwrap(),
            firm: Some(firm),
            ..Plan::default()
        };
        let wave = Wave::sow(&app.installation, plan);
        Self::of(app, wave)
    }

    /// An evaluation with people who sign in anew.
    pub fn of(app: &TestApp, wave: Wave) -> Self {
        let id = wave.id;
        let member = |role| Staff::signed_in(&app.base, &app.installation, &[role]).joins(&app.installation, id, role);
        let case = Self::with(
            (id, app.installation.clock.now_ms()),
            member(Role::Manager),
            [member(Role::Evaluator), member(Role::Evaluator)],
            (member(Role::Reviewer), member(Role::Signatory)),
        );
        Self {
            wave: Some(wave),
            ..case
        }
    }

    /// An evaluation as it is now, with people who are signed in.
    pub fn with(
        (id, now_ms): (EvaluationId, i64),
        manager: Staff,
        evaluators: [Staff; 2],
        (reviewer, signatory): (Staff, Staff),
    ) -> Self {
        let in_china = chrono::DateTime::from_timestamp_millis(now_ms + 8 * 3_600_000).unwrap();
        Self {
            id,
            wave: None,
            manager,
            evaluators,
            reviewer,
            signatory,
            today: in_china.date_naive(),
        }
    }

    /// Everybody.
    pub fn people(&self) -> [&Staff; 5] {
        let [one, another] = &self.evaluators;
        [&self.manager, one, another, &self.reviewer, &self.signatory]
    }

    /// A path in the evaluation.
    pub fn at(&self, end: &str) -> String {
        format!("/evaluations/{}/{end}", self.id)
    }

    /// So many days before today.
    pub fn day(&self, back: u64) -> String {
        (self.today - Days::new(back)).to_string()
    }

    /// Customers answer, all with the same rating, in person and by link; then fieldwork ends.
    pub fn survey(&self, app: &TestApp, rating: &str) {
        let wave = self.wave.as_ref().unwrap();
        let mut pen = Pen::new(u64::from(rating.as_bytes()[0]));
        let questionnaire = wave.instrument.questionnaire();
        for outlet in [0, 1, 2, 0, 1, 2, 0, 1] {
            let entry = pen.interview(wave, outlet);
            let made = pen.submission(wave, entry);
            let pairs = questionnaire
                .items()
                .iter()
                .map(|item| (item.id.clone(), rating.to_owned()));
            let pairs = std::iter::once(("G00".to_owned(), rating.to_owned()))
                .chain(pairs)
                .collect();
            let choices = FormChoices {
                products: &[],
                months: &[],
            };
            let answers = Answers::parse(questionnaire, ServiceSet(4095), choices, &RawForm::new(pairs)).unwrap();
            let submission = Submission {
                answers,
                received_at_ms: app.installation.clock.now_ms(),
                ..made
            };
            let instrument = wave.instrument.clone();
            let store = &app.installation.store;
            store
                .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
                .unwrap();
        }
        let link = wave.link(&app.installation, perception::survey::link::LinkKind::Outlet, 0);
        for _ in 0..6 {
            app.customer().answer(&link.path, &["consult"], rating);
        }
        wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    }

    /// An evaluator gives every clause this share of its full marks, in per cent.
    pub fn score(&self, evaluator: &Staff, percent: u32) {
        for (heading, clauses) in headings() {
            let path = self.at(&format!("scoring/{heading}"));
            let mut form = evaluator.get(&path).form_to(&path);
            for (clause, full) in clauses {
                let marks = full * percent;
                form.write(
                    &format!("marks-{clause}"),
                    &format!("{}.{:04}", marks / 10_000, marks % 10_000),
                );
                form.write(&format!("evidence-{clause}"), "现场查看");
            }
            sent(&evaluator.send(&form));
        }
    }

    /// An evaluator goes through every clause of 4.2; all conform.
    pub fn audit(&self) {
        let path = self.at("audit/checklist");
        let mut form = self.evaluators[0].get(&path).form_to(&path);
        for clause in form.radio_groups() {
            form.pick(&clause, "yes");
            form.write(&clause.replace("conform", "evidence"), "查阅文件");
        }
        sent(&self.evaluators[0].send(&form));
    }

    /// Somebody enters a fact.
    pub fn enter(&self, who: &Staff, kind: &str, choices: &[(&str, &str)]) -> Page {
        let path = self.at(&format!("facts/{kind}/new"));
        let mut form = who.get(&path).form_to(&path);
        for (name, value) in choices {
            if form.radio_groups().iter().any(|group| group == name) || *name == "clause" {
                form.pick(name, value);
            } else {
                form.write(name, value);
            }
        }
        form.write("source", "公示系统");
        form.write("evidence", "截图 1");
        who.send(&form)
    }

    /// Another person confirms the fact of this kind and id.
    pub fn confirm(&self, who: &Staff, kind: &str, id: &str) -> Page {
        let path = self.at(&format!("facts/{kind}/{id}/check"));
        let mut form = who.get(&path).form_to(&path);
        form.pick("agrees", "yes");
        who.send(&form)
    }

    /// Everything that a grade needs beside marks, audit and survey, entered by the manager and confirmed by others.
    pub fn facts(&self) {
        for (kind, choices) in [
            ("onsite", vec![("on", self.day(10))]),
            ("operating", vec![("since", self.day(2000))]),
            ("blacklist", vec![("listed", "no".into())]),
            ("sample", vec![("adequate", "yes".into())]),
            ("verdict", vec![("conclusion", "pass".into())]),
        ] {
            let choices: Vec<(&str, &str)> = choices.iter().map(|(n, v): &(&str, String)| (*n, v.as_str())).collect();
            sent(&self.enter(&self.manager, kind, &choices));
            let other = if kind == "sample" {
                &self.reviewer
            } else {
                &self.evaluators[0]
            };
            sent(&self.confirm(other, kind, kind));
        }
    }

    /// The manager proposes.
    pub fn propose(&self, ruling: &str, reason: &str) -> Page {
        let path = self.at("decision");
        let mut form = self.manager.get(&path).form_to(&path);
        form.pick("ruling", ruling);
        form.write("reason", reason);
        self.manager.send(&form)
    }

    /// Somebody signs, as reviewer (`review`) or signatory (`signature`).
    pub fn sign(&self, who: &Staff, place: &str, word: &str) -> Page {
        let mut form = who
            .get(&self.at("decision"))
            .form_to(&self.at(&format!("decision/{place}")));
        form.pick("approves", word);
        form.write("remark", "看过");
        who.send(&form)
    }

    /// Survey, marks, audit and facts of an organisation with this share of marks and this rating of its customers.
    pub fn prepare(&self, app: &TestApp, percent: u32, rating: &str) {
        self.survey(app, rating);
        self.score(&self.evaluators[0], percent);
        self.audit();
        self.facts();
    }
}

/// Fails unless something was done.
pub fn sent(page: &Page) {
    assert_eq!(page.status, 303, "{}", page.text());
}

/// Fails unless the form came back with this field named; returns what the page says.
pub fn refused(page: &Page, field: &str) -> String {
    assert_eq!(page.status, 422, "{}", page.text());
    let links = page.attributes(".alert a", "href");
    assert!(
        links.contains(&format!("#{field}")),
        "{field}: {links:?} in {}",
        page.text()
    );
    page.text_of(".alert")
}

/// The number of the certificate that was issued last.
pub fn latest_certificate(app: &TestApp) -> String {
    app.raw()
        .texts("SELECT number AS value FROM certificate")
        .pop()
        .unwrap()
}
