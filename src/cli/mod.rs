//! The commands, one file each. Exit status: 0 success · 1 the thing checked is not in order · 2 usage or unreadable
//! input, with one line on standard error and nothing written.

mod backup;
mod config;
mod copy;
mod demo;
mod draw;
mod estimate;
mod export;
mod grade;
mod language;
mod migrate;
mod plan;
mod ready;
mod rebuild;
mod restore;
mod serve;
mod user;
mod verify;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, Flags, Settings};

/// Customer perception surveys for the certification of after-sales service (CQM/F-RZ-ZY-06-001).
#[derive(Parser)]
#[command(name = "perception", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve customers; creates and migrates the database
    Serve(ServeArgs),
    /// Serve a worked example in a throwaway database and print its links
    Demo(DemoArgs),
    /// Create or update the database
    Migrate(DatabaseArgs),
    /// Recompute every tally from the stored answers and say whether anything differed
    Rebuild(DatabaseArgs),
    /// Check chains, commitments, seals and tallies of a database, or an evidence pack; names the first divergence
    Verify(verify::VerifyArgs),
    /// Write a consistent copy of everything but the key into a new file, also while serving
    Backup(backup::BackupArgs),
    /// Make an installation of a backup; verifies it first, ends all sessions and pauses mail
    Restore(restore::RestoreArgs),
    /// Move everything to another database and compare both sides
    Copy(copy::CopyArgs),
    /// Grade cases under chapter 6 of the specification
    Grade(grade::GradeArgs),
    /// Add people who sign in, list them, hand out links, disable accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// Print the effective settings, secrets hidden
    Config(DatabaseArgs),
    /// Recompute every figure from an evidence pack
    Estimate(estimate::EstimateArgs),
    /// Write the evidence pack of an evaluation and its result into a new folder
    Export(export::ExportArgs),
    /// Sample size, power, allocation over outlets, outlets to visit
    Plan(plan::PlanArgs),
    /// Draw from a frame; the same frame, seed and plan always give the same cases
    Draw(draw::DrawArgs),
}

#[derive(Args)]
struct DatabaseArgs {
    /// Where the data are: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Settings file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct ServeArgs {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    #[command(flatten)]
    place: DatabaseArgs,
    /// File to write once connections are accepted (JSON)
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[derive(Args)]
struct DemoArgs {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// A new database to keep; without it the demo's data go with it
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// File to write once connections are accepted (JSON)
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// How a command ended without an error.
enum Verdict {
    Fine,
    NotInOrder,
}

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Help and version were asked for.
        Err(error) if error.exit_code() == 0 => {
            drop(error.print());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let text = error.to_string();
            // What is wrong stands before the first empty line; missing arguments each on a line of their own.
            let said: Vec<&str> = text
                .lines()
                .map(str::trim)
                .take_while(|line| !line.is_empty())
                .collect();
            let line = match error.kind() {
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
                _ => said.join(" ").trim_start_matches("error: ").to_owned(),
            };
            eprintln!("perception: {line}; see perception --help");
            return ExitCode::from(2);
        }
    };
    let done = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Rebuild(args) => rebuild::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Copy(args) => copy::run(&args),
        Command::Grade(args) => grade::run(&args),
        Command::User(command) => user::run(&command),
        Command::Config(args) => config::run(&args),
        Command::Estimate(args) => estimate::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Draw(args) => draw::run(&args),
    };
    match done {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::NotInOrder) => ExitCode::from(1),
        Err(error) => {
            let chain = format!("{error:#}");
            let line: Vec<&str> = chain.split_whitespace().collect();
            eprintln!("perception: {}", line.join(" "));
            ExitCode::from(2)
        }
    }
}

impl DatabaseArgs {
    fn settings(&self, listen: Option<&String>) -> anyhow::Result<Settings> {
        let flags = Flags {
            listen: listen.cloned(),
            database: self.database.clone(),
        };
        Ok(Settings::load(self.config.as_deref(), &flags)?)
    }

    fn config(&self) -> anyhow::Result<Config> {
        Ok(self.settings(None)?.check()?)
    }
}

/// Writes to standard output.
fn put(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    unless_closed(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Whoever reads from a pipe may stop when it has read enough: that is no error.
fn unless_closed(written: std::io::Result<()>) -> std::io::Result<()> {
    written.or_else(|e| {
        if e.kind() == std::io::ErrorKind::BrokenPipe {
            Ok(())
        } else {
            Err(e)
        }
    })
}

/// Log lines go to standard error; `PERCEPTION_LOG=json` makes them JSON, `RUST_LOG` chooses how many.
fn start_log(json: bool, default_level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if json { log.json().try_init() } else { log.try_init() };
    if started.is_ok() {
        // A panic is logged by its place only: its text could quote what somebody typed.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panic");
        }));
    }
}
