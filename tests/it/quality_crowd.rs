//! A shop's customers share one address: three thousand of them within an hour, and none is refused.

use std::time::{Duration, Instant};

use perception::store::flag;

use crate::harness::{Backend, TestApp};

both_backends!(three_thousand_customers_behind_one_address);

const CUSTOMERS: usize = 3_000;
const AT_ONCE: usize = 6;
/// Customers between two steps of the clock: the whole takes an hour of it.
const STEP: usize = 50;

fn three_thousand_customers_behind_one_address(backend: Backend) {
    // The limits are those of a real installation.
    let app = TestApp::spawn_with(backend, Default::default(), |settings| {
        settings.rate_limit = "on".into();
    });
    let link = app.open_link();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for hand in 0..AT_ONCE {
            let (app, link) = (&app, &link);
            scope.spawn(move || {
                let customer = app.customer();
                let mut form = customer.begin(&link.path, &["home"]).form();
                form.rate_all(["4", "5", "3"][hand % 3]);
                let pairs = form.pairs();
                let sent = customer.send(&form);
                assert_eq!(sent.status, 303, "{}", sent.text());
                for n in 1..CUSTOMERS / AT_ONCE {
                    if hand == 0 && n % (STEP / AT_ONCE) == 0 {
                        app.installation.clock.advance_ms(60_000);
                    }
                    // Every customer has a form of their own; the page in between is the same for all.
                    let ticket = app.form_of(link);
                    let sent = customer.post(&ticket, &pairs);
                    assert_eq!(sent.status, 303, "customer {n}: {}", sent.text());
                }
            });
        }
    });
    assert_eq!(app.responses(), i64::try_from(CUSTOMERS).unwrap());
    assert_eq!(app.counted(), CUSTOMERS as u64, "all of them count");
    assert!(began.elapsed() < Duration::from_secs(300), "took {:?}", began.elapsed());
    let now_ms = app.installation.clock.now_ms();
    assert!(flag::complete(&app.installation.store, app.wave.id, now_ms).unwrap());
    // Sharing an address is told, and excludes nobody.
    let same = app.raw().count("flag WHERE rule = 'DUP_DEVICE'");
    assert_eq!(same, i64::try_from(CUSTOMERS).unwrap());
    assert_eq!(app.counted(), CUSTOMERS as u64);
}
