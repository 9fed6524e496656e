//! The whole URL table, a topic a file: path, who may, what is done. The guard of each line is `entrance::enforce`.

use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route, guard, middleware};

use super::{entrance, guard as around};
use crate::access::Role;
use crate::access::Who::{self, Anybody};

mod accounts;
mod codes;
mod comments;
mod customers;
mod evaluations;
mod fieldwork;
mod frame;
mod grading;
mod interviews;
mod mail;
mod offline;
mod planning;
mod privacy;
mod quality;
mod results;
mod seal;
mod service;
mod supervision;

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
        customers::lines(),
        accounts::lines(),
        evaluations::lines(),
        fieldwork::lines(),
        frame::lines(),
        interviews::lines(),
        mail::lines(),
        planning::lines(),
        privacy::lines(),
        offline::lines(),
        codes::lines(),
        comments::lines(),
        quality::lines(),
        results::lines(),
        seal::lines(),
        grading::lines(),
        service::lines(),
        supervision::lines(),
    ]
    .into_iter()
    .flatten()
    .collect()
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
