//! After an interview: the code for the customer, and the way on.

use askama::Template;

use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::language::Text;
use crate::survey::submission::Receipt;
use crate::view::office::{Desk, Frame};

#[derive(Template)]
#[template(path = "interview/receipt.html")]
struct Page<'a> {
    frame: Frame,
    outlet: &'a str,
    code: &'a str,
    repeated: bool,
    usage: String,
    next: String,
    all: String,
}

/// The receipt of an interview, with the code on the element `data-receipt`. `repeated`: it had been sent before.
/// `base_url`: where the customer asks about it later.
///
/// # Errors
/// What the template engine reports.
pub fn receipt(
    desk: &Desk,
    (evaluation, outlet): (EvaluationId, OutletId),
    name: &Text,
    receipt: &Receipt,
    base_url: &str,
    repeated: bool,
) -> Result<String, askama::Error> {
    let page = Page {
        frame: Frame::at(desk, &desk.words().t("interview-stored")),
        outlet: name.get(desk.language),
        code: receipt.as_str(),
        repeated,
        usage: desk
            .words()
            .tn("receipt-use", &[("address", format!("{base_url}/r").into())]),
        next: format!("/evaluations/{evaluation}/outlets/{outlet}/interview"),
        all: format!("/evaluations/{evaluation}/interviews"),
    };
    page.render()
}
