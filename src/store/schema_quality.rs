//! Tables of marks, flags and exclusions as diesel sees them.

use super::schema::{evaluation, event, response, response_comment, response_content};
use super::table::table;

table! { mark_key (evaluation_id) { evaluation_id -> Text, key -> Text, } }
table! {
    response_mark (evaluation_id, response_id) {
        evaluation_id -> Text,
        response_id -> Text,
        device -> Text,
        network -> Text,
    }
}
table! {
    outlet_network (evaluation_id, outlet_id, address) {
        evaluation_id -> Text,
        outlet_id -> Text,
        address -> Text,
        added_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    flag (evaluation_id, response_id, rule) {
        evaluation_id -> Text,
        response_id -> Text,
        rule -> Text,
        value -> Text,
        threshold -> Text,
    }
}
table! {
    flag_pass (evaluation_id) {
        evaluation_id -> Text,
        responses -> BigInt,
        is_final -> Bool,
        at_ms -> BigInt,
    }
}
table! {
    exclusion_proposal (evaluation_id, number) {
        evaluation_id -> Text,
        number -> Integer,
        kind -> Text,
        reason -> Text,
        explanation -> Text,
        proposed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    exclusion_item (evaluation_id, number, response_id) {
        evaluation_id -> Text,
        number -> Integer,
        response_id -> Text,
    }
}
table! {
    exclusion_decision (evaluation_id, number) {
        evaluation_id -> Text,
        number -> Integer,
        proposed_by -> Text,
        decided_by -> Text,
        explanation -> Text,
        at_ms -> BigInt,
        s_before -> Text,
        s_after -> Text,
        s_face_before -> Text,
        s_face_after -> Text,
    }
}
table! {
    exclusion_verdict (evaluation_id, number, response_id) {
        evaluation_id -> Text,
        number -> Integer,
        response_id -> Text,
        approved -> Bool,
    }
}

diesel::allow_tables_to_appear_in_same_query!(flag, response);
diesel::allow_tables_to_appear_in_same_query!(exclusion_proposal, exclusion_decision);
diesel::allow_tables_to_appear_in_same_query!(exclusion_item, exclusion_decision);
diesel::allow_tables_to_appear_in_same_query!(exclusion_verdict, response);
diesel::allow_tables_to_appear_in_same_query!(mark_key, event);
diesel::allow_tables_to_appear_in_same_query!(response_mark, response);
diesel::allow_tables_to_appear_in_same_query!(response_mark, response_content);
diesel::allow_tables_to_appear_in_same_query!(response_mark, response_comment);
diesel::allow_tables_to_appear_in_same_query!(flag_pass, evaluation);
diesel::allow_columns_to_appear_in_same_group_by_clause!(flag::rule, response::outlet_id);
diesel::allow_columns_to_appear_in_same_group_by_clause!(flag::rule, response::evidence_class);
