//! Tables of the supervision of interviews as diesel sees them.

use super::table::table;

table! {
    interview_review (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        interview_id -> Text,
        evaluator_id -> Text,
        step -> Text,
        reason -> Text,
        comment -> Text,
        acted_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    response_correction (evaluation_id, response_id, version) {
        evaluation_id -> Text,
        response_id -> Text,
        version -> Integer,
        interview_id -> Text,
        evaluator_id -> Text,
        answers -> Text,
        salt -> Text,
        commitment -> Text,
        reason -> Text,
        note -> Text,
        corrected_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    back_check_seed (evaluation_id, round) {
        evaluation_id -> Text,
        round -> Integer,
        seed -> Text,
        set_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    back_check_case (evaluation_id, interview_id) {
        evaluation_id -> Text,
        interview_id -> Text,
        evaluator_id -> Text,
        round -> Integer,
        place -> Integer,
        drawn -> Bool,
    }
}
table! {
    back_check (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        interview_id -> Text,
        evaluator_id -> Text,
        way -> Text,
        outcome -> Text,
        interviewed -> Text,
        place -> Text,
        day -> Text,
        overall -> Nullable<Integer>,
        item -> Text,
        reply -> Nullable<Integer>,
        remark -> Text,
        checked_by -> Text,
        at_ms -> BigInt,
    }
}
