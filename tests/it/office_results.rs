//! Who sees how much of the results, and when.

use perception::access::Role;
use perception::store::event;
use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Staff, TestApp, message};

both_backends!(
    scores_are_seen_by_whom_and_when_it_is_time,
    interim_results_are_a_logged_act_of_the_manager,
);

const FORMS: [&str; 4] = ["/results", "/results.csv", "/results.json", "/api"];

struct Readers {
    own: String,
    staff: Vec<(Role, Staff)>,
}

impl Readers {
    fn of(app: &TestApp) -> Self {
        let staff = Role::IN_EVALUATIONS.map(|role| (role, app.member(role)));
        Self {
            own: format!("/evaluations/{}", app.wave.id),
            staff: staff.into(),
        }
    }

    fn address(&self, form: &str) -> String {
        match form {
            "/api" => format!("/api{}/results", self.own),
            end => format!("{}{end}", self.own),
        }
    }

    /// Status of page, CSV, JSON, API for a role; whether the page has scores.
    fn sees(&self, role: Role) -> ([u16; 4], bool) {
        let staff = &self.staff.iter().find(|(held, _)| *held == role).unwrap().1;
        let pages = FORMS.map(|form| staff.get(&self.address(form)));
        let scores = pages[0].status == 200 && pages[0].source().contains("results.csv");
        (pages.map(|page| page.status), scores)
    }
}

fn scores_are_seen_by_whom_and_when_it_is_time(backend: Backend) {
    let app = TestApp::spawn(backend);
    let link = app.open_link();
    for _ in 0..6 {
        app.customer().answer(&link.path, &["home"], "5");
    }
    let readers = Readers::of(&app);
    let counts = ([200, 404, 404, 404], false);
    let (all, hidden, forbidden) = (([200; 4], true), ([404; 4], false), ([403; 4], false));
    let desk = [Role::Manager, Role::Reviewer, Role::Signatory, Role::Auditor];
    for role in desk {
        assert_eq!(readers.sees(role), counts, "{role:?} while customers answer");
    }
    assert_eq!(
        (readers.sees(Role::Organisation), readers.sees(Role::Evaluator)),
        (hidden, forbidden)
    );
    for state in [
        EvaluationState::Closed,
        EvaluationState::Sealed,
        EvaluationState::Released,
    ] {
        app.wave.advance(&app.installation, state).unwrap();
        for role in desk {
            assert_eq!(readers.sees(role), all, "{role:?} {state:?}");
        }
        let organisation = match state {
            EvaluationState::Released => all,
            _ => hidden,
        };
        assert_eq!(
            (readers.sees(Role::Organisation), readers.sees(Role::Evaluator)),
            (organisation, forbidden)
        );
    }
    let stranger = Staff::signed_in(&app.base, &app.installation, &Role::ALL);
    assert!(
        FORMS
            .iter()
            .all(|form| stranger.get(&readers.address(form)).status == 404)
    );
    // The organisation's report withholds small cells like everybody's.
    let organisation = &readers
        .staff
        .iter()
        .find(|(role, _)| *role == Role::Organisation)
        .unwrap()
        .1;
    let own = organisation.get(&readers.address("/results.json")).json();
    let manager = &readers.staff[0].1;
    assert_eq!(own, manager.get(&readers.address("/results.json")).json());
}

fn interim_results_are_a_logged_act_of_the_manager(backend: Backend) {
    let app = TestApp::spawn(backend);
    let readers = Readers::of(&app);
    let interim = format!("{}/interim", readers.own);
    let (manager, reviewer) = (&readers.staff[0].1, &readers.staff[1].1);
    assert_eq!(reviewer.get(&interim).status, 403);
    let mut form = manager.get(&interim).form_to(&interim);
    let refused = manager.send(&form);
    assert_eq!(
        (refused.status, refused.attributes(".alert a", "href")),
        (422, vec!["#reason".into()])
    );
    assert!(!readers.sees(Role::Manager).1, "nothing is opened without a reason");
    form.write("reason", "认证委员会要求了解进度");
    assert_eq!(manager.send(&form).status, 303);
    form.write("reason", "再来一次，换个说法");
    assert_eq!(manager.send(&form).status, 303);

    assert_eq!(readers.sees(Role::Manager), ([200; 4], true));
    for role in [Role::Reviewer, Role::Signatory, Role::Auditor] {
        assert!(!readers.sees(role).1, "{role:?}");
    }
    let events = app
        .installation
        .store
        .read_blocking(|conn| event::list(conn, app.wave.id, 0, 50))
        .unwrap();
    let opened: Vec<_> = events.iter().filter(|event| event.action == "interim.opened").collect();
    assert_eq!(opened.len(), 1, "the first reason stands");
    assert!(opened[0].data.contains("认证委员会") && opened[0].actor == manager.person.unwrap().to_string());
    // Name and reason stand where the others look.
    let name = format!("person-{}", &opened[0].actor[..8]);
    let overview = reviewer.get(&readers.own).text();
    assert!(
        overview.contains("认证委员会") && overview.contains(&name),
        "{overview}"
    );
    assert!(manager.get(&format!("{}/results", readers.own)).text().contains(&name));

    app.close();
    assert_eq!(manager.get(&interim).status, 409);
    let csrf = manager.csrf("/");
    let late = manager.post(&interim, &[("csrf", &csrf), ("reason", "现在打开中期结果")]);
    assert!(late.status == 409 && late.text().contains(&message("zh-CN", "trouble-outdated")));
}
