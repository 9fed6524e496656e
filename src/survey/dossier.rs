//! What is on record about how an evaluation's survey was done: the facts of the sampling report beside its figures.
//!
//! Source: requirements.md §10. Of a sealed evaluation only what was on record when it was sealed, so that its report
//! stays the same for good. Nothing here is withheld yet: `view::report` shows a number only where the result does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::back_check;
use super::checkpoint::Checkpoint;
use super::comment_report::CommentReport;
use super::deviation::Deviation;
use super::evaluation::Mode;
use super::exclusion::Excluded;
use super::fieldwork;
use super::frame::record::FrameRecord;
use super::frame::summary::Summary;
use super::id::{OutletId, PersonId};
use super::invitation::Funnel;
use super::language::Text;
use super::outlet_draw::LoggedDraw;
use super::plan::Plan;
use super::posting::Posted;
use super::report::Report;
use crate::statistics::flag::Rule;

/// The facts of a sampling report.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// Why the evaluation was done.
    pub mode: Mode,
    /// The certified scope in words.
    pub scope: String,
    /// Products in the scope.
    pub products: Vec<Text>,
    /// Until when answers are kept, as the notice says.
    pub retention_end: String,
    /// The steps of its life, in order.
    pub steps: Vec<Step>,
    /// Who worked on it, in which role.
    pub team: Vec<Member>,
    /// Roles given and taken: who had access when.
    pub access: Vec<Access>,
    /// Declarations about conflicts of interest, one a person.
    pub declarations: Vec<Declared>,
    /// The sampling plan.
    pub plan: Option<Planned>,
    /// How the sample came about.
    pub sampling: Sampling,
    /// Approaches in person, by evaluator and outlet.
    pub fieldwork: fieldwork::Table,
    /// Names of the people in `fieldwork`.
    pub names: Vec<(PersonId, String)>,
    /// What is counted beside the answers.
    pub counters: Counters,
    /// Electronic answers on record that came in the hour after the last day in the field; nothing where the plan has none.
    pub in_grace: Option<u64>,
    /// Responses that were decided about.
    pub decisions: Decisions,
    /// Flagged responses by rule; nothing before the last look after fieldwork.
    pub flags: Option<BTreeMap<Rule, u64>>,
    /// What is published of comments; nothing while one is unread.
    pub comments: Option<CommentReport>,
    /// Erasures of contact data that somebody asked for.
    pub erasures: u64,
    /// What stands excluded.
    pub excluded: Excluded,
    /// Whether the sample was judged adequate, by whom it was confirmed, when.
    pub adequate: Option<(bool, String, i64)>,
    /// Who sealed the record.
    pub seal: Option<Sealed>,
    /// The checkpoint made at sealing, else the latest one.
    pub checkpoint: Option<Checkpoint>,
    /// The result of the wave before.
    pub previous: Option<Box<Report>>,
}

/// A step of an evaluation's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Action of its event, e.g. `evaluation.opened`.
    pub action: String,
    /// When, Unix ms.
    pub at_ms: i64,
    /// By whom, by name.
    pub actor: String,
}

/// Somebody in the evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name.
    pub name: String,
    /// Registration number.
    pub registration_no: String,
    /// Name of the role.
    pub role: String,
}

/// A role that was given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When, Unix ms.
    pub at_ms: i64,
    /// Whose, by name.
    pub name: String,
    /// Name of the role.
    pub role: String,
    /// Given, not taken.
    pub given: bool,
}

/// A declaration about conflicts of interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Whose, by name.
    pub name: String,
    /// There is one.
    pub conflicted: bool,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// The plan and who approved it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Its hash.
    pub hash: String,
    /// Who approved exactly this plan, and when.
    pub approval: Option<(String, i64)>,
}

/// How the sample came about, and what was done to see that it is what it seems.
#[derive(Debug, Clone)]
pub struct Sampling {
    /// Deviations from the plan, oldest first; who proposed and who decided by name.
    pub deviations: Vec<Deviation>,
    /// Draws of outlets to visit, oldest first.
    pub outlet_draws: Vec<LoggedDraw>,
    /// The list of customers; nothing where none was handed over.
    pub list: Option<CustomerList>,
    /// Plates and slips put up and taken down, oldest first.
    pub postings: Vec<Posted>,
    /// Interviews that were asked again.
    pub back_checks: back_check::Counts,
}

/// A list of customers in numbers.
#[derive(Debug, Clone)]
pub struct CustomerList {
    /// Where it comes from.
    pub record: Option<FrameRecord>,
    /// What was counted when it was read.
    pub summary: Option<Summary>,
    /// When it was handed over, Unix ms.
    pub uploaded_at_ms: i64,
    /// The draw; nothing before it was fixed.
    pub taken: Option<Taken>,
}

/// A draw of customers as it was fixed.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Hash of the frame's file.
    pub frame_sha256: String,
    /// The seed.
    pub seed: String,
    /// Its public source; empty = made by the server.
    pub seed_source: String,
    /// When it was fixed, Unix ms.
    pub fixed_at_ms: i64,
}

/// What goes on changing after sealing: mail comes back, addresses are erased, codes revoked, late visitors counted. The event
/// that seals a record holds them as they stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// What became of invitations; nothing where nobody was invited by mail.
    pub invitations: Option<Funnel>,
    /// Codes of outlets.
    pub codes: Vec<OutletCodes>,
    /// Visits through codes of outlets, by day.
    pub days: Vec<Day>,
}

/// The codes of an outlet and how far visitors came through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutletCodes {
    /// Whose.
    pub outlet: OutletId,
    /// Codes made.
    pub made: u64,
    /// Of these, revoked.
    pub revoked: u64,
    /// First pages shown.
    pub opened: u64,
    /// Forms begun.
    pub started: u64,
    /// Forms sent in.
    pub completed: u64,
}

/// Visits of a day through codes of outlets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Beginning of the day, Unix ms.
    pub at_ms: i64,
    /// First pages shown.
    pub opened: u64,
    /// Forms begun.
    pub started: u64,
}

/// How many responses were decided about, by what stands now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Interviews approved.
    pub approved: u64,
    /// Excluded.
    pub excluded: u64,
}

/// Two people and a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Who proposed it, by name.
    pub proposed_by: String,
    /// Who sealed it, by name.
    pub sealed_by: String,
    /// When, Unix ms.
    pub at_ms: i64,
    /// SHA-256 of the whole result.
    pub result_id: String,
}

impl Dossier {
    /// The name of somebody in the field.
    pub fn name(&self, who: PersonId) -> &str {
        let known = self.names.iter().find(|(id, _)| *id == who);
        known.map_or("–", |(_, name)| name.as_str())
    }
}
