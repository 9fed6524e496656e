//! From an empty installation to a signed four-star certificate and its downgrade a year later: every step by a form of a
//! page, every person signed in with password and second factor, as many answers as the floors of the plan ask for.

use std::time::Duration;

use perception::access::Role;
use perception::store::link;
use perception::survey::link::LinkKind;

use crate::grading_case::{Case, sent};
use crate::harness::{Backend, EmptyApp, Office, PASSWORD, Staff, code_of, message};
use crate::interview_journey;
use crate::office_plan::{filled, id_of, review, step};

both_backends!(an_empty_installation_certifies_and_downgrades_a_year_later);

/// Floors of the sampling plan: 30 interviews, 100 answers in all (requirements §8.4).
const INTERVIEWS: usize = 30;
const ANSWERS: usize = 70;

/// An account as its owner knows it.
struct Person {
    login: &'static str,
    secret: Option<String>,
}

impl Person {
    /// Sets the password behind a one-time link, and the second factor where the role asks for one.
    fn set_up(app: &EmptyApp, login: &'static str, link: &str, names: &[(&str, &str)]) -> (Self, Staff) {
        let staff = app.stranger();
        let mut form = staff.get(link).form_to(link);
        for (field, text) in names {
            form.write(field, text);
        }
        form.write("password", PASSWORD);
        form.write("password_again", PASSWORD);
        let entered = staff.send(&form);
        let secret = (entered.location() == "/account/second-factor").then(|| app.enrol(&staff).0);
        (Self { login, secret }, staff)
    }

    /// Signs in; codes work once, so that the next one is waited for.
    fn arrive(&self, app: &EmptyApp) -> Staff {
        let staff = app.stranger();
        let page = app.try_sign_in(&staff, self.login, PASSWORD);
        assert_eq!(page.status, 303, "{}", page.text());
        if let Some(secret) = &self.secret {
            app.wait(Duration::from_secs(60));
            let mut form = staff.get(page.location()).form_to("/sign-in/code");
            form.write("code", &code_of(secret, app.now_ms()));
            sent(&staff.send(&form));
        }
        staff
    }
}

/// The people of the certification body.
struct Body {
    people: [Person; 5],
}

const LOGINS: [(&str, Role); 5] = [
    ("manager", Role::Manager),
    ("evaluator.a", Role::Evaluator),
    ("evaluator.b", Role::Evaluator),
    ("reviewer", Role::Reviewer),
    ("signatory", Role::Signatory),
];

impl Body {
    /// The first administrator comes by the link of the command line and invites the others.
    fn found(app: &EmptyApp) -> Self {
        let names = [("name", "周明"), ("registration_no", "A-1"), ("login", "boss")];
        let (_, boss) = Person::set_up(app, "boss", &app.link(None), &names);
        let people = LOGINS.map(|(login, role)| {
            let mut form = boss.get("/people/new").form_to("/people/new");
            form.write("name", login);
            form.write("registration_no", &format!("no {login}"));
            form.write("login", login);
            form.check("roles", role.as_str());
            let made = boss.send(&form);
            assert_eq!(made.status, 200, "{}", made.text());
            let link = made.text_of("#link");
            Person::set_up(app, login, link.strip_prefix(&app.base).unwrap(), &[]).0
        });
        Self { people }
    }

    /// The case of an evaluation with everybody signed in just now.
    fn case(&self, app: &EmptyApp, path: &str) -> Case {
        let [manager, one, another, reviewer, signatory] = &self.people;
        let evaluators = [one.arrive(app), another.arrive(app)];
        Case::with(
            (id_of(path), app.now_ms()),
            manager.arrive(app),
            evaluators,
            (reviewer.arrive(app), signatory.arrive(app)),
        )
    }
}

/// A draft with its team, its plan frozen, approved and opened.
fn opened(app: &EmptyApp, body: &Body, mode: &str) -> Case {
    let manager = body.people[0].arrive(app);
    let mut form = filled(&manager);
    form.pick("mode", mode);
    if mode != "initial" {
        let known = app.database.raw().text("SELECT id AS value FROM organisation");
        form.pick("organisation", &known);
    }
    let made = manager.send(&form);
    assert_eq!(made.status, 303, "{}", made.text());
    let path = made.location().to_owned();
    for (login, role) in LOGINS.iter().skip(1) {
        let members = format!("{path}/members");
        let mut form = manager.get(&members).form_to(&members);
        let person = format!("SELECT person_id AS value FROM account WHERE login = '{login}'");
        form.pick("person", &app.database.raw().text(&person));
        form.pick("role", role.as_str());
        sent(&manager.send(&form));
    }
    let case = body.case(app, &path);
    for who in case.people() {
        let declare = case.at("conflict");
        let mut form = who.get(&declare).form_to(&declare);
        form.pick("conflicted", "no");
        sent(&who.send(&form));
    }
    sent(&step(&case.manager, &path));
    sent(&review(&case.reviewer, &path, "approve", ""));
    sent(&step(&case.manager, &path));
    case
}

/// Evaluators interview, and customers answer behind the codes, several at once.
fn fieldwork(app: &EmptyApp, case: &Case, face: &str, electronic: &str) {
    let begins = case.evaluators[0]
        .get("/today")
        .attributes("main a.button.main", "href");
    let begins: Vec<String> = begins
        .into_iter()
        .filter(|way| way.contains(&case.id.to_string()))
        .collect();
    assert_eq!(begins.len(), 2, "two outlets");
    let (id, key, now_ms) = (case.id, app.installation.key.clone(), app.now_ms());
    // What the pictures of the plates say.
    let codes = app
        .installation
        .store
        .read_blocking(|conn| link::list_usable(conn, id, LinkKind::Outlet, key.bytes(), now_ms, 10));
    let codes: Vec<String> = codes
        .unwrap()
        .iter()
        .map(|(_, token)| format!("/s/{}", token.as_str()))
        .collect();
    std::thread::scope(|scope| {
        for (evaluator, way) in case.evaluators.iter().zip(&begins) {
            scope.spawn(move || {
                for _ in 0..INTERVIEWS / 2 {
                    let page = evaluator.follow(evaluator.get(way));
                    let form = interview_journey::filled(&page, &["home"], face);
                    sent(&evaluator.send(&form));
                }
            });
        }
        for code in &codes {
            scope.spawn(move || {
                for _ in 0..ANSWERS / 2 {
                    app.customer().answer(code, &["home"], electronic);
                }
            });
        }
    });
}

/// Closed, sealed by two people, scored, audited, facts entered and confirmed.
fn assessed(app: &EmptyApp, body: &Body, case: &Case, percent: u32) -> Case {
    let path = format!("/evaluations/{}", case.id);
    sent(&step(&case.manager, &path));
    let case = body.case(app, &path);
    let seal = case.at("seal");
    sent(
        &case
            .manager
            .send(&case.manager.get(&seal).form_to(&format!("{seal}/proposal"))),
    );
    sent(&case.reviewer.send(&case.reviewer.get(&seal).form_to(&seal)));
    case.score(&case.evaluators[0], percent);
    case.audit();
    case.facts();
    case
}

/// Proposed, reviewed, signed, each having just signed in.
fn decided(app: &EmptyApp, body: &Body, case: &Case, ruling: &str) -> Case {
    let case = body.case(app, &format!("/evaluations/{}", case.id));
    sent(&case.propose(ruling, ""));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    case
}

fn an_empty_installation_certifies_and_downgrades_a_year_later(backend: Backend) {
    let app = EmptyApp::spawn(backend);
    let mut raw = app.database.raw();
    for table in ["account", "organisation", "evaluation"] {
        assert_eq!(raw.count(table), 0, "{table}");
    }
    let body = Body::found(&app);

    let case = opened(&app, &body, "initial");
    fieldwork(&app, &case, "4", "5");
    assert_eq!(raw.count("response"), 100);
    let case = assessed(&app, &body, &case, 85);
    let worksheet = case.manager.get(&case.at("decision")).text();
    // 30 times 80 points in person, 70 times 100 behind the codes.
    for figure in ["85.00%", "94.00%", "80.00%", "四星级"] {
        assert!(worksheet.contains(figure), "{figure}: {worksheet}");
    }
    decided(&app, &body, &case, "grant:4");
    let first = raw.text("SELECT number AS value FROM certificate");
    let public = |number: &str| app.customer().get(&format!("/certificates/{number}?lang=en")).text();
    assert!(public(&first).contains("four stars") && public(&first).contains("Valid"));

    app.wait(Duration::from_secs(365 * 86_400));
    let case = opened(&app, &body, "surveillance");
    let due = case.manager.get(&case.at("certificate")).text();
    assert!(due.contains(&message("zh-CN", "duty-evaluate")), "{due}");
    fieldwork(&app, &case, "3", "4");
    let case = assessed(&app, &body, &case, 85);
    let worksheet = case.manager.get(&case.at("decision")).text();
    // 74 of 100 in all and 60 in person; 20 points less each than last year.
    for figure in ["74.00%", "60.00%", "-20.00", "二星级"] {
        assert!(worksheet.contains(figure), "{figure}: {worksheet}");
    }
    let case = decided(&app, &body, &case, "downgrade:2");
    let second = raw.text(&format!(
        "SELECT number AS value FROM certificate WHERE replaces = '{first}'"
    ));
    for (number, told) in [
        (&first, "Downgrade"),
        (&first, second.as_str()),
        (&second, "two stars"),
        (&second, "Valid"),
    ] {
        assert!(public(number).contains(told), "{told}: {}", public(number));
    }
    assert!(
        case.manager
            .get(&case.at("decision"))
            .text()
            .contains(&message("zh-CN", "decision-sealed"))
    );
    let signed = "event WHERE action IN ('decision.signed', 'evaluation.sealed', 'plan.approved')";
    assert_eq!(raw.count(signed), 6);
}
