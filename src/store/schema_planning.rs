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
table! {
    outlet_draw (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        frame -> Text,
        body -> Text,
        logged_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    deviation (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        kind -> Text,
        outlet_id -> Text,
        planned -> Text,
        done -> Text,
        reason -> Text,
        proposed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    deviation_review (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        approved -> Bool,
        comment -> Text,
        proposed_by -> Text,
        reviewed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    posting (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        outlet_id -> Text,
        link_id -> Nullable<Text>,
        batch_id -> Nullable<Text>,
        deed -> Text,
        done_at_ms -> BigInt,
        spot -> Text,
        photo -> Text,
        scanned -> Bool,
        evaluator_id -> Text,
        at_ms -> BigInt,
    }
}
