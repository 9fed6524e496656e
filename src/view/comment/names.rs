//! The words for comments, wherever they are shown.

use crate::survey::comment::{Concern, Status};
use crate::survey::identifying::Identifier;
use crate::survey::theme::Theme;
use crate::view::office::form::Choice;
use crate::view::words::Words;

/// The name of a status.
pub(in crate::view) fn status_name(words: Words, status: Status) -> String {
    match status {
        Status::Unread => words.t("comment-unread"),
        Status::Cleared => words.t("comment-cleared"),
        Status::Redacted => words.t("comment-redacted"),
        Status::Withheld => words.t("comment-withheld"),
    }
}

/// The name of a theme.
pub(in crate::view) fn theme_name(words: Words, theme: Theme, own: &[(u8, String)]) -> String {
    match theme {
        Theme::Attitude => words.t("comment-theme-attitude"),
        Theme::Skill => words.t("comment-theme-skill"),
        Theme::Speed => words.t("comment-theme-speed"),
        Theme::Punctuality => words.t("comment-theme-punctuality"),
        Theme::Workmanship => words.t("comment-theme-workmanship"),
        Theme::Charges => words.t("comment-theme-charges"),
        Theme::Parts => words.t("comment-theme-parts"),
        Theme::Guidance => words.t("comment-theme-guidance"),
        Theme::Contact => words.t("comment-theme-contact"),
        Theme::Premises => words.t("comment-theme-premises"),
        Theme::Complaints => words.t("comment-theme-complaints"),
        Theme::Safety => words.t("comment-theme-safety"),
        Theme::Privacy => words.t("comment-theme-privacy"),
        Theme::Product => words.t("comment-theme-product"),
        Theme::Survey => words.t("comment-theme-survey"),
        Theme::Other => words.t("comment-theme-other"),
        Theme::Own(number) => {
            let known = own.iter().find(|(known, _)| *known == number);
            known.map_or_else(String::new, |(_, name)| name.clone())
        }
    }
}

/// The name of a concern.
pub(in crate::view) fn concern_name(words: Words, concern: Concern) -> String {
    match concern {
        Concern::Safety => words.t("comment-theme-safety"),
        Concern::Privacy => words.t("comment-theme-privacy"),
    }
}

/// The name of a kind of identifier.
pub(super) fn kind_name(words: Words, kind: Identifier) -> String {
    match kind {
        Identifier::Phone => words.t("comment-kind-phone"),
        Identifier::IdentityCard => words.t("comment-kind-card"),
        Identifier::Number => words.t("comment-kind-number"),
        Identifier::Email => words.t("comment-kind-email"),
        Identifier::Plate => words.t("comment-kind-plate"),
        Identifier::Messenger => words.t("comment-kind-messenger"),
        Identifier::Name => words.t("comment-kind-name"),
        Identifier::Door => words.t("comment-kind-door"),
    }
}

/// The choice of an incident in any form.
pub(in crate::view) fn incident_choices(words: Words) -> Vec<Choice> {
    vec![
        Choice::new("none", words.t("comment-incident-none")),
        Choice::new(Concern::Safety.as_str(), words.t("comment-theme-safety")),
        Choice::new(Concern::Privacy.as_str(), words.t("comment-theme-privacy")),
    ]
}

/// An incident in one line, for those who score.
pub(in crate::view) fn incident_line(words: Words, concern: Concern, text: Option<&str>, note: &str) -> String {
    let told: Vec<&str> = text.into_iter().chain([note]).filter(|part| !part.is_empty()).collect();
    let values = [
        ("concern", concern_name(words, concern).into()),
        ("told", told.join(" · ").into()),
    ];
    words.tn("comment-incident-line", &values)
}
