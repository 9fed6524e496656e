//! Mail goes out over TLS or not at all: the certificate bears the server's name and comes from an authority that is
//! trusted, and nothing is sent in the clear instead.

use std::time::Duration;

use perception::store::{StoreError, mail_switch};

use crate::harness::{Authority, Backend, MailServer, Plan, TestApp, await_until, post};

const SOON: Duration = Duration::from_secs(30);

fn with(server: &MailServer, security: &str, authority: Option<&Authority>) -> TestApp {
    TestApp::spawn_with(Backend::Sqlite, Plan::default(), |settings| {
        server.set(settings);
        settings.smtp_security = security.into();
        settings.smtp_ca_file = authority.map_or_else(String::new, |own| own.file().to_str().unwrap().to_owned());
    })
}

fn state(app: &TestApp, id: &str) -> String {
    let row = "SELECT state || ' ' || attempts AS value FROM outbox_message WHERE id";
    app.raw().text(&format!("{row} = '{id}'"))
}

#[test]
fn mail_goes_out_over_tls_or_stays_in_the_outbox() {
    let authority = Authority::new();
    let (right, wrong) = (authority.certificate("here"), authority.certificate("elsewhere"));
    let wrapped = MailServer::protected("tls", &right);
    let upgraded = MailServer::protected("starttls", &right);
    for (server, security) in [(&wrapped, "tls"), (&upgraded, "starttls")] {
        let app = with(server, security, Some(&authority));
        let id = post(&app.installation, "ok@a.example", "早");
        await_until(SOON, security, || state(&app, &id) == "sent 1");
        assert_eq!(server.received().len(), 1);
    }
    let (misnamed, plain) = (MailServer::protected("starttls", &wrong), MailServer::start());
    for (server, security, trusted, why) in [
        (&misnamed, "starttls", Some(&authority), "a certificate of another name"),
        (&upgraded, "starttls", None, "an authority that nobody named"),
        (&plain, "starttls", Some(&authority), "a server that offers no TLS"),
    ] {
        let before = server.received().len();
        let app = with(server, security, trusted);
        let id = post(&app.installation, "ok@a.example", "早");
        await_until(SOON, why, || {
            let switch: Result<_, StoreError> = app.installation.store.read_blocking(mail_switch::find);
            switch.unwrap().trouble == "tls"
        });
        assert_eq!(state(&app, &id), "queued 0", "{why}");
        assert_eq!(server.received().len(), before, "{why}");
    }
}
