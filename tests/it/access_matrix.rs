//! Every route × everybody: who gets in, who is told no, who cannot even tell that something is there.
//!
//! A new route needs one row in [`crate::access_table::TABLES`]: method, path, the roles let in, and one of the ways a rule can be.

use perception::access::{Role, Who};
use perception::survey::id::EvaluationId;
use perception::web::routes::rules;

use crate::access_table::Way::{self, Account, Inside, Public, Visitor};
use crate::access_table::rows;
use crate::harness::{Backend, Office, Page, Staff, TestApp};

both_backends![everybody_gets_exactly_what_the_table_says, every_form_needs_its_token];

fn letter(role: Role) -> char {
    match role {
        Role::Administrator => 'A',
        Role::Manager => 'M',
        Role::Reviewer => 'R',
        Role::Signatory => 'S',
        Role::Evaluator => 'E',
        Role::Auditor => 'U',
        Role::Organisation => 'O',
    }
}

/// The address of a path: its evaluation, and for every other placeholder something that does not exist.
fn address(path: &str, evaluation: EvaluationId) -> String {
    let filled = path.replace("{evaluation}", &evaluation.to_string());
    let parts = filled.split('/').map(|part| match part {
        "{finding}" => "1",
        made_up if made_up.starts_with('{') => "00000000-0000-4000-8000-000000000000",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(staff: &Staff, method: &str, address: &str, csrf: &str) -> Page {
    match method {
        "GET" => staff.get(address),
        _ => staff.post(address, &[("csrf", csrf)]),
    }
}

/// What the guard did: nothing (`in`), or one of its answers. A handler behind it finds nothing at an address made up,
/// so 404 alone does not tell; who is in and finds nothing is told apart by the role that holds the route.
fn outcome(page: &Page) -> &'static str {
    let to = page.header("location");
    match page.status {
        303 if to.starts_with("/sign-in?") => "sign in",
        303 if to.starts_with("/confirm?") => "confirm",
        401 => "sign in",
        403 => "no",
        404 => "nothing",
        _ => "in",
    }
}

/// Whom a rule lets in, in the letters of the table, and how the route is reached.
fn row_of(who: Who) -> (String, Way) {
    let (roles, way, fresh): (Option<&[Role]>, Way, bool) = match who {
        Who::Anybody => (None, Public, false),
        Who::Visitor => (None, Visitor, false),
        Who::SignedIn | Who::Enrolling => (None, Account, false),
        Who::Fresh | Who::FreshEnrolling => (None, Account, true),
        Who::Holder(roles) => (Some(roles), Account, false),
        Who::FreshHolder(roles) => (Some(roles), Account, true),
        Who::Member(roles) => (Some(roles), Inside, false),
        Who::FreshMember(roles) => (Some(roles), Inside, true),
        // Only the worked example shows it to others.
        Who::Shown(rule) => return row_of(*rule),
    };
    let mut letters: String = match roles {
        None => "*".into(),
        Some(roles) => Role::ALL
            .into_iter()
            .filter(|role| roles.contains(role))
            .map(letter)
            .collect(),
    };
    letters.extend(fresh.then_some('!'));
    (letters, way)
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let (rules, mut wrong) = (rules(), Vec::new());
    for rule in &rules {
        let (letters, way) = row_of(rule.who);
        let wanted = (rule.method, rule.path, letters.as_str(), way);
        if !rows().any(|row| *row == wanted) {
            wrong.push(format!("{wanted:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "routes without this row in TABLES:\n{}",
        wrong.join(",\n")
    );
    assert_eq!(rules.len(), rows().count(), "rows without a route");
}

/// Somebody of a role who asks for one thing after the other, signed in anew when something they sent ended their session.
struct Asker<'a> {
    enter: Box<dyn Fn() -> Staff + 'a>,
    staff: Staff,
    csrf: String,
}

impl<'a> Asker<'a> {
    fn new(enter: impl Fn() -> Staff + 'a) -> Self {
        let staff = enter();
        let csrf = staff.csrf("/account");
        Self {
            enter: Box::new(enter),
            staff,
            csrf,
        }
    }

    fn ask(&mut self, method: &str, address: &str) -> Page {
        let page = ask(&self.staff, method, address, &self.csrf);
        let kept = method == "GET"
            || self
                .staff
                .get("/account")
                .attributes("input[name=csrf]", "value")
                .contains(&self.csrf);
        if !kept {
            self.staff = (self.enter)();
            self.csrf = self.staff.csrf("/account");
        }
        page
    }
}

fn everybody_gets_exactly_what_the_table_says(backend: Backend) {
    let app = &TestApp::spawn(backend);
    let (inside, absent) = (app.wave.id, EvaluationId::from_random(rand::random()));
    // May be it, and is nowhere; and is it, here.
    let mut askers: Vec<(Role, Asker<'_>, Option<Asker<'_>>)> = Role::ALL
        .into_iter()
        .map(|role| {
            let outsider = Asker::new(move || Staff::signed_in(&app.base, &app.installation, &[role]));
            let member = (role != Role::Administrator).then(|| Asker::new(move || app.member(role)));
            (role, outsider, member)
        })
        .collect();
    for (method, path, whom, way) in rows().filter(|row| matches!(row.3, Account | Inside)) {
        let lets = |role: Role| whom.contains('*') || whom.contains(letter(role));
        let (here, gone) = (address(path, inside), address(path, absent));
        let stranger = ask(&app.stranger(), method, &here, "");
        assert_eq!(
            outcome(&stranger),
            "sign in",
            "{method} {path} by nobody: {}",
            stranger.text()
        );
        for (role, outsider, member) in &mut askers {
            let (role, told) = (*role, format!("{method} {path} by {}", role.as_str()));
            let page = outsider.ask(method, &here);
            match way {
                Account if lets(role) => assert!(matches!(outcome(&page), "in" | "nothing"), "{told}: {}", page.text()),
                Account => assert_eq!(outcome(&page), "no", "{told}"),
                _ => {
                    // One who is in no evaluation cannot tell one that exists from one that does not.
                    let nowhere = outsider.ask(method, &gone);
                    assert_eq!(
                        (outcome(&page), outcome(&nowhere)),
                        ("nothing", "nothing"),
                        "{told}, outside"
                    );
                }
            }
            if let (Inside, Some(member)) = (way, member) {
                let page = member.ask(method, &here);
                let no = outcome(&page) == "no";
                assert_eq!(no, !lets(role), "{told}, inside: {}", page.text());
                assert_eq!(outcome(&member.ask(method, &gone)), "nothing", "{told}, absent");
            }
        }
    }
}

fn every_form_needs_its_token(backend: Backend) {
    let app = TestApp::spawn(backend);
    // An upload is no form; its token stands in a header (`offline_sync`).
    let posts = rows().filter(|row| row.0 == "POST" && row.1 != "/sync");
    for (_, path, whom, way) in posts {
        let here = address(path, app.wave.id);
        if *way != Public {
            let elsewhere = [("origin", "https://evil.example")];
            let page = app.stranger().post_from(&here, &[("csrf", "x")], &elsewhere);
            assert_eq!(page.status, 403, "{path} from elsewhere");
        }
        if !matches!(way, Account | Inside) {
            continue;
        }
        let role = Role::ALL
            .into_iter()
            .find(|role| whom.contains('*') || whom.contains(letter(*role)))
            .unwrap();
        let staff = match way {
            Inside => app.member(role),
            _ => Staff::signed_in(&app.base, &app.installation, &[role]),
        };
        let foreign = Staff::signed_in(&app.base, &app.installation, &[role]).csrf("/account");
        for csrf in ["", &foreign] {
            let page = staff.post(&here, &[("csrf", csrf), ("kept", "typed before")]);
            assert_eq!(page.status, 403, "{path} without its token: {}", page.text());
            assert!(page.source().contains("typed before"), "{path}");
        }
    }
    // Who has not proved themselves lately is asked first.
    let staff = Staff::signed_in(&app.base, &app.installation, &Role::ALL);
    app.wait(std::time::Duration::from_secs(601));
    for (method, path, ..) in rows().filter(|row| row.2.ends_with('!') && row.3 == Account) {
        let page = ask(&staff, method, &address(path, app.wave.id), &staff.csrf("/account"));
        let asked = outcome(&page) == "confirm" || page.status == 403;
        assert!(asked, "{method} {path}: {}", page.text());
    }
}
