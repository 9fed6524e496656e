//! One form is one response: whatever is pressed, retried or opened twice, the first submission counts and every
//! further one ends at its receipt.

use std::collections::BTreeMap;

use crate::harness::{Backend, Customer, Form, Page, TestApp, message};

both_backends!(
    twenty_parallel_posts_of_one_form_are_one_response_with_one_receipt,
    two_forms_of_one_personal_link_are_one_response,
    two_tabs_of_one_form_are_one_response_and_the_first_counts,
    a_retry_finds_its_receipt_whatever_has_happened_since,
    a_new_scan_of_an_outlets_code_is_a_new_response,
);

/// Sends several forms at the same moment.
fn at_once(customer: &Customer, forms: &[Form]) -> Vec<Page> {
    let start = std::sync::Barrier::new(forms.len());
    std::thread::scope(|scope| {
        let post = |form| {
            start.wait();
            customer.send(form)
        };
        let threads: Vec<_> = forms.iter().map(|form| scope.spawn(move || post(form))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn rated(customer: &Customer, link: &str, rating: &str) -> Form {
    let mut form = customer.begin(link, &["consult", "home"]).form();
    form.rate_all(rating);
    form
}

fn twenty_parallel_posts_of_one_form_are_one_response_with_one_receipt(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    for (number, link) in [app.open_link(), app.personal_link(), app.printed_link()]
        .iter()
        .enumerate()
    {
        let form = rated(&customer, &link.path, "5");
        let replies = at_once(&customer, &vec![form; 20]);
        assert_eq!(replies.iter().map(|page| page.status).collect::<Vec<_>>(), [303; 20]);
        let receipts: Vec<String> = replies
            .into_iter()
            .map(|page| customer.follow(page).receipt())
            .collect();
        assert_eq!(receipts, vec![receipts[0].clone(); 20]);
        assert_eq!(app.responses(), number as i64 + 1);
        assert_eq!(app.counted(), number as u64 + 1);
    }
    assert_eq!(app.dispositions(), BTreeMap::from([("100".to_owned(), 3)]));
    app.consistent_tallies();
}

fn two_forms_of_one_personal_link_are_one_response(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    for (round, link) in [app.personal_link(), app.printed_link()].iter().enumerate() {
        let forms: Vec<Form> = ["1", "2", "3", "4", "5", "1", "2", "3"]
            .iter()
            .map(|rating| rated(&customer, &link.path, rating))
            .collect();
        let replies = at_once(&customer, &forms);
        let (stored, others): (Vec<_>, Vec<_>) = forms.iter().zip(replies).partition(|(_, page)| page.status == 303);
        assert_eq!(stored.len(), 1, "{others:?}");
        for (form, page) in &others {
            assert_eq!(
                (page.status, page.text_of("h1")),
                (410, message("zh-CN", "refusal-used"))
            );
            assert_eq!(customer.get(&form.action).status, 410);
        }
        let (first, _) = &stored[0];
        let answers = app.raw().texts("SELECT answers AS value FROM response_content");
        assert_eq!(answers.len(), round + 1);
        let rating = first.chosen("F01")[0];
        assert!(
            answers.iter().any(|line| line.contains(&format!("F01={rating};"))),
            "{answers:?} {rating}"
        );
        assert_eq!(app.raw().count("link WHERE used"), round as i64 + 1);
    }
    app.consistent_tallies();
}

fn two_tabs_of_one_form_are_one_response_and_the_first_counts(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let tab = customer.begin(&app.open_link().path, &["consult"]);
    let other = customer.get(&tab.path);
    assert_eq!(tab.source(), other.source(), "F5 shows the same form");
    let (mut one, mut two) = (tab.form(), other.form());
    one.rate_all("5");
    two.rate_all("1");
    let first = customer.follow(customer.send(&one));
    let words = message("zh-CN", "receipt-repeated");
    assert!(!first.text().contains(&words), "{}", first.text());

    let second = customer.follow(customer.send(&two));
    assert_eq!((second.status, second.receipt()), (200, first.receipt()));
    assert!(
        second.text().contains(&words),
        "the page says that the first one counts: {}",
        second.text()
    );
    // Also what could never be stored, or is no answer at all.
    for pairs in [
        vec![],
        vec![("F01".to_owned(), "99".to_owned())],
        vec![("comment".to_owned(), "字".repeat(400))],
    ] {
        let page = customer.follow(customer.post(&one.action, &pairs));
        assert_eq!((page.status, page.receipt()), (200, first.receipt()));
    }
    assert_eq!(
        app.raw().texts("SELECT answers AS value FROM response_content"),
        ["1;services=consult;G00=5;F01=5;F02=5;F03=5;V01=5;S01=5"]
    );
    app.consistent_tallies();
}

fn a_retry_finds_its_receipt_whatever_has_happened_since(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let (open, personal, printed) = (app.open_link(), app.personal_link(), app.printed_link());
    let forms = [&open, &personal, &printed].map(|link| rated(&customer, &link.path, "3"));
    let receipts = forms
        .each_ref()
        .map(|form| customer.follow(customer.send(form)).receipt());
    let retried = |when: &str| {
        for (form, receipt) in forms.iter().zip(&receipts) {
            let reply = customer.send(form);
            assert_eq!(reply.status, 303, "{when}: {}", reply.text());
            assert_eq!(&customer.follow(reply).receipt(), receipt, "{when}");
        }
    };
    retried("after the link was used");
    app.revoke(&open);
    app.revoke(&personal);
    retried("after the link was withdrawn");
    app.close();
    retried("after closing");
    assert_eq!(app.responses(), 3);
    // A server that has just been started knows them too.
    let node = app.join();
    for (form, receipt) in forms.iter().zip(&receipts) {
        let customer = node.customer();
        assert_eq!(
            &customer.follow(customer.send(form)).receipt(),
            receipt,
            "another server"
        );
    }
    app.consistent_tallies();
}

fn a_new_scan_of_an_outlets_code_is_a_new_response(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    let forms: Vec<Form> = (0..12).map(|_| rated(&customer, &link.path, "4")).collect();
    let replies = at_once(&customer, &forms);
    let mut receipts: Vec<String> = replies
        .into_iter()
        .map(|page| customer.follow(page).receipt())
        .collect();
    receipts.sort();
    receipts.dedup();
    assert_eq!((receipts.len(), app.responses(), app.counted()), (12, 12, 12));
    app.consistent_tallies();
}
