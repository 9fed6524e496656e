//! Invitations from the manager's proposal to the answer: who is written to and when, and what stands in a letter.

use std::collections::BTreeMap;
use std::time::Duration;

use perception::access::Role;
use perception::store::mail_switch;

use crate::harness::{Backend, DAY_MS, MailServer, Received, TestApp, await_until, message};
use crate::mail_case::{HOUR_MS, SOON, at, draw, funnel, link_in, morning, propose, way_out};

both_backends!(
    letters_go_out_and_only_who_is_silent_is_reminded,
    above_a_number_a_reviewer_approves,
    stopped_letters_wait_and_a_closed_evaluation_sends_none,
    nobody_is_written_to_after_answering,
);

fn letters_go_out_and_only_who_is_silent_is_reminded(backend: Backend) {
    let server = MailServer::start();
    let app = morning(backend, &server, |_| {});
    let wave = app.wave.id;
    let people = [
        ("李雷", "ok1@a.example"),
        ("", "ok2@a.example"),
        ("王\r\nBcc: x@evil.example", "ok3@a.example"),
        ("", "refuse@a.example"),
    ];
    draw(&app, &app.wave, &people);
    let manager = app.member(Role::Manager);
    let page = manager.get(&at(wave, ""));
    assert!(
        page.text().contains("o•••@a.example") && page.text().contains("/s/EXAMPLE"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("ok1@a.example"));
    // The dry run is that page; a letter to oneself leads to nobody's form, and nobody drawn is written to.
    let mut trial = page.form_to(&at(wave, "/test"));
    trial.write("address", "ok9@desk.example");
    assert!(manager.send(&trial).status < 400);
    await_until(SOON, "the letter to oneself has come", || {
        server.received_by("ok9@desk.example").len() == 1
    });
    assert!(server.received()[0].plain().contains("/s/EXAMPLE") && server.received().len() == 1);
    assert_eq!(funnel(&app, wave).reached, 0);
    let sent = propose(&manager, wave);
    assert_eq!(sent.status, 303, "{}", sent.text());
    await_until(SOON, "everybody has had a turn", || {
        let funnel = funnel(&app, wave);
        (funnel.reached, funnel.failed, funnel.waiting) == (2, 2, 0)
    });
    let first = &server.received_by("ok1@a.example")[0];
    assert!(first.plain().contains("李雷") && first.plain().contains("海晴电器有限公司"));
    assert_eq!(
        first.header("List-Unsubscribe-Post").unwrap(),
        "List-Unsubscribe=One-Click"
    );
    assert!(first.data.contains("text/html") && first.data.contains("text/plain"));
    assert!(server.received().iter().all(|mail| !mail.data.contains("evil.example")));

    // A mail scanner opens the link as often as it likes.
    let (link, customer) = (link_in(&app, first), app.customer());
    for _ in 0..3 {
        assert_eq!(customer.get(&link).status, 200);
        customer.head(&link);
        customer.get(&way_out(&app, first));
    }
    assert_eq!(funnel(&app, wave).answered, 0);
    customer.follow(customer.answer(&link, &["consult"], "5")).receipt();
    assert_eq!(funnel(&app, wave).answered, 1);

    app.installation.clock.advance_ms(5 * DAY_MS + HOUR_MS);
    // Noted as sent before the clock moves on: the next is counted from there.
    await_until(SOON, "the silent one is reminded", || {
        let noted = app
            .raw()
            .count("outbox_message WHERE kind = 'reminder' AND state = 'sent'");
        (server.received_by("ok2@a.example").len(), noted) == (2, 1)
    });
    app.installation.clock.advance_ms(7 * DAY_MS + HOUR_MS);
    await_until(SOON, "and once more", || server.received_by("ok2@a.example").len() == 3);
    app.installation.clock.advance_ms(30 * DAY_MS);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(
        server.received_by("ok1@a.example").len(),
        1,
        "who has answered is left alone"
    );
    assert_eq!(server.received_by("ok2@a.example").len(), 3, "two reminders are enough");
    let ids: Vec<String> = server
        .received_by("ok2@a.example")
        .iter()
        .map(Received::message_id)
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    assert_eq!(
        link_in(&app, &server.received_by("ok2@a.example")[2]),
        link_in(&app, &server.received_by("ok2@a.example")[0])
    );

    let manager = app.member(Role::Manager);
    let page = manager.get(&at(wave, "/recipients")).text();
    for words in [
        "mail-answered-yes",
        "mail-why-unusable",
        "mail-state-failed",
        "mail-why-answered",
    ] {
        assert!(page.contains(&message("zh-CN", words)), "{words}: {page}");
    }
    assert!(!page.contains("ok1@a.example"));
    let failed = manager.get(&at(wave, "/recipients?show=failed")).text();
    assert!(failed.contains("550 5.1.1") && !failed.contains(&message("zh-CN", "mail-letter-none")));
    // Whole addresses: only with a reason, which is logged.
    let path = at(wave, "/addresses");
    let mut form = manager.get(&path).form_to(&path);
    assert_eq!(manager.send(&form).status, 422);
    form.write("reason", "客户来电");
    assert!(manager.send(&form).text().contains("ok1@a.example"));
    assert_eq!(app.raw().count("event WHERE action = 'mail.addresses-shown'"), 1);
    // Nothing at rest reads as an address, and no event tells of one person's answer.
    let stored = app.raw().texts("SELECT sealed_email AS value FROM recipient");
    assert!(stored.iter().all(|text| !text.contains("example")));
    assert_eq!(app.raw().count("event WHERE data LIKE '%example%'"), 0);
}

fn above_a_number_a_reviewer_approves(backend: Backend) {
    let server = MailServer::start();
    let app = morning(backend, &server, |settings| settings.mail_approval_above = 1);
    let wave = app.wave.id;
    draw(&app, &app.wave, &[("", "ok1@a.example"), ("", "ok2@a.example")]);
    let (manager, reviewer) = (app.member(Role::Manager), app.member(Role::Reviewer));
    assert_eq!(propose(&manager, wave).status, 303);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!((server.received().len(), funnel(&app, wave).waiting), (0, 0));
    let path = at(wave, "/approval");
    let form = reviewer.get(&at(wave, "")).form_to(&path);
    let csrf = manager.csrf(&at(wave, ""));
    let own = manager.post(&path, &[("csrf", &csrf), ("approves", "yes"), ("version", "1")]);
    assert_eq!(own.status, 403, "a manager approves nothing");
    // Somebody more is drawn in the meantime: what was proposed is no longer what would be sent.
    draw(&app, &app.wave, &[("", "ok3@a.example")]);
    let mut yes = form.clone();
    yes.pick("approves", "yes");
    let page = reviewer.send(&yes);
    assert!(
        page.status == 422 && page.text().contains(&message("zh-CN", "error-changed")),
        "{}",
        page.text()
    );
    let mut no = form;
    no.pick("approves", "no");
    assert_eq!(reviewer.send(&no).status, 303);
    assert_eq!(propose(&manager, wave).status, 303);
    let mut yes = reviewer.get(&at(wave, "")).form_to(&path);
    yes.pick("approves", "yes");
    assert_eq!(reviewer.send(&yes).status, 303);
    await_until(SOON, "three letters go out", || server.received().len() == 3);
    assert_eq!(reviewer.send(&yes).status, 422, "decided once");
    assert!(
        app.raw()
            .refused("UPDATE mail_plan SET state = 'proposed' WHERE version = 2")
            .contains("decided once")
    );
}

fn stopped_letters_wait_and_a_closed_evaluation_sends_none(backend: Backend) {
    let server = MailServer::start();
    let app = morning(backend, &server, |_| {});
    let wave = app.wave.id;
    draw(&app, &app.wave, &[("", "ok1@a.example"), ("", "ok2@a.example")]);
    let manager = app.member(Role::Manager);
    let path = at(wave, "");
    let mut form = manager.get(&path).form_to(&path);
    let tomorrow = perception::clock::day_in_china(app.installation.clock.now_ms()) + chrono::Days::new(1);
    form.write("first_on", &tomorrow.to_string());
    assert_eq!(manager.send(&form).status, 303);
    let halt = at(wave, "/halt");
    assert_eq!(manager.send(&manager.get(&path).form_to(&halt)).status, 303);
    app.installation.clock.advance_ms(DAY_MS);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!((server.received().len(), funnel(&app, wave).waiting), (0, 2));
    // At night resumed, in the morning sent.
    app.installation.clock.advance_ms(13 * HOUR_MS);
    let manager = app.member(Role::Manager);
    assert_eq!(manager.send(&manager.get(&path).form_to(&halt)).status, 303);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(server.received().len(), 0, "it is eleven at night");
    app.installation.clock.advance_ms(11 * HOUR_MS);
    await_until(SOON, "both go out in the morning", || server.received().len() == 2);
    app.close();
    app.installation.clock.advance_ms(6 * DAY_MS);
    await_until(SOON, "the reminders are cancelled", || {
        app.raw()
            .count("outbox_message WHERE kind = 'reminder' AND state = 'cancelled' AND reason = 'closed'")
            == 2
    });
    assert_eq!(server.received().len(), 2);
}

/// Customers answer while reminders go out: no letter is claimed after its link was used.
fn nobody_is_written_to_after_answering(backend: Backend) {
    const PEOPLE: usize = 30;
    let server = MailServer::start();
    let app = morning(backend, &server, |_| {});
    let wave = app.wave.id;
    let addresses: Vec<String> = (0..PEOPLE).map(|n| format!("slow@{n}.example")).collect();
    let people: Vec<(&str, &str)> = addresses.iter().map(|address| ("", address.as_str())).collect();
    draw(&app, &app.wave, &people);
    let manager = app.member(Role::Manager);
    assert_eq!(propose(&manager, wave).status, 303);
    await_until(SOON, "all are invited", || {
        let noted = app.raw().count("outbox_message WHERE state = 'sent'");
        noted == i64::try_from(PEOPLE).unwrap()
    });
    let links: Vec<(String, String)> = server
        .received()
        .iter()
        .map(|mail| (mail.to.clone(), link_in(&app, mail)))
        .collect();
    let now_ms = app.installation.clock.now_ms();
    let store = &app.installation.store;
    let paused = store.write_blocking(move |tx| mail_switch::pause(tx, "test", now_ms));
    assert!(paused.unwrap());
    app.installation.clock.advance_ms(5 * DAY_MS + HOUR_MS);
    let forms: Vec<_> = links
        .iter()
        .map(|(to, link)| {
            let mut form = app.customer().begin(link, &["consult"]).form();
            form.rate_all("4");
            (to.clone(), form)
        })
        .collect();
    let resumed = store.write_blocking(move |tx| mail_switch::resume(tx, now_ms));
    assert!(resumed.unwrap());
    await_until(SOON, "the first is reminded", || server.received().len() > PEOPLE);
    let answered_at: BTreeMap<String, i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = forms
            .chunks(PEOPLE / 3)
            .map(|some| {
                let (app, some): (&TestApp, _) = (&app, some.to_vec());
                scope.spawn(move || {
                    let answer = |(to, form): (String, crate::harness::Form)| {
                        let page = app.customer().send(&form);
                        assert_eq!(page.status, 303);
                        (to, app.installation.clock.now_ms())
                    };
                    some.into_iter().map(answer).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    await_until(SOON, "every reminder is settled", || {
        app.raw()
            .count("outbox_message WHERE kind = 'reminder' AND state IN ('sent', 'cancelled')")
            == i64::try_from(PEOPLE).unwrap()
    });
    let claimed = app.raw().texts(
        "SELECT message_id || ' ' || claimed_at_ms AS value FROM outbox_message WHERE kind = 'reminder' AND state = 'sent'",
    );
    let mut late = 0;
    for mail in server.received().iter().skip(PEOPLE) {
        let id = mail.message_id();
        let line = claimed
            .iter()
            .find(|line| id.contains(line.split(' ').next().unwrap()))
            .unwrap();
        let at_ms: i64 = line.split(' ').nth(1).unwrap().parse().unwrap();
        late += usize::from(at_ms > answered_at[&mail.to]);
    }
    assert_eq!(late, 0);
    let reminded = server.received().len() - PEOPLE;
    assert!((1..PEOPLE).contains(&reminded), "both at once: {reminded}");
    println!("{PEOPLE} answered while {reminded} were reminded; 0 reminders claimed after an answer");
}
