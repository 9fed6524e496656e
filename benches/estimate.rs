//! Row 11: `perception estimate` ÷ polars streaming on the same file. Both read every row of 50 organisations × 12 outlets × 24 items;
//! polars computes three figures an organisation, the program all of them, and checks every field and every id.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::Plan;
use crate::server;
use crate::table::{Table, alternate, median};

const ORGANISATIONS: usize = 50;
const OUTLETS: usize = 12;
const ITEMS: usize = 24;
const ROWS: u64 = 1_000_000;

/// What one run cost, and S_face, its standard error and S by organisation.
struct Run {
    seconds: f64,
    cpu_s: f64,
    peak_mib: f64,
    result: BTreeMap<String, [f64; 3]>,
}

/// Row 11.
pub fn against_polars(plan: &Plan) -> Table {
    let rows = plan.rows.unwrap_or(ROWS);
    let folder = tempfile::Builder::new()
        .prefix("pack")
        .tempdir_in(server::target())
        .unwrap();
    let bytes = write_pack(folder.path(), rows);
    let python = python();
    let rounds = alternate(plan.rounds, || ours(folder.path()), || polars(&python, folder.path()));
    for (ours, theirs) in &rounds {
        assert_eq!(ours.result.len(), ORGANISATIONS);
        for (name, figures) in &ours.result {
            for (one, other) in figures.iter().zip(&theirs.result[name]) {
                assert!(
                    (one - other).abs() < 1e-9,
                    "{name}: {figures:?} and {:?}",
                    theirs.result[name]
                );
            }
        }
    }
    let of = |value: fn(&Run) -> f64| {
        let pick = |side: fn(&(Run, Run)) -> &Run| median(rounds.iter().map(|pair| value(side(pair))));
        (pick(|pair| &pair.0), pick(|pair| &pair.1))
    };
    let (seconds, cpu, peak) = (of(|run| run.seconds), of(|run| run.cpu_s), of(|run| run.peak_mib));
    let ratio = median(rounds.iter().map(|(ours, theirs)| ours.seconds / theirs.seconds));
    let mut table = Table::new("estimate from a pack");
    let compared = format!(
        "{rows} rows, {:.0} MB: {:.2} s and {:.2} s in polars (start-up not counted), {:.1} and {:.1} CPU s",
        bytes as f64 / 1e6,
        seconds.0,
        seconds.1,
        cpu.0,
        cpu.1
    );
    table.judged(
        "time ÷ polars streaming",
        format!("{ratio:.2}"),
        ["≤ 1.0", "≤ 0.5"],
        &compared,
    );
    let compared = format!("polars {:.0} MiB", peak.1);
    table.judged("peak memory", format!("{:.0} MiB", peak.0), ["≤ 300", ""], &compared);
    table
}

/// Writes a pack and gives the size of its responses.
fn write_pack(folder: &Path, rows: u64) -> u64 {
    let mut random = StdRng::seed_from_u64(20_261_124);
    let mut items = "item,dim,weight,max\n".to_owned();
    for item in 0..ITEMS {
        items += &format!("q{:02},d{},{},5\n", item + 1, item / 4, 1 + item % 3);
    }
    std::fs::write(folder.join("items.csv"), items).unwrap();
    let mut outlets = "org,outlet,N_customers,M_frame\n".to_owned();
    for k in 0..ORGANISATIONS * OUTLETS {
        outlets += &format!(
            "ORG{:02},ORG{0:02}-{:02},{},40\n",
            k / OUTLETS,
            k % OUTLETS,
            rows + 100 * k as u64
        );
    }
    std::fs::write(folder.join("outlets.csv"), outlets).unwrap();
    let path = folder.join("responses.csv");
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&path).unwrap());
    let names: Vec<String> = (1..=ITEMS).map(|item| format!("q{item:02}")).collect();
    writeln!(out, "resp_id,org,outlet,channel,duration_s,status,{}", names.join(",")).unwrap();
    for row in 0..rows {
        let (org, outlet) = (random.random_range(0..ORGANISATIONS), random.random_range(0..OUTLETS));
        let channel = ["face", "email", "email", "qr"][random.random_range(0..4)];
        write!(
            out,
            "R{row:08},ORG{org:02},ORG{org:02}-{outlet:02},{channel},{}",
            random.random_range(60..900)
        )
        .unwrap();
        out.write_all(b",I").unwrap();
        for _ in 0..ITEMS {
            // 5 % skipped, 5 % not applicable, most of the rest good.
            let cell: &[u8] = match random.next_u32() % 20 {
                0 => b",",
                1 => b",0",
                2 => b",2",
                3..6 => b",3",
                6..12 => b",4",
                _ => b",5",
            };
            out.write_all(cell).unwrap();
        }
        out.write_all(b"\n").unwrap();
    }
    out.flush().unwrap();
    std::fs::metadata(path).unwrap().len()
}

fn ours(folder: &Path) -> Run {
    let start = Instant::now();
    let mut child = Command::new(server::program())
        .args(["estimate", "--format", "csv"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut text).unwrap();
        text
    });
    let (mut peak_mib, mut cpu_s) = (0.0_f64, 0.0_f64);
    // Until it has ended: the system forgets a process's peak with the process.
    while child.try_wait().unwrap().is_none() {
        (peak_mib, cpu_s) =
            server::usage(child.id()).map_or((peak_mib, cpu_s), |(peak, cpu)| (peak.max(peak_mib), cpu));
        std::thread::sleep(Duration::from_millis(2));
    }
    let seconds = start.elapsed().as_secs_f64();
    assert!(child.wait().unwrap().success());
    let mut result = BTreeMap::<String, [f64; 3]>::new();
    for line in reader.join().unwrap().lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let place = match (cells[1], cells[2]) {
            ("strat_fpc_points_face", "est") => 0,
            ("strat_fpc_points_face", "se") => 1,
            ("pooled_points_srs", "est") => 2,
            _ => continue,
        };
        result.entry(cells[0].to_owned()).or_default()[place] = cells[3].parse().unwrap();
    }
    Run {
        seconds,
        cpu_s,
        peak_mib,
        result,
    }
}

fn polars(python: &Path, folder: &Path) -> Run {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/estimate.py");
    let output = Command::new(python).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| value[name].as_f64().unwrap();
    Run {
        seconds: number("seconds"),
        cpu_s: number("cpu_s"),
        peak_mib: number("peak_mib"),
        result: serde_json::from_value(value["result"].clone()).unwrap(),
    }
}

/// Python with polars, installed under `target/` once.
fn python() -> PathBuf {
    let folder = server::target().join("bench-python");
    let python = folder.join("bin/python");
    let has_polars = || {
        let asked = Command::new(&python)
            .args(["-c", "import polars"])
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    };
    if !has_polars() {
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&folder)
            .status()
            .unwrap();
        let installed = Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "polars"])
            .status()
            .unwrap();
        assert!(made.success() && installed.success(), "polars is needed for this row");
    }
    python
}
