//! `perception estimate`: every figure again, from an evidence pack.

mod quality;
mod text;

use std::io::IsTerminal;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Context;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::Verdict;
use super::language::{Lang, words};
use crate::export::estimates::{self, Estimates};
use crate::export::json::{self, Labels};
use crate::pack::{Organisation, Pack};
use crate::statistics::method::Method as StatisticalMethod;
use crate::statistics::result::{Contacts, SurveyResult};
use crate::statistics::study::{Study, StudyError};
use crate::survey::method::Method;

#[derive(Args)]
pub(super) struct EstimateArgs {
    /// The pack: a folder or a .zip
    pack: PathBuf,
    /// Method file to use instead of the pack's
    #[arg(long, value_name = "FILE")]
    method: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: EstimateForm,
    /// One row per response with its quality measures instead (CSV, or JSON lines with flags)
    #[arg(long)]
    quality: bool,
    /// Withhold small cells as the method says: what may be shown to others (JSON only; the other forms hold every figure)
    #[arg(long)]
    published: bool,
    /// Language of the text; default from LANG, else zh
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EstimateForm {
    /// A report for people
    Text,
    /// Everything, for programs
    Json,
    /// org,group,stat,value
    Csv,
}

pub(super) fn run(args: &EstimateArgs) -> anyhow::Result<Verdict> {
    anyhow::ensure!(
        !args.published || args.format == EstimateForm::Json,
        "--published goes with --format json: the other forms hold every figure"
    );
    let pack = Pack::open(&args.pack, args.method.as_deref())?;
    let bar = progress_bar(pack.response_bytes()?)?;
    let progress = |bytes| bar.inc(bytes);
    if args.quality {
        quality::print(&pack, &progress, args.format == EstimateForm::Json)?;
        return Ok(Verdict::Fine);
    }
    let method = pack.statistical();
    let below = match args.published {
        true => pack.method().map_or(0, Method::suppress_below),
        false => 0,
    };
    let studies = pack.studies(&progress)?;
    bar.finish_and_clear();
    let found = |one: &Organisation, study: &Study| estimates_of(one, study, &method, below);
    let output = match args.format {
        EstimateForm::Csv => {
            let rows = each(&pack, &studies, |one, study| Ok(estimates::rows(&found(one, study)?)?))?;
            String::from_utf8(estimates::csv(&rows)?)?
        }
        EstimateForm::Json => {
            let objects = each(&pack, &studies, |one, study| {
                Ok(object(&pack, one, &found(one, study)?)?)
            })?;
            format!("{:#}\n", estimates::json(objects))
        }
        EstimateForm::Text => {
            let words = words(args.lang);
            let parts = each(&pack, &studies, |one, study| {
                Ok(text::organisation(&pack, &found(one, study)?, words))
            })?;
            parts.join("\n")
        }
    };
    super::put(output.as_bytes()).context("standard output")?;
    Ok(Verdict::Fine)
}

/// The result object of a pack of one organisation, which is what the platform writes.
pub(super) fn only_result(path: &Path) -> anyhow::Result<Value> {
    let pack = Pack::open(path, None)?;
    let studies = pack.studies(&|_| ())?;
    match (pack.organisations(), studies.as_slice()) {
        ([organisation], [study]) => {
            let found = estimates_of(organisation, study, &pack.statistical(), 0)?;
            Ok(object(&pack, organisation, &found)?)
        }
        (several, _) => anyhow::bail!(
            "results.json is about one organisation, outlets.csv about {}",
            several.len()
        ),
    }
}

fn estimates_of(
    organisation: &Organisation,
    study: &Study,
    method: &StatisticalMethod,
    below: u64,
) -> Result<Estimates, StudyError> {
    let contacts = organisation.contacts.as_ref();
    Ok(Estimates {
        organisation: organisation.name.clone(),
        result: SurveyResult::of(study, contacts.unwrap_or(&Contacts::new()), method, below)?,
        cases: organisation
            .cases_face
            .zip(organisation.cases_invited)
            .map(<[_; 2]>::from),
    })
}

/// What `make` makes of every organisation, in their order, on all cores.
fn each<T: Send>(
    pack: &Pack,
    studies: &[Study],
    make: impl Fn(&Organisation, &Study) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let all: Vec<_> = pack.organisations().iter().zip(studies).collect();
    let share = all
        .len()
        .div_ceil(thread::available_parallelism().map_or(1, NonZero::get));
    let of = |(organisation, study): &(&Organisation, &Study)| make(organisation, study);
    let parts: Vec<anyhow::Result<Vec<T>>> = thread::scope(|scope| {
        let shares = all.chunks(share.max(1));
        let running: Vec<_> = shares
            .map(|some| scope.spawn(|| some.iter().map(of).collect()))
            .collect();
        let stopped = || Err(anyhow::anyhow!("a computing thread stopped"));
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| stopped()))
            .collect()
    });
    let mut every = Vec::with_capacity(all.len());
    for part in parts {
        every.extend(part?);
    }
    Ok(every)
}

fn object(pack: &Pack, organisation: &Organisation, found: &Estimates) -> Result<Value, serde_json::Error> {
    let outlets = organisation.population.outlets().iter();
    let outlets: Vec<String> = outlets.map(|outlet| outlet.name.clone()).collect();
    let meaning = |code: &str, class| organisation.outcomes.get(&(class, code.to_owned())).copied();
    let labels = Labels {
        organisation: &organisation.name,
        questionnaire: pack.questionnaire(),
        method: pack.method(),
        scoring: pack.scoring(),
        outlets: &outlets,
        meaning: organisation.contacts.is_some().then_some(&meaning),
    };
    json::object(&found.result, &labels)
}

/// Shown on a terminal only.
fn progress_bar(bytes: u64) -> anyhow::Result<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes} / {total_bytes}  {eta}")?;
    Ok(ProgressBar::new(bytes).with_style(style))
}
