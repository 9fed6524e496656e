//! Lists of customers and draws as diesel sees them.

use super::table::table;

table! {
    frame_list (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        version -> Integer,
        state -> Text,
        file_sha256 -> Text,
        form -> Text,
        reading -> Text,
        summary -> Nullable<Text>,
        cases -> BigInt,
        frame_sha256 -> Nullable<Text>,
        uploaded_by -> Text,
        uploaded_at_ms -> BigInt,
        changed_at_ms -> BigInt,
        erased_at_ms -> Nullable<BigInt>,
    }
}
table! { frame_file (list_id) { evaluation_id -> Text, list_id -> Text, sealed_bytes -> Text, } }
table! {
    frame_case (list_id, id) {
        evaluation_id -> Text,
        list_id -> Text,
        id -> Text,
        outlet_id -> Text,
        stratum -> Text,
        language -> Text,
        sealed_contact -> Text,
    }
}
table! {
    frame_record (list_id, version) {
        evaluation_id -> Text,
        list_id -> Text,
        version -> Integer,
        body -> Text,
        recorded_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    frame_draw (list_id) {
        evaluation_id -> Text,
        list_id -> Text,
        frame -> Text,
        plan -> Text,
        seed -> Text,
        seed_source -> Text,
        prepared_by -> Text,
        prepared_at_ms -> BigInt,
        drawn_by -> Nullable<Text>,
        drawn_at_ms -> Nullable<BigInt>,
    }
}
table! {
    frame_drawn (list_id, stratum, place) {
        evaluation_id -> Text,
        list_id -> Text,
        stratum -> Text,
        place -> BigInt,
        case_id -> Text,
        hash -> Text,
        reserve -> Bool,
        released_at_ms -> Nullable<BigInt>,
    }
}
