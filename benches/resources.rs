//! Rows 12, 13 and 16: start, memory, size; and what machine this is.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use crate::Plan;
use crate::http::{self, Client};
use crate::load::{self, Until};
use crate::server::{Server, program};
use crate::submissions::{CONNECTIONS, post_forms};
use crate::survey::{self, Survey};
use crate::table::{Table, alternate, median};

/// Answers in the large database of row 12 unless asked otherwise.
const FILLED: u64 = 200_000;
/// Answers in one transaction while filling.
const FILL_GROUP: u64 = 10_000;
/// Answers sent in row 13 unless asked otherwise.
const SENT: u64 = 200_000;
/// Starts are short; more of them make a steadier median.
const STARTS_PER_ROUND: usize = 3;

/// Cores, file system and commit rate, for the head of a run.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let folder = survey::folder();
    let (kind, rate) = (file_system(folder.path()), commits_per_second(folder.path()));
    assert_ne!(
        kind, "tmpfs",
        "the build folder is in memory; durability would cost nothing"
    );
    format!(
        "{cores} cores; databases on {kind}; 4 KiB appended and flushed {rate:.0} times a second, one after another"
    )
}

fn file_system(path: &std::path::Path) -> String {
    let (path, mounts) = (
        path.canonicalize().unwrap(),
        fs::read_to_string("/proc/mounts").unwrap(),
    );
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
    });
    mounts
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map_or_else(String::new, |(_, kind)| kind)
}

fn commits_per_second(folder: &std::path::Path) -> f64 {
    let mut file = fs::File::create(folder.join("flush")).unwrap();
    let (started, mut flushed) = (Instant::now(), 0u32);
    while started.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        flushed += 1;
    }
    f64::from(flushed) / started.elapsed().as_secs_f64()
}

/// From starting the program to the last byte of the first page, ms.
fn first_page_ms(survey: &Survey) -> f64 {
    let look = http::get(&survey.landing(0));
    let started = Instant::now();
    let server = Server::serve(&survey.database(), &[]);
    let status = Client::new(server.address).send(&look).status;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(status, 200);
    server.stop();
    ms
}

/// Row 12.
pub fn start(plan: &Plan) -> Table {
    let (empty, full) = (Survey::new(), Survey::new());
    let answers = plan.rows.unwrap_or(FILLED);
    let started = Instant::now();
    full.fill(answers, FILL_GROUP);
    let filling_s = started.elapsed().as_secs_f64();
    assert_eq!(full.stored(), answers, "answers are missing");
    let bytes = fs::metadata(full.database()).unwrap().len();
    let pairs = alternate(
        plan.rounds * STARTS_PER_ROUND,
        || first_page_ms(&empty),
        || first_page_ms(&full),
    );
    let [small, large] = [
        median(pairs.iter().map(|(empty, _)| *empty)),
        median(pairs.iter().map(|(_, full)| *full)),
    ];
    let mut table = Table::new("Start of the program to its first page, file cache warm");
    table.judged(
        "empty, ms",
        format!("{small:.1}"),
        ["100", "30"],
        "a survey without answers",
    );
    table.judged(
        "full, ms",
        format!("{large:.1}"),
        ["200", "50"],
        &format!("{answers} answers (goals are for 10 000 000: --rows)"),
    );
    table.also(
        "full ÷ empty",
        format!("{:.2}", median(pairs.iter().map(|(empty, full)| full / empty))),
        "alternating",
    );
    table.also(
        "filling, answers per s",
        format!("{:.0}", answers as f64 / filling_s),
        &format!("{filling_s:.0} s, {FILL_GROUP} in a transaction"),
    );
    table.also(
        "file, B per answer",
        format!("{}", bytes / answers.max(1)),
        &format!("{} MiB", bytes / 1024 / 1024),
    );
    table
}

/// Row 13.
pub fn memory(plan: &Plan) -> Table {
    let survey = Survey::new();
    let server = Server::serve(&survey.database(), &[]);
    assert_eq!(
        Client::new(server.address).send(&http::get(&survey.landing(0))).status,
        200
    );
    let idle = server.memory_mib();
    let answers = plan.rows.unwrap_or(SENT);
    let send = |visits| {
        load::run(server.address, CONNECTIONS, Until::Visits(visits), |place| {
            post_forms(&survey, place)
        })
        .done()
    };
    let tenth = answers.div_ceil(10);
    let mut sent = send(tenth);
    let early = server.memory_mib();
    sent += send(answers - tenth);
    let (late, peak) = (server.memory_mib(), server.memory_peak_mib());
    assert_eq!(survey.stored(), sent, "answers stored and answers acknowledged differ");
    let mut table = Table::new("Resident memory, MiB");
    table.judged("under load, most", format!("{peak:.1}"), ["64", "24"], "32 connections");
    table.judged(
        "after the answers",
        format!("{late:.1}"),
        ["64", "24"],
        &format!("{answers} answers (goals are for 1 000 000: --rows)"),
    );
    table.also(
        "after a tenth of them",
        format!("{early:.1}"),
        "the rest must not add to it",
    );
    table.also("after one page", format!("{idle:.1}"), "");
    table
}

/// Row 16.
pub fn binary(_: &Plan) -> Table {
    let bytes = fs::metadata(program()).unwrap().len();
    let mut table = Table::new("Release binary, one file with assets");
    table.judged(
        "MiB",
        format!("{:.2}", bytes as f64 / 1024.0 / 1024.0),
        ["first build", "smaller"],
        &format!("{bytes} B, symbols stripped, two databases in it"),
    );
    table
}
