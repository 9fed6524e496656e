//! How long a session lives. A field day of an evaluator needs one sign-in; a desk that was left does not stay open.

use super::role::{Role, RoleSet};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Sessions one person may have; the oldest goes.
pub const SESSIONS_MAX: usize = 5;
/// Who proved who they are longer ago is asked again before acts that need it.
pub const FRESH_MS: i64 = 10 * MINUTE_MS;
/// Wrong second factors in one session; then the password is asked again.
pub const TRIES_MAX: i32 = 5;
/// A session is noted as seen at most so often.
pub const NOTE_EVERY_MS: i64 = MINUTE_MS;
/// How long the link for the first administrator works.
pub const FIRST_LINK_MS: i64 = 15 * MINUTE_MS;
/// How long a link works by which somebody sets a password.
pub const LINK_MS: i64 = 24 * HOUR_MS;
/// Time between password and second factor.
const UNFINISHED_MS: i64 = 10 * MINUTE_MS;

/// Whether who proved themselves at that moment still counts as present.
pub fn is_fresh(confirmed_at_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(confirmed_at_ms) <= FRESH_MS
}

/// Whether a session still lives: 30 min idle and 8 h in all; 2 h and 12 h for somebody who is an evaluator and nothing
/// that needs a second factor; 10 min while the second factor is missing.
pub fn is_alive(roles: RoleSet, is_full: bool, created_at_ms: i64, seen_at_ms: i64, now_ms: i64) -> bool {
    let in_field = roles.has(Role::Evaluator) && !roles.needs_second_factor();
    let (idle_ms, whole_ms) = match (is_full, in_field) {
        (false, _) => (UNFINISHED_MS, UNFINISHED_MS),
        (true, true) => (2 * HOUR_MS, 12 * HOUR_MS),
        (true, false) => (30 * MINUTE_MS, 8 * HOUR_MS),
    };
    now_ms.saturating_sub(seen_at_ms) < idle_ms && now_ms.saturating_sub(created_at_ms) < whole_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_day_needs_one_sign_in_and_a_desk_does_not_stay_open() {
        let (evaluator, reviewer) = (
            RoleSet::from_iter([Role::Evaluator]),
            RoleSet::from_iter([Role::Reviewer]),
        );
        let both = RoleSet::from_iter([Role::Evaluator, Role::Reviewer]);
        let after = |roles, hours: i64, idle_minutes: i64| {
            let now = hours * HOUR_MS;
            is_alive(roles, true, 0, now - idle_minutes * MINUTE_MS, now)
        };
        assert!(after(evaluator, 11, 119) && !after(evaluator, 12, 0) && !after(evaluator, 5, 120));
        for desk in [reviewer, both] {
            assert!(after(desk, 7, 29) && !after(desk, 8, 0) && !after(desk, 3, 30));
        }
        assert!(is_alive(reviewer, false, 0, 0, 9 * MINUTE_MS) && !is_alive(reviewer, false, 0, 0, 10 * MINUTE_MS));
    }
}
