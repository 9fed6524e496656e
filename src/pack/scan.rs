//! Reads responses.csv once, on every core, straight into the sums of each organisation.
//!
//! Threads take pieces of whole records from the one stream in turn. Memory does not grow with the rows but for eight bytes each
//! (`identity`). Sums are integers, so the result does not depend on who read what; of several errors the first
//! in the file is reported.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use foldhash::quality::RandomState;

use super::chunk::{ChunkError, Chunks};
use super::error::{PackError, quote};
use super::identity;
use super::part::Part;
use super::quality::Basis;
use super::responses::{FILE, Reader, Row, Wrong};
use super::{Organisation, Pack, Progress};
use crate::cores::on_all_cores;
use crate::statistics::study::{Study, StudyError};

/// Most rows of a pack.
const ROWS_MAX: u64 = 200_000_000;
/// More threads than this only wait for the stream.
const THREADS_MAX: usize = 8;

/// What all threads have read.
pub(super) struct Scanned {
    pub studies: Vec<Study>,
    pub basis: Vec<Basis>,
}

/// Lines of the pieces read, and the errors found, by number of the piece.
#[derive(Default)]
struct Log {
    lines: Vec<u64>,
    errors: Vec<(usize, Wrong)>,
}

impl Pack {
    /// Reads every response. `with_basis` also gathers what the quality measures need.
    pub(super) fn scan(&self, with_basis: bool, progress: Progress<'_>) -> Result<Scanned, PackError> {
        let key = RandomState::default();
        let scanned = self.source.stream(FILE, |stream, _| {
            let mut chunks = Chunks::new(stream);
            let (reader, header_lines) = self.reader(&mut chunks)?;
            let (chunks, log, stop) = (Mutex::new(chunks), Mutex::new(Log::default()), AtomicBool::new(false));
            let threads = std::thread::available_parallelism()
                .map_or(2, usize::from)
                .clamp(2, THREADS_MAX);
            let work = || {
                self.work(
                    &reader,
                    &chunks,
                    &log,
                    &stop,
                    Part::new(self, with_basis, &key),
                    progress,
                )
            };
            let parts: Vec<Result<Part, PackError>> = std::thread::scope(|scope| {
                let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                let stopped = || Err(PackError::of(FILE, "a reading thread stopped"));
                running
                    .into_iter()
                    .map(|thread| thread.join().unwrap_or_else(|_| stopped()))
                    .collect()
            });
            log.into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .first_error(header_lines)?;
            self.join(parts.into_iter().collect::<Result<_, _>>()?)
        })?;
        let (scanned, repeated) = scanned.ok_or_else(|| PackError::of(FILE, "this file is missing"))?;
        self.check_repeated(&repeated, &key)?;
        self.check_full(&scanned.studies)?;
        Ok(scanned)
    }

    /// Reads the header off the stream.
    pub(super) fn reader(&self, chunks: &mut Chunks<'_>) -> Result<(Reader<'_>, u64), PackError> {
        let mut piece = Vec::new();
        let found = chunks.next(&mut piece).map_err(|e| chunk_error(&e, 1))?;
        if found.is_none() {
            return Err(PackError::at(FILE, 1, "", "empty; expected a header"));
        }
        let (reader, rest, lines) = Reader::new(
            &piece,
            &self.items,
            &self.frame,
            (self.questionnaire.as_ref(), self.low_reasons.as_ref()),
        )?;
        chunks.put_back(rest);
        Ok((reader, lines))
    }

    fn work(
        &self,
        reader: &Reader<'_>,
        chunks: &Mutex<Chunks<'_>>,
        log: &Mutex<Log>,
        stop: &AtomicBool,
        mut part: Part,
        progress: Progress<'_>,
    ) -> Result<Part, PackError> {
        let mut piece = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).next(&mut piece);
            let number = match next {
                Ok(Some(number)) => number,
                Ok(None) => break,
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    let problem = chunk_error(&error, 0).problem;
                    log.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .fail(usize::MAX, 0, problem);
                    break;
                }
            };
            let mut refused = None;
            let read = reader.read(&piece, |row| refused = refused.take().or(part.add(self, row).err()));
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            match (read, refused) {
                (Ok(lines), None) => log.note(number, lines),
                (Ok(_), Some(error)) => {
                    stop.store(true, Ordering::Relaxed);
                    log.fail(number, 0, error.to_string());
                }
                (Err(wrong), _) => {
                    stop.store(true, Ordering::Relaxed);
                    log.errors.push((number, wrong));
                }
            }
            drop(log);
            progress(piece.len() as u64);
        }
        part.settle(self).map_err(|e| PackError::of(FILE, e.to_string()))?;
        Ok(part)
    }

    fn join(&self, parts: Vec<Part>) -> Result<(Scanned, Vec<u64>), PackError> {
        let mut studies: Vec<Vec<Study>> = self.frame.organisations.iter().map(|_| Vec::new()).collect();
        let (mut basis, mut identities, mut rows) = (Vec::new(), Vec::new(), 0);
        for part in parts {
            rows += part.rows;
            identities.push(part.identities);
            for (all, more) in studies.iter_mut().zip(part.studies) {
                all.extend(more);
            }
            match part.basis {
                Some(more) if basis.is_empty() => basis = more,
                Some(more) => basis
                    .iter_mut()
                    .zip(&more)
                    .for_each(|(sum, more): (&mut Basis, _)| sum.merge(more)),
                None => {}
            }
        }
        if rows > ROWS_MAX {
            return Err(PackError::of(FILE, format!("more than {ROWS_MAX} responses")));
        }
        let empty = |one: &Organisation| Study::new(self.scoring.clone(), one.population.clone());
        let organisations = self.frame.organisations.iter().zip(studies).collect();
        let merged = on_all_cores(organisations, |(one, parts)| {
            let mut parts = parts.into_iter();
            let mut all = parts.next().unwrap_or_else(|| empty(one));
            parts.try_for_each(|more| all.merge(&more))?;
            all.settle();
            Ok(all)
        });
        let studies: Result<_, StudyError> = merged.into_iter().collect();
        let studies = studies.map_err(|e| PackError::of(FILE, e.to_string()))?;
        Ok((Scanned { studies, basis }, identity::repeated(identities)))
    }

    /// Reads the file in order, on one thread: `each` gets the row, and what tells its line.
    pub(super) fn in_order(
        &self,
        mut each: impl FnMut(&Row<'_>, &dyn Fn() -> u64) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.source.stream(FILE, |stream, _| {
            let mut chunks = Chunks::new(stream);
            let (reader, mut lines) = self.reader(&mut chunks)?;
            let mut piece = Vec::new();
            while chunks
                .next(&mut piece)
                .map_err(|e| chunk_error(&e, lines + 1))?
                .is_some()
            {
                let mut done = Ok(());
                let read = reader.read(&piece, |row| {
                    let before = piece.get(..row.offset).unwrap_or_default();
                    let line = || lines + 1 + memchr::memchr_iter(b'\n', before).count() as u64;
                    if done.is_ok() {
                        done = each(row, &line);
                    }
                });
                lines += read.map_err(|wrong| wrong.at(lines))?;
                done?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Compares the ids behind equal hashes themselves.
    fn check_repeated(&self, repeated: &[u64], key: &RandomState) -> Result<(), PackError> {
        if repeated.is_empty() {
            return Ok(());
        }
        let suspects: HashSet<u64> = repeated.iter().copied().collect();
        let mut seen = HashMap::<Vec<u8>, u64>::new();
        self.in_order(|row, line| {
            if !suspects.contains(&key.hash_one(row.id)) {
                return Ok(());
            }
            match seen.insert(row.id.to_vec(), line()) {
                Some(first) => {
                    let problem = format!("{} is there twice, first on line {first}", quote(row.id));
                    Err(PackError::at(FILE, line(), "resp_id", problem))
                }
                None => Ok(()),
            }
        })
    }

    fn check_full(&self, studies: &[Study]) -> Result<(), PackError> {
        for (organisation, study) in self.frame.organisations.iter().zip(studies) {
            if let Some(place) = study.overfull() {
                let line = organisation.outlet_lines.get(place).copied().unwrap_or(0);
                let outlet = organisation.population.outlets().get(place);
                let (name, customers) = outlet.map_or(("", 0), |o| (o.name.as_str(), o.customers.unwrap_or(0)));
                let problem = format!("{customers} customers of {name} are fewer than its in-person responses");
                return Err(PackError::at("outlets.csv", line, "N_customers", problem));
            }
        }
        Ok(())
    }
}

impl Log {
    fn note(&mut self, number: usize, lines: u64) {
        if self.lines.len() <= number {
            self.lines.resize(number + 1, 0);
        }
        if let Some(place) = self.lines.get_mut(number) {
            *place = lines;
        }
    }

    fn fail(&mut self, number: usize, lines_before: u64, problem: String) {
        let wrong = Wrong {
            lines_before,
            column: String::new(),
            problem,
        };
        self.errors.push((number, wrong));
    }

    /// Pieces are given out in order and every piece given out is read to its end, so all pieces before the first error are known.
    fn first_error(self, header_lines: u64) -> Result<(), PackError> {
        match self.errors.into_iter().min_by_key(|(number, _)| *number) {
            None => Ok(()),
            Some((number, wrong)) => {
                let before: u64 = self.lines.iter().take(number).sum();
                Err(wrong.at(header_lines + before))
            }
        }
    }
}

impl Wrong {
    fn at(self, lines: u64) -> PackError {
        PackError::at(FILE, lines + self.lines_before + 1, &self.column, self.problem)
    }
}

fn chunk_error(error: &ChunkError, line: u64) -> PackError {
    let problem = match error {
        ChunkError::Io(error) => error.to_string(),
        ChunkError::TooLong => "a record of more than 1 MiB, or a quoted field that is not closed".into(),
    };
    PackError::at(FILE, line, "", problem)
}
