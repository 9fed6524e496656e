//! Setting up and running an evaluation.

use super::{DESK, Line, MANAGER, at, to};
use crate::access::Role;
use crate::access::Who::{FreshMember, Holder, Member};
use crate::web::evaluation::{activity, instrument, members, outlets, overview, plan, plan_review, setup};
use crate::web::guard as around;

/// Organisations, evaluations, outlets, members, states.
pub(super) fn lines() -> Vec<Line> {
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
        at("/evaluations/{evaluation}/plan/review").send(FreshMember(&[Role::Reviewer]), to(plan_review::review)),
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
