//! What is overdue on a certificate: filled in by the program, proposed and signed by people.

use crate::grading_case::{Case, sent};
use crate::harness::{Backend, DAY_MS, TestApp};

both_backends![what_is_overdue_is_filled_in_and_signed_by_people];

fn what_is_overdue_is_filled_in_and_signed_by_people(backend: Backend) {
    let app = TestApp::spawn(backend);
    let first = Case::first(&app);
    first.prepare(&app, 85, "4");
    sent(&first.propose("grant:4", ""));
    sent(&first.sign(&first.reviewer, "review", "yes"));
    sent(&first.sign(&first.signatory, "signature", "yes"));
    let steps = first.at("certificate/steps");
    let before = first.manager.get(&first.at("certificate")).form_to(&steps);
    assert!(
        before.chosen("step").is_empty(),
        "nothing is prepared while nothing is overdue"
    );
    // The yearly evaluation counts from the on-site day ten days ago; more than three months late.
    for (days, step, reason, state) in [
        (365 + 95, "suspend", "evaluation_overdue", "暂停"),
        (190, "withdraw", "cause_not_removed", "撤销"),
    ] {
        app.installation.clock.advance_ms(days * DAY_MS);
        let case = Case::first(&app);
        let form = case.manager.get(&case.at("certificate")).form_to(&steps);
        assert_eq!(form.chosen("step"), [step]);
        assert_eq!(form.chosen("reason"), [reason]);
        sent(&case.manager.send(&form));
        let signature = case.at("certificate/signature");
        let mut form = case.signatory.get(&case.at("certificate")).form_to(&signature);
        form.check("approves", "yes");
        sent(&case.signatory.send(&form));
        let number = crate::grading_case::latest_certificate(&app);
        let public = app.customer().get(&format!("/certificates/{number}"));
        assert!(public.text().contains(state), "{state}: {}", public.text());
    }
}
