//! Integration tests: one binary, the very same server as in production, on SQLite and on PostgreSQL.
//!
//! `tests/run it` brings a PostgreSQL server along; without one the tests that need it fail and say so. Tests are
//! stories; how pages are read, rows counted and servers started is in `harness`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop at once"
)]

/// Makes two tests of every story: one on SQLite, one on PostgreSQL.
macro_rules! both_backends {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $story() {
                super::$story(crate::harness::Backend::Sqlite);
            })+
        }
        mod postgres {
            $(#[test]
            fn $story() {
                super::$story(crate::harness::Backend::Postgres);
            })+
        }
    };
}

mod harness;

mod access_cli;
mod access_factor;
mod access_matrix;
mod access_people;
mod access_sessions;
mod access_set_up;
mod access_sign_in;
mod access_table;
mod backup;
mod canary;
mod cli;
mod cli_estimate;
mod cli_export;
mod cli_grade;
mod cli_sampling;
mod cli_shapes;
mod codes_outlets;
mod codes_single_use;
mod comment_clearing;
mod concurrency_decisions;
mod concurrency_postgres;
mod crash;
mod demo;
mod demo_draw;
mod detection_evaluators;
mod erasure_request;
mod fieldwork_approval;
mod fieldwork_assignments;
mod fieldwork_funnel;
mod fieldwork_withdrawal;
mod frame_sample;
mod grading_case;
mod grading_dice;
mod grading_forms;
mod grading_journey;
mod grading_overdue;
mod grading_policy;
mod grading_random;
mod grading_renewal;
mod grading_rules;
mod grading_seal;
mod grading_whole;
mod idempotency;
mod interview_fieldwork;
mod interview_guards;
mod interview_journey;
mod journey_customer;
mod journey_pages;
mod journey_refusals;
mod limits_content;
mod limits_http;
mod mail_case;
mod mail_invitations;
mod mail_outbox;
mod mail_stopped;
mod mail_tls;
mod office_draft;
mod office_people;
mod office_plan;
mod office_results;
mod office_sampling_plan;
mod offline_device;
mod offline_late;
mod offline_sync;
mod pack_grant;
mod pack_refusals;
mod pack_writers;
mod parity;
mod planning_draw;
mod planning_field;
mod planning_period;
mod quality_crowd;
mod quality_detection;
mod quality_exclusion;
mod quality_flags;
mod report_files;
mod report_programs;
mod store_guards;
mod store_states;
mod store_writer;
mod supervision_back_checks;
mod supervision_reviews;
mod tampering;
mod tidy;
mod tidy_migrations;
mod unlinkability;
