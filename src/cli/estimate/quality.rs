//! `perception estimate --quality`: one row per response.

use std::io::{BufWriter, Write};

use serde_json::json;

use crate::export::number::significant;
use crate::pack::{Pack, PackError, Progress, ResponseQuality};

const HEADER: [&str; 11] = [
    "resp_id",
    "a",
    "b",
    "score",
    "longstring_raw",
    "longstring_answered",
    "irv",
    "longstring_careless_complete",
    "mahalanobis_d2",
    "mahalanobis_dim_d2",
    "speed_ratio",
];

/// Prints as CSV with the columns of [`HEADER`], or as one JSON object a line, which also has the flags.
pub(super) fn print(pack: &Pack, progress: Progress<'_>, as_json: bool) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut written = Ok(());
    let mut started = false;
    pack.quality(progress, |row| {
        let head = if started || as_json {
            Ok(())
        } else {
            record(&mut out, &HEADER.map(String::from))
        };
        started = true;
        let put = head.and_then(|()| match as_json {
            true => writeln!(out, "{}", object(&row)),
            false => record(&mut out, &cells(&row)),
        });
        // The reader of a pipe may have read enough.
        put.map_err(|e| {
            let stop = PackError::of("standard output", e.to_string());
            written = Err(e);
            stop
        })
    })
    .or_else(|e| if written.is_err() { Ok(()) } else { Err(e) })?;
    if written.is_ok() {
        written = out.flush();
    }
    super::super::unless_closed(written)?;
    Ok(())
}

fn record(out: &mut impl Write, cells: &[String; 11]) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

fn cells(row: &ResponseQuality) -> [String; 11] {
    let float = |value: Option<f64>| value.map_or_else(|| "NA".into(), significant);
    let points = row.points;
    let score = (points.available > 0).then(|| points.obtained as f64 / points.available as f64);
    [
        row.id.clone(),
        points.obtained.to_string(),
        points.available.to_string(),
        float(score),
        row.longstring_raw.to_string(),
        row.longstring_answered.to_string(),
        float(row.irv),
        row.longstring_complete
            .map_or_else(|| "NA".into(), |run| run.to_string()),
        float(row.mahalanobis_items),
        float(row.mahalanobis_dimensions),
        float(row.speed_ratio),
    ]
}

fn object(row: &ResponseQuality) -> serde_json::Value {
    json!({
        "resp_id": row.id,
        "a": row.points.obtained,
        "b": row.points.available,
        "longstring_raw": row.longstring_raw,
        "longstring_answered": row.longstring_answered,
        "irv": row.irv,
        "longstring_careless_complete": row.longstring_complete,
        "mahalanobis_d2": row.mahalanobis_items,
        "mahalanobis_dim_d2": row.mahalanobis_dimensions,
        "speed_ratio": row.speed_ratio,
        "flags": row.flags,
    })
}
