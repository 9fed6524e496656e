//! kill -9 under load: what was acknowledged is stored exactly once, nothing else is, and the tallies are what the rows
//! give. (It proves the transactions, not the disk: the page cache survives a killed process.)

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use perception::app::Installation;
use perception::clock::Clock;
use perception::secret::SecretKey;
use perception::store::StoreError;
use perception::store::comment::{self, Filter};
use perception::survey::link::LinkKind;
use perception::survey::ticket::Ticket;

use crate::harness::{
    Backend, Customer, Database, Plan, Program, TestLink, Wave, await_until, config, perception, said,
};

const KILLS: usize = 20;
const CLIENTS: usize = 8;
const PERSONAL_LINKS: usize = 400;
/// Generous: a debug build on a loaded machine.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A form that was sent, and what was in it.
struct Sent {
    form: String,
    rating: usize,
    comment: String,
    personal: bool,
}

/// What clients and killer share.
struct Scene {
    open: TestLink,
    personal: Mutex<Vec<TestLink>>,
    customer: Mutex<Customer>,
    acknowledged: AtomicUsize,
    retried: AtomicUsize,
    stop: AtomicBool,
}

#[test]
fn every_acknowledged_response_survives_twenty_kills_exactly_once() {
    let database = Database::new(Backend::Sqlite);
    let (open, personal) = sow(&database);
    let folder = database.folder.path();
    let serve = || Program::start(folder, &["serve", "--database", &database.url], START_LIMIT);
    let mut program = serve();
    let scene = Scene {
        open,
        personal: Mutex::new(personal),
        customer: Mutex::new(program.customer()),
        acknowledged: AtomicUsize::new(0),
        retried: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let sent: Vec<Sent> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| scene.client())).collect();
        // Whatever goes wrong here, the clients are told to stop.
        let stop = StopOnDrop(&scene.stop);
        for kill in 0..KILLS {
            let enough = scene.acknowledged.load(Ordering::Acquire) + rand::random_range(1..=15);
            await_until(Duration::from_secs(20), "answers come in again after a restart", || {
                scene.acknowledged.load(Ordering::Acquire) >= enough
            });
            // A moment that nobody chose.
            std::thread::sleep(Duration::from_micros(rand::random_range(0..8_000)));
            program.kill();
            assert!(
                clients.iter().all(|client| !client.is_finished()),
                "a client gave up before kill {kill}"
            );
            program = serve();
            *scene.customer.lock().unwrap() = program.customer();
        }
        drop(stop);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert_eq!(sent.len(), scene.acknowledged.load(Ordering::Acquire));
    assert!(sent.len() >= KILLS, "{}", sent.len());
    assert!(scene.retried.load(Ordering::Acquire) >= KILLS, "the kills hit the load");

    // Receipts are there for the asking, until the end and after it.
    let customer = program.customer();
    for one in sent.iter().step_by(7) {
        customer.follow(customer.get(&one.form)).receipt();
    }
    assert!(program.stop().success());
    assert_exactly(&database, &sent);
    let output = perception(folder, &["rebuild", "--database", &database.url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("nothing differed"),
        "{}",
        said(&output)
    );
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// An open evaluation with a code that anybody may scan and links of single customers.
fn sow(database: &Database) -> (TestLink, Vec<TestLink>) {
    let installation = Installation::open(&config(database, |_| {}), Clock::default()).unwrap();
    let wave = Wave::sow(&installation, Plan::default());
    let open = wave.link(&installation, LinkKind::Outlet, 0);
    let personal = (0..PERSONAL_LINKS)
        .map(|_| wave.link(&installation, LinkKind::Personal, 1))
        .collect();
    (open, personal)
}

impl Scene {
    /// Fills in forms until told to stop; each is sent until it is acknowledged.
    fn client(&self) -> Vec<Sent> {
        let mut sent = Vec::new();
        while !self.stop.load(Ordering::Acquire) {
            let link = if rand::random() {
                self.personal.lock().unwrap().pop()
            } else {
                None
            };
            let path = link.as_ref().map_or(&self.open.path, |link| &link.path);
            let landing = [
                ("consent", "yes"),
                ("age18", "yes"),
                ("service_12m", "yes"),
                ("conflict", "no"),
                ("services", "consult"),
            ];
            let form = self.insist(path, &pairs(&landing));
            let one = Sent {
                form,
                rating: rand::random_range(1..=5),
                comment: format!("{:032x}", rand::random::<u128>()),
                personal: link.is_some(),
            };
            let rating = one.rating.to_string();
            let ratings = ["F01", "F02", "F03", "V01", "S01"].map(|item| (item, rating.as_str()));
            let location = self.insist(
                &one.form,
                &pairs(&[&ratings[..], &[("comment", &one.comment)]].concat()),
            );
            assert!(location.starts_with(&format!("{}/receipt", one.form)), "{location}");
            self.acknowledged.fetch_add(1, Ordering::AcqRel);
            sent.push(one);
        }
        sent
    }

    /// Posts until the server answers, wherever it is now; returns where it redirects to.
    fn insist(&self, path: &str, pairs: &[(String, String)]) -> String {
        let mut tries = 0;
        loop {
            let customer = self.customer.lock().unwrap().clone();
            match customer.try_post(path, pairs) {
                Ok(page) if page.status == 303 => return page.location().to_owned(),
                // Shutting down or starting up; the customer tries again.
                Ok(page) if page.status == 503 => {}
                Ok(page) => panic!("{path}: {}", page.text()),
                Err(_) => {
                    self.retried.fetch_add(1, Ordering::AcqRel);
                }
            }
            tries += 1;
            assert!(tries < 10_000, "{path} was never answered");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The database holds these answers and no others.
fn assert_exactly(database: &Database, sent: &[Sent]) {
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let key = SecretKey::from_file(format!("{path}.key").as_ref()).unwrap();
    let mut raw = database.raw();
    assert_eq!(
        raw.text("SELECT integrity_check AS value FROM pragma_integrity_check"),
        "ok"
    );
    assert_eq!(raw.count("pragma_foreign_key_check"), 0);
    let wanted: BTreeMap<String, String> = sent
        .iter()
        .map(|one| {
            let ticket = Ticket::open(key.bytes(), one.form.strip_prefix("/f/").unwrap()).unwrap();
            let (class, n) = (if one.personal { "invited" } else { "open" }, one.rating);
            let content = format!(
                "{class} 1;services=consult;F01={n};F02={n};F03={n};V01={n};S01={n} {}",
                one.comment
            );
            (ticket.receipt(key.bytes()).response_id().to_string(), content)
        })
        .collect();
    assert_eq!(wanted.len(), sent.len());
    let stored = raw.texts(
        "SELECT id || ' ' || evidence_class || ' ' || answers AS value FROM response \
         LEFT JOIN response_content ON response_content.response_id = response.id",
    );
    // Comments are sealed; the program reads them.
    let installation = Installation::open(&config(database, |_| {}), Clock::default()).unwrap();
    let (store, id) = (
        &installation.store,
        raw.text("SELECT id AS value FROM evaluation").parse().unwrap(),
    );
    let comments = store.read_blocking(|conn| comment::list(conn, store.key()?, id, (Filter::All, None), usize::MAX));
    let comments: Result<Vec<comment::Comment>, StoreError> = comments;
    let comments: BTreeMap<String, String> = comments
        .unwrap()
        .into_iter()
        .map(|one| (one.response.to_string(), one.text.unwrap()))
        .collect();
    let stored: Vec<String> = stored
        .into_iter()
        .map(|line| format!("{line} {}", comments[&line[..36]]))
        .collect();
    let wanted: Vec<String> = wanted
        .into_iter()
        .map(|(key, content)| format!("{key} {content}"))
        .collect();
    assert_eq!(stored.len(), wanted.len(), "lost, or stored twice, or not acknowledged");
    assert_eq!(stored, wanted);
    let personal = sent.iter().filter(|one| one.personal).count();
    assert_eq!(raw.count("link WHERE used"), personal as i64);
    assert_eq!(raw.count("response WHERE status = 'I'"), sent.len() as i64);
}
