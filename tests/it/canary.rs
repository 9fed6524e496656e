//! What identifies somebody is planted through every real way into the program, and looked for wherever something leaves it
//! or stays: logs, pages and files of everybody, the database as bytes, a backup. It is found nowhere; what was cleared is.

use std::io::Read;
use std::sync::{Arc, LazyLock, Mutex};

use perception::access::Role;
use perception::store::flag;
use perception::survey::evaluation::EvaluationState;
use perception::web::routes;

use crate::frame_sample::{self, fix, import, record};
use crate::harness::{Backend, MailServer, OUTLETS, Raw, Staff, TestApp, await_until, perception, said};
use crate::interview_journey::{begin, filled};
use crate::mail_case::{SOON, at, funnel, morning, propose};
use crate::offline_device::{Device, id};
use crate::offline_late::sealed_on_a_device;
use crate::report_files::text_of;

both_backends!(nothing_that_identifies_somebody_is_found_in_clear);

/// Name, mail address and telephone number in the list; a number left with an interview; what comments say of somebody;
/// address and browser of a customer.
const CANARIES: [&str; 9] = [
    "金丝雀甲",
    "canary77",
    "13877990",
    "13766880066",
    "金丝雀留言",
    "13955667788",
    "金丝雀迟到",
    "198.51.100.77",
    "CanaryBrowser",
];
/// What somebody cleared: it may be found.
const CLEARED: &str = "甲鱼留言：电话要等很久";

/// Everything that the program writes to its log, whoever runs in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let begun = tracing_subscriber::fmt()
        .with_env_filter("info,perception=trace")
        .with_writer(move || writer.clone())
        .try_init();
    begun.unwrap();
    log
});

fn list() -> String {
    let mut text = "工单号,姓名,邮箱,手机,网点,服务类型,服务日期\n".to_owned();
    let day = chrono::Utc::now().date_naive();
    for k in 0..60 {
        let (outlet, service) = (OUTLETS[k % 3].0, ["维修", "安装"][k / 3 % 2]);
        let day = day - chrono::Days::new(30 + k as u64);
        text += &format!("W{k},金丝雀甲{k},canary77.{k}@shop{k}.example,13877990{k:03},{outlet},{service},{day}\n");
    }
    text
}

/// A customer with an address and a browser of their own.
fn say(app: &TestApp, comment: &str) {
    let (customer, link) = (app.customer(), app.open_link());
    let mut form = customer.begin(&link.path, &["home"]).form();
    form.rate_all("4");
    form.write("comment", comment);
    let body = serde_html_form::to_string(form.pairs()).unwrap();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-forwarded-for", CANARIES[7]),
        ("user-agent", "CanaryBrowser/1.0"),
    ];
    let sent = customer
        .try_send("POST", &form.action, &headers, Some(body.as_bytes()))
        .unwrap();
    assert_eq!(sent.status, 303, "{}", sent.text());
}

/// An interview with a telephone number left of free will, and one that comes after closing.
fn interview(app: &TestApp, manager: &Staff, evaluator: &Staff) {
    let path = format!("/evaluations/{}/uploads", app.wave.id);
    let mut setting = manager.get(&path).form_to(&path);
    setting.check("phone", "yes");
    assert_eq!(manager.send(&setting).status, 303);
    let page = begin(app, evaluator);
    let public = page.attributes("[data-phone-key]", "data-phone-key").remove(0);
    let client = page.attributes("form.interview", "data-client").remove(0);
    let mut form = filled(&page, &["outlet"], "4");
    form.write("comment", "金丝雀留言，当面说的");
    let mut pairs = form.pairs();
    pairs.retain(|(name, _)| name != "phone_sealed");
    pairs.push(("phone_sealed".into(), sealed_on_a_device(&public, &client, CANARIES[3])));
    pairs.push(("phone_consent".into(), "yes".into()));
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    evaluator.follow(evaluator.post(&page.path, &pairs)).receipt();
    assert_eq!(app.raw().count("contact_phone"), 1);
}

/// Reads the comments: one is cleared, one loses what identifies, the others are withheld.
fn read_comments(app: &TestApp, manager: &Staff) {
    let list = format!("/evaluations/{}/comments", app.wave.id);
    let page = manager.get(&list);
    for canary in [CANARIES[4], CANARIES[5]] {
        assert!(
            page.text().contains(canary),
            "the program itself reads it: {}",
            page.text()
        );
    }
    let mut next = page.attributes("a.more", "href").remove(0);
    while next != list {
        let page = manager.get(&next);
        let written = page.text_of("blockquote");
        let mut form = page.form_to(&next);
        form.check("theme", "contact");
        form.pick("incident", "none");
        match written.as_str() {
            text if text == CLEARED => form.pick("status", "cleared"),
            text if text.contains(CANARIES[5]) => {
                form.pick("status", "redacted");
                form.write("text", "请给［…］");
            }
            _ => form.pick("status", "withheld"),
        }
        let sent = manager.send(&form);
        assert_eq!(sent.status, 303, "{}", sent.text());
        next = sent.location().to_owned();
    }
}

/// A file as somebody looks into it: what is packed is unpacked, what is printed is read, across the ends of lines.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    if bytes.starts_with(b"%PDF") {
        all.extend(text_of(bytes).split_whitespace().collect::<String>().into_bytes());
    }
    if bytes.starts_with(b"PK") {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for place in 0..archive.len() {
            let mut inside = Vec::new();
            archive.by_index(place).unwrap().read_to_end(&mut inside).unwrap();
            all.extend(plain(&inside));
        }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// Fails where a canary sits.
fn clean(what: &str, bytes: &[u8]) {
    for canary in CANARIES {
        assert!(!holds(bytes, canary), "{canary} in {what}");
    }
}

/// Every page and file of the evaluation that a role can fetch, but where the design shows customers' own words or numbers.
fn everything(app: &TestApp, role: Role) -> Vec<(String, Vec<u8>)> {
    const SHOWN: [&str; 3] = ["/comments", "/phones", "/uploads"];
    let staff = app.member(role);
    let within = format!("/evaluations/{}", app.wave.id);
    let paths = routes::rules()
        .into_iter()
        .filter(|rule| rule.method == "GET")
        .map(|rule| rule.path);
    let paths = paths
        .map(|path| {
            path.replace("/evaluations/{evaluation}", &within)
                .replace("{evaluation}", &app.wave.id.to_string())
        })
        .filter(|path| !path.contains('{') && path.contains(&app.wave.id.to_string()));
    paths
        .filter(|path| !SHOWN.iter().any(|end| path.ends_with(end)))
        .map(|path| (format!("{role:?} {path}"), plain(&staff.get(&path).body)))
        .collect()
}

/// The database as bytes: the files of SQLite, every row of PostgreSQL.
fn database(app: &TestApp) -> Vec<u8> {
    match app.raw() {
        Raw::Sqlite(_) => {
            let files = std::fs::read_dir(app.database.folder.path()).unwrap();
            let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
            files.flat_map(|path| std::fs::read(path).unwrap()).collect()
        }
        mut raw @ Raw::Postgres(_) => {
            let tables = raw.texts("SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'");
            let rows = tables
                .iter()
                .map(|table| raw.texts(&format!("SELECT t::text AS value FROM {table} AS t")));
            rows.flatten().collect::<Vec<_>>().join("\n").into_bytes()
        }
    }
}

fn nothing_that_identifies_somebody_is_found_in_clear(backend: Backend) {
    let log = LOG.clone();
    let server = MailServer::start();
    let app = morning(backend, &server, |settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".into()]
    });
    let (wave, manager, evaluator) = (app.wave.id, app.member(Role::Manager), app.member(Role::Evaluator));

    import(&app, &manager, list().as_bytes());
    record(&app, &manager, "clause");
    fix(&app, &manager);
    let sample = manager.get(&frame_sample::at(wave, ""));
    assert_eq!(
        manager
            .send(&sample.form_to(&frame_sample::at(wave, "/draw/run")))
            .status,
        303
    );
    assert_eq!(propose(&manager, wave).status, 303);
    await_until(SOON, "letters go out", || funnel(&app, wave).reached == 30);
    assert!(server.received().iter().any(|mail| mail.to.contains("canary77")));
    assert_eq!(manager.get(&at(wave, "/recipients")).status, 200);

    for comment in ["金丝雀留言", "请给金丝雀甲先生打13955667788", CLEARED] {
        say(&app, comment);
    }
    interview(&app, &manager, &evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let page = begin(&app, &evaluator);
    let mut form = filled(&page, &["outlet"], "4");
    form.write("comment", "金丝雀迟到的留言");
    let late = device.item(&id(1), "interview", &form.pairs(), Some(0));
    app.close();
    assert_eq!(device.upload(&[late])[0]["state"], "late");
    let reviewer = app.member(Role::Reviewer);
    let uploads = format!("/evaluations/{wave}/uploads");
    let waiting = reviewer
        .get(&uploads)
        .attributes("main a.button.main", "href")
        .remove(0);
    let mut decision = reviewer.get(&waiting).form_to(&waiting);
    decision.pick("decision", "reject");
    decision.write("reason", "太迟");
    assert_eq!(reviewer.send(&decision).status, 303);
    flag::complete(&app.installation.store, wave, app.installation.clock.now_ms()).unwrap();
    assert!(app.raw().count("response_mark") >= 3, "address and browser came in");
    read_comments(&app, &manager);
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    app.wave.advance(&app.installation, EvaluationState::Released).unwrap();

    let (mut fetched, mut printed) = (0, false);
    for role in [
        Role::Manager,
        Role::Reviewer,
        Role::Auditor,
        Role::Signatory,
        Role::Organisation,
        Role::Evaluator,
    ] {
        for (what, bytes) in everything(&app, role) {
            clean(&what, &bytes);
            printed |= bytes.starts_with(b"%PDF") && holds(&bytes, "抽样报告");
            fetched += usize::from(!bytes.is_empty());
        }
    }
    assert!(fetched > 100, "{fetched} pages and files");
    assert!(printed, "the printed report is read, too");
    let folder = app.database.folder.path();
    let mut backup = perception(folder, &["backup", "a.backup", "--database", &app.database.url]);
    let key = data_encoding::HEXLOWER.encode(app.installation.key.bytes());
    let done = backup.env("PERCEPTION_SECRET_KEY", key).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    clean("what backup says", &[done.stdout, done.stderr].concat());
    let kept = std::fs::read(folder.join("a.backup")).unwrap();
    std::fs::remove_file(folder.join("a.backup")).unwrap();
    let stored = database(&app);
    let written = log.0.lock().unwrap().clone();
    clean("the backup", &kept);
    clean("the database", &stored);
    clean("the log", &written);
    // The search finds what is there: what was cleared, the patterns of requests.
    assert!(holds(&kept, CLEARED) && holds(&stored, CLEARED));
    assert!(holds(&written, "/s/{token}") && holds(&written, "perception"));
}
