//! Benchmarks by row of docs/performance.md: `cargo bench --bench bench -- [ROW …] [--rounds N] [--seconds S] [--rows N]`.
//!
//! Each compares two things in alternating rounds of one run and prints the median, because absolute times on a shared
//! machine say little. Slowness never fails a run; a wrong result (a lost answer, an unexpected status) does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at once"
)]

mod dashboard;
mod estimate;
mod export;
mod http;
mod load;
mod overload;
mod pages;
mod resources;
mod scale;
mod server;
mod stub;
mod submissions;
mod survey;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use table::Table;

/// As in the server's own binary, so that stand-ins are not slower for their allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares the release binary with what it must and should reach (docs/performance.md).
#[derive(Parser)]
#[command(name = "cargo bench --bench bench --")]
struct Args {
    /// Rows of the table to measure; none = all
    #[arg(value_name = "ROW")]
    wanted: Vec<u8>,
    /// Rounds of each comparison
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a round
    #[arg(long, default_value_t = 3, value_name = "S")]
    seconds: u64,
    /// Answers in the packs of rows 10 and 11, in the large databases of rows 7, 8 and 12, and sent in row 13
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
    /// Serve as a stand-in instead of measuring
    #[arg(long, hide = true)]
    role: Option<stub::Role>,
    /// Folder of the survey that a stand-in knows
    #[arg(long, hide = true)]
    place: Option<PathBuf>,
    /// Size of a stand-in's page
    #[arg(long, hide = true, default_value_t = 0)]
    bytes: usize,
}

/// How long and how often to measure.
pub struct Plan {
    /// Rounds of each comparison.
    pub rounds: usize,
    /// Length of a round.
    pub time: Duration,
    /// Answers in large databases, if the default is not wanted.
    pub rows: Option<u64>,
}

type Row = (u8, fn(&Plan) -> Table);

const ROWS: [Row; 14] = [
    (1, submissions::whole_way),
    (2, submissions::without_store),
    (3, submissions::one_by_one),
    (4, submissions::slowest),
    (5, pages::sizes),
    (6, pages::throughput),
    (7, scale::dashboard),
    (9, dashboard::freshness),
    (10, export::pack),
    (11, estimate::against_polars),
    (12, resources::start),
    (13, resources::memory),
    (14, overload::four_times),
    (16, resources::binary),
];

fn main() {
    let args = Args::parse();
    if let Some(role) = args.role {
        return stub::serve(role, args.place.as_deref(), args.bytes);
    }
    for wanted in &args.wanted {
        assert!(
            ROWS.iter().any(|(row, _)| row == wanted),
            "row {wanted} is not measured here"
        );
    }
    let plan = Plan {
        rounds: args.rounds.max(1),
        time: Duration::from_secs(args.seconds.max(1)),
        rows: args.rows,
    };
    println!("{}\n", resources::machine());
    for (row, measure) in ROWS {
        if args.wanted.is_empty() || args.wanted.contains(&row) {
            println!("{row:>2}  {}", measure(&plan));
        }
    }
}
