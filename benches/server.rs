//! The servers that are measured: the release binary and the stand-ins, each a process of its own, so that its processor
//! time and memory are its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The program under test: the release binary, or another build of it that `BENCH_PROGRAM` names.
pub fn program() -> PathBuf {
    std::env::var_os("BENCH_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_perception").into(), PathBuf::from)
}

/// Where files of a run may lie.
pub fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Most resident memory so far in MiB and processor time in seconds of a process; nothing when it has ended.
pub fn usage(pid: u32) -> Option<(f64, f64)> {
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
    let (status, stat) = (read("status")?, read("stat")?);
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = peak.split_whitespace().next()?.parse().ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields
        .get(11..=12)?
        .iter()
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Some((kib / 1024.0, ticks * MS_PER_TICK / 1000.0))
}

/// Linux counts processor time in hundredths of a second.
const MS_PER_TICK: f64 = 10.0;

/// A running server; ends with its owner.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Kept open: the program may still print.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// `perception serve` on a database, with settings beside the defaults.
    pub fn serve(database: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command(program());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &url(database)])
            .envs(settings.iter().copied());
        Self::start(command)
    }

    /// `perception demo` with its data in a new file, and what it says about itself.
    pub fn demo(database: &Path) -> (Self, serde_json::Value) {
        let ready = database.with_extension("ready.json");
        let mut command = command(program());
        command
            .args([
                "demo",
                "--listen",
                "127.0.0.1:0",
                "--database",
                &url(database),
                "--ready-file",
            ])
            .arg(&ready);
        let server = Self::start(command);
        let about = loop {
            match fs::read(&ready) {
                Ok(text) => break serde_json::from_slice(&text).expect("a ready file"),
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        };
        (server, about)
    }

    /// This benchmark again, as a stand-in.
    pub fn stand_in(arguments: &[&str]) -> Self {
        let mut command = command(std::env::current_exe().unwrap());
        command.args(arguments);
        Self::start(command)
    }

    /// Starts a program that prints its address once it listens.
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "the program ended before it listened"
            );
        }
        let (_, rest) = line.split_once("http://").unwrap();
        let address = rest
            .split(['/', ' ', '\n'])
            .next()
            .unwrap()
            .parse()
            .expect("an address");
        Self {
            child,
            address,
            _output: output,
        }
    }

    /// Processor time used so far, user and system, ms.
    pub fn cpu_ms(&self) -> f64 {
        let stat = self.proc_file("stat");
        // The name before the last parenthesis may hold spaces; user and system time are the 12th and 13th after it.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: f64 = fields[11..=12].iter().map(|field| field.parse::<f64>().unwrap()).sum();
        ticks * MS_PER_TICK
    }

    /// Resident memory now, MiB.
    pub fn memory_mib(&self) -> f64 {
        self.status_mib("VmRSS:")
    }

    /// Most resident memory so far, MiB.
    pub fn memory_peak_mib(&self) -> f64 {
        self.status_mib("VmHWM:")
    }

    fn status_mib(&self, name: &str) -> f64 {
        let status = self.proc_file("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }

    fn proc_file(&self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).unwrap()
    }

    /// Asks the server to end and waits until it has.
    pub fn stop(mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success());
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A command that no setting of this shell reaches. Log lines are made, as in use, and thrown away.
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PERCEPTION_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command
        .env("PERCEPTION_RATE_LIMIT", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn url(database: &Path) -> String {
    format!("sqlite:{}", database.display())
}
