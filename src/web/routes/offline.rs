//! Fieldwork without network: what devices take along and bring back, what a reviewer decides of it.

use super::{Line, MANAGER, at, to};
use crate::access::Role;
use crate::access::Who::{self, Anybody, FreshMember, Member, SignedIn};
use crate::web::{kit, sync, uploads};

pub(super) fn lines() -> Vec<Line> {
    const REVIEWER: &[Role] = &[Role::Reviewer];
    const OVERSIGHT: Who = Member(&[Role::Manager, Role::Reviewer]);
    vec![
        at("/sw.js").show(Anybody, to(kit::worker)),
        at("/app.webmanifest").show(Anybody, to(kit::manifest)),
        at("/today/queue").show(SignedIn, to(kit::queue)),
        at("/sync/kit").show(SignedIn, to(kit::kit)),
        at("/sync")
            .show(SignedIn, to(sync::hello))
            .send(SignedIn, to(sync::receive)),
        at("/evaluations/{evaluation}/uploads")
            .show(OVERSIGHT, to(uploads::list))
            .send(Member(MANAGER), to(uploads::set)),
        at("/evaluations/{evaluation}/uploads/{client}/{hash}")
            .show(Member(REVIEWER), to(uploads::item))
            .send(Member(REVIEWER), to(uploads::decide)),
        at("/evaluations/{evaluation}/phones")
            .show(FreshMember(REVIEWER), to(uploads::phones))
            .send(FreshMember(REVIEWER), to(uploads::verify)),
    ]
}
