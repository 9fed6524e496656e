//! What a survey is: questionnaire, answers, links, submissions, states. Pure: no database, no HTTP, no clock, no
//! randomness, no files. Times, random bytes and keys come in as arguments.

pub mod admission;
pub mod alarm;
pub mod answers;
pub mod assignment;
pub mod back_check;
pub mod bounce;
pub mod checkpoint;
pub mod code_form;
pub mod comment;
pub mod comment_report;
pub mod commitment;
pub mod content;
pub mod correction;
pub mod counting;
pub mod deviation;
pub mod disposition;
pub mod dossier;
pub mod erasure;
pub mod evaluation;
pub mod event;
pub mod exclusion;
pub mod field;
pub mod fieldwork;
pub mod flagging;
pub mod form;
#[cfg(test)]
mod form_tests;
pub mod frame;
pub mod id;
pub mod identifying;
pub mod instrument;
pub mod interview;
pub mod invitation;
pub mod language;
pub mod link;
pub mod low_rating;
pub mod mark;
pub mod merkle;
pub mod method;
pub mod notice;
pub mod outbox;
pub mod outlet_draw;
pub mod pack_grant;
pub mod paper;
pub mod paradata;
pub mod plan;
mod plan_form;
mod plan_remark;
pub mod plan_review;
pub mod plan_scope;
mod plan_sizing;
#[cfg(test)]
mod plan_tests;
pub mod posting;
pub mod printed_code;
pub mod progress;
pub mod questionnaire;
mod questionnaire_file;
mod questionnaire_rules;
pub mod report;
pub mod retention;
pub mod screening;
pub mod sealing;
pub mod setup;
#[cfg(test)]
mod setup_tests;
pub mod similar;
pub mod submission;
pub mod supervision;
pub mod theme;
pub mod ticket;
pub mod unsubscribe;
pub mod upload;

pub use crate::statistics::class::EvidenceClass;
pub use crate::statistics::score::Reply;
