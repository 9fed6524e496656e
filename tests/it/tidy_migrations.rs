//! Migrations of the two databases: the same names, whole, each with a stamp of its own.

use std::collections::BTreeSet;

use crate::harness::repository;
use crate::tidy::files;

#[test]
fn migrations_come_in_pairs() {
    let of = |database: &str| -> BTreeSet<String> {
        let root = repository().join("migrations").join(database);
        let names = files(&format!("migrations/{database}"), "").into_iter();
        names
            .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    let (sqlite, postgres) = (of("sqlite"), of("postgres"));
    assert_eq!(sqlite, postgres, "the same names on both databases");
    let folders: BTreeSet<&str> = sqlite.iter().map(|name| name.split('/').next().unwrap()).collect();
    // The library knows a migration by its stamp alone: of two with one stamp it forgets one.
    let stamps: BTreeSet<&str> = folders.iter().map(|folder| folder.split('_').next().unwrap()).collect();
    assert_eq!(
        stamps.len(),
        folders.len(),
        "two migrations bear one stamp: {folders:?}"
    );
    for folder in folders {
        for file in ["up.sql", "down.sql"] {
            let name = format!("{folder}/{file}");
            assert!(sqlite.contains(&name), "{name}");
            for database in ["sqlite", "postgres"] {
                let text = std::fs::read_to_string(repository().join("migrations").join(database).join(&name)).unwrap();
                assert!(
                    text.lines()
                        .any(|line| !line.trim().is_empty() && !line.starts_with("--")),
                    "{database}/{name} is empty"
                );
            }
        }
        let (stamp, name) = folder.split_at(17);
        assert!(
            stamp.chars().all(|c| c.is_ascii_digit() || c == '-') && name.starts_with('_'),
            "{folder}"
        );
    }
}

/// What is copied, backed up and verified is every table there is, each after those it refers to.
#[test]
fn every_table_is_copied() {
    let list = std::fs::read_to_string(repository().join("src/store/tables.rs")).unwrap();
    let copied: Vec<&str> = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix('<')?.split_once("::table as Copied>"))
        .map(|(path, _)| path.rsplit("::").next().unwrap())
        .collect();
    let mut created: Vec<String> = Vec::new();
    let root = repository().join("migrations/sqlite");
    let mut scripts = files("migrations/sqlite", "");
    scripts.retain(|path| path.strip_prefix(&root).unwrap().ends_with("up.sql"));
    scripts.sort();
    for script in scripts {
        let text = std::fs::read_to_string(script).unwrap();
        let names = text.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        created.extend(names.map(|rest| rest.split([' ', '(']).next().unwrap().to_owned()));
    }
    assert_eq!(copied, created);
}
