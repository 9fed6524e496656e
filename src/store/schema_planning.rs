//! Tables of plan and fieldwork as diesel sees them.

use super::table::table;

table! {
    funnel (evaluation_id, outlet_id, source, hour_ms) {
        evaluation_id -> Text,
        outlet_id -> Text,
        source -> Text,
        hour_ms -> BigInt,
        opened -> BigInt,
        started -> BigInt,
        completed -> BigInt,
    }
}
table! {
    plan_review (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        plan_hash -> Text,
        approved -> Bool,
        comment -> Text,
        submitted_by -> Text,
        reviewed_by -> Text,
        at_ms -> BigInt,
    }
}
