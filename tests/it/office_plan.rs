//! A manager's way from the first page to running fieldwork and its end, and everything that is refused on it.

use perception::access::Role;
use perception::store::{evaluation, event, link};
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::EvaluationId;
use perception::survey::link::LinkKind;

use crate::harness::{Backend, DAY_MS, Form, Page, Staff, TestApp, message};

both_backends!(
    from_the_first_page_to_answers_in_few_actions,
    what_clause_1_leaves_out_is_refused_with_everything_kept,
    steps_are_taken_once_and_in_order,
    the_overview_says_what_is_missing,
);

/// Fields filled in and clicks, the way a person counts them.
#[derive(Default)]
struct Hand {
    actions: usize,
}

impl Hand {
    fn open(&mut self, staff: &Staff, page: &Page, href: &str) -> Page {
        assert!(
            page.attributes("a", "href").contains(&href.to_owned()),
            "{href}: {}",
            page.text()
        );
        self.actions += 1;
        staff.get(href)
    }

    fn write(&mut self, form: &mut Form, name: &str, text: &str) {
        self.actions += 1;
        form.write(name, text);
    }

    fn pick(&mut self, form: &mut Form, name: &str, value: &str) {
        self.actions += 1;
        form.pick(name, value);
    }

    fn press(&mut self, staff: &Staff, form: &Form) -> Page {
        self.actions += 1;
        let reply = staff.send(form);
        assert_eq!(reply.status, 303, "{}", reply.text());
        staff.follow(reply)
    }
}

/// Somebody who may manage, and is in no evaluation yet.
pub fn manager(app: &TestApp) -> Staff {
    Staff::signed_in(&app.base, &app.installation, &[Role::Manager])
}

/// The form of a new evaluation, filled in as far as it must be.
pub fn filled(manager: &Staff) -> Form {
    let mut form = manager.get("/evaluations/new").form_to("/evaluations/new");
    form.write("firm", "安居家具股份有限公司");
    form.pick("gate", "none");
    form.write("scope", "定制家具的配送、安装和维修");
    form.write("outlets", "天河服务中心,322\n越秀服务中心,268");
    form
}

/// Makes a draft; its address.
pub fn draft(manager: &Staff) -> String {
    let reply = manager.send(&filled(manager));
    assert_eq!(reply.status, 303, "{}", reply.text());
    reply.location().to_owned()
}

/// The evaluation of an address.
pub fn id_of(path: &str) -> EvaluationId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

fn state_of(app: &TestApp, path: &str) -> EvaluationState {
    let (id, catalogue) = (id_of(path), app.installation.store.catalogue().clone());
    let read = app
        .installation
        .store
        .read_blocking(|conn| evaluation::find(conn, &catalogue, id));
    read.unwrap().unwrap().state
}

/// Actions of events, oldest first.
pub fn actions(app: &TestApp, path: &str) -> Vec<String> {
    let id = id_of(path);
    let read = app
        .installation
        .store
        .read_blocking(|conn| event::list(conn, id, 0, 200));
    read.unwrap().into_iter().rev().map(|event| event.action).collect()
}

/// Presses the button of the next step.
pub fn step(manager: &Staff, path: &str) -> Page {
    manager.send(&manager.get(path).form_to(&format!("{path}/step")))
}

/// A reviewer of the evaluation, who has just signed in.
pub fn reviewer(app: &TestApp, path: &str) -> Staff {
    let staff = Staff::signed_in(&app.base, &app.installation, &[Role::Reviewer]);
    staff.joins(&app.installation, id_of(path), Role::Reviewer)
}

/// Gives a verdict on the frozen plan.
pub fn review(reviewer: &Staff, path: &str, verdict: &str, comment: &str) -> Page {
    let page = format!("{path}/plan");
    let mut form = reviewer.get(&page).form_to(&format!("{page}/review"));
    form.pick("verdict", verdict);
    form.write("comment", comment);
    reviewer.send(&form)
}

fn from_the_first_page_to_answers_in_few_actions(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    // Signing in: name, password, button.
    let mut hand = Hand { actions: 3 };
    let home = manager.get("/");
    let page = hand.open(&manager, &home, "/evaluations/new");
    let mut form = page.form_to("/evaluations/new");
    // The one known organisation of this database is not wanted: the list begins with a new one.
    hand.write(&mut form, "firm", "安居家具股份有限公司");
    hand.pick(&mut form, "gate", "none");
    hand.write(&mut form, "scope", "定制家具的配送、安装和维修");
    hand.write(
        &mut form,
        "outlets",
        "天河服务中心,322\n越秀服务中心 | Yuexiu centre\t268",
    );
    let overview = hand.press(&manager, &form);
    let path = overview.path.clone();
    // Freeze; a reviewer, whose actions these are not, approves; open.
    for waits in [true, false] {
        let form = manager.get(&path).form_to(&format!("{path}/step"));
        hand.press(&manager, &form);
        if waits {
            assert_eq!(review(&reviewer(&app, &path), &path, "approve", "").status, 303);
        }
    }
    assert_eq!(state_of(&app, &path), EvaluationState::Open);
    assert!(
        hand.actions <= 12,
        "{} actions from signing in to an open survey",
        hand.actions
    );

    // Every outlet has its code, and a customer can answer through it at once.
    let (id, key, now_ms) = (
        id_of(&path),
        app.installation.key.clone(),
        app.installation.clock.now_ms(),
    );
    let usable = app
        .installation
        .store
        .read_blocking(|conn| link::list_usable(conn, id, LinkKind::Outlet, key.bytes(), now_ms, 10))
        .unwrap();
    assert_eq!(usable.len(), 2);
    app.customer()
        .answer(&format!("/s/{}", usable[0].1.as_str()), &["home"], "5");
    assert_eq!(app.responses(), 1);
    let landing = app.customer().get(&format!("/s/{}?lang=en", usable[1].1.as_str()));
    assert!(landing.text().contains("Yuexiu centre"), "{}", landing.text());
    let overview = manager.get(&path);
    assert_eq!(overview.attributes("progress", "value")[1], "1", "{}", overview.text());

    assert_eq!(
        actions(&app, &path),
        [
            "evaluation.created",
            "member.added",
            "outlet.added",
            "outlet.added",
            "evaluation.frozen",
            "plan.approved",
            "evaluation.open",
            "code.created",
            "code.created"
        ]
    );
    step(&manager, &path);
    assert_eq!(state_of(&app, &path), EvaluationState::Closed);
    // Whoever made it finds it on the first page, and all of it in the log, in both languages.
    assert!(manager.get("/").attributes("a", "href").contains(&path));
    for (language, key) in [("zh-CN", "activity-frozen"), ("en", "activity-frozen")] {
        let log = manager.get(&format!("{path}/activity?lang={language}")).text();
        let said = message(language, key).replace("{ $actor }", "").trim().to_owned();
        assert!(log.contains(&said) && !log.contains("evaluation."), "{log}");
    }
}

fn what_clause_1_leaves_out_is_refused_with_everything_kept(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let evaluations = app.raw().count("evaluation");
    for excluded in ["cars", "special", "licence"] {
        let mut form = filled(&manager);
        form.pick("gate", excluded);
        form.write("products", "衣柜 | Wardrobe");
        let refused = manager.send(&form);
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes(".alert a", "href"), ["#gate"]);
        assert!(
            refused.text().contains(&message("zh-CN", "error-excluded")),
            "{}",
            refused.text()
        );
        let again = refused.form_to("/evaluations/new");
        assert_eq!(again.pairs(), form.pairs(), "everything is kept");
    }
    let mut form = filled(&manager);
    form.write("scope", "");
    form.write("outlets", "");
    let refused = manager.send(&form);
    assert_eq!(refused.attributes(".alert a", "href"), ["#scope", "#outlets"]);
    assert_eq!(
        refused.form_to("/evaluations/new").written("firm"),
        "安居家具股份有限公司"
    );
    assert_eq!(app.raw().count("evaluation"), evaluations);
}

fn steps_are_taken_once_and_in_order(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let csrf = manager.csrf("/");
    let to = |state: &str| {
        manager
            .post(&format!("{path}/step"), &[("csrf", &csrf), ("to", state)])
            .status
    };
    for illegal in ["open", "closed", "sealed", "released"] {
        assert_eq!(to(illegal), 409, "{illegal}");
    }
    assert_eq!(to("burnt"), 400);
    // Pressed twice, it happens once.
    assert_eq!((to("frozen"), to("frozen")), (303, 303));
    assert_eq!(to("draft"), 409);
    assert_eq!(to("open"), 409, "nobody has approved the plan");
    assert_eq!(review(&reviewer(&app, &path), &path, "approve", "").status, 303);
    assert_eq!((to("open"), to("open"), to("frozen")), (303, 303, 409));
    assert_eq!((to("closed"), to("sealed"), to("open")), (303, 409, 409));
    let steps = |action: &str| actions(&app, &path).iter().filter(|a| *a == action).count();
    for action in ["evaluation.frozen", "evaluation.open", "evaluation.closed"] {
        assert_eq!(steps(action), 1, "{action}");
    }
    assert_eq!(steps("evaluation.sealed"), 0);

    // Somebody else's evaluation is none at all; a member without the role is told so.
    let other = Staff::signed_in(&app.base, &app.installation, &[Role::Manager]);
    let others = other.csrf("/");
    let foreign = other.post(&format!("{path}/step"), &[("csrf", &others), ("to", "sealed")]);
    assert_eq!((foreign.status, other.get(&path).status), (404, 404));
    let auditor = app.member(Role::Auditor);
    let own = format!("/evaluations/{}", app.wave.id);
    let csrf = auditor.csrf("/");
    let refused = auditor.post(&format!("{own}/step"), &[("csrf", &csrf), ("to", "closed")]);
    assert_eq!((refused.status, auditor.get(&own).status), (403, 200));
}

fn the_overview_says_what_is_missing(backend: Backend) {
    let app = TestApp::without_people(backend);
    let manager = app.member(Role::Manager);
    let own = format!("/evaluations/{}", app.wave.id);
    let says = |key: &str| manager.get(&own).text().contains(&message("zh-CN", key));
    assert!(says("alarm-no-evaluator") && says("alarm-no-reviewer") && !says("alarm-quiet"));
    let evaluator = app.member(Role::Evaluator);
    app.member(Role::Reviewer);
    assert!(!says("alarm-no-evaluator") && !says("alarm-no-reviewer"));
    app.installation.clock.advance_ms(3 * DAY_MS);
    // Everybody's session has ended meanwhile.
    let manager = app.member(Role::Manager);
    let says = |key: &str| manager.get(&own).text().contains(&message("zh-CN", key));
    assert!(says("alarm-quiet"));
    app.customer().answer(&app.open_link().path, &["home"], "4");
    assert!(!says("alarm-quiet"));
    drop(evaluator);
    // Evaluators go on from their first page.
    let evaluator = app.member(Role::Evaluator);
    assert!(
        evaluator
            .get("/")
            .attributes("a", "href")
            .contains(&format!("{own}/interviews"))
    );
    assert!(
        evaluator
            .get(&own)
            .attributes("form", "action")
            .iter()
            .all(|action| !action.ends_with("/step"))
    );
}
