//! Tables of fieldwork in person as diesel sees them; beside the others, so that each file can be read at once.

use super::table::table;

table! {
    assignment (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        outlet_id -> Text,
        evaluator_id -> Text,
        day -> Text,
        part -> Text,
        target -> Integer,
        step -> Nullable<Integer>,
        list -> Text,
        at_ms -> BigInt,
    }
}
table! {
    paper_form (evaluation_id, form_no) {
        evaluation_id -> Text,
        form_no -> Text,
        interview_id -> Text,
        reason -> Text,
        entered_at_ms -> BigInt,
    }
}
