//! Who is what in an evaluation: only who may, only what goes together, every change in the log.

use perception::access::Role;
use perception::store::membership;

use crate::harness::{Backend, Page, Staff, TestApp, message};

both_backends!(
    people_are_added_and_removed_by_the_rules,
    strangers_are_sent_to_sign_in_and_holders_only_create,
);

fn people_are_added_and_removed_by_the_rules(backend: Backend) {
    let app = TestApp::without_people(backend);
    let manager = app.member(Role::Manager);
    let path = format!("/evaluations/{}/members", app.wave.id);
    let account = |roles: &[Role]| Staff::signed_in(&app.base, &app.installation, roles).person.unwrap();
    let both = account(&[Role::Reviewer, Role::Evaluator]);
    let auditor = account(&[Role::Auditor]);
    let add = |person: &str, role: &str| -> Page {
        let mut form = manager.get(&path).form_to(&path);
        form.pick("person", person);
        form.pick("role", role);
        manager.send(&form)
    };
    let refused = |page: Page, key: &str| {
        assert_eq!(page.status, 422);
        assert_eq!(page.attributes(".alert a", "href"), ["#role"]);
        assert!(page.text().contains(&message("zh-CN", key)), "{}", page.text());
    };
    let both = both.to_string();
    assert_eq!(add(&both, "reviewer").status, 303);
    refused(add(&both, "reviewer"), "error-taken");
    refused(add(&both, "evaluator"), "error-incompatible");
    refused(add(&auditor.to_string(), "manager"), "error-not-entitled");
    // The administrator is nobody in an evaluation, and nobody unknown is anybody.
    let csrf = manager.csrf(&path);
    let post = |person: &str, role: &str| manager.post(&path, &[("csrf", &csrf), ("person", person), ("role", role)]);
    assert_eq!(post(&both, "administrator").attributes(".alert a", "href"), ["#role"]);
    assert_eq!(
        post(&app.wave.id.to_string(), "auditor").attributes(".alert a", "href"),
        ["#person"]
    );

    // A manager may also interview, and stays as long as nobody else manages.
    let own = Staff::signed_in(&app.base, &app.installation, &[Role::Manager, Role::Evaluator]).joins(
        &app.installation,
        app.wave.id,
        Role::Evaluator,
    );
    let second = own.person.unwrap().to_string();
    let remove = |person: &str, role: &str| {
        let pairs = [("csrf", csrf.as_str()), ("person", person), ("role", role)];
        manager.post(&format!("{path}/remove"), &pairs).status
    };
    let first = manager.person.unwrap().to_string();
    assert_eq!(remove(&first, "manager"), 409);
    assert_eq!(add(&second, "manager").status, 303);
    assert_eq!((remove(&both, "reviewer"), remove(&both, "reviewer")), (303, 409));
    assert_eq!(remove(&first, "manager"), 303);
    assert_eq!(manager.get(&path).status, 404, "who left is outside");
    let members = app
        .installation
        .store
        .read_blocking(|conn| membership::list(conn, app.wave.id))
        .unwrap();
    let left: Vec<_> = members.iter().map(|m| (m.person.to_string(), m.role)).collect();
    assert_eq!(left, [(second.clone(), Role::Manager), (second, Role::Evaluator)]);

    let log = own
        .get(&format!("/evaluations/{}/activity?lang=en", app.wave.id))
        .text();
    let name = format!("person-{}", &both[..8]);
    assert!(log.contains(&format!("made {name} Reviewer")), "{log}");
    assert!(log.contains(&format!("ended the role of {name} as Reviewer")), "{log}");
    let evaluator = app.member(Role::Evaluator);
    assert_eq!(evaluator.get(&path).status, 403);
}

fn strangers_are_sent_to_sign_in_and_holders_only_create(backend: Backend) {
    let app = TestApp::spawn(backend);
    let stranger = Staff::stranger(&app.base);
    let own = format!("/evaluations/{}", app.wave.id);
    for path in ["/", "/evaluations/new", &own, &format!("{own}/results")] {
        let page = stranger.get(path);
        assert!(
            page.status == 303 && page.location().starts_with("/sign-in"),
            "{path}: {}",
            page.status
        );
    }
    assert_eq!(
        stranger
            .get(&format!("/api/evaluations/{}/results", app.wave.id))
            .status,
        401
    );
    let evaluator = app.member(Role::Evaluator);
    assert_eq!(evaluator.get("/evaluations/new").status, 403);
    let home = evaluator.get("/");
    assert!(home.status == 200 && !home.attributes("a", "href").contains(&"/evaluations/new".to_owned()));
    let organisation = app.member(Role::Organisation);
    let links = organisation.get("/").attributes("a", "href");
    assert!(
        !links.iter().any(|href| href.starts_with(&own)),
        "nothing is released yet: {links:?}"
    );
}
