//! The star and its certificate.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{Anybody, FreshHolder, FreshMember, Holder, Member};
use crate::web::grading::{audit, certificate, conflict, decision, facts, policy, scoring};

/// Who enters facts.
const ENTERS: &[Role] = &[Role::Manager, Role::Evaluator];
/// Who may confirm a fact that another entered.
const CHECKS: &[Role] = &[Role::Manager, Role::Evaluator, Role::Reviewer];
/// Who reads the register of certificates and the scheme owner's settings.
const REGISTER: &[Role] = &[
    Role::Administrator,
    Role::Manager,
    Role::Reviewer,
    Role::Signatory,
    Role::Auditor,
];

/// Scoring, audit, facts, decision, certificates.
pub(super) fn lines() -> Vec<Line> {
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
        at("/policy")
            .show(Holder(REGISTER), to(policy::page))
            .send(FreshHolder(&[Role::Administrator, Role::Manager]), to(policy::propose)),
        at("/policy/answer").send(FreshHolder(&[Role::Signatory]), to(policy::confirm)),
        at("/certificates").show(Holder(REGISTER), to(certificate::register)),
        at("/certificates/{number}").show(Anybody, to(certificate::public)),
    ]
}
