//! Mail: invitations, their states, the way out, the office's page about the outbox.

use super::{DESK, Line, MANAGER, at, to};
use crate::access::Role;
use crate::access::Who::{Anybody, FreshHolder, FreshMember, Holder, Member};
use crate::web::{mail, survey};

const ADMINISTRATOR: &[Role] = &[Role::Administrator];

/// Everything about mail.
pub(super) fn lines() -> Vec<Line> {
    let manager = Member(MANAGER);
    vec![
        at("/unsubscribe/{token}")
            .show(Anybody, to(survey::unsubscribe))
            .send(Anybody, to(survey::unsubscribed)),
        at("/evaluations/{evaluation}/mail")
            .show(Member(DESK), to(mail::invitations))
            .send(FreshMember(MANAGER), to(mail::propose)),
        at("/evaluations/{evaluation}/mail/approval").send(FreshMember(&[Role::Reviewer]), to(mail::decide)),
        at("/evaluations/{evaluation}/mail/halt").send(manager, to(mail::halt)),
        at("/evaluations/{evaluation}/mail/test").send(manager, to(mail::test_letter)),
        at("/evaluations/{evaluation}/mail/recipients").show(Member(DESK), to(mail::recipients)),
        at("/evaluations/{evaluation}/mail/addresses")
            .show(FreshMember(MANAGER), to(mail::addresses_page))
            .send(FreshMember(MANAGER), to(mail::addresses)),
        at("/evaluations/{evaluation}/certificate/contact")
            .show(manager, to(mail::contact_page))
            .send(manager, to(mail::contact)),
        at("/mail")
            .show(Holder(ADMINISTRATOR), to(mail::switchboard))
            .send(FreshHolder(ADMINISTRATOR), to(mail::turn)),
        at("/mail/test").send(FreshHolder(ADMINISTRATOR), to(mail::test)),
        at("/mail/retry").send(FreshHolder(ADMINISTRATOR), to(mail::retry)),
        at("/mail/reports").send(FreshHolder(ADMINISTRATOR), to(mail::reports)),
    ]
}
