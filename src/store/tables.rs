//! The list of every table, each after those that its rows refer to.

use super::table::{Copied, Table};
use super::{schema, schema_grading, schema_proof};

/// Every table of the database, in an order in which rows can be added.
pub(super) const ALL: &[Table] = &[
    <schema::person::table as Copied>::TABLE,
    <schema::organisation::table as Copied>::TABLE,
    <schema::questionnaire::table as Copied>::TABLE,
    <schema::method::table as Copied>::TABLE,
    <schema::notice::table as Copied>::TABLE,
    <schema::evaluation::table as Copied>::TABLE,
    <schema::outlet::table as Copied>::TABLE,
    <schema::link::table as Copied>::TABLE,
    <schema::interview::table as Copied>::TABLE,
    <schema::response::table as Copied>::TABLE,
    <schema::response_content::table as Copied>::TABLE,
    <schema::response_comment::table as Copied>::TABLE,
    <schema::disposition::table as Copied>::TABLE,
    <schema::event::table as Copied>::TABLE,
    <schema::tally::table as Copied>::TABLE,
    <schema::installation::table as Copied>::TABLE,
    <schema::account::table as Copied>::TABLE,
    <schema::account_role::table as Copied>::TABLE,
    <schema::recovery_code::table as Copied>::TABLE,
    <schema::set_up_link::table as Copied>::TABLE,
    <schema::session::table as Copied>::TABLE,
    <schema::membership::table as Copied>::TABLE,
    <schema::office_event::table as Copied>::TABLE,
    <schema::link_batch::table as Copied>::TABLE,
    <schema::link_refusal::table as Copied>::TABLE,
    <schema_grading::conflict_declaration::table as Copied>::TABLE,
    <schema_grading::score::table as Copied>::TABLE,
    <schema_grading::observation::table as Copied>::TABLE,
    <schema_grading::audit_check::table as Copied>::TABLE,
    <schema_grading::finding::table as Copied>::TABLE,
    <schema_grading::fact::table as Copied>::TABLE,
    <schema_grading::fact_check::table as Copied>::TABLE,
    <schema_grading::decision::table as Copied>::TABLE,
    <schema_grading::decision_signature::table as Copied>::TABLE,
    <schema_grading::certificate::table as Copied>::TABLE,
    <schema_grading::certificate_proposal::table as Copied>::TABLE,
    <schema_grading::certificate_step::table as Copied>::TABLE,
    <schema_grading::certificate_report::table as Copied>::TABLE,
    <schema_grading::holder_notice::table as Copied>::TABLE,
    <schema::scan::table as Copied>::TABLE,
    <schema::plan::table as Copied>::TABLE,
    <schema_proof::seal_proposal::table as Copied>::TABLE,
    <schema_proof::seal::table as Copied>::TABLE,
    <schema_proof::checkpoint::table as Copied>::TABLE,
];

/// What sealing binds, with the columns that may still change afterwards. Answers are bound by their commitments; people,
/// sessions and counters of late visitors are no part of the record.
pub(super) const SEALED: &[(&str, &[&str])] = &[
    ("evaluation", &["state"]),
    ("outlet", &[]),
    ("link", &["revoked"]),
    ("link_batch", &[]),
    ("interview", &[]),
    ("response", &[]),
    ("disposition", &[]),
    ("tally", &[]),
    ("scan", &[]),
    ("plan", &[]),
];

/// What the signature of a decision binds.
pub(super) const JUDGED: &[(&str, &[&str])] = &[
    ("score", &[]),
    ("observation", &[]),
    ("audit_check", &[]),
    ("finding", &[]),
    ("fact", &[]),
    ("fact_check", &[]),
    ("decision", &[]),
    ("decision_signature", &[]),
];
