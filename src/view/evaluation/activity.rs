//! What happened in an evaluation, in sentences.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use super::base;
use crate::access::Role;
use crate::survey::event::Event;
use crate::survey::id::EvaluationId;
use crate::survey::language::Language;
use crate::survey::retention::Retention;
use crate::view::office::{Desk, Frame, moment, role_name};
use crate::view::supervision::reason_name;
use crate::view::words::Words;

/// A page of the log.
#[derive(Debug, Clone)]
pub struct Activity {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Events, latest first.
    pub events: Vec<Event>,
    /// Names of people by their ids.
    pub names: BTreeMap<String, String>,
    /// Number of this page, from 1.
    pub page: u32,
    /// Whether there are older ones.
    pub has_older: bool,
}

struct Line {
    at: String,
    text: String,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "office/evaluation/activity.html")]
struct Page {
    frame: Frame,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
}

/// The log of an evaluation.
///
/// # Errors
/// What the template engine reports.
pub fn activity(desk: &Desk, shown: &Activity) -> Result<String, askama::Error> {
    let words = desk.words();
    let at = |page: u32| format!("{}/activity?page={page}", base(shown.evaluation));
    let page = Page {
        frame: Frame::at(desk, &words.t("rail-activity")),
        lines: shown.events.iter().map(|event| line(words, shown, event)).collect(),
        newer: (shown.page > 1).then(|| at(shown.page - 1)),
        older: shown.has_older.then(|| at(shown.page + 1)),
    };
    page.render()
}

fn line(words: Words, shown: &Activity, event: &Event) -> Line {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let actor = match event.actor.as_str() {
        "system" => words.t("activity-system"),
        "customer" => words.t("activity-customer"),
        "command line" => words.t("activity-command-line"),
        id => shown.names.get(id).cloned().unwrap_or_else(|| id.to_owned()),
    };
    Line {
        at: moment(event.at_ms),
        text: sentence(words, shown, event, &data, &actor),
        reason: data
            .get("reason")
            .and_then(Value::as_str)
            .filter(|reason| !reason.is_empty())
            .map(|reason| match event.action.as_str() {
                "response.rejected" | "response.corrected" => reason_name(words, reason),
                "list.erased" | "marks.erased" | "comment.erased" | "phone.erased" => retention_name(words, reason),
                _ => reason.to_owned(),
            })
            .map(|reason| words.tn("activity-reason", &[("reason", reason.into())])),
    }
}

/// A rule of retention in words; what somebody gave as their reason stays as it is.
fn retention_name(words: Words, reason: &str) -> String {
    match Retention::parse(reason) {
        Some(Retention::SealedList) => words.t("retention-sealed-list"),
        Some(Retention::ForgottenFile) => words.t("retention-forgotten-file"),
        Some(Retention::OldMarks) => words.t("retention-old-marks"),
        Some(Retention::Comments) => words.t("retention-comments"),
        Some(Retention::Phones) => words.t("retention-phones"),
        None => reason.to_owned(),
    }
}

fn sentence(words: Words, shown: &Activity, event: &Event, data: &Value, actor: &str) -> String {
    let actor = ("actor", actor.into());
    let name = ("name", named(words.language(), data).into());
    match event.action.as_str() {
        "evaluation.created" => words.tn("activity-created", &[actor]),
        "evaluation.changed" => words.tn("activity-changed", &[actor]),
        "evaluation.frozen" => words.tn("activity-frozen", &[actor]),
        "evaluation.open" => words.tn("activity-open", &[actor]),
        "evaluation.closed" => words.tn("activity-closed", &[actor]),
        "evaluation.sealed" => words.tn("activity-sealed", &[actor]),
        "evaluation.released" => words.tn("activity-released", &[actor]),
        "plan.stored" => words.tn("activity-plan-stored", &[actor]),
        "plan.approved" => words.tn("activity-plan-approved", &[actor]),
        "plan.returned" => words.tn("activity-plan-returned", &[actor]),
        "draw.logged" => words.tn("planning-did-draw-logged", &[actor]),
        "draw.made" => words.tn("planning-did-draw-made", &[actor]),
        "deviation.proposed" => words.tn("planning-did-proposed", &[actor]),
        "deviation.approved" => words.tn("planning-did-approved", &[actor]),
        "deviation.refused" => words.tn("planning-did-refused", &[actor]),
        "code.posted" => words.tn("planning-did-posted", &[actor]),
        "code.removed" => words.tn("planning-did-removed", &[actor]),
        "instrument.chosen" => words.tn("activity-instrument", &[actor]),
        "interim.opened" => words.tn("activity-interim", &[actor]),
        "outlet.added" => words.tn("activity-outlet-added", &[actor, name]),
        "outlet.changed" => words.tn("activity-outlet-changed", &[actor, name]),
        "outlet.removed" => words.tn("activity-outlet-removed", &[actor, name]),
        "outlet.raised" => words.tn("activity-outlet-raised", &[actor, name]),
        "outlet.network_added" => words.tn("activity-network-added", &[actor]),
        "exclusion.proposed" => words.tn("activity-exclusion-proposed", &[actor]),
        "comment.erased" => words.tn("privacy-did-comment", &[actor]),
        "contact.erased" => words.tn("privacy-did-contact", &[actor]),
        "phone.erased" => words.t("privacy-did-phone"),
        "comment.reviewed" => words.tn("comment-did-reviewed", &[actor]),
        "comment.theme_added" => words.tn("comment-did-theme", &[actor]),
        "incident.reported" => words.tn("comment-did-incident", &[actor]),
        "exclusion.decided" => words.tn("activity-exclusion-decided", &[actor]),
        "code.created" => words.tn("activity-code-created", &[actor]),
        "code.revoked" => words.tn("activity-code-revoked", &[actor]),
        "code.rotated" => words.tn("activity-code-rotated", &[actor]),
        "code.limited" => words.tn("activity-code-limited", &[actor]),
        "links.created" => words.tn("activity-links-created", &[actor]),
        "links.revoked" => words.tn("activity-links-revoked", &[actor]),
        "links.reissued" => words.tn("activity-links-reissued", &[actor]),
        "mail.proposed" => words.tn("mail-did-proposed", &[actor]),
        "mail.approved" => words.tn("mail-did-approved", &[actor]),
        "mail.refused" => words.tn("mail-did-refused", &[actor]),
        "mail.halted" => words.tn("mail-did-halted", &[actor]),
        "mail.resumed" => words.tn("mail-did-resumed", &[actor]),
        "mail.addresses-shown" => words.tn("mail-did-addresses", &[actor]),
        "list.uploaded" => words.tn("frame-did-uploaded", &[actor]),
        "list.imported" => words.tn("frame-did-imported", &[actor]),
        "list.erased" => words.tn("frame-did-erased", &[actor]),
        "marks.erased" => words.t("activity-marks-erased"),
        "frame.recorded" => words.tn("frame-did-recorded", &[actor]),
        "draw.prepared" => words.tn("frame-did-prepared", &[actor]),
        "draw.done" => words.tn("frame-did-drawn", &[actor]),
        "draw.reserves-released" => words.tn("frame-did-released", &[actor]),
        "contact.set" => words.tn("mail-did-contact", &[actor]),
        "evidence.exported" => words.tn("activity-evidence-exported", &[actor]),
        "evidence.granted" | "evidence.grant_ended" => {
            let person = (
                "person",
                shown.names.get(&event.object).unwrap_or(&event.object).as_str().into(),
            );
            match event.action.as_str() {
                "evidence.granted" => words.tn("activity-evidence-granted", &[actor, person]),
                _ => words.tn("activity-evidence-grant-ended", &[actor, person]),
            }
        }
        "member.added" | "member.removed" => {
            let person = shown.names.get(&event.object).unwrap_or(&event.object);
            let role = data.get("role").and_then(Value::as_str).and_then(Role::parse);
            let role = role.map_or_else(String::new, |role| role_name(words, role));
            let values = [actor, ("name", person.as_str().into()), ("role", role.into())];
            match event.action.as_str() {
                "member.added" => words.tn("activity-member-added", &values),
                _ => words.tn("activity-member-removed", &values),
            }
        }
        "response.approved" => words.tn("activity-approved", &[actor]),
        "response.rejected" => words.tn("supervise-did-rejected", &[actor]),
        "response.returned" => words.tn("supervise-did-returned", &[actor]),
        "response.corrected" => words.tn("supervise-did-corrected", &[actor]),
        "interview.answered" => words.tn("supervise-did-answered", &[actor]),
        "back_check.seeded" => words.tn("supervise-did-seeded", &[actor]),
        "back_check.drawn" => words.tn("supervise-did-drawn", &[actor]),
        "back_check.recorded" => words.tn("supervise-did-checked", &[actor]),
        "response.excluded" => words.tn("activity-excluded", &[actor]),
        "response.included" => words.tn("activity-included", &[actor]),
        "response.withdrawn" => words.tn("activity-withdrawn", &[actor]),
        "interview.recorded" => words.tn("activity-interview-recorded", &[actor]),
        "fieldwork.setting" => words.tn("activity-fieldwork-setting", &[actor]),
        "upload.late" => words.tn("activity-upload-late", &[actor]),
        "upload.conflict" => words.tn("activity-upload-conflict", &[actor]),
        "upload.accepted" => words.tn("activity-upload-accepted", &[actor]),
        "upload.rejected" => words.tn("activity-upload-rejected", &[actor]),
        "phone.consented" => words.tn("activity-phone-consented", &[actor]),
        "phone.seen" => words.tn("activity-phone-seen", &[actor]),
        "phone.verified" => words.tn("activity-phone-verified", &[actor]),
        other => words.tn("activity-other", &[actor, ("action", other.into())]),
    }
}

/// The name in an event's particulars: `{"name": {"zh": …, "en": …}}`.
fn named(language: Language, data: &Value) -> String {
    let key = match language {
        Language::ZhCn => "zh",
        Language::En => "en",
    };
    let name = data.get("name").and_then(|name| name.get(key)).and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}
