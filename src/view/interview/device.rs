//! What devices of the field get besides the pages: scripts, manifest, icons, and the pages that only they show.

use std::sync::LazyLock;

use askama::Template;

use super::{script, stylesheet};
use crate::view::office::{Desk, Frame, hashed_name, office_stylesheet};

/// Where a page taken along has a hole; `static/offline/sw.js` fills them.
pub mod hole {
    /// Name of the outlet.
    pub const OUTLET: &str = "HOLE-OUTLET";
    /// Where the form goes.
    pub const ACTION: &str = "HOLE-ACTION";
    /// The form's client id.
    pub const CLIENT: &str = "HOLE-CLIENT";
    /// Next running number.
    pub const NUMBER: &str = "HOLE-NUMBER";
    /// How the latest customer was selected.
    pub const RULE: &str = "HOLE-RULE";
    /// Receipt code.
    pub const CODE: &str = "HOLE-CODE";
    /// Next interview at the same outlet.
    pub const NEXT: &str = "HOLE-NEXT";
}

macro_rules! offline {
    ($name:literal) => {
        include_str!(concat!("../../../static/offline/", $name))
    };
}

/// In the page: queue, database, upload, what is shown of them.
const PAGE_SCRIPT: &str = concat!(
    offline!("queue.js"),
    offline!("store.js"),
    offline!("sync.js"),
    offline!("page.js")
);
/// Behind the page. One file, so that a browser that has the script has all of it.
const WORKER_SCRIPT: &str = concat!(
    offline!("queue.js"),
    offline!("store.js"),
    offline!("sync.js"),
    offline!("sw.js")
);
static PAGE_SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| hashed_name("field", "js", PAGE_SCRIPT));

const ICON_192: &[u8] = include_bytes!("../../../static/offline/icon-192.png");
const ICON_512: &[u8] = include_bytes!("../../../static/offline/icon-512.png");
static ICON_192_NAME: LazyLock<String> = LazyLock::new(|| hashed_name("icon-192", "png", ICON_192));
static ICON_512_NAME: LazyLock<String> = LazyLock::new(|| hashed_name("icon-512", "png", ICON_512));

/// Name and text of the script on evaluators' pages.
pub fn field_script() -> (&'static str, &'static str) {
    (&PAGE_SCRIPT_NAME, PAGE_SCRIPT)
}

/// Text of the script that answers without network.
pub fn worker_script() -> &'static str {
    WORKER_SCRIPT
}

/// Names and bytes of the icons (PNG), 192 and 512 px.
pub fn icons() -> [(&'static str, &'static [u8]); 2] {
    [(&ICON_192_NAME, ICON_192), (&ICON_512_NAME, ICON_512)]
}

/// Addresses of every file that the pages of the field load.
pub fn field_files() -> Vec<String> {
    let icons = icons().map(|(name, _)| name);
    [office_stylesheet().0, stylesheet().0, script().0, field_script().0]
        .into_iter()
        .chain(icons)
        .map(|name| format!("/static/{name}"))
        .collect()
}

/// The manifest of the installable pages (W3C Web Application Manifest), JSON.
pub fn manifest() -> String {
    let icon = |(name, size): (&str, u16)| {
        serde_json::json!({
            "src": format!("/static/{name}"), "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": "any maskable",
        })
    };
    let manifest = serde_json::json!({
        "id": "/today", "name": "顾客感知调查 · Perception", "short_name": "感知访问", "lang": "zh-CN", "start_url": "/today",
        "scope": "/", "display": "standalone", "background_color": "#f3f5f8", "theme_color": "#1f4e8c",
        "icons": [icon((&ICON_192_NAME, 192)), icon((&ICON_512_NAME, 512))],
    });
    manifest.to_string()
}

#[derive(Template)]
#[template(path = "interview/queue.html")]
struct Queue {
    frame: Frame,
}

/// What waits on this device. The script fills it in; the server knows nothing of it.
///
/// # Errors
/// What the template engine reports.
pub fn queue(desk: &Desk) -> Result<String, askama::Error> {
    let frame = Frame::at(desk, &desk.words().t("queue-heading"));
    Queue { frame }.render()
}

#[derive(Template)]
#[template(path = "interview/kept.html")]
struct Kept {
    frame: Frame,
    receipt_use: String,
}

/// After an interview without network; with holes for outlet, receipt code and the next interview. Customers find this
/// server under `base_url`.
///
/// # Errors
/// What the template engine reports.
pub fn kept(desk: &Desk, base_url: &str) -> Result<String, askama::Error> {
    let words = desk.words();
    let page = Kept {
        frame: Frame::at(desk, &words.t("kept-heading")),
        receipt_use: words.tn("receipt-use", &[("address", format!("{base_url}/r").into())]),
    };
    page.render()
}

#[derive(Template)]
#[template(path = "interview/full.html")]
struct Full {
    frame: Frame,
}

/// The device could not keep an interview: it says so instead of losing it.
///
/// # Errors
/// What the template engine reports.
pub fn full(desk: &Desk) -> Result<String, askama::Error> {
    let frame = Frame::at(desk, &desk.words().t("full-heading"));
    Full { frame }.render()
}

#[derive(Template)]
#[template(path = "interview/away.html")]
struct Away {
    frame: Frame,
}

/// In place of a page that is not on the device.
///
/// # Errors
/// What the template engine reports.
pub fn away(desk: &Desk) -> Result<String, askama::Error> {
    let frame = Frame::at(desk, &desk.words().t("away-heading"));
    Away { frame }.render()
}
