//! Tables of the scheme owner's settings as diesel sees them.

use super::table::table;

table! {
    policy_proposal (number) {
        number -> Integer,
        settings -> Text,
        reason -> Text,
        proposed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    policy_answer (number) {
        number -> Integer,
        proposed_by -> Text,
        version -> Nullable<Integer>,
        remark -> Text,
        answered_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    evaluation_policy (evaluation_id) {
        evaluation_id -> Text,
        version -> Integer,
    }
}
diesel::allow_tables_to_appear_in_same_query!(policy_proposal, policy_answer);
