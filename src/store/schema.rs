//! Tables as diesel sees them; one schema for both databases (portable column types only).

use super::table::table;

table! { person (id) { id -> Text, name -> Text, registration_no -> Text, created_at_ms -> BigInt, } }
table! {
    organisation (id) { id -> Text, name_zh -> Text, name_en -> Text, created_at_ms -> BigInt, credit_code -> Text, }
}
table! { questionnaire (hash) { hash -> Text, body -> Text, } }
table! { method (hash) { hash -> Text, body -> Text, } }
table! { notice (version) { version -> Text, text_zh -> Text, text_en -> Text, } }
table! {
    evaluation (id) {
        id -> Text,
        organisation_id -> Text,
        title_zh -> Text,
        title_en -> Text,
        state -> Text,
        questionnaire_hash -> Text,
        method_hash -> Text,
        notice_version -> Nullable<Text>,
        products -> Text,
        retention_end -> Text,
        created_at_ms -> BigInt,
        mode -> Text,
        scope -> Text,
        field_ways -> Nullable<Text>,
        field_from_ms -> Nullable<BigInt>,
        field_until_ms -> Nullable<BigInt>,
    }
}
table! {
    outlet (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        place -> Integer,
        name_zh -> Text,
        name_en -> Text,
        customers -> Nullable<BigInt>,
        target_face -> Integer,
        target_electronic -> Integer,
        address -> Text,
        hours -> Text,
        visitors_per_day -> Nullable<BigInt>,
    }
}
table! {
    link (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        outlet_id -> Text,
        kind -> Text,
        token_hash -> Text,
        generation -> Integer,
        revoked -> Bool,
        used -> Bool,
        ended_code -> Nullable<Text>,
        opens_at_ms -> Nullable<BigInt>,
        closes_at_ms -> Nullable<BigInt>,
        batch_id -> Nullable<Text>,
    }
}
table! {
    link_batch (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        outlet_id -> Text,
        kind -> Text,
        links -> Integer,
        created_at_ms -> BigInt,
    }
}
table! {
    link_refusal (evaluation_id, source_id, day) {
        evaluation_id -> Text,
        source_id -> Text,
        day -> BigInt,
        scans -> BigInt,
    }
}
table! {
    interview (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        outlet_id -> Text,
        evaluator_id -> Text,
        place -> Text,
        started_at_ms -> BigInt,
        ended_at_ms -> BigInt,
        contact_no -> Nullable<Integer>,
        protocol -> Text,
    }
}
table! {
    response (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        outlet_id -> Text,
        evidence_class -> Text,
        interview_id -> Nullable<Text>,
        evaluator_id -> Nullable<Text>,
        status -> Text,
        language -> Text,
        notice_version -> Text,
        received_hour_ms -> BigInt,
        commitment -> Text,
    }
}
table! {
    response_content (evaluation_id, response_id) {
        evaluation_id -> Text,
        response_id -> Text,
        answers -> Text,
        duration_s -> Nullable<Integer>,
        salt -> Text,
        comment_salt -> Text,
    }
}
table! {
    response_comment (evaluation_id, response_id) {
        evaluation_id -> Text,
        response_id -> Text,
        body -> Text,
        digest -> Text,
    }
}
table! {
    disposition (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        outlet_id -> Text,
        evidence_class -> Text,
        evaluator_id -> Nullable<Text>,
        code -> Text,
        hour_ms -> BigInt,
        contact_no -> Nullable<Integer>,
        refusal_reason -> Text,
    }
}
table! {
    event (evaluation_id, seq) {
        evaluation_id -> Text,
        seq -> BigInt,
        at_ms -> BigInt,
        actor -> Text,
        action -> Text,
        object -> Text,
        data -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}
table! {
    tally (evaluation_id, outlet_id, evidence_class, node) {
        evaluation_id -> Text,
        outlet_id -> Text,
        evidence_class -> Text,
        node -> Integer,
        body -> Text,
    }
}
table! { scan (evaluation_id) { evaluation_id -> Text, body -> Text, } }
table! { installation (id) { id -> Integer, key_check -> Text, created_at_ms -> BigInt, } }

table! {
    account (person_id) {
        person_id -> Text,
        login -> Text,
        password_hash -> Nullable<Text>,
        totp_secret -> Nullable<Text>,
        totp_step -> BigInt,
        second_factor_waived -> Bool,
        disabled -> Bool,
        created_at_ms -> BigInt,
    }
}
table! { account_role (person_id, role) { person_id -> Text, role -> Text, } }
table! { recovery_code (person_id, code_hash) { person_id -> Text, code_hash -> Text, used -> Bool, } }
table! {
    set_up_link (token_hash) { token_hash -> Text, person_id -> Nullable<Text>, expires_at_ms -> BigInt, }
}
table! {
    session (token_hash) {
        token_hash -> Text,
        person_id -> Text,
        stage -> Text,
        device -> Text,
        created_at_ms -> BigInt,
        seen_at_ms -> BigInt,
        confirmed_at_ms -> BigInt,
        tries -> Integer,
    }
}
table! {
    membership (evaluation_id, person_id, role) { evaluation_id -> Text, person_id -> Text, role -> Text, }
}
table! {
    office_event (seq) {
        seq -> BigInt,
        at_ms -> BigInt,
        actor -> Text,
        action -> Text,
        object -> Text,
        data -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

table! { plan (evaluation_id) { evaluation_id -> Text, body -> Text, hash -> Text, } }

// SQLite's own catalogue.
diesel::table! { sqlite_master (name) { name -> Text, #[sql_name = "type"] kind -> Text, sql -> Text, } }

diesel::joinable!(evaluation -> organisation (organisation_id));
diesel::joinable!(account -> person (person_id));
diesel::joinable!(account_role -> account (person_id));
diesel::joinable!(session -> account (person_id));
diesel::joinable!(membership -> evaluation (evaluation_id));
diesel::joinable!(membership -> account (person_id));
diesel::allow_tables_to_appear_in_same_query!(
    evaluation,
    organisation,
    outlet,
    link,
    link_batch,
    link_refusal,
    interview,
    response,
    response_content,
    response_comment,
    disposition,
    event,
    tally,
    scan,
    person,
    notice,
    account,
    account_role,
    session,
    membership,
);
