//! Tables of the grading as diesel sees them; beside the others, so that each file can be read at once.

use super::table::table;

table! {
    conflict_declaration (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        person_id -> Text,
        conflicted -> Bool,
        explanation -> Text,
        at_ms -> BigInt,
    }
}
table! {
    score (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        clause -> Text,
        marks -> Text,
        evidence -> Text,
        agreed -> Bool,
        scored_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    observation (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        kind -> Text,
        subject -> Text,
        promised -> Text,
        actual -> Text,
        met -> Bool,
        observed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    audit_check (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        clause -> Text,
        conform -> Bool,
        evidence -> Text,
        checked_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    finding (evaluation_id, number, version) {
        evaluation_id -> Text,
        number -> Integer,
        version -> Integer,
        clause -> Text,
        severity -> Text,
        evidence -> Text,
        raised_on -> Text,
        correction -> Text,
        closed_on -> Nullable<Text>,
        entered_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    fact (evaluation_id, id, version) {
        evaluation_id -> Text,
        id -> Text,
        version -> Integer,
        body -> Text,
        source -> Text,
        evidence -> Text,
        withdrawn -> Bool,
        entered_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    fact_check (evaluation_id, fact_id, version) {
        evaluation_id -> Text,
        fact_id -> Text,
        version -> Integer,
        entered_by -> Text,
        agrees -> Bool,
        remark -> Text,
        checked_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    decision (evaluation_id, version) {
        evaluation_id -> Text,
        version -> Integer,
        input -> Text,
        input_hash -> Text,
        ruling -> Text,
        stars -> Nullable<Integer>,
        recommended -> Integer,
        reason_code -> Nullable<Text>,
        reason -> Text,
        decided_on -> Text,
        proposed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    decision_signature (evaluation_id, version, place) {
        evaluation_id -> Text,
        version -> Integer,
        place -> Text,
        proposed_by -> Text,
        approves -> Bool,
        remark -> Text,
        signed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    certificate (number) {
        number -> Text,
        organisation_id -> Text,
        evaluation_id -> Text,
        scope -> Text,
        stars -> Integer,
        issued_on -> Text,
        last_day -> Text,
        replaces -> Nullable<Text>,
    }
}
table! {
    certificate_proposal (number, seq, version) {
        number -> Text,
        seq -> Integer,
        version -> Integer,
        step -> Text,
        reason -> Text,
        takes_effect_on -> Text,
        evidence -> Text,
        proposed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    certificate_step (number, seq) {
        number -> Text,
        seq -> Integer,
        step -> Text,
        reason -> Text,
        state -> Text,
        since -> Text,
        evidence -> Text,
        proposed_by -> Text,
        signed_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    certificate_report (number, seq) {
        number -> Text,
        seq -> Integer,
        kind -> Text,
        reported_on -> Text,
        source -> Text,
        account -> Text,
        reported_by -> Text,
        at_ms -> BigInt,
    }
}
table! {
    holder_notice (number, seq) {
        number -> Text,
        seq -> Integer,
        kind -> Text,
        send_on -> Text,
        void -> Bool,
        sent_at_ms -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(fact, fact_check);
