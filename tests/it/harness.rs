//! The very same server as in production, started for one test: port 0, its own database, a clock that can be moved.

mod account;
mod browser;
mod database;
mod form;
mod mail;
mod program;
mod seed;
mod staff;
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use perception::access::Role;
use perception::app::{App, Installation, StartError};
use perception::clock::Clock;
use perception::config::{Config, Settings};
use perception::statistics::tally::Tally;
use perception::store::comment::{self, Filter};
use perception::store::tally::TallyKey;
use perception::store::{StoreError, link, response, tally};
use perception::survey::evaluation::EvaluationState;
use perception::survey::language::Language;
use perception::survey::link::LinkKind;
use perception::survey::questionnaire::ServiceSet;
use perception::survey::ticket::Ticket;
use perception::web::Running;

pub use account::{Office, PASSWORD, code_of};
pub use browser::{Customer, Page};
pub use database::{Backend, Database, Raw};
pub use form::Form;
pub use mail::{Authority, MailServer, Received, post};
pub use program::{Program, perception, said};
pub use seed::{FIRM, OUTLETS, Pen, Plan, QUESTIONNAIRE, TestLink, Wave};
pub use staff::Staff;
pub use wire::{Reply, Wire};

/// 24 hours.
pub const DAY_MS: i64 = 24 * 3_600_000;

/// A server serving in a thread of this process; it stops when this is dropped.
pub struct Node {
    /// Address, without a slash at its end.
    pub base: String,
    /// The same store and key that the server uses.
    pub installation: Installation,
    running: Running,
    thread: Option<JoinHandle<Result<(), StartError>>>,
}

impl Node {
    fn start(config: &Config, clock: Clock) -> Self {
        let installation = Installation::open(config, clock).unwrap();
        let (config, app) = bind(config, &installation);
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            app.run(|running| {
                sender.send(running).unwrap();
            })
        });
        let running = receiver
            .recv_timeout(Duration::from_secs(20))
            .expect("the server starts");
        Self {
            base: format!("http://{}", config.listen),
            installation,
            running,
            thread: Some(thread),
        }
    }

    /// A customer of this server.
    pub fn customer(&self) -> Customer {
        Customer::at(&self.base)
    }
}

/// Binds a free port. The port is taken from the system and then asked for by number, because with a `base_url` of its
/// own the application does not tell which one it got; whoever snatches it in between only causes another try.
fn bind(config: &Config, installation: &Installation) -> (Config, App) {
    for _ in 0..20 {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let config = Config {
            listen: free,
            ..config.clone()
        };
        match App::build(&config, installation.clone(), None) {
            Ok(app) => return (config, app),
            Err(StartError::Listen(..)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no free port")
}

impl Drop for Node {
    fn drop(&mut self) {
        self.running.stop();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A server with one evaluation, in a database of its own.
pub struct TestApp {
    node: Node,
    config: Config,
    /// The evaluation.
    pub wave: Wave,
    /// Dropped last.
    pub database: Database,
}

impl std::ops::Deref for TestApp {
    type Target = Node;
    fn deref(&self) -> &Node {
        &self.node
    }
}

impl TestApp {
    /// A server whose evaluation is open.
    pub fn spawn(backend: Backend) -> Self {
        Self::spawn_with(backend, Plan::default(), |_| {})
    }

    /// A server whose evaluation is open and where nobody has an account yet.
    pub fn without_people(backend: Backend) -> Self {
        let plan = Plan {
            evaluators: false,
            ..Plan::default()
        };
        Self::spawn_with(backend, plan, |_| {})
    }

    /// A server with an evaluation and settings as needed.
    pub fn spawn_with(backend: Backend, plan: Plan, change: impl FnOnce(&mut Settings)) -> Self {
        let database = Database::new(backend);
        let config = config(&database, change);
        let node = Node::start(&config, Clock::default());
        let wave = Wave::sow(&node.installation, plan);
        Self {
            node,
            config,
            wave,
            database,
        }
    }

    /// Somebody who is signed in and holds this role in the evaluation.
    pub fn member(&self, role: Role) -> Staff {
        Staff::signed_in(&self.base, &self.installation, &[role]).joins(&self.installation, self.wave.id, role)
    }

    /// Another server on the same database.
    pub fn join(&self) -> Node {
        Node::start(&self.config, self.installation.clock.clone())
    }

    /// A code at the first outlet that anybody may scan.
    pub fn open_link(&self) -> TestLink {
        self.wave.link(&self.installation, LinkKind::Outlet, 0)
    }

    /// A mailed link of one customer.
    pub fn personal_link(&self) -> TestLink {
        self.wave.link(&self.installation, LinkKind::Personal, 0)
    }

    /// A printed single-use code.
    pub fn printed_link(&self) -> TestLink {
        self.wave.link(&self.installation, LinkKind::Printed, 0)
    }

    /// Withdraws a link.
    pub fn revoke(&self, link: &TestLink) {
        let (wave, id) = (self.wave.id, link.id);
        self.installation
            .store
            .write_blocking(move |tx| link::revoke(tx, wave, id))
            .unwrap();
    }

    /// Ends fieldwork.
    pub fn close(&self) {
        self.wave.advance(&self.installation, EvaluationState::Closed).unwrap();
    }

    /// A new form of a link, handed out now, for a customer who used the telephone: `/f/…`.
    pub fn form_of(&self, link: &TestLink) -> String {
        let ticket = Ticket {
            evaluation: self.wave.id,
            link: link.id,
            form_id: rand::random(),
            issued_at_s: u64::try_from(self.installation.clock.now_ms() / 1000).unwrap(),
            language: Language::ZhCn,
            services: ServiceSet(1),
        };
        format!("/f/{}", ticket.seal(self.installation.key.bytes()))
    }

    /// The stored tallies of an evaluation by outlet and class, nodes added up, empty ones left out; and the same counted
    /// anew from the rows.
    pub fn tallies_of(&self, wave: &Wave) -> (Tallies, Tallies) {
        let (id, instrument, store) = (wave.id, Arc::clone(&wave.instrument), &self.installation.store);
        let stored = store.read_blocking(|conn| tally::list(conn, id, &instrument)).unwrap();
        let recounted: Result<_, StoreError> = store.read_blocking(|conn| response::recount(conn, id, &instrument));
        (named(stored), named(recounted.unwrap()))
    }

    /// The stored tallies of the evaluation.
    pub fn tallies(&self) -> Tallies {
        self.tallies_of(&self.wave).0
    }

    /// Fails unless the tallies are exactly what the rows give; returns them.
    pub fn consistent_tallies(&self) -> Tallies {
        let (tallies, recounted) = self.tallies_of(&self.wave);
        assert_eq!(tallies, recounted, "tallies and rows differ");
        tallies
    }

    /// Counted responses, all outlets and classes.
    pub fn counted(&self) -> u64 {
        self.list().values().map(|tally| tally.core().n).sum()
    }

    /// Contacts by disposition code, all outlets and classes.
    pub fn dispositions(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for (code, n) in self.list().values().flat_map(|tally| tally.dispositions()) {
            *sums.entry(code.clone()).or_default() += n;
        }
        sums
    }

    fn list(&self) -> BTreeMap<TallyKey, Tally> {
        let (wave, instrument) = (self.wave.id, Arc::clone(&self.wave.instrument));
        self.installation
            .store
            .read_blocking(move |conn| tally::list(conn, wave, &instrument))
            .unwrap()
    }

    /// Stored responses.
    pub fn responses(&self) -> i64 {
        self.raw().count("response")
    }

    /// What customers wrote, as the program reads it.
    pub fn comments(&self) -> Vec<String> {
        let (store, id) = (&self.installation.store, self.wave.id);
        let all = store.read_blocking(|conn| comment::list(conn, store.key()?, id, (Filter::All, None), usize::MAX));
        let all: Result<Vec<comment::Comment>, StoreError> = all;
        all.unwrap().into_iter().filter_map(|one| one.text).collect()
    }

    /// A connection past the program.
    pub fn raw(&self) -> Raw {
        self.database.raw()
    }
}

/// A server on an empty database: nobody and nothing is in it.
pub struct EmptyApp {
    node: Node,
    /// Dropped last.
    pub database: Database,
}

impl EmptyApp {
    /// Starts it.
    pub fn spawn(backend: Backend) -> Self {
        let database = Database::new(backend);
        let node = Node::start(&config(&database, |_| {}), Clock::default());
        Self { node, database }
    }
}

impl std::ops::Deref for EmptyApp {
    type Target = Node;
    fn deref(&self) -> &Node {
        &self.node
    }
}

/// Tallies by outlet and class: `<id> face`.
pub type Tallies = BTreeMap<String, Tally>;

fn named(tallies: BTreeMap<TallyKey, Tally>) -> Tallies {
    let kept = tallies.into_iter().filter(|(_, tally)| !tally.is_empty());
    kept.map(|(key, tally)| (format!("{} {}", key.outlet, key.class.as_str()), tally))
        .collect()
}

/// Settings for a database of a test. SQLite keeps its key in a file, as installations do; PostgreSQL needs one set.
pub fn config(database: &Database, change: impl FnOnce(&mut Settings)) -> Config {
    let mut settings = Settings {
        database: database.url.clone(),
        workers: 2,
        ..Settings::default()
    };
    if database.backend() == Backend::Postgres {
        settings.secret_key = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    }
    change(&mut settings);
    settings.check().unwrap()
}

/// Waits for something that must happen soon.
pub fn await_until(limit: Duration, what: &str, mut happened: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !happened() {
        assert!(Instant::now() < until, "did not happen within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A message without values from the language files, read as text: what a page must show.
pub fn message(language: &str, key: &str) -> String {
    let folder = repository().join("locales").join(language);
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let found: Vec<String> = files
        .flat_map(|file| {
            file.lines()
                .filter_map(|l| Some(l.strip_prefix(key)?.strip_prefix(" = ")?.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(found.len(), 1, "{language}: {key}");
    found[0].clone()
}

/// The folder of the project.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
