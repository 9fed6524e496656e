//! Tables of plan and fieldwork as diesel sees them.

diesel::table! {
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
