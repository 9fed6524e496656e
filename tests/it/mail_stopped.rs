//! Who is not written to any more: who left, and whose mail came back.

use std::time::Duration;

use perception::access::Role;
use perception::store::recipient;

use crate::harness::{Backend, DAY_MS, MailServer, Plan, Staff, Wave, await_until, message};
use crate::mail_case::{SOON, draw, funnel, morning, propose, way_out};

both_backends!(
    who_leaves_is_never_written_to_again,
    what_comes_back_stops_further_letters,
);

fn who_leaves_is_never_written_to_again(backend: Backend) {
    let server = MailServer::start();
    let app = morning(backend, &server, |_| {});
    let wave = app.wave.id;
    draw(
        &app,
        &app.wave,
        &[("", "ok1@a.example"), ("", "ok2@a.example"), ("", "ok3@a.example")],
    );
    let manager = app.member(Role::Manager);
    assert_eq!(propose(&manager, wave).status, 303);
    await_until(SOON, "three letters went out", || {
        app.raw().count("outbox_message WHERE state = 'sent'") == 3
    });
    let out = |name: &str| way_out(&app, &server.received_by(name)[0]);
    let customer = app.customer();
    // One click from a mail program, as RFC 8058 has it; then the page, pressed by hand.
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let body = b"List-Unsubscribe=One-Click";
    let clicked = customer
        .try_send("POST", &out("ok1@a.example"), &[kind], Some(body))
        .unwrap();
    assert_eq!(clicked.status, 200, "{}", clicked.text());
    let page = customer.get(&out("ok2@a.example"));
    let objected = customer.post(&page.form().action, &[("why".to_owned(), "objected".to_owned())]);
    assert!(
        objected.text().contains(&message("zh-CN", "mail-out-done")),
        "{}",
        objected.text()
    );
    let broken = out("ok1@a.example").replace("/unsubscribe/", "/unsubscribe/x");
    assert_eq!(customer.get(&broken).status, 404);
    let now = funnel(&app, wave);
    assert_eq!((now.unsubscribed, now.objected, now.reached), (1, 1, 3));
    app.installation.clock.advance_ms(6 * DAY_MS);
    await_until(SOON, "the third is reminded", || {
        server.received_by("ok3@a.example").len() == 2
    });
    assert_eq!(server.received().len(), 4);

    // The list is erased; the same address in a later list is left alone, too, and the way out still works.
    let lists = app.raw().texts("SELECT DISTINCT list_id AS value FROM recipient");
    let list = lists[0].clone();
    let erased = app
        .installation
        .store
        .write_blocking(move |tx| recipient::erase(tx, &list));
    assert_eq!(erased.unwrap(), 3);
    let second = Wave::sow(
        &app.installation,
        Plan {
            seed: 2,
            ..Plan::default()
        },
    );
    let manager = Staff::signed_in(&app.base, &app.installation, &[Role::Manager]);
    let manager = manager.joins(&app.installation, second.id, Role::Manager);
    draw(&app, &second, &[("", "OK1@a.example"), ("", "ok4@a.example")]);
    assert_eq!(propose(&manager, second.id).status, 303);
    await_until(SOON, "one letter goes out", || {
        server.received_by("ok4@a.example").len() == 1
    });
    assert_eq!(server.received().len(), 5);
    assert_eq!(customer.get(&out("ok3@a.example")).status, 200);
}

fn what_comes_back_stops_further_letters(backend: Backend) {
    let server = MailServer::start();
    let folder = tempfile::tempdir().unwrap();
    let app = morning(backend, &server, |settings| {
        settings.mail_bounce_folder = folder.path().to_string_lossy().into_owned();
    });
    let clock = &app.installation.clock;
    let wave = app.wave.id;
    draw(
        &app,
        &app.wave,
        &[("", "ok1@a.example"), ("", "ok2@a.example"), ("", "ok3@a.example")],
    );
    let manager = app.member(Role::Manager);
    assert_eq!(propose(&manager, wave).status, 303);
    await_until(SOON, "three letters went out", || {
        app.raw().count("outbox_message WHERE state = 'sent'") == 3
    });
    let report = |address: &str, with_id: bool| {
        let id = match with_id {
            true => format!("Message-ID: {}\n", server.received_by(address)[0].message_id()),
            false => String::new(),
        };
        format!(
            "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.a.example\n\nFinal-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n\n\
             --b\nContent-Type: text/rfc822-headers\n\n{id}\n--b--\n"
        )
    };
    std::fs::write(folder.path().join("1.eml"), report("ok1@a.example", true)).unwrap();
    std::fs::write(folder.path().join("2.eml"), "Subject: on holiday\n\nBack on Monday.\n").unwrap();
    clock.advance_ms(60_000);
    await_until(SOON, "both files are read", || {
        folder.path().join("unread/2.eml").exists() && folder.path().join("done/1.eml").exists()
    });
    assert_eq!(funnel(&app, wave).bounced, 1);
    // The other comes by hand, from a server that returned nothing of the message.
    let administrator = Staff::signed_in(&app.base, &app.installation, &[Role::Administrator]);
    let mut form = administrator.get("/mail").form_to("/mail/reports");
    form.write("report", "nothing");
    assert_eq!(administrator.send(&form).status, 422);
    form.write("report", &report("ok2@a.example", false));
    let page = administrator.send(&form);
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(funnel(&app, wave).bounced, 2);
    clock.advance_ms(6 * DAY_MS);
    await_until(SOON, "the third is reminded", || {
        server.received_by("ok3@a.example").len() == 2
    });
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.received().len(), 4);
}
