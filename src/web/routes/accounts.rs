//! Signing in and accounts.

use super::{Line, at, to};
use crate::access::{Role, Who};
use crate::web::account;

/// Signing in, one's own account, everybody's accounts.
pub(super) fn lines() -> Vec<Line> {
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
