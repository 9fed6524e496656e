//! The whole URL table on one page: path, who may, what is done. The guard of each line is [`entrance::enforce`].

use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route, guard, middleware};

use super::{assets, demo, entrance, grading, guard as around, health, results, survey};
use crate::access::Role;
use crate::access::Who::{self, Anybody, FreshMember, Holder, Member};

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
    vec![]
}

/// Organisations, evaluations, outlets, members, states.
fn evaluations() -> Vec<Line> {
    vec![]
}

/// Interviews and approaches of evaluators.
fn interviews() -> Vec<Line> {
    vec![]
}

/// QR codes, personal links, printed codes.
fn codes() -> Vec<Line> {
    vec![]
}

/// Results.
fn results() -> Vec<Line> {
    vec![
        at("/evaluations/{evaluation}/results").show(Anybody, to(results::page)),
        at("/evaluations/{evaluation}/results.csv").show(Anybody, to(results::csv)),
        at("/evaluations/{evaluation}/results.json").show(Anybody, to(results::json)),
        at("/api/evaluations/{evaluation}/results").show(Anybody, to(results::json)),
        at("/evaluations/{evaluation}/qr").show(Anybody, to(demo::codes)),
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
        at("/").show(Anybody, to(demo::home)),
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
