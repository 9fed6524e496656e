//! Tables of sealing, checkpoints and access to the evidence pack as diesel sees them.

use super::table::table;

table! {
    seal_proposal (evaluation_id, version) {
        evaluation_id -> Text,
        version -> Integer,
        result_id -> Text,
        proposed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    seal (evaluation_id) {
        evaluation_id -> Text,
        version -> Integer,
        proposed_by -> Text,
        sealed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    checkpoint (chain, seq, reason) {
        chain -> Text,
        seq -> BigInt,
        reason -> Text,
        at_ms -> BigInt,
        line -> Text,
    }
}
table! {
    pack_grant (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        person_id -> Text,
        granted_by -> Text,
        reason -> Text,
        at_ms -> BigInt,
        until_ms -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at_ms -> Nullable<BigInt>,
    }
}
