//! The whole URL table on one page: path, who may, what is done. The guard of each line is `entrance::enforce`.

use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route, guard, middleware};

use super::evaluation::{activity, home, instrument, members, outlets, overview, plan, setup};
use super::{account, assets, codes, entrance, grading, guard as around, health, interview, results, survey};
use crate::access::Role;
use crate::access::Who::{self, Anybody, FreshMember, Holder, Member, Shown, SignedIn};

const MANAGER: &[Role] = &[Role::Manager];
/// Who plans, approves or verifies at a desk.
const DESK: &[Role] = &[Role::Manager, Role::Reviewer, Role::Auditor];

/// A line of the table.
struct Line {
    path: &'static str,
    show: Option<(Who, Route)>,
    send: Option<(Who, Route)>,
}

fn at(path: &'static str) -> Line {
    Line {
        path,
        show: None,
        send: None,
    }
}

impl Line {
    /// What GET shows, and to whom.
    fn show(self, who: Who, route: Route) -> Self {
        let route = route.guard(guard::Any(guard::Get()).or(guard::Head()));
        Self {
            show: Some((who, route)),
            ..self
        }
    }

    /// What POST does, and for whom.
    fn send(self, who: Who, route: Route) -> Self {
        Self {
            send: Some((who, route.guard(guard::Post()))),
            ..self
        }
    }

    fn resource(self) -> Resource {
        let allowed = match (&self.show, &self.send) {
            (Some(_), None) => "GET, HEAD",
            (None, _) => "POST",
            (Some(_), Some(_)) => "GET, HEAD, POST",
        };
        let routes = [self.show, self.send].into_iter().flatten();
        let resource = routes.fold(web::resource(self.path), |resource, (who, route)| {
            resource.route(match who {
                // Customers' pages stand outside the office: no session, no origin to compare.
                Anybody => route,
                _ => route.wrap(middleware::from_fn(move |request, next| {
                    entrance::enforce(who, request, next)
                })),
            })
        });
        resource.default_service(web::route().to(around::method_not_allowed(allowed)))
    }
}

/// A method of a path and who may use it, for the test of the whole table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path with its placeholders.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
}

/// The rules of every route.
pub fn rules() -> Vec<Rule> {
    let rule = |path, method, line: &Option<(Who, Route)>| {
        line.as_ref().map(|(who, _)| Rule {
            method,
            path,
            who: *who,
        })
    };
    lines()
        .iter()
        .flat_map(|line| [rule(line.path, "GET", &line.show), rule(line.path, "POST", &line.send)])
        .flatten()
        .collect()
}

/// Puts the table into an application.
pub fn table(app: &mut ServiceConfig) {
    for line in lines() {
        app.service(line.resource());
    }
    app.default_service(web::to(around::not_found));
}

fn lines() -> Vec<Line> {
    [
        customers(),
        accounts(),
        evaluations(),
        interviews(),
        codes(),
        results(),
        grade(),
        service(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Customers: anybody with the link or the signed form.
fn customers() -> Vec<Line> {
    vec![
        at("/s/{token}")
            .show(Anybody, to(survey::landing))
            .send(Anybody, to(survey::begin)),
        at("/f/{form}")
            .show(Anybody, to(survey::rating))
            .send(Anybody, to(survey::submit)),
        at("/f/{form}/receipt").show(Anybody, to(survey::receipt)),
        at("/end/{code}").show(Anybody, to(survey::ended)),
    ]
}

/// Signing in, one's own account, everybody's accounts.
fn accounts() -> Vec<Line> {
    const ADMINISTRATOR: &[Role] = &[Role::Administrator];
    const FRESH_ADMINISTRATOR: Who = Who::FreshHolder(ADMINISTRATOR);
    vec![
        at("/set-up/{token}")
            .show(Who::Visitor, to(account::set_up_page))
            .send(Who::Visitor, to(account::set_up)),
        at("/sign-in")
            .show(Who::Visitor, to(account::sign_in))
            .send(Who::Visitor, to(account::signed_in)),
        at("/sign-in/code")
            .show(Who::Visitor, to(account::code))
            .send(Who::Visitor, to(account::code_sent)),
        at("/sign-out").send(Who::Visitor, to(account::sign_out)),
        at("/confirm")
            .show(Who::Enrolling, to(account::confirm))
            .send(Who::Enrolling, to(account::confirmed)),
        at("/account").show(Who::SignedIn, to(account::own)),
        at("/account/sessions/end").send(Who::SignedIn, to(account::end_sessions)),
        at("/account/password")
            .show(Who::Fresh, to(account::password))
            .send(Who::Fresh, to(account::change_password)),
        at("/account/second-factor")
            .show(Who::FreshEnrolling, to(account::second_factor))
            .send(Who::FreshEnrolling, to(account::enrolled)),
        at("/account/second-factor/device").show(Who::Fresh, to(account::device)),
        at("/account/second-factor/codes").send(Who::Fresh, to(account::new_codes)),
        at("/people").show(Who::Holder(ADMINISTRATOR), to(account::people)),
        at("/people/new")
            .show(FRESH_ADMINISTRATOR, to(account::new_person))
            .send(FRESH_ADMINISTRATOR, to(account::add)),
        at("/people/{person}").show(FRESH_ADMINISTRATOR, to(account::person)),
        at("/people/{person}/roles").send(FRESH_ADMINISTRATOR, to(account::set_roles)),
        at("/people/{person}/disable").send(FRESH_ADMINISTRATOR, to(account::disable)),
        at("/people/{person}/enable").send(FRESH_ADMINISTRATOR, to(account::enable)),
        at("/people/{person}/link").send(FRESH_ADMINISTRATOR, to(account::issue_link)),
        at("/people/{person}/second-factor").send(FRESH_ADMINISTRATOR, to(account::reset_second_factor)),
        at("/activity").show(Who::Holder(ADMINISTRATOR), to(account::activity)),
    ]
}

/// Organisations, evaluations, outlets, members, states.
fn evaluations() -> Vec<Line> {
    vec![
        at("/evaluations/new")
            .show(Holder(MANAGER), to(setup::begin))
            .send(Holder(MANAGER), to(setup::create)),
        at("/evaluations/{evaluation}").show(Member(&Role::TEAM), to(overview::show)),
        at("/evaluations/{evaluation}/step").send(Member(MANAGER), to(overview::step)),
        at("/evaluations/{evaluation}/interim")
            .show(Member(MANAGER), to(overview::interim))
            .send(Member(MANAGER), to(overview::open_interim)),
        at("/evaluations/{evaluation}/settings")
            .show(Member(MANAGER), to(setup::settings))
            .send(Member(MANAGER), to(setup::change_settings)),
        at("/evaluations/{evaluation}/outlets")
            .show(Member(DESK), to(outlets::show))
            .send(Member(MANAGER), to(outlets::add)),
        at("/evaluations/{evaluation}/outlets/{outlet}")
            .show(Member(MANAGER), to(outlets::one))
            .send(Member(MANAGER), to(outlets::change)),
        at("/evaluations/{evaluation}/outlets/{outlet}/raise").send(Member(MANAGER), to(outlets::raise)),
        at("/evaluations/{evaluation}/outlets/{outlet}/remove").send(Member(MANAGER), to(outlets::remove)),
        at("/evaluations/{evaluation}/plan")
            .show(Member(DESK), to(plan::show))
            .send(Member(MANAGER), to(plan::store)),
        at("/evaluations/{evaluation}/instrument")
            .show(Member(DESK), to(instrument::show))
            .send(Member(MANAGER), to(instrument::choose)),
        at("/evaluations/{evaluation}/preview").show(Member(DESK), to(instrument::preview)),
        at(around::FRAMED).show(Member(DESK), to(instrument::framed)),
        at("/evaluations/{evaluation}/members")
            .show(Member(DESK), to(members::show))
            .send(Member(MANAGER), to(members::add)),
        at("/evaluations/{evaluation}/members/remove").send(Member(MANAGER), to(members::remove)),
        at("/evaluations/{evaluation}/activity").show(Member(DESK), to(activity::show)),
    ]
}

/// Interviews and approaches of evaluators.
fn interviews() -> Vec<Line> {
    const EVALUATORS: Who = Member(&[Role::Evaluator]);
    vec![
        at("/today").show(SignedIn, to(interview::today)),
        at("/evaluations/{evaluation}/interviews").show(
            Member(&[Role::Manager, Role::Reviewer, Role::Evaluator]),
            to(interview::interviews),
        ),
        at("/evaluations/{evaluation}/outlets/{outlet}/approach")
            .show(EVALUATORS, to(interview::approach))
            .send(EVALUATORS, to(interview::record)),
        at("/evaluations/{evaluation}/outlets/{outlet}/interview").show(EVALUATORS, to(interview::begin)),
        at("/evaluations/{evaluation}/outlets/{outlet}/interview/{form}")
            .show(EVALUATORS, to(interview::interview))
            .send(EVALUATORS, to(interview::submit)),
        at("/evaluations/{evaluation}/outlets/{outlet}/interview/{form}/receipt")
            .show(EVALUATORS, to(interview::receipt)),
    ]
}

/// QR codes, personal links, printed codes.
fn codes() -> Vec<Line> {
    const MANAGERS: Who = Member(&[Role::Manager]);
    vec![
        at("/c")
            .show(Anybody, to(survey::entry))
            .send(Anybody, to(survey::enter)),
        at("/evaluations/{evaluation}/qr").show(Anybody, to(codes::open_plates)),
        at("/evaluations/{evaluation}/codes")
            .show(MANAGERS, to(codes::page))
            .send(MANAGERS, to(codes::create)),
        at("/evaluations/{evaluation}/codes/plates").show(Member(&[Role::Manager, Role::Evaluator]), to(codes::plates)),
        at("/evaluations/{evaluation}/codes/links")
            .show(MANAGERS, to(codes::links))
            .send(MANAGERS, to(codes::create_links)),
        at("/evaluations/{evaluation}/codes/sheets")
            .show(MANAGERS, to(codes::sheets))
            .send(MANAGERS, to(codes::create_sheets)),
        at("/evaluations/{evaluation}/codes/batches/{batch}").show(MANAGERS, to(codes::batch)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/links.csv")
            .show(MANAGERS, to(codes::batch))
            .send(MANAGERS, to(codes::download)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/slips")
            .show(MANAGERS, to(codes::batch))
            .send(MANAGERS, to(codes::print)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/revoke")
            .show(MANAGERS, to(codes::change_batch))
            .send(MANAGERS, to(codes::revoke_batch)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/reissue")
            .show(MANAGERS, to(codes::change_batch))
            .send(MANAGERS, to(codes::reissue)),
        at("/evaluations/{evaluation}/codes/{link}/plate.svg")
            .show(Member(&[Role::Manager, Role::Evaluator]), to(codes::drawing)),
        at("/evaluations/{evaluation}/codes/{link}/revoke")
            .show(MANAGERS, to(codes::change))
            .send(MANAGERS, to(codes::revoke)),
        at("/evaluations/{evaluation}/codes/{link}/rotate")
            .show(MANAGERS, to(codes::change))
            .send(MANAGERS, to(codes::rotate)),
        at("/evaluations/{evaluation}/codes/{link}/dates")
            .show(MANAGERS, to(codes::change))
            .send(MANAGERS, to(codes::set_dates)),
    ]
}

/// Results: how much of them each reader sees is [`crate::access::Sight`].
fn results() -> Vec<Line> {
    const READERS: Who = Member(&[
        Role::Manager,
        Role::Reviewer,
        Role::Signatory,
        Role::Auditor,
        Role::Organisation,
    ]);
    vec![
        at("/evaluations/{evaluation}/results").show(Shown(&READERS), to(results::page)),
        at("/evaluations/{evaluation}/results.csv").show(Shown(&READERS), to(results::csv)),
        at("/evaluations/{evaluation}/results.json").show(Shown(&READERS), to(results::json)),
        at("/api/evaluations/{evaluation}/results").show(Shown(&READERS), to(results::json)),
    ]
}

/// Who enters facts.
const ENTERS: &[Role] = &[Role::Manager, Role::Evaluator];
/// Who may confirm a fact that another entered.
const CHECKS: &[Role] = &[Role::Manager, Role::Evaluator, Role::Reviewer];
/// Who reads the register of certificates.
const REGISTER: &[Role] = &[
    Role::Administrator,
    Role::Manager,
    Role::Reviewer,
    Role::Signatory,
    Role::Auditor,
];

/// Scoring, audit, facts, decision, certificates.
fn grade() -> Vec<Line> {
    use grading::{audit, certificate, conflict, decision, facts, scoring};
    let (team, manager, evaluator) = (
        Member(&Role::TEAM),
        Member(&[Role::Manager]),
        Member(&[Role::Evaluator]),
    );
    vec![
        at("/evaluations/{evaluation}/conflict")
            .show(team, to(conflict::page))
            .send(team, to(conflict::declare)),
        at("/evaluations/{evaluation}/scoring").show(team, to(scoring::overview)),
        at("/evaluations/{evaluation}/observations").send(evaluator, to(scoring::observe)),
        at("/evaluations/{evaluation}/scoring/{heading}")
            .show(team, to(scoring::heading))
            .send(evaluator, to(scoring::score)),
        at("/evaluations/{evaluation}/scoring/{heading}/agreed").send(manager, to(scoring::agree)),
        at("/evaluations/{evaluation}/audit").show(team, to(audit::overview)),
        at("/evaluations/{evaluation}/audit/checklist")
            .show(evaluator, to(audit::checklist))
            .send(evaluator, to(audit::check)),
        at("/evaluations/{evaluation}/audit/findings").send(evaluator, to(audit::raise)),
        at("/evaluations/{evaluation}/audit/findings/{finding}")
            .show(team, to(audit::finding))
            .send(evaluator, to(audit::correct)),
        at("/evaluations/{evaluation}/facts").show(team, to(facts::register)),
        at("/evaluations/{evaluation}/facts/{kind}/{id}")
            .show(team, to(facts::fact))
            .send(Member(ENTERS), to(facts::enter)),
        at("/evaluations/{evaluation}/facts/{kind}/{id}/check")
            .show(Member(CHECKS), to(facts::check_page))
            .send(Member(CHECKS), to(facts::check)),
        at("/evaluations/{evaluation}/decision")
            .show(team, to(decision::page))
            .send(manager, to(decision::propose)),
        at("/evaluations/{evaluation}/decision/review").send(FreshMember(&[Role::Reviewer]), to(decision::review)),
        at("/evaluations/{evaluation}/decision/signature")
            .send(FreshMember(&[Role::Signatory]), to(decision::signature)),
        at("/evaluations/{evaluation}/certificate").show(team, to(certificate::page_of)),
        at("/evaluations/{evaluation}/certificate/steps").send(manager, to(certificate::propose)),
        at("/evaluations/{evaluation}/certificate/signature")
            .send(FreshMember(&[Role::Signatory]), to(certificate::sign)),
        at("/evaluations/{evaluation}/certificate/reports").send(Member(ENTERS), to(certificate::report)),
        at("/certificates").show(Holder(REGISTER), to(certificate::register)),
        at("/certificates/{number}").show(Anybody, to(certificate::public)),
    ]
}

/// The first page, files, signs of life.
fn service() -> Vec<Line> {
    vec![
        at("/").show(Shown(&SignedIn), to(home::show)),
        at("/static/{name}").show(Anybody, to(assets::file)),
        at("/healthz").show(Anybody, to(health::alive)),
        at("/readyz").show(Anybody, to(health::ready)),
    ]
}

/// A handler as a route without a method.
fn to<F, Args>(handler: F) -> Route
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    web::route().to(handler)
}
