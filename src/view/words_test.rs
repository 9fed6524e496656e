//! Every text exists in both languages, is used, and every text used exists.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::survey::language::Language;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// Key → names of its values.
fn defined(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(&root().join("locales").join(language.tag()), ".ftl") {
        let (text, mut key) = (std::fs::read_to_string(&file).unwrap(), String::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line
                .split_once(" =")
                .filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                key = name.to_owned();
                assert!(
                    keys.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} is defined twice"
                );
            }
            for part in line.split('$').skip(1) {
                let name = part
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .next()
                    .unwrap();
                keys.get_mut(&key).unwrap().insert(name.to_owned());
            }
        }
    }
    keys
}

/// Keys in `.t("…")` and `.tn("…", …)`.
fn used() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (folder, ending) in [("src", ".rs"), ("templates", ".html")] {
        let files = files(&root().join(folder), ending);
        for file in files.iter().filter(|file| !file.ends_with("words_test.rs")) {
            let text = std::fs::read_to_string(file).unwrap();
            for call in [".t(", ".tn("] {
                let literals = text
                    .split(call)
                    .skip(1)
                    .filter_map(|rest| rest.trim_start().strip_prefix('"'));
                keys.extend(literals.map(|rest| rest.split('"').next().unwrap().to_owned()));
            }
            for call in ["words.t(", "words.tn("] {
                let computed = text.split(call).skip(1).any(|rest| !rest.trim_start().starts_with('"'));
                assert!(
                    !computed,
                    "{}: a key is not written out, so nobody can check it",
                    file.display()
                );
            }
        }
    }
    keys
}

#[test]
fn both_languages_say_the_same_things_with_the_same_values() {
    assert_eq!(defined(Language::ZhCn), defined(Language::En));
}

#[test]
fn every_text_used_is_defined_and_every_text_defined_is_used() {
    let defined: BTreeSet<String> = defined(Language::ZhCn).into_keys().collect();
    let used = used();
    assert_eq!(
        used.difference(&defined).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "used, not defined"
    );
    assert_eq!(
        defined.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "defined, not used"
    );
}

#[test]
fn every_message_can_be_read_and_filled() {
    for language in Language::ALL {
        let words = super::words::Words::new(language);
        for (key, values) in defined(language) {
            let values: Vec<_> = values
                .iter()
                .map(|name| (&*Box::leak(name.clone().into_boxed_str()), 7u64.into()))
                .collect();
            let text = words.tn(&key, &values);
            assert!(
                text != key && !text.is_empty() && !text.contains('{'),
                "{key} in {}: {text}",
                language.tag()
            );
            assert!(
                language == Language::ZhCn
                    || text.is_ascii()
                    || !text.chars().any(|c| ('一'..='鿿').contains(&c))
                    || key == "language-name",
                "{key} is Chinese in English"
            );
        }
    }
}

#[test]
fn templates_trust_no_text() {
    for file in files(&root().join("templates"), ".html") {
        let text = std::fs::read_to_string(&file).unwrap();
        for forbidden in ["|safe", "| safe", "style=\"", "<script", "javascript:", "onclick"] {
            assert!(!text.contains(forbidden), "{}: {forbidden}", file.display());
        }
    }
}
