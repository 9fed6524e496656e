//! Who holds a receipt learns whether the answer is on record, and may withdraw it until sealing.

use std::sync::Arc;

use perception::store::response::{self, SubmitError};
use perception::store::{StoreError, withdrawal};
use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Pen, TestApp, message};

both_backends!(
    an_answer_is_found_and_withdrawn_by_its_receipt,
    a_sealed_answer_stays,
    tallies_stay_what_the_rows_give_whatever_is_withdrawn,
);

fn an_answer_is_found_and_withdrawn_by_its_receipt(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let link = app.open_link();
    let receipt = customer.answer(&link.path, &["home"], "2");
    customer.answer(&link.path, &["home"], "5");
    let way = receipt
        .attributes("a", "href")
        .into_iter()
        .find(|href| href.starts_with("/r"));
    let way = way.expect("the receipt leads to the page");
    let both = app.consistent_tallies();

    let mut form = customer.get(&way).form();
    form.write("code", &receipt.receipt().to_lowercase().replace('-', " "));
    let found = customer.send(&form);
    assert_eq!(found.status, 200);
    assert!(
        found.text().contains(&message("zh-CN", "record-found")),
        "{}",
        found.text()
    );
    assert!(!found.text().contains(&app.wave.outlets[0].to_string()));
    let unsure = customer.send(&found.form());
    assert_eq!(unsure.status, 422);
    assert_eq!(app.consistent_tallies(), both, "nothing happens before it is confirmed");

    let mut form = unsure.form();
    form.check("sure", "yes");
    for _ in 0..2 {
        let gone = customer.send(&form);
        assert_eq!(gone.status, 200);
        assert!(gone.text().contains(&message("zh-CN", "record-withdrawn")));
    }
    assert_eq!(
        app.raw().count("response"),
        2,
        "that there was an answer stays on record"
    );
    assert_eq!(app.raw().count("response_content"), 1);
    assert_eq!(
        app.raw()
            .count("event WHERE action = 'response.withdrawn' AND actor = 'customer'"),
        1
    );
    assert_ne!(app.consistent_tallies(), both);

    let mut form = customer.get("/r").form();
    form.write("code", "ABC");
    assert_eq!(customer.send(&form).status, 422);
    form.write("code", "AAAA-AAAA-AAAA-AAAA");
    let statuses: Vec<u16> = (0..15).map(|_| customer.send(&form).status).collect();
    assert!(
        statuses[0] == 422 && statuses.contains(&429),
        "guessing is slowed: {statuses:?}"
    );
}

fn a_sealed_answer_stays(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let receipt = customer.answer(&app.open_link().path, &["home"], "2");
    for state in [EvaluationState::Closed, EvaluationState::Sealed] {
        app.wave.advance(&app.installation, state).unwrap();
    }
    let pairs = [
        ("code".to_owned(), receipt.receipt()),
        ("sure".to_owned(), "yes".to_owned()),
    ];
    let refused = customer.post("/r/withdraw", &pairs);
    assert!(
        refused.text().contains(&message("zh-CN", "record-sealed")),
        "{}",
        refused.text()
    );
    assert_eq!(app.raw().count("response_content"), 1);
}

fn tallies_stay_what_the_rows_give_whatever_is_withdrawn(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (store, instrument) = (&app.installation.store, &app.wave.instrument);
    for seed in 0..4 {
        let mut pen = Pen::new(seed);
        let mut receipts = Vec::new();
        for outlet in [0, 1, 2, 0, 1, 2, 0, 0] {
            let entry = pen.interview(&app.wave, outlet);
            let made = pen.submission(&app.wave, entry);
            receipts.push(made.receipt.clone());
            let instrument = Arc::clone(instrument);
            let stored: Result<_, SubmitError> =
                store.write_blocking(move |tx| response::submit(tx, &instrument, &made));
            stored.unwrap();
        }
        for receipt in receipts.into_iter().filter(|_| pen.below(2) == 0).collect::<Vec<_>>() {
            let catalogue = Arc::clone(store.catalogue());
            let id = receipt.response_id();
            let done: Result<_, StoreError> =
                store.write_blocking(move |tx| withdrawal::withdraw(tx, &catalogue, id, 1_795_000_100_000));
            assert_eq!(done.unwrap(), Some(withdrawal::Standing::Withdrawn));
            app.consistent_tallies();
        }
    }
}
