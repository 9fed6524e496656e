//! Writes a pack, as a folder or an archive, file by file: no file is held in memory.
//!
//! Pseudonymous: a response's `resp_id` is its place after a shuffle by the system's random numbers, so that neither the id nor the order of
//! the rows leads back to a receipt, a link or a time. No name, no comment, no time of day is written.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::ZipWriter;

use super::error::PackError;
use super::manifest::{self, Manifest};
use super::place::{Folder, Place, write_file};
use super::shuffle::Shuffle;
use crate::statistics::class::EvidenceClass;
use crate::statistics::outcome::Outcome;
use crate::statistics::score::{Completeness, Reply};
use crate::survey::instrument::Instrument;
use crate::survey::low_rating::LowReason;
use crate::survey::questionnaire::ServiceSet;

/// An outlet as a pack names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletRow {
    /// Its id.
    pub id: String,
    /// N_h; nothing when unknown.
    pub customers: Option<i64>,
}

/// A response as a pack has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseRow<'a> {
    /// Outlet.
    pub outlet: &'a str,
    /// Evidence class.
    pub class: EvidenceClass,
    /// Seconds, where known.
    pub duration_s: Option<u32>,
    /// Complete or partial.
    pub status: Completeness,
    /// Services used.
    pub services: ServiceSet,
    /// The unscored overall rating.
    pub overall: Option<u8>,
    /// One reply per item.
    pub replies: &'a [Reply],
    /// Reasons given for low ratings.
    pub low_reasons: &'a [LowReason],
}

/// Cases with one final disposition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseCount {
    /// Outlet.
    pub outlet: String,
    /// Evidence class.
    pub class: EvidenceClass,
    /// Disposition code.
    pub code: String,
    /// What it means.
    pub outcome: Outcome,
    /// How many.
    pub cases: u64,
}

/// A pack to which responses are added.
#[derive(Debug)]
pub struct PackWriter {
    organisation: String,
    instrument: Arc<Instrument>,
    rows: Shuffle,
    line: String,
}

/// The files that come as they are.
pub struct Documents<'a> {
    /// questionnaire.json
    pub questionnaire: &'a str,
    /// method.json
    pub method: &'a str,
    /// results.json
    pub results: &'a str,
    /// checkpoint.txt
    pub checkpoint: &'a str,
    /// Id of the result in it.
    pub result_id: &'a str,
    /// What explains the columns of responses.csv, by name.
    pub guides: &'a [(&'static str, String)],
}

/// A pack that is whole and waits to be written.
#[derive(Debug)]
pub struct PackFiles {
    texts: Vec<(&'static str, String)>,
    cases: Vec<CaseCount>,
    pack: PackWriter,
    result_id: String,
}

impl PackWriter {
    /// A pack of one organisation.
    pub fn new(organisation: &str, instrument: Arc<Instrument>) -> Self {
        Self {
            organisation: organisation.to_owned(),
            instrument,
            rows: Shuffle::new(),
            line: String::new(),
        }
    }

    /// Adds a response.
    ///
    /// # Errors
    /// [`PackError`] when there is no room for it.
    pub fn add(&mut self, row: &ResponseRow<'_>) -> Result<(), PackError> {
        let questionnaire = self.instrument.questionnaire();
        let options = questionnaire.screening().service_options.iter().enumerate();
        let used: Vec<&str> = options
            .filter(|(place, _)| row.services.contains(*place))
            .map(|(_, option)| option.id.as_str())
            .collect();
        let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
        self.line.clear();
        let cells = [
            self.organisation.as_str(),
            row.outlet,
            channel(row.class),
            &number(row.duration_s),
            if row.status == Completeness::Partial { "P" } else { "I" },
            &used.join("+"),
            &number(row.overall.map(u32::from)),
        ];
        write_cells(&mut self.line, cells);
        for reply in row.replies {
            self.line.push(',');
            match reply {
                Reply::Rated(code) => self.line += &code.to_string(),
                Reply::NotApplicable => self.line.push('0'),
                Reply::Skipped | Reply::NotShown => {}
            }
        }
        if questionnaire.low_rating().is_some() {
            self.line.push(',');
            self.line += &questionnaire.low_reason_names(row.low_reasons).join("+");
        }
        self.line.push('\n');
        self.rows.add(&self.line)
    }

    /// Responses added.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything together.
    pub fn finish(self, outlets: &[OutletRow], cases: Vec<CaseCount>, documents: Documents<'_>) -> PackFiles {
        let mut texts = vec![
            ("items.csv", self.items()),
            ("outlets.csv", self.outlets(outlets)),
            ("questionnaire.json", documents.questionnaire.to_owned()),
            ("method.json", documents.method.to_owned()),
            ("results.json", documents.results.to_owned()),
            (manifest::CHECKPOINT, documents.checkpoint.to_owned()),
        ];
        texts.extend(documents.guides.iter().cloned());
        PackFiles {
            texts,
            cases,
            pack: self,
            result_id: documents.result_id.to_owned(),
        }
    }

    fn items(&self) -> String {
        let questionnaire = self.instrument.questionnaire();
        let mut text = line(["item", "dim", "weight", "max"]);
        for item in questionnaire.items() {
            let dimension = questionnaire
                .dimensions()
                .get(item.dimension)
                .map_or("", |facet| &facet.id);
            let max = questionnaire.scale().max().to_string();
            text += &line([item.id.as_str(), dimension, &item.weight.to_string(), &max]);
        }
        text
    }

    fn outlets(&self, outlets: &[OutletRow]) -> String {
        let mut text = line(["org", "outlet", "N_customers", "M_frame"]);
        let frame = outlets.len().to_string();
        for outlet in outlets {
            let customers = outlet.customers.map(|n| n.to_string()).unwrap_or_default();
            text += &line([self.organisation.as_str(), &outlet.id, &customers, &frame]);
        }
        text
    }

    fn responses(self, out: &mut dyn Write) -> Result<(), PackError> {
        let questionnaire = self.instrument.questionnaire();
        let overall = questionnaire.overall().id.to_lowercase();
        let head = [
            "resp_id",
            "org",
            "outlet",
            "channel",
            "duration_s",
            "status",
            "services",
        ];
        let items = questionnaire.items().iter().map(|item| item.id.as_str());
        let reasons = questionnaire.low_rating().map(|asked| asked.id.as_str());
        let head = line(head.into_iter().chain([overall.as_str()]).chain(items).chain(reasons));
        put(out, RESPONSES, format_args!("{head}"))?;
        let mut number = 0_u64;
        self.rows.each(|row| {
            number += 1;
            put(out, RESPONSES, format_args!("R{number:07},{row}"))
        })
    }
}

const RESPONSES: &str = "responses.csv";
const CASES: &str = "cases.csv";

impl PackFiles {
    /// Writes a new folder: under another name until everything is in it.
    ///
    /// # Errors
    /// [`PackError`] when the folder exists or cannot be written; nothing is left then.
    pub fn write_folder(self, folder: &Path) -> Result<(), PackError> {
        let name = folder.display().to_string();
        if folder.exists() {
            return Err(PackError::of(name, "exists already; expected a new folder"));
        }
        let mut partial = folder.to_owned().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let failed = |e: io::Error| PackError::of(&name, e.to_string());
        fs::create_dir(&partial).map_err(failed)?;
        let written = self.write(&mut Folder::at(&partial));
        let renamed = written.and_then(|()| fs::rename(&partial, folder).map_err(failed));
        if renamed.is_err() {
            // What was written is of no use; that it could not be removed either adds nothing to the message.
            drop(fs::remove_dir_all(&partial));
        }
        renamed
    }

    /// The same as an archive; hands back where it was written to.
    ///
    /// # Errors
    /// [`PackError`] when it cannot be written.
    pub fn write_zip<W: Write + Seek>(self, to: W) -> Result<W, PackError> {
        let mut archive = ZipWriter::new(to);
        self.write(&mut archive)?;
        archive.finish().map_err(|e| PackError::of("zip", e.to_string()))
    }

    /// Every file, the manifest last.
    fn write(self, place: &mut impl Place) -> Result<(), PackError> {
        let mut hashes = BTreeMap::new();
        for (name, text) in &self.texts {
            write_file(place, &mut hashes, name, |out| put(out, name, format_args!("{text}")))?;
        }
        let organisation = self.pack.organisation.clone();
        write_file(place, &mut hashes, CASES, |out| {
            write_cases(&organisation, &self.cases, out)
        })?;
        write_file(place, &mut hashes, RESPONSES, |out| self.pack.responses(out))?;
        let manifest = Manifest {
            schema: manifest::SCHEMA.into(),
            result_id: Some(self.result_id),
            files: hashes.clone(),
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(|e| PackError::of(manifest::FILE, e.to_string()))?;
        write_file(place, &mut hashes, manifest::FILE, |out| {
            put(out, manifest::FILE, format_args!("{text}\n"))
        })
    }
}

fn put(out: &mut dyn Write, name: &str, what: std::fmt::Arguments<'_>) -> Result<(), PackError> {
    out.write_fmt(what).map_err(|e| PackError::of(name, e.to_string()))
}

fn write_cases(organisation: &str, cases: &[CaseCount], out: &mut dyn Write) -> Result<(), PackError> {
    let head = line(["case_id", "org", "outlet", "channel", "disp", "code"]);
    put(out, CASES, format_args!("{head}"))?;
    let mut number = 0_u64;
    for count in cases {
        let row = line([
            organisation,
            &count.outlet,
            channel(count.class),
            count.outcome.as_str(),
            &count.code,
        ]);
        for _ in 0..count.cases {
            number += 1;
            put(out, CASES, format_args!("C{number:07},{row}"))?;
        }
    }
    Ok(())
}

/// The name of a class in packs.
fn channel(class: EvidenceClass) -> &'static str {
    match class {
        EvidenceClass::Face => "face",
        EvidenceClass::Invited => "email",
        EvidenceClass::Open => "qr",
    }
}

fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    write_cells(&mut text, cells);
    text.push('\n');
    text
}

/// Cells by RFC 4180, without the end of the line.
fn write_cells<'a>(text: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        match cell.contains([',', '"', '\n', '\r']) {
            true => *text += &format!("\"{}\"", cell.replace('"', "\"\"")),
            false => *text += cell,
        }
    }
}
