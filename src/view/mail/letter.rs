//! Letters as text and as HTML. Plain and small, nothing loaded from anywhere.

use askama::Template;

use crate::survey::language::{Language, Text};
use crate::view::words::Words;

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    language: Language,
    /// Its subject.
    pub subject: String,
    pub(crate) before: Vec<String>,
    /// Words and address of the link.
    pub(crate) way: Option<(String, String)>,
    pub(crate) after: Vec<String>,
    pub(crate) foot: Vec<String>,
    /// Words and address of the way out.
    pub(crate) out: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Page<'a> {
    tag: &'static str,
    letter: &'a Letter,
}

impl Letter {
    /// The letter as plain text.
    pub fn text(&self) -> String {
        let linked = |(words, href): &(String, String)| format!("{words}\n{href}");
        let way = self.way.iter().map(linked);
        let lines = self.before.iter().cloned().chain(way).chain(self.after.iter().cloned());
        let body: Vec<String> = lines.collect();
        let foot: Vec<String> = self.foot.iter().cloned().chain(self.out.iter().map(linked)).collect();
        match foot.is_empty() {
            true => format!("{}\n", body.join("\n\n")),
            false => format!("{}\n\n----\n{}\n", body.join("\n\n"), foot.join("\n\n")),
        }
    }

    /// The letter as HTML.
    ///
    /// # Errors
    /// What the template engine reports.
    pub fn html(&self) -> Result<String, askama::Error> {
        let tag = self.language.tag();
        Page { tag, letter: self }.render()
    }
}

/// What an invitation says.
#[derive(Debug, Clone)]
pub struct Invitation<'a> {
    /// Language.
    pub language: Language,
    /// Name of the certification body.
    pub body: &'a Text,
    /// Its address for questions and rights.
    pub contact: &'a str,
    /// Name of the organisation.
    pub firm: &'a Text,
    /// Name of the recipient, if known.
    pub name: Option<&'a str>,
    /// Last day on which the link works, if limited.
    pub until: Option<&'a str>,
    /// The personal link.
    pub link: &'a str,
    /// The way out.
    pub unsubscribe: &'a str,
    /// Not the first letter.
    pub is_reminder: bool,
}

/// An invitation or reminder: who asks whom about what, how long it takes, what becomes of it, and the ways in and out.
pub fn invitation(about: &Invitation<'_>) -> Letter {
    let words = Words::new(about.language);
    let values = [
        ("body", about.body.get(about.language).into()),
        ("firm", about.firm.get(about.language).into()),
        ("contact", about.contact.into()),
    ];
    let subject = match about.is_reminder {
        true => words.tn("mail-reminder-subject", &values),
        false => words.tn("mail-invitation-subject", &values),
    };
    let greeting = match about.name.filter(|name| !name.trim().is_empty()) {
        Some(name) => words.tn("mail-dear-name", &[("name", name.into())]),
        None => words.t("mail-dear"),
    };
    let ask = match about.is_reminder {
        true => words.tn("mail-reminder-ask", &values),
        false => words.tn("mail-invitation-ask", &values),
    };
    let until = about
        .until
        .map(|day| words.tn("mail-link-until", &[("day", day.into())]));
    Letter {
        language: about.language,
        subject,
        before: vec![greeting, ask, words.tn("mail-purpose", &values)],
        way: Some((words.t("mail-link"), about.link.to_owned())),
        after: [
            Some(words.t("mail-link-once")),
            until,
            Some(words.tn("mail-anonymous", &values)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        foot: vec![
            words.tn("mail-origin", &values),
            words.tn("mail-rights", &values),
            words.t("mail-no-reward"),
        ],
        out: Some((words.t("mail-unsubscribe"), about.unsubscribe.to_owned())),
    }
}

/// A text of another part of the program; empty lines part its paragraphs.
pub fn notice(language: Language, body: &Text, contact: &str, (subject, text): (&str, &str)) -> Letter {
    let words = Words::new(language);
    let values = [("body", body.get(language).into()), ("contact", contact.into())];
    let paragraphs = text.split("\n\n").map(str::trim).filter(|line| !line.is_empty());
    Letter {
        language,
        subject: subject.to_owned(),
        before: paragraphs.map(str::to_owned).collect(),
        way: None,
        after: Vec::new(),
        foot: vec![words.tn("mail-notice-from", &values)],
        out: None,
    }
}

/// Subject and text of a notice to the holder of a certificate. `kind` as stored: `step:suspend`, `remind:90`, `extra`.
pub fn certificate_notice(language: Language, number: &str, kind: &str, address: &str) -> (String, String) {
    let words = Words::new(language);
    let what = crate::view::grading::notice_name(words, kind);
    let values = [
        ("number", number.into()),
        ("what", what.into()),
        ("address", address.into()),
    ];
    (
        words.tn("mail-certificate-subject", &values),
        words.tn("mail-certificate-text", &values),
    )
}

/// Subject and text of a test.
pub fn test(language: Language, body: &Text) -> (String, String) {
    let words = Words::new(language);
    let values = [("body", body.get(language).into())];
    (words.tn("mail-test-subject", &values), words.t("mail-test-text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_everything_in_both_forms_and_trusts_no_name() {
        let (body, firm) = (Text::new("华信", "Huaxin"), Text::new("海晴<b>", "Haiqing & Co"));
        for language in Language::ALL {
            let letter = invitation(&Invitation {
                language,
                body: &body,
                contact: "survey@huaxin.example",
                firm: &firm,
                name: Some("<script>"),
                until: Some("2026-05-01"),
                link: "https://s.example/s/ABC",
                unsubscribe: "https://s.example/unsubscribe/DEF",
                is_reminder: language == Language::En,
            });
            let (text, html) = (letter.text(), letter.html().unwrap());
            for part in [
                "https://s.example/s/ABC",
                "https://s.example/unsubscribe/DEF",
                "survey@huaxin.example",
                "2026-05-01",
                body.get(language),
            ] {
                assert!(text.contains(part) && html.contains(part), "{part}\n{text}");
            }
            assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<img"));
            assert!(!html.contains("http://") && html.matches("https://s.example/s/").count() == 3);
            assert!(!letter.subject.contains('\n') && html.len() < 6000, "{}", html.len());
        }
    }
}
