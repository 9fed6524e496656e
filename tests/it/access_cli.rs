//! `perception user`, and what `serve` prints on an empty database.

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use crate::harness::{Backend, Database, perception, said};

fn user(database: &Database, arguments: &[&str]) -> Output {
    let mut all = vec!["user"];
    all.extend(arguments);
    all.extend(["--database", &database.url]);
    let mut command = perception(database.folder.path(), &all);
    command.env("PERCEPTION_BASE_URL", "https://survey.example.cn");
    command.output().unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", said(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn people_are_added_listed_reset_and_disabled() {
    let database = Database::new(Backend::Sqlite);
    let zhou = [
        "add",
        "Zhou.Ming",
        "--name",
        "周明",
        "--number",
        "A-1",
        "--role",
        "manager",
        "--role",
        "evaluator",
    ];
    let link = lines(&user(&database, &zhou));
    assert!(
        link.len() == 1 && link[0].starts_with("https://survey.example.cn/set-up/"),
        "{link:?}"
    );
    let listed = lines(&user(&database, &["list"]));
    assert_eq!(listed, ["zhou.ming\t周明\tA-1\tmanager,evaluator\tno password yet"]);
    let again = lines(&user(&database, &["reset", "zhou.ming", "--second-factor"]));
    assert_ne!(again, link);
    assert_eq!(database.raw().count("set_up_link"), 1, "the earlier link is gone");
    assert!(
        !database
            .raw()
            .text("SELECT token_hash AS value FROM set_up_link")
            .is_empty()
    );
    assert!(lines(&user(&database, &["disable", "ZHOU.ming"])).is_empty());
    assert!(lines(&user(&database, &["list"]))[0].ends_with("\tdisabled"));
    assert_eq!(
        database
            .raw()
            .texts("SELECT seq || ' ' || action AS value FROM office_event"),
        [
            "1 account.created",
            "2 account.link-issued",
            "3 account.factor-reset",
            "4 account.link-issued",
            "5 account.disabled"
        ]
    );
}

#[test]
fn what_cannot_be_used_is_named_and_nothing_is_written() {
    let database = Database::new(Backend::Sqlite);
    let add = |login: &str, name: &str, number: &str, role: &str| {
        user(
            &database,
            &["add", login, "--name", name, "--number", number, "--role", role],
        )
    };
    assert!(add("zhou", "周明", "A-1", "manager").status.success());
    for (output, word) in [
        (add("周明明", "x", "A-2", "manager"), "login"),
        (add("li", "x", "A-2", "manager"), "login"),
        (add("lina", " ", "A-2", "manager"), "name"),
        (add("lina", "x", "", "manager"), "number"),
        (add("lina", "x", "A-2", "king"), "role"),
        (add("zhou", "x", "A-2", "manager"), "zhou is taken"),
        (add("lina", "x", "A-1", "manager"), "A-1 is taken"),
        (
            user(&database, &["add", "lina", "--name", "x", "--number", "A-2"]),
            "--role",
        ),
        (user(&database, &["reset", "nobody"]), "nobody"),
        (user(&database, &["disable", "nobody"]), "nobody"),
    ] {
        let errors = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{word}: {}", said(&output));
        assert!(
            errors.contains(word) && errors.trim().lines().count() == 1,
            "{word}: {}",
            said(&output)
        );
        assert!(output.stdout.is_empty(), "{}", said(&output));
    }
    assert_eq!(database.raw().count("account"), 1);
}

/// What `serve` prints before it is stopped: its first lines.
fn printed(database: &Database, n: usize) -> Vec<String> {
    let mut command = perception(
        database.folder.path(),
        &["serve", "--listen", "127.0.0.1:0", "--database", &database.url],
    );
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .take(n)
        .map(Result::unwrap)
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    lines
}

#[test]
fn an_empty_installation_prints_one_link_for_the_first_administrator() {
    let database = Database::new(Backend::Sqlite);
    let lines = printed(&database, 3);
    let link = format!("{}/set-up/", lines[0]);
    assert!(
        lines[2].starts_with(&link) && lines[2].len() == link.len() + 43,
        "{lines:?}"
    );
    let zhou = [
        "add",
        "zhou",
        "--name",
        "周明",
        "--number",
        "A-1",
        "--role",
        "administrator",
    ];
    assert!(user(&database, &zhou).status.success());
    let before = database.raw().count("set_up_link WHERE person_id IS NULL");
    printed(&database, 1);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(
        database.raw().count("set_up_link WHERE person_id IS NULL"),
        before,
        "no link any more"
    );
}
