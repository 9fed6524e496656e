//! Tables of the fieldwork without network as diesel sees them.

use super::table::table;

table! {
    field_setting (evaluation_id) {
        evaluation_id -> Text,
        asks_location -> Bool,
        asks_phone -> Bool,
    }
}
table! {
    sync_item (evaluation_id, client_id, hash) {
        evaluation_id -> Text,
        client_id -> Text,
        hash -> Text,
        kind -> Text,
        evaluator_id -> Text,
        outlet_id -> Text,
        outcome -> Text,
        body -> Text,
        clock_offset_ms -> BigInt,
        at_ms -> BigInt,
    }
}
table! {
    sync_decision (evaluation_id, client_id, hash) {
        evaluation_id -> Text,
        client_id -> Text,
        hash -> Text,
        accepted -> Bool,
        reason -> Text,
        decided_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    interview_paradata (evaluation_id, interview_id) {
        evaluation_id -> Text,
        interview_id -> Text,
        body -> Text,
    }
}
table! {
    contact_phone (evaluation_id, interview_id) {
        evaluation_id -> Text,
        interview_id -> Text,
        sealed -> Text,
        consented_at_ms -> BigInt,
        verified_at_ms -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(sync_item, sync_decision);
