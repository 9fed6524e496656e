//! `perception estimate`: every figure again, from an evidence pack.

mod quality;
mod text;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::Verdict;
use super::language::{Lang, words};
use crate::cores::on_all_cores;
use crate::export::estimates::{self, Estimates};
use crate::export::json::{self, Labels};
use crate::pack::{Organisation, Pack};
use crate::statistics::analysis::{Analysis, Reach};
use crate::statistics::method::Method as StatisticalMethod;
use crate::statistics::result::{Contacts, SurveyResult};
use crate::statistics::study::Study;
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
    let found = |one: &Organisation, study: &Study| estimates_of(one, study, &method);
    let output = match args.format {
        EstimateForm::Csv => {
            let rows = each(&pack, &studies, |one, study| Ok(estimates::rows(&found(one, study))?))?;
            String::from_utf8(estimates::csv(&rows)?)?
        }
        EstimateForm::Json => {
            let objects = each(&pack, &studies, |one, study| object(&pack, one, study, below))?;
            format!("{:#}\n", estimates::json(objects))
        }
        EstimateForm::Text => {
            let words = words(args.lang);
            let parts = each(&pack, &studies, |one, study| {
                Ok(text::organisation(&pack, &found(one, study), words))
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
        ([organisation], [study]) => object(&pack, organisation, study, 0),
        (several, _) => anyhow::bail!(
            "results.json is about one organisation, outlets.csv about {}",
            several.len()
        ),
    }
}

fn estimates_of(organisation: &Organisation, study: &Study, method: &StatisticalMethod) -> Estimates {
    Estimates {
        organisation: organisation.name.clone(),
        analysis: Analysis::of(study, method, Reach::Files),
        cases: organisation
            .cases_face
            .zip(organisation.cases_invited)
            .map(<[_; 2]>::from),
    }
}

/// What `make` makes of every organisation, in their order, on all cores.
fn each<T: Send>(
    pack: &Pack,
    studies: &[Study],
    make: impl Fn(&Organisation, &Study) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let all = pack.organisations().iter().zip(studies).collect();
    let made = on_all_cores(all, |(organisation, study)| make(organisation, study));
    made.into_iter().collect()
}

fn object(pack: &Pack, organisation: &Organisation, study: &Study, below: u64) -> anyhow::Result<Value> {
    let contacts = organisation.contacts.as_ref();
    let contacts = contacts.unwrap_or(const { &Contacts::new() });
    let found = SurveyResult::of(study, contacts, &pack.statistical(), below)?;
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
    Ok(json::object(&found, &labels)?)
}

/// Shown on a terminal only.
fn progress_bar(bytes: u64) -> anyhow::Result<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes} / {total_bytes}  {eta}")?;
    Ok(ProgressBar::new(bytes).with_style(style))
}
