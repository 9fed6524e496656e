//! Tables of the outbox as diesel sees them; beside the others, so that each file can be read at once.

use super::table::table;

table! {
    mail_switch (id) {
        id -> Integer,
        paused -> Bool,
        reason -> Text,
        changed_at_ms -> BigInt,
        trouble -> Text,
        trouble_at_ms -> Nullable<BigInt>,
    }
}
table! {
    outbox_message (id) {
        id -> Text,
        kind -> Text,
        evaluation_id -> Nullable<Text>,
        recipient_id -> Nullable<Text>,
        round -> Integer,
        source -> Nullable<Text>,
        language -> Text,
        sealed_address -> Nullable<Text>,
        subject -> Text,
        body -> Text,
        message_id -> Nullable<Text>,
        state -> Text,
        reason -> Text,
        due_at_ms -> BigInt,
        try_at_ms -> BigInt,
        attempts -> Integer,
        claimed_by -> Text,
        claimed_at_ms -> Nullable<BigInt>,
        lease_until_ms -> Nullable<BigInt>,
        sent_at_ms -> Nullable<BigInt>,
    }
}
table! {
    mail_plan (evaluation_id, version) {
        evaluation_id -> Text,
        version -> Integer,
        first_on -> Text,
        from_hour -> Integer,
        to_hour -> Integer,
        gaps -> Text,
        recipients -> BigInt,
        state -> Text,
        proposed_by -> Text,
        proposed_at_ms -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at_ms -> Nullable<BigInt>,
    }
}
table! { mail_halt (evaluation_id) { evaluation_id -> Text, at_ms -> BigInt, } }
table! {
    mail_suppression (address_index) { address_index -> Text, reason -> Text, at_ms -> BigInt, }
}
table! {
    organisation_contact (organisation_id) {
        organisation_id -> Text,
        sealed_email -> Text,
        language -> Text,
        changed_at_ms -> BigInt,
    }
}

use super::schema_grading::{certificate, holder_notice};

diesel::allow_tables_to_appear_in_same_query!(outbox_message, mail_halt);
diesel::allow_tables_to_appear_in_same_query!(holder_notice, certificate, organisation_contact);
