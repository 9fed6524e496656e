//! Drawn persons as diesel sees them; beside the other tables, so that each file can be read at once.

use super::table::table;

use super::schema::{link, outlet};
use super::schema_mail::{mail_suppression, outbox_message};

table! { list_key (list_id) { list_id -> Text, key_id -> Text, sealed_key -> Text, } }
table! {
    recipient (evaluation_id, id) {
        evaluation_id -> Text,
        id -> Text,
        list_id -> Text,
        outlet_id -> Text,
        language -> Text,
        sealed_email -> Text,
        sealed_name -> Nullable<Text>,
        email_index -> Text,
        link_id -> Text,
        stopped -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(recipient, link);
diesel::allow_tables_to_appear_in_same_query!(recipient, outlet);
diesel::allow_tables_to_appear_in_same_query!(recipient, outbox_message);
diesel::allow_tables_to_appear_in_same_query!(recipient, mail_suppression);
