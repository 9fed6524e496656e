//! `perception plan`: how many answers, where, and which outlets.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::Verdict;
use super::language::{Form, Lang, words};
use crate::pack::sampling::{self, DrawPlan, PlannedTake};
use crate::statistics::allocation::{self, Rule};
use crate::statistics::outlets_to_visit::{Occasion, Visits};
use crate::statistics::sample_size::{self, Assumptions};
use crate::view::words::Words;

#[derive(Args)]
pub(super) struct PlanArgs {
    #[command(subcommand)]
    what: What,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text", global = true)]
    format: Form,
    /// Language of the text; default from LANG, else zh
    #[arg(long, value_enum, global = true)]
    lang: Option<Lang>,
}

#[derive(Subcommand)]
enum What {
    /// Answers for a confidence interval of ± HALF_WIDTH
    HalfWidth {
        /// Half-width, a share of full marks: 0.03 = 3 points
        #[arg(long)]
        half_width: f64,
        /// Confidence level
        #[arg(long, default_value_t = 0.95)]
        confidence: f64,
        #[command(flatten)]
        given: Given,
    },
    /// Answers to prove a score at or above a threshold
    Prove {
        /// Threshold, a share of full marks
        #[arg(long)]
        threshold: f64,
        /// Expected true score, a share of full marks
        #[arg(long)]
        truth: f64,
        /// One-sided error
        #[arg(long, default_value_t = 0.05)]
        alpha: f64,
        /// Probability to succeed
        #[arg(long, default_value_t = 0.8)]
        power: f64,
        #[command(flatten)]
        given: Given,
    },
    /// Spread answers over outlets (CSV: outlet,N_customers and optionally sd,cost)
    Allocate {
        /// The outlets
        outlets: PathBuf,
        /// Answers in all
        #[arg(long)]
        size: u64,
        /// Rule
        #[arg(long, value_enum, default_value = "proportional")]
        rule: RuleArg,
        /// Standard deviation of a customer's score where the file has none
        #[arg(long, default_value_t = 0.15)]
        sd: f64,
        /// Reserves per case to draw
        #[arg(long, default_value_t = 1.0)]
        reserve_share: f64,
        #[command(flatten)]
        response: Response,
    },
    /// Outlets to visit
    Outlets {
        /// Outlets in scope
        #[arg(long)]
        count: u64,
        /// Occasion
        #[arg(long, value_enum, default_value = "first")]
        occasion: OccasionArg,
    },
}

#[derive(Args)]
struct Given {
    /// Standard deviation of a customer's score: 0.06-0.10 good services, 0.15-0.20 mixed ones
    #[arg(long, default_value_t = 0.15)]
    sd: f64,
    /// Customers; unknown = infinite
    #[arg(long)]
    population: Option<u64>,
    /// Design effect
    #[arg(long, default_value_t = 1.0, conflicts_with_all = ["take", "icc"])]
    design_effect: f64,
    /// Answers per outlet, where outlets are drawn
    #[arg(long, requires = "icc")]
    take: Option<f64>,
    /// Correlation of scores within an outlet
    #[arg(long, requires = "take")]
    icc: Option<f64>,
    #[command(flatten)]
    response: Response,
}

#[derive(Args)]
struct Response {
    /// Expected response rate
    #[arg(long, default_value_t = 1.0)]
    response_rate: f64,
    /// Expected share of eligible cases
    #[arg(long, default_value_t = 1.0)]
    eligible: f64,
}

#[derive(Clone, Copy, ValueEnum)]
enum RuleArg {
    Proportional,
    Neyman,
    CostOptimal,
    Equal,
}

#[derive(Clone, Copy, ValueEnum)]
enum OccasionArg {
    First,
    Surveillance,
    Recertification,
}

pub(super) fn run(args: &PlanArgs) -> anyhow::Result<Verdict> {
    let words = words(args.lang);
    let (value, text) = match &args.what {
        What::HalfWidth {
            half_width,
            confidence,
            given,
        } => {
            let size = sample_size::for_half_width(*half_width, *confidence, &given.assumptions()?)?;
            sized(size, &given.response, words)?
        }
        What::Prove {
            threshold,
            truth,
            alpha,
            power,
            given,
        } => {
            let size = sample_size::to_prove(*threshold, *truth, *alpha, *power, &given.assumptions()?)?;
            sized(size, &given.response, words)?
        }
        What::Allocate {
            outlets,
            size,
            rule,
            sd,
            reserve_share,
            response,
        } => {
            let strata = sampling::read_outlets(outlets, *sd)?;
            anyhow::ensure!(
                (0.0..=100.0).contains(reserve_share),
                "--reserve-share: expected 0..100"
            );
            allocated(&strata, *size, (*rule).into(), *reserve_share, response, words)?
        }
        What::Outlets { count, occasion } => {
            let visits = Visits::of(*count, (*occasion).into());
            let value = json!({"outlets": visits.outlets, "random_at_least": visits.random_at_least});
            let values = [("n", visits.outlets.into()), ("random", visits.random_at_least.into())];
            (value, words.tn("plan-outlets", &values))
        }
    };
    match args.format {
        Form::Text => println!("{text}"),
        Form::Json => println!("{value:#}"),
    }
    Ok(Verdict::Fine)
}

fn sized(size: u64, response: &Response, words: Words) -> anyhow::Result<(serde_json::Value, String)> {
    let cases = sample_size::cases_to_draw(size, response.response_rate, response.eligible)?;
    let text = words.tn("plan-size", &[("n", size.into()), ("cases", cases.into())]);
    Ok((json!({"answers": size, "cases_to_draw": cases}), text))
}

fn allocated(
    strata: &[allocation::Stratum],
    size: u64,
    rule: Rule,
    reserve_share: f64,
    response: &Response,
    words: Words,
) -> anyhow::Result<(serde_json::Value, String)> {
    let answers = allocation::allocate(strata, size, rule)?;
    let mut lines = vec![words.tn("plan-allocation", &[("n", size.into())])];
    let (mut by_outlet, mut plan) = (serde_json::Map::new(), std::collections::BTreeMap::new());
    for (stratum, n) in strata.iter().zip(&answers) {
        by_outlet.insert(stratum.id.clone(), (*n).into());
        if *n == 0 {
            continue;
        }
        let cases = sample_size::cases_to_draw(*n, response.response_rate, response.eligible)?.min(stratum.customers);
        let reserves = ((cases as f64 * reserve_share).ceil() as u64).min(stratum.customers - cases);
        plan.insert(stratum.id.clone(), PlannedTake { draw: cases, reserves });
        lines.push(format!("{}\t{n}\t{cases}\t{reserves}", stratum.id));
    }
    // Its strata are what `perception draw --plan` reads.
    let plan = DrawPlan {
        id_column: "id".into(),
        stratum_column: "outlet".into(),
        strata: plan,
    };
    let mut value = serde_json::to_value(&plan)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("rule".into(), rule.as_str().into());
        fields.insert("answers".into(), by_outlet.into());
    }
    Ok((value, lines.join("\n")))
}

impl Given {
    fn assumptions(&self) -> anyhow::Result<Assumptions> {
        let design_effect = match (self.take, self.icc) {
            (Some(take), Some(icc)) => sample_size::cluster_effect(take, icc)?,
            _ => self.design_effect,
        };
        Ok(Assumptions {
            sd: self.sd,
            design_effect,
            population: self.population,
        })
    }
}

impl From<RuleArg> for Rule {
    fn from(rule: RuleArg) -> Self {
        match rule {
            RuleArg::Proportional => Rule::Proportional,
            RuleArg::Neyman => Rule::Neyman,
            RuleArg::CostOptimal => Rule::CostOptimal,
            RuleArg::Equal => Rule::Equal,
        }
    }
}

impl From<OccasionArg> for Occasion {
    fn from(occasion: OccasionArg) -> Self {
        match occasion {
            OccasionArg::First => Occasion::First,
            OccasionArg::Surveillance => Occasion::Surveillance,
            OccasionArg::Recertification => Occasion::Recertification,
        }
    }
}
