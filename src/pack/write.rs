//! Writes a pack, as a folder or an archive.
//!
//! Pseudonymous: a response's `resp_id` is its place after a shuffle by the system's random numbers, so that neither the id nor the order of
//! the rows leads back to a receipt, a link or a time. No name, no comment, no time of day is written.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::error::PackError;
use super::manifest::{self, Manifest};
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

/// A pack being written. The rows are kept until the end, some 100 bytes each, because they are shuffled.
pub struct PackWriter<'a> {
    organisation: String,
    instrument: &'a Instrument,
    rows: Vec<Box<str>>,
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

/// A pack that is whole: names and texts of its files.
#[derive(Debug)]
pub struct PackFiles(Vec<(&'static str, String)>);

impl PackFiles {
    /// Writes a new folder: under another name until everything is in it.
    ///
    /// # Errors
    /// [`PackError`] when the folder exists or cannot be written; nothing is left then.
    pub fn write_folder(&self, folder: &Path) -> Result<(), PackError> {
        let name = folder.display().to_string();
        if folder.exists() {
            return Err(PackError::of(name, "exists already; expected a new folder"));
        }
        let mut partial = folder.to_owned().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let failed = |e: std::io::Error| PackError::of(&name, e.to_string());
        std::fs::create_dir(&partial).map_err(failed)?;
        let mut files = self.0.iter();
        let written = files.try_for_each(|(name, text)| {
            std::fs::write(partial.join(name), text).map_err(|e| PackError::of(*name, e.to_string()))
        });
        let renamed = written.and_then(|()| std::fs::rename(&partial, folder).map_err(failed));
        if renamed.is_err() {
            // What was written is of no use; that it could not be removed either adds nothing to the message.
            drop(std::fs::remove_dir_all(&partial));
        }
        renamed
    }

    /// The same as an archive.
    ///
    /// # Errors
    /// [`PackError`] for files too large for one.
    pub fn to_zip(&self) -> Result<Vec<u8>, PackError> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in &self.0 {
            let failed = |e: &dyn std::fmt::Display| PackError::of(*name, e.to_string());
            let started = archive.start_file(*name, SimpleFileOptions::default());
            started.map_err(|e| failed(&e))?;
            archive.write_all(text.as_bytes()).map_err(|e| failed(&e))?;
        }
        let done = archive.finish().map_err(|e| PackError::of("zip", e.to_string()))?;
        Ok(done.into_inner())
    }
}

impl<'a> PackWriter<'a> {
    /// A pack of one organisation.
    pub fn new(organisation: &str, instrument: &'a Instrument) -> Self {
        Self {
            organisation: organisation.to_owned(),
            instrument,
            rows: Vec::new(),
        }
    }

    /// Adds a response.
    ///
    /// # Errors
    /// [`PackError`] when it cannot be written as CSV.
    pub fn add(&mut self, row: &ResponseRow<'_>) -> Result<(), PackError> {
        let questionnaire = self.instrument.questionnaire();
        let options = questionnaire.screening().service_options.iter().enumerate();
        let used = options
            .filter(|(place, _)| row.services.contains(*place))
            .map(|(_, option)| option.id.as_str());
        let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
        let mut cells = vec![
            self.organisation.clone(),
            row.outlet.to_owned(),
            channel(row.class).to_owned(),
            number(row.duration_s),
            if row.status == Completeness::Partial { "P" } else { "I" }.to_owned(),
            used.collect::<Vec<_>>().join("+"),
            number(row.overall.map(u32::from)),
        ];
        cells.extend(row.replies.iter().map(|reply| match reply {
            Reply::Rated(code) => code.to_string(),
            Reply::NotApplicable => "0".into(),
            Reply::Skipped | Reply::NotShown => String::new(),
        }));
        if questionnaire.low_rating().is_some() {
            cells.push(questionnaire.low_reason_names(row.low_reasons).join("+"));
        }
        self.rows.push(line(&cells)?.into());
        Ok(())
    }

    /// Responses added.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Everything together, the manifest last.
    ///
    /// # Errors
    /// [`PackError`] when something cannot be written as CSV.
    pub fn finish(
        mut self,
        outlets: &[OutletRow],
        cases: &[CaseCount],
        documents: &Documents<'_>,
    ) -> Result<PackFiles, PackError> {
        let mut files = vec![
            ("items.csv", self.items()?),
            ("outlets.csv", self.outlets(outlets)?),
            ("cases.csv", self.cases(cases)?),
            ("responses.csv", self.responses()?),
            ("questionnaire.json", documents.questionnaire.to_owned()),
            ("method.json", documents.method.to_owned()),
            ("results.json", documents.results.to_owned()),
            (manifest::CHECKPOINT, documents.checkpoint.to_owned()),
        ];
        files.extend(documents.guides.iter().cloned());
        let hashes = files.iter().map(|(name, text)| ((*name).to_owned(), sha256(text)));
        let manifest = Manifest {
            schema: manifest::SCHEMA.into(),
            result_id: Some(documents.result_id.to_owned()),
            files: hashes.collect(),
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(|e| PackError::of(manifest::FILE, e.to_string()))?;
        files.push((manifest::FILE, text + "\n"));
        Ok(PackFiles(files))
    }

    fn items(&self) -> Result<String, PackError> {
        let questionnaire = self.instrument.questionnaire();
        let mut text = line(&["item", "dim", "weight", "max"])?;
        for item in questionnaire.items() {
            let dimension = questionnaire
                .dimensions()
                .get(item.dimension)
                .map_or("", |facet| &facet.id);
            let max = questionnaire.scale().max().to_string();
            text += &line(&[&item.id, dimension, &item.weight.to_string(), &max])?;
        }
        Ok(text)
    }

    fn outlets(&self, outlets: &[OutletRow]) -> Result<String, PackError> {
        let mut text = line(&["org", "outlet", "N_customers", "M_frame"])?;
        let frame = outlets.len().to_string();
        for outlet in outlets {
            let customers = outlet.customers.map(|n| n.to_string()).unwrap_or_default();
            text += &line(&[&self.organisation, &outlet.id, &customers, &frame])?;
        }
        Ok(text)
    }

    fn cases(&self, cases: &[CaseCount]) -> Result<String, PackError> {
        let mut text = line(&["case_id", "org", "outlet", "channel", "disp", "code"])?;
        let mut number = 0_u64;
        for count in cases {
            for _ in 0..count.cases {
                number += 1;
                let id = format!("C{number:07}");
                text += &line(&[
                    id.as_str(),
                    &self.organisation,
                    &count.outlet,
                    channel(count.class),
                    count.outcome.as_str(),
                    &count.code,
                ])?;
            }
        }
        Ok(text)
    }

    fn responses(&mut self) -> Result<String, PackError> {
        self.rows.shuffle(&mut rand::rng());
        let questionnaire = self.instrument.questionnaire();
        let overall = questionnaire.overall().id.to_lowercase();
        let mut header = vec![
            "resp_id",
            "org",
            "outlet",
            "channel",
            "duration_s",
            "status",
            "services",
            &overall,
        ];
        header.extend(questionnaire.items().iter().map(|item| item.id.as_str()));
        header.extend(questionnaire.low_rating().map(|asked| asked.id.as_str()));
        let mut text = line(&header)?;
        for (number, row) in (1_u64..).zip(&self.rows) {
            text += &format!("R{number:07},{row}");
        }
        Ok(text)
    }
}

/// The name of a class in packs.
fn channel(class: EvidenceClass) -> &'static str {
    match class {
        EvidenceClass::Face => "face",
        EvidenceClass::Invited => "email",
        EvidenceClass::Open => "qr",
    }
}

fn line<T: AsRef<[u8]>>(cells: &[T]) -> Result<String, PackError> {
    let broken = |e: &dyn std::fmt::Display| PackError::of("csv", e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|e| broken(&e))?;
    String::from_utf8(writer.into_inner().map_err(|e| broken(&e))?).map_err(|e| broken(&e))
}

fn sha256(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}
