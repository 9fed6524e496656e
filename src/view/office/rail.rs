//! The left rail: the stages of an evaluation and the pages in them, as far as the viewer may open them.

use super::Here;
use crate::access::Role;
use crate::view::words::Words;

/// A page of an evaluation that has a place in the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Overview: progress, what waits for whom, alarms.
    Home,
    /// Outlets.
    Outlets,
    /// Sampling plan.
    Plan,
    /// Questionnaire and method.
    Instrument,
    /// Who is what.
    Members,
    /// The organisation's list of customers, and the draw from it.
    Sample,
    /// QR codes, personal links, printed codes.
    Codes,
    /// Invitations by mail.
    Mail,
    /// Interviews and approaches.
    Interviews,
    /// Progress, arrivals, alarms.
    Monitoring,
    /// Flags, evidence, exclusions.
    Quality,
    /// What customers wrote.
    Comments,
    /// Results of the survey.
    Results,
    /// Marks of chapter 4.1.
    Scoring,
    /// The management audit of 4.2.
    Audit,
    /// Facts that the grade rests on.
    Facts,
    /// The decision and its signatures.
    Decision,
    /// Conflicts of interest.
    Conflict,
    /// The certificate held.
    Certificate,
    /// Sealing, release, checkpoints.
    Seal,
    /// What happened.
    Activity,
}

/// Room, end of its address, who sees it in the rail.
const ROOMS: &[(Room, &str, &[Role])] = &[
    (Room::Home, "", &Role::TEAM),
    (
        Room::Outlets,
        "/outlets",
        &[Role::Manager, Role::Reviewer, Role::Auditor],
    ),
    (Room::Plan, "/plan", &[Role::Manager, Role::Reviewer, Role::Auditor]),
    (
        Room::Instrument,
        "/instrument",
        &[Role::Manager, Role::Reviewer, Role::Auditor],
    ),
    (
        Room::Members,
        "/members",
        &[Role::Manager, Role::Reviewer, Role::Auditor],
    ),
    (Room::Sample, "/sample", &[Role::Manager, Role::Reviewer, Role::Auditor]),
    (Room::Codes, "/codes", &[Role::Manager]),
    (Room::Mail, "/mail", &[Role::Manager, Role::Reviewer, Role::Auditor]),
    (
        Room::Interviews,
        "/interviews",
        &[Role::Manager, Role::Reviewer, Role::Evaluator],
    ),
    (
        Room::Monitoring,
        "/monitoring",
        &[Role::Manager, Role::Reviewer, Role::Auditor],
    ),
    (
        Room::Quality,
        "/quality",
        &[Role::Manager, Role::Reviewer, Role::Auditor],
    ),
    (Room::Comments, "/comments", &[Role::Manager, Role::Reviewer]),
    (
        Room::Results,
        "/results",
        &[
            Role::Manager,
            Role::Reviewer,
            Role::Signatory,
            Role::Auditor,
            Role::Organisation,
        ],
    ),
    (Room::Scoring, "/scoring", &Role::TEAM),
    (Room::Audit, "/audit", &Role::TEAM),
    (Room::Facts, "/facts", &Role::TEAM),
    (Room::Decision, "/decision", &Role::TEAM),
    (Room::Conflict, "/conflict", &Role::TEAM),
    (Room::Certificate, "/certificate", &Role::TEAM),
    (
        Room::Seal,
        "/seal",
        &[Role::Manager, Role::Reviewer, Role::Signatory, Role::Auditor],
    ),
    (
        Room::Activity,
        "/activity",
        &[Role::Manager, Role::Reviewer, Role::Auditor],
    ),
];

impl Room {
    fn name(self, words: Words) -> String {
        match self {
            Room::Home => words.t("rail-home"),
            Room::Outlets => words.t("rail-outlets"),
            Room::Plan => words.t("rail-plan"),
            Room::Instrument => words.t("rail-instrument"),
            Room::Members => words.t("rail-members"),
            Room::Sample => words.t("frame-rail"),
            Room::Codes => words.t("rail-codes"),
            Room::Mail => words.t("rail-mail"),
            Room::Interviews => words.t("rail-interviews"),
            Room::Monitoring => words.t("rail-monitoring"),
            Room::Quality => words.t("rail-quality"),
            Room::Comments => words.t("rail-comments"),
            Room::Results => words.t("rail-results"),
            Room::Scoring => words.t("rail-scoring"),
            Room::Audit => words.t("rail-audit"),
            Room::Facts => words.t("rail-facts"),
            Room::Decision => words.t("rail-decision"),
            Room::Conflict => words.t("rail-conflict"),
            Room::Certificate => words.t("rail-certificate"),
            Room::Seal => words.t("rail-seal"),
            Room::Activity => words.t("rail-activity"),
        }
    }

    fn stage(self, words: Words) -> String {
        match self {
            Room::Home | Room::Outlets | Room::Plan | Room::Instrument | Room::Members => words.t("stage-plan"),
            Room::Sample | Room::Codes | Room::Mail => words.t("stage-sample"),
            Room::Interviews | Room::Monitoring => words.t("stage-fieldwork"),
            Room::Quality | Room::Comments => words.t("stage-quality"),
            Room::Results => words.t("stage-results"),
            Room::Scoring | Room::Audit | Room::Facts | Room::Decision => words.t("stage-grading"),
            Room::Conflict | Room::Certificate | Room::Seal | Room::Activity => words.t("stage-file"),
        }
    }
}

/// A stage with its pages.
pub(crate) struct Stage {
    pub name: String,
    pub rooms: Vec<Way>,
}

/// One line of the rail.
pub(crate) struct Way {
    pub href: String,
    pub name: String,
    pub current: bool,
}

/// The rail of an evaluation for its viewer.
pub(super) fn of(words: Words, here: &Here, current: Room) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for (room, end, roles) in ROOMS.iter().copied() {
        if !here.roles.has_any(roles) {
            continue;
        }
        let way = Way {
            href: format!("/evaluations/{}{end}", here.evaluation),
            name: room.name(words),
            current: room == current,
        };
        let stage = room.stage(words);
        match stages.last_mut().filter(|last| last.name == stage) {
            Some(last) => last.rooms.push(way),
            None => stages.push(Stage {
                name: stage,
                rooms: vec![way],
            }),
        }
    }
    stages
}
