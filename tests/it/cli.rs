//! Commands as somebody types them: help, exit status, one clear line when something is wrong.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use std::time::Duration;

use perception::app::Installation;
use perception::clock::Clock;
use perception::store::response;

use crate::harness::{Backend, Database, Pen, Plan, Program, Wave, config, perception, said};

const COMMANDS: [&str; 6] = ["serve", "demo", "migrate", "rebuild", "config", "export"];
/// A key as it would be set.
const KEY: &str = "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f";

fn run(database: &Database, arguments: &[&str]) -> Output {
    perception(database.folder.path(), arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The command ends with status 2 and exactly one line that says these words; nothing goes to standard output.
fn assert_refused(output: &Output, words: &[&str]) {
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{}", said(output));
    assert_eq!(
        errors.lines().filter(|line| !line.trim().is_empty()).count(),
        1,
        "one line: {}",
        said(output)
    );
    for word in words {
        assert!(errors.contains(word), "{word:?}: {}", said(output));
    }
    assert!(output.stdout.is_empty(), "{}", said(output));
}

#[test]
fn every_command_explains_itself() {
    let database = Database::new(Backend::Sqlite);
    let all = run(&database, &["--help"]);
    assert!(all.status.success());
    for command in COMMANDS {
        assert!(text(&all.stdout).contains(&format!("  {command}")), "{}", said(&all));
        let one = run(&database, &[command, "--help"]);
        assert!(one.status.success(), "{}", said(&one));
        assert!(
            text(&one.stdout).contains(&format!("perception {command}")) && one.stderr.is_empty(),
            "{}",
            said(&one)
        );
        assert!(text(&one.stdout).contains("--database"), "{}", said(&one));
    }
    let version = run(&database, &["--version"]);
    assert_eq!(
        text(&version.stdout),
        format!("perception {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(
        std::fs::read_dir(database.folder.path()).unwrap().count(),
        0,
        "nothing was written"
    );
}

#[test]
fn a_usage_error_is_one_line_and_status_2() {
    let database = Database::new(Backend::Sqlite);
    assert_refused(&run(&database, &["flatten"]), &["flatten"]);
    assert_refused(&run(&database, &["serve", "--lisen", "127.0.0.1:0"]), &["--lisen"]);
    assert_refused(&run(&database, &["migrate", "--database"]), &["--database"]);
    assert_refused(&run(&database, &["rebuild", "extra"]), &["extra"]);
    assert_eq!(run(&database, &[]).status.code(), Some(2));
    assert_eq!(
        std::fs::read_dir(database.folder.path()).unwrap().count(),
        0,
        "nothing was written"
    );
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let database = Database::new(Backend::Sqlite);
    let folder = database.folder.path();
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (unknown, wrong, broken) = (
        file("unknown.toml", "listn = \"x\"\n"),
        file("wrong.toml", "body_contact = \"ask\"\n"),
        file("broken.toml", "listen = \n"),
    );
    for command in ["serve", "migrate", "rebuild", "config"] {
        for (arguments, word) in [
            (["--config", &unknown], "listn"),
            (["--config", &wrong], "body_contact"),
            (["--config", &broken], "broken.toml"),
            (["--config", "nowhere.toml"], "nowhere.toml"),
            (["--database", "mysql://x"], "database"),
            (["--database", "some.sqlite"], "database"),
        ] {
            assert_refused(&run(&database, &[&[command], &arguments[..]].concat()), &[word]);
        }
    }
    assert_refused(&run(&database, &["serve", "--listen", "nowhere"]), &["listen"]);
    assert_refused(
        &run(&database, &["serve", "--database", "sqlite:no/such/folder/x.sqlite"]),
        &["no/such/folder"],
    );
    let variable = perception(folder, &["config"])
        .env("PERCEPTION_RATE_LIMIT", "sometimes")
        .output()
        .unwrap();
    assert_refused(&variable, &["rate_limit"]);
    let weak = perception(folder, &["config"])
        .env("PERCEPTION_SECRET_KEY", "0".repeat(64))
        .output()
        .unwrap();
    assert_refused(&weak, &["secret_key"]);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 3, "nothing was written");
}

#[test]
fn config_prints_what_holds_and_hides_secrets() {
    let database = Database::new(Backend::Sqlite);
    let folder = database.folder.path();
    std::fs::write(
        folder.join("a.toml"),
        "body_name_en = \"From the file\"\nlisten = \"127.0.0.1:1111\"\nlog = \"json\"\n",
    )
    .unwrap();
    let output = perception(
        folder,
        &[
            "config",
            "--config",
            "a.toml",
            "--database",
            "postgres://me:pass%40word@db.example/x",
        ],
    )
    .env("PERCEPTION_SECRET_KEY", KEY)
    .env("PERCEPTION_LISTEN", "127.0.0.1:2222")
    .env("PERCEPTION_TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.0/24")
    .output()
    .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let printed = text(&output.stdout);
    for secret in ["pass%40", "%40word", "pass@", "0011", "fe0f"] {
        assert!(
            !format!("{printed}{}", text(&output.stderr)).contains(secret),
            "{secret}: {printed}"
        );
    }
    // File, environment, flag: the later wins.
    for line in [
        "body_name_en = \"From the file\"",
        "listen = \"127.0.0.1:2222\"",
        "database = \"postgres://me@db.example/x\"",
        "log = \"json\"",
        "trusted_proxies = [\"10.0.0.0/8\",\"192.0.2.0/24\"]",
        "rate_limit = \"on\"",
    ] {
        assert!(printed.lines().any(|found| found == line), "{line}: {printed}");
    }
    // What is printed can be read again.
    let printed = printed.replace("(hidden)", KEY);
    std::fs::write(folder.join("b.toml"), &printed).unwrap();
    let again = perception(folder, &["config", "--config", "b.toml"]).output().unwrap();
    assert_eq!(
        text(&again.stdout).replace("(hidden)", KEY),
        printed,
        "{}",
        said(&again)
    );
}

#[test]
fn migrate_creates_a_database_once() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = Database::new(backend);
        let first = run(&database, &["migrate", "--database", &database.url]);
        assert!(
            first.status.success() && text(&first.stdout).contains("applied"),
            "{}",
            said(&first)
        );
        let second = run(&database, &["migrate", "--database", &database.url]);
        assert!(
            second.status.success() && text(&second.stdout).contains("up to date"),
            "{}",
            said(&second)
        );
        assert_eq!(database.raw().count("evaluation"), 0);
    }
}

#[test]
fn rebuild_needs_a_database_that_is_there() {
    let database = Database::new(Backend::Sqlite);
    assert_refused(
        &run(&database, &["rebuild", "--database", &database.url]),
        &["test.sqlite"],
    );
    assert_eq!(
        std::fs::read_dir(database.folder.path()).unwrap().count(),
        0,
        "nothing was written"
    );
    run(&database, &["migrate", "--database", &database.url]);
    let empty = run(&database, &["rebuild", "--database", &database.url]);
    assert!(empty.status.success(), "{}", said(&empty));
}

#[test]
fn serve_creates_its_database_and_a_private_key() {
    let database = Database::new(Backend::Sqlite);
    let program = Program::start(
        database.folder.path(),
        &["serve", "--database", &database.url],
        Duration::from_secs(30),
    );
    assert_eq!(program.ready["database"], database.url.as_str());
    assert_eq!(program.ready.as_object().unwrap().len(), 2, "{}", program.ready);
    let customer = program.customer();
    let first = customer.get("/");
    assert_eq!((customer.get("/healthz").status, first.status), (200, 303));
    assert!(first.location().starts_with("/sign-in"), "{}", first.location());
    let ready = customer.get("/readyz");
    assert_eq!(
        (ready.status, &ready.json()["writer"], &ready.json()["database"]),
        (200, &true.into(), &true.into())
    );
    let key = format!("{}.key", database.url.strip_prefix("sqlite:").unwrap());
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(program.stop().success());
}

/// Who starts a server and ends it at once, as service managers do when they change their mind, leaves no mess.
#[test]
fn a_server_that_says_it_is_ready_can_be_told_to_end() {
    let database = Database::new(Backend::Sqlite);
    for round in 0..8 {
        let program = Program::start(
            database.folder.path(),
            &["serve", "--database", &database.url],
            Duration::from_secs(30),
        );
        let ended = program.stop();
        assert!(ended.success(), "round {round}: {ended}");
    }
}

#[test]
fn rebuild_says_whether_anything_differed() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = Database::new(backend);
        let settings = config(&database, |settings| settings.secret_key = KEY.into());
        let installation = Installation::open(&settings, Clock::default()).unwrap();
        let wave = Wave::sow(&installation, Plan::default());
        let mut pen = Pen::new(5);
        for outlet in [0, 0, 1, 2] {
            let (entry, instrument) = (pen.interview(&wave, outlet), wave.instrument.clone());
            let submission = pen.submission(&wave, entry);
            installation
                .store
                .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
                .unwrap();
        }
        drop(installation);
        let rebuild = |status: i32, words: &str| {
            let arguments = ["rebuild", "--database", &database.url];
            let output = perception(database.folder.path(), &arguments)
                .env("PERCEPTION_SECRET_KEY", KEY)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(status), "{}", said(&output));
            assert_eq!(
                text(&output.stdout),
                format!("{}: {words}\n", wave.id),
                "{}",
                said(&output)
            );
        };
        rebuild(0, "nothing differed");
        assert!(
            database
                .raw()
                .execute("DELETE FROM tally WHERE outlet_id = (SELECT min(outlet_id) FROM tally)")
                .unwrap()
                > 0
        );
        rebuild(1, "differed; now recomputed");
        rebuild(0, "nothing differed");
    }
}

#[test]
fn serve_refuses_a_database_that_belongs_to_another_key() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = Database::new(backend);
        let folder = database.folder.path();
        let other = KEY.replace('f', "e");
        let serve = |key: &str| {
            let arguments = [
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--database",
                &database.url,
                "--ready-file",
                "ready.json",
            ];
            perception(folder, &arguments)
                .env("PERCEPTION_SECRET_KEY", key)
                .output()
                .unwrap()
        };
        let rebuild = perception(folder, &["rebuild", "--database", &database.url])
            .env("PERCEPTION_SECRET_KEY", KEY)
            .output();
        if backend == Backend::Sqlite {
            // A database comes to be with its first server; here with the key file beside it.
            assert_eq!(rebuild.unwrap().status.code(), Some(2));
            let program = Program::start(folder, &["serve", "--database", &database.url], Duration::from_secs(30));
            assert_eq!(program.customer().get("/readyz").status, 200);
            assert!(program.stop().success());
            let path = database.url.strip_prefix("sqlite:").unwrap();
            std::fs::write(format!("{path}.key"), format!("{other}\n")).unwrap();
            let foreign = run(
                &database,
                &["serve", "--listen", "127.0.0.1:0", "--database", &database.url],
            );
            assert_refused(&foreign, &["another secret key", ".key"]);
            std::fs::set_permissions(format!("{path}.key"), PermissionsExt::from_mode(0o644)).unwrap();
            let open = run(
                &database,
                &["serve", "--listen", "127.0.0.1:0", "--database", &database.url],
            );
            assert_refused(&open, &["0600"]);
        } else {
            assert!(rebuild.unwrap().status.success());
            let unset = run(
                &database,
                &["serve", "--listen", "127.0.0.1:0", "--database", &database.url],
            );
            assert_refused(&unset, &["secret_key"]);
        }
        assert_refused(&serve(&other), &["another secret key"]);
        assert!(!folder.join("ready.json").exists());
    }
}

#[test]
fn serve_says_when_it_cannot_listen_or_write_its_ready_file() {
    let database = Database::new(Backend::Sqlite);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_refused(
        &run(&database, &["serve", "--database", &database.url, "--listen", &address]),
        &["cannot listen", &address],
    );
    let arguments = [
        "serve",
        "--database",
        &database.url,
        "--listen",
        "127.0.0.1:0",
        "--ready-file",
        "no/such/folder/ready.json",
    ];
    let output = run(&database, &arguments);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        text(&output.stderr).contains("no/such/folder/ready.json"),
        "{}",
        said(&output)
    );
}
