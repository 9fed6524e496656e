//! One's own account: facts, sessions, second factor.

use askama::Template;

use super::{AccountFacts, role_names};
use crate::access::Role;
use crate::qr::QrPath;
use crate::survey::form::{FieldError, RawForm};
use crate::view::office::form::{Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame, moment};

/// A session in somebody's list.
#[derive(Debug, Clone)]
pub struct Device {
    /// By which it can be ended.
    pub id: String,
    /// The browser in few words; empty = unknown.
    pub device: String,
    /// Sign-in, Unix ms.
    pub created_at_ms: i64,
    /// Last noted request, Unix ms.
    pub seen_at_ms: i64,
    /// Whether it is the one that looks.
    pub current: bool,
}

struct SessionLine {
    id: String,
    device: String,
    since: String,
    seen: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "office/account/own.html")]
struct OwnPage<'a> {
    frame: Frame,
    account: &'a AccountFacts,
    roles: String,
    administrator: bool,
    sessions: Vec<SessionLine>,
}

/// Who one is here, and where one is signed in.
///
/// # Errors
/// What the template engine reports.
pub fn own(desk: &Desk, account: &AccountFacts, devices: Vec<Device>) -> Result<String, askama::Error> {
    let words = desk.words();
    let line = |device: Device| SessionLine {
        device: match device.device.as_str() {
            "" => words.t("account-device-unknown"),
            known => known.to_owned(),
        },
        id: device.id,
        since: moment(device.created_at_ms),
        seen: moment(device.seen_at_ms),
        current: device.current,
    };
    OwnPage {
        frame: Frame::at(desk, &words.t("account-heading")),
        account,
        roles: role_names(words, account.roles),
        administrator: account.roles.has(Role::Administrator),
        sessions: devices.into_iter().map(line).collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "office/account/enrol.html")]
struct EnrolPage {
    frame: Frame,
    code: Option<QrPath>,
    secret: String,
    form: Form,
}

/// Setting up a device: `url` for its camera, `secret` (base32) to be typed, `sealed` goes along with the form.
///
/// # Errors
/// What the template engine reports.
pub fn enrol(
    desk: &Desk,
    url: &str,
    secret: &str,
    sealed: &str,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let empty = RawForm::default();
    let form = FormBuilder::new(words, "/account/second-factor", &desk.csrf, &empty, errors)
        .hidden("seed", sealed)
        .text("code", words.t("sign-code"), 12)
        .shaped(true, 12)
        .autocomplete("one-time-code")
        .submit(words.t("account-enrol-confirm"));
    EnrolPage {
        frame: Frame::at(desk, &words.t("account-enrol-heading")),
        code: QrPath::of(url).ok().filter(|_| !url.is_empty()),
        secret: in_groups(secret),
        form,
    }
    .render()
}

/// In groups of four, as people copy.
fn in_groups(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "office/account/codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

/// Recovery codes, shown this once.
///
/// # Errors
/// What the template engine reports.
pub fn codes(desk: &Desk, codes: &[String]) -> Result<String, askama::Error> {
    CodesPage {
        frame: Frame::at(desk, &desk.words().t("account-codes-heading")),
        codes: codes.iter().map(|code| in_groups(code)).collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "office/account/factor.html")]
struct FactorPage {
    frame: Frame,
    left: String,
}

/// A second factor that is set up, with so many recovery codes left.
///
/// # Errors
/// What the template engine reports.
pub fn second_factor(desk: &Desk, codes_left: i64) -> Result<String, askama::Error> {
    let words = desk.words();
    FactorPage {
        frame: Frame::at(desk, &words.t("account-factor-heading")),
        left: words.tn("account-codes-left", &[("n", codes_left.into())]),
    }
    .render()
}
