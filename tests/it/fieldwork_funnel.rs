//! How far customers come on each way in: counted per hour, never per visitor.

use std::time::Duration;

use perception::store::StoreError;
use perception::store::funnel::{self, Source, Visits};
use perception::survey::link::LinkKind;

use crate::harness::{Backend, TestApp, await_until};

both_backends!(visits_are_added_up_by_way_in_and_hour);

fn read(app: &TestApp) -> Vec<Visits> {
    let id = app.wave.id;
    let read: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(|conn| funnel::of_evaluation(conn, id));
    read.unwrap()
}

fn visits_are_added_up_by_way_in_and_hour(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let code = app.open_link();
    let personal: Vec<_> = (0..2)
        .map(|_| {
            app.wave
                .link_between(&app.installation, LinkKind::Personal, 1, None, None)
        })
        .collect();
    let sums = |source| {
        let of = |one: &Visits| (one.opened, one.started, one.completed);
        let all = funnel::totals(&read(&app));
        all.iter().find(|one| one.source == source).map(of)
    };
    for _ in 0..3 {
        assert_eq!(customer.get(&code.path).status, 200);
        assert_eq!(
            customer.head(&code.path).status,
            200,
            "who asks for heads is no visitor"
        );
    }
    customer.answer(&code.path, &["home"], "5");
    for link in &personal {
        customer.answer(&link.path, &["home"], "4");
    }
    let (open, single) = (Source::Code(code.id), Source::SingleUse(LinkKind::Personal));
    await_until(Duration::from_secs(10), "everybody is counted", || {
        sums(open).is_some_and(|(opened, started, completed)| opened >= 3 && started == 1 && completed == 1)
            && sums(single).is_some_and(|(_, started, completed)| started == 2 && completed == 2)
    });
    app.installation.clock.advance_ms(funnel::HOUR_MS);
    assert_eq!(customer.get(&code.path).status, 200);
    await_until(Duration::from_secs(10), "another hour", || {
        read(&app).iter().filter(|one| one.source == open).count() == 2
    });
    let hours = read(&app);
    assert!(hours.iter().all(|one| one.hour_ms % funnel::HOUR_MS == 0));
    assert_eq!(app.raw().count("funnel"), 3, "no row for a visitor or an invitation");
    for link in &personal {
        assert_eq!(app.raw().count(&format!("funnel WHERE source = '{}'", link.id)), 0);
    }
}
