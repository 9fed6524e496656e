//! The house rules, read off the source tree: which part may know which (ARCHITECTURE.md, the never-arrows), and what
//! no file may contain.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::repository;

/// Who may use whom: a module of `src/` and the modules of `src/` it may name. Whoever is missing sees everything:
/// `app`, `main`, `cli`, and `demo`, which plays through the whole program.
const MAY_USE: &[(&str, &[&str])] = &[
    ("access", &["survey"]),
    ("statistics", &[]),
    ("survey", &["statistics"]),
    ("grading", &["survey", "statistics"]),
    ("qr", &[]),
    ("view", &["access", "survey", "statistics", "grading", "qr"]),
    ("export", &["survey", "statistics"]),
    ("print", &["survey", "view", "qr"]),
    ("cores", &[]),
    ("pack", &["cores", "survey", "statistics"]),
    ("evidence", &["store", "survey", "statistics", "export", "pack"]),
    ("clock", &[]),
    ("secret", &["survey"]),
    ("credential", &["access", "survey", "secret"]),
    ("phone", &["secret", "survey"]),
    (
        "store",
        &["access", "survey", "statistics", "grading", "personal", "secret"],
    ),
    ("config", &["store", "survey", "secret"]),
    ("personal", &["secret"]),
    (
        "mail",
        &["clock", "config", "personal", "secret", "store", "survey", "view"],
    ),
    (
        "web",
        &[
            "access",
            "store",
            "view",
            "survey",
            "statistics",
            "grading",
            "evidence",
            "export",
            "print",
            "clock",
            "phone",
            "secret",
            "credential",
            "personal",
        ],
    ),
    ("upkeep", &["store", "survey", "secret", "clock"]),
    ("lib", &[]),
];
const SEE_EVERYTHING: [&str; 4] = ["app", "main", "cli", "demo"];

/// Modules without the outside world.
const PURE: &[&str] = &["access", "survey", "statistics", "grading", "view", "qr"];
/// What the outside world is made of.
const OUTSIDE: [&str; 16] = [
    "actix",
    "diesel",
    "tokio",
    "governor",
    "tempfile",
    "rand",
    "lettre",
    "tracing",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::std",
    "std::time::SystemTime",
    "std::time::Instant",
];
/// Threads that end with the call that began them: the same value on however many cores.
const WITHIN: &str = "std::thread::scope";

pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => collect(&path, ending, found),
                false if path.to_str().unwrap().ends_with(ending) => found.push(path),
                false => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(&repository().join(folder), ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder}/**{ending}");
    found
}

/// A source file of the program, without its tests and comments.
struct Source {
    /// From the project's folder.
    name: String,
    /// First part below `src/`.
    module: String,
    /// How many `super::` lead out of its module.
    depth: usize,
    code: String,
}

fn sources() -> Vec<Source> {
    let all = files("src", ".rs").into_iter().map(|path| {
        let name = path.strip_prefix(repository()).unwrap().to_str().unwrap().to_owned();
        let parts: Vec<&str> = name
            .trim_end_matches(".rs")
            .split('/')
            .skip(1)
            .filter(|part| *part != "mod")
            .collect();
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests stand at the end of a file, or in files of their own.
        let program = text
            .split_once("#[cfg(test)]\nmod tests {")
            .map_or(text.as_str(), |(before, _)| before);
        let code = program
            .lines()
            .map(|line| line.split("//").next().unwrap())
            .collect::<Vec<_>>()
            .join("\n");
        Source {
            module: parts[0].to_owned(),
            depth: parts.len(),
            code,
            name,
        }
    });
    let tests = |source: &Source| {
        ["_tests.rs", "_test.rs", "/tests.rs"]
            .iter()
            .any(|ending| source.name.ends_with(ending))
    };
    all.filter(|source| !tests(source)).collect()
}

/// Every path that a source names, use trees spelt out: `use a::{b, c::D};` is `a::b` and `a::c::D`.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for statement in code.split("use ").skip(1) {
        let tree: String = statement.split(';').next().unwrap().split_whitespace().collect();
        spell_out("", &tree, &mut found);
    }
    for word in code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
        if word.contains("::") {
            found.insert(word.trim_matches(':').to_owned());
        }
    }
    found
}

fn spell_out(before: &str, tree: &str, found: &mut BTreeSet<String>) {
    let Some((stem, rest)) = tree.split_once('{') else {
        found.insert(format!("{before}{tree}"));
        return;
    };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut start) = (0, 0);
    for (place, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                spell_out(&format!("{before}{stem}"), &inner[start..place], found);
                start = place + 1;
            }
            _ => {}
        }
    }
}

/// Whether a path is one of these names, or below it.
fn is_below(path: &str, outside: &str) -> bool {
    path.starts_with(outside)
}

#[test]
fn use_trees_are_spelt_out() {
    let code = "use std::{fmt, fs::{self, File}};\nuse crate::store::conn::Conn;\nlet x = std::time::Instant::now();";
    let found = paths(code);
    for path in [
        "std::fmt",
        "std::fs::self",
        "std::fs::File",
        "crate::store::conn::Conn",
        "std::time::Instant::now",
    ] {
        assert!(found.contains(path), "{path}: {found:?}");
    }
}

#[test]
fn the_never_arrows_hold() {
    let mut wrong = Vec::new();
    let (all, rules) = (sources(), MAY_USE.iter().map(|(module, _)| *module));
    for module in rules.chain(PURE.iter().copied()).chain(SEE_EVERYTHING) {
        assert!(
            all.iter().any(|source| source.module == module),
            "the rules name {module}, which is gone"
        );
    }
    for source in all {
        let allowed = MAY_USE
            .iter()
            .find(|(module, _)| *module == source.module)
            .map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            assert!(
                SEE_EVERYTHING.contains(&source.module.as_str()),
                "{}: say in MAY_USE whom this module may use",
                source.name
            );
            continue;
        };
        for path in paths(&source.code) {
            let used = path
                .strip_prefix("crate::")
                .or_else(|| path.strip_prefix("perception::"));
            if let Some(used) = used.and_then(|rest| rest.split("::").next())
                && used != source.module
                && !allowed.contains(&used)
                && source.module != "lib"
            {
                wrong.push(format!("{} uses {path}", source.name));
            }
            let steps = path.split("::").take_while(|part| *part == "super").count();
            if steps >= source.depth && steps > 0 {
                wrong.push(format!("{} leaves its module by {path}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_modules_know_nothing_of_the_outside_world() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.module.as_str())) {
        for path in paths(&source.code) {
            if path != WITHIN && OUTSIDE.iter().any(|outside| is_below(&path, outside)) {
                wrong.push(format!("{} uses {path}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_framework_lives_in_one_place() {
    let places: [(&str, &[&str]); 10] = [
        // Addresses are parsed by the library that will send to them.
        ("lettre", &["mail", "config", "personal"]),
        ("diesel", &["store"]),
        ("diesel_migrations", &["store"]),
        ("actix", &["web"]),
        ("askama", &["view", "web"]),
        ("clap", &["cli"]),
        ("fluent_templates", &["view"]),
        ("qrcode", &["qr"]),
        ("krilla", &["print"]),
        ("parley", &["print"]),
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        for path in paths(&source.code) {
            for (framework, home) in places {
                if is_below(&path, framework) && !home.contains(&source.module.as_str()) {
                    wrong.push(format!("{} uses {path}", source.name));
                }
            }
        }
        for (text, home) in [("sql_query(", "store"), ("batch_execute(", "store")] {
            if source.code.contains(text) && source.module != home {
                wrong.push(format!("{} contains {text}", source.name));
            }
        }
        if source.module == "web" && source.code.contains("schema::") {
            wrong.push(format!("{} knows the tables", source.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_sql_is_put_together_from_values() {
    for source in sources() {
        for (place, _) in source
            .code
            .match_indices("sql_query(")
            .chain(source.code.match_indices("batch_execute("))
        {
            let argument: String = source.code[place..]
                .chars()
                .skip_while(|c| *c != '(')
                .skip(1)
                .take(20)
                .collect();
            assert!(
                !argument.trim_start_matches(['&', ' ', '\n']).starts_with("format!"),
                "{}: {argument}",
                source.name
            );
        }
    }
}

#[test]
fn templates_escape_everything() {
    for path in files("templates", "") {
        let text = std::fs::read_to_string(&path).unwrap();
        let squeezed: String = text.split_whitespace().collect();
        assert!(
            !squeezed.contains("|safe") && !squeezed.contains("escape\"none\"") && !squeezed.contains("|e(\"none"),
            "{}",
            path.display()
        );
        assert_eq!(
            path.extension().unwrap(),
            "html",
            "{}: only .html is escaped",
            path.display()
        );
    }
    for source in sources() {
        assert!(!source.code.contains("escape = \"none\""), "{}", source.name);
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let long: Vec<String> = [files("src", ".rs"), files("tests/it", ".rs"), files("benches", ".rs")]
        .concat()
        .into_iter()
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            (lines > 400).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_compiler_guards_what_it_can() {
    let read = |name: &str| std::fs::read_to_string(repository().join(name)).unwrap();
    let (manifest, library) = (read("Cargo.toml"), read("src/lib.rs"));
    for lint in [
        "unsafe_code = \"forbid\"",
        "unwrap_used = \"deny\"",
        "expect_used = \"deny\"",
        "panic = \"deny\"",
        "indexing_slicing = \"deny\"",
    ] {
        assert!(manifest.contains(lint), "{lint}");
    }
    let documented = manifest.contains("missing_docs = \"deny\"") || library.contains("deny(missing_docs)");
    assert!(
        documented,
        "every public item is documented: deny missing_docs in Cargo.toml [lints.rust] or in src/lib.rs"
    );
    assert!(
        !manifest.contains("panic = \"abort\""),
        "the net under handlers needs unwinding"
    );
}

#[test]
fn nothing_global_changes() {
    for source in sources() {
        for forbidden in [
            "static mut ",
            "thread_local!",
            "OnceCell<Mutex",
            "static STATE",
            "lazy_static!",
        ] {
            assert!(!source.code.contains(forbidden), "{}: {forbidden}", source.name);
        }
    }
}
