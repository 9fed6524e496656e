//! Tables of what becomes of comments, and of erasures, as diesel sees them.

use super::schema::{event, response_comment};
use super::schema_proof::seal;
use super::table::table;

table! {
    comment_theme (evaluation_id, number) {
        evaluation_id -> Text,
        number -> Integer,
        name -> Text,
        added_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    comment_review (evaluation_id, response_id, number) {
        evaluation_id -> Text,
        response_id -> Text,
        number -> Integer,
        status -> Text,
        cleared -> Nullable<Text>,
        themes -> Text,
        reviewed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    incident (evaluation_id, response_id, number) {
        evaluation_id -> Text,
        response_id -> Text,
        number -> Integer,
        kind -> Text,
        note -> Text,
        reported_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    erasure (id) {
        id -> Text,
        way -> Text,
        request -> Text,
        erased -> Text,
        done_by -> Text,
        at_ms -> BigInt,
    }
}

table! {
    retention_run (rule) {
        rule -> Text,
        looked_at_ms -> BigInt,
        erased_at_ms -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(comment_review, response_comment);
diesel::allow_tables_to_appear_in_same_query!(seal, response_comment);
diesel::allow_tables_to_appear_in_same_query!(seal, event);
