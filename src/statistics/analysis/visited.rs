//! The outlets with an in-person response, and their sums in every measure.

use std::cell::OnceCell;

use super::DesignEffect;
use crate::statistics::class::EvidenceClass;
use crate::statistics::design::{self, DesignVariance, OutletMoments};
use crate::statistics::figure::Figure;
use crate::statistics::method::ScoreRule;
use crate::statistics::moments::{FixedRatio, Moments, WideSums};
use crate::statistics::study::Study;
use crate::statistics::sums::Sums;

/// Outlets with an in-person response: the strata, or the clusters drawn.
pub(super) struct Visited<'a> {
    study: &'a Study,
    /// Place in the population.
    pub places: Vec<usize>,
    sums: Vec<Sums>,
    points: Vec<WideSums>,
    /// Made when first asked for: a dozen divisions of large integers an outlet.
    person: OnceCell<Vec<WideSums>>,
    customers: Vec<Option<u64>>,
}

/// A score with its linearised values by outlet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure {
    pub est: f64,
    pub outlets: Vec<OutletMoments>,
}

impl<'a> Visited<'a> {
    pub fn of(study: &'a Study) -> Self {
        let face = EvidenceClass::Face;
        let sums = study.outlet_sums(face);
        let mut found = Self {
            study,
            places: Vec::new(),
            sums: Vec::new(),
            points: Vec::new(),
            person: OnceCell::new(),
            customers: Vec::new(),
        };
        let outlets = study.population().outlets().iter().enumerate();
        for ((place, outlet), sums) in outlets.zip(sums) {
            if sums.n > 0 {
                found.places.push(place);
                found.sums.push(sums);
                found.points.push(WideSums::from(&sums));
                found.customers.push(outlet.customers);
            }
        }
        found
    }

    /// H, or m.
    pub fn count(&self) -> u64 {
        self.places.len() as u64
    }
    /// Responses, unscored ones included.
    pub fn responses(&self) -> u64 {
        self.sums.iter().map(|sums| sums.n).sum()
    }
    /// N of the visited outlets; nothing when one is unknown.
    pub fn customers(&self) -> Option<u64> {
        let known: Option<Vec<u64>> = self.customers.iter().copied().collect();
        known.filter(|known| !known.is_empty()).map(|known| known.iter().sum())
    }
    /// M, where it is known and not below the outlets visited.
    pub fn frame_outlets(&self) -> Option<u64> {
        self.study
            .population()
            .frame_outlets()
            .filter(|frame| *frame >= self.count())
    }
    /// (n_h, N_h) of every outlet; nothing when one N_h is unknown.
    pub fn sizes(&self) -> Option<Vec<(u64, u64)>> {
        let pair = |(sums, customers): (&Sums, &Option<u64>)| customers.map(|customers| (sums.n, customers));
        self.sums.iter().zip(&self.customers).map(pair).collect()
    }

    pub fn points(&self) -> &[WideSums] {
        &self.points
    }
    pub fn person(&self) -> &[WideSums] {
        self.person.get_or_init(|| {
            let all = self.study.outlet_person(EvidenceClass::Face);
            let visited = self.places.iter().filter_map(|place| all.get(*place));
            let pairs = visited.zip(&self.sums);
            pairs
                .map(|(person, sums)| WideSums::of_person(sums.n, person))
                .collect()
        })
    }
    /// Sums of one facet; whoever did not rate it stays in n.
    pub fn facet(&self, facet: usize) -> Vec<WideSums> {
        let all = self.study.outlet_facet_sums(EvidenceClass::Face, facet);
        let sums = self.places.iter().filter_map(|place| all.get(*place));
        sums.map(WideSums::from).collect()
    }
    /// Sums of part of the responses, everybody staying in n.
    pub fn domain(&self, part: &[Sums]) -> Vec<WideSums> {
        let pairs = part.iter().zip(&self.sums);
        pairs.map(|(part, all)| WideSums::from(part).among(all.n)).collect()
    }

    /// The score weighted by N_h/n_h; nothing when an N_h is unknown or nothing was scored.
    pub fn weighted(&self, sums: &[WideSums]) -> Option<Measure> {
        let sizes = self.sizes()?;
        let groups = sums
            .iter()
            .zip(&sizes)
            .map(|(sums, (n, customers))| (sums, *customers, *n));
        let ratio = FixedRatio::weighted(groups)?;
        let weights: Vec<f64> = sizes
            .iter()
            .map(|(n, customers)| *customers as f64 / *n as f64)
            .collect();
        Some(self.linearise(sums, &ratio, &weights))
    }

    /// The score as it stands.
    pub fn unweighted(&self, sums: &[WideSums]) -> Option<Measure> {
        let ratio = FixedRatio::of(sums)?;
        Some(self.linearise(sums, &ratio, &vec![1.0; sums.len()]))
    }

    fn linearise(&self, sums: &[WideSums], ratio: &FixedRatio, weights: &[f64]) -> Measure {
        let weighted = || sums.iter().zip(weights);
        let available: f64 = weighted().map(|(sums, weight)| weight * sums.available()).sum();
        let outlets = weighted()
            .zip(&self.customers)
            .map(|((sums, weight), customers)| OutletMoments {
                moments: Moments::about(sums, ratio).scaled(weight / available),
                customers: *customers,
            });
        Measure {
            est: ratio.value(),
            outlets: outlets.collect(),
        }
    }

    /// Estimate and standard error, weighted and stratified.
    pub fn stratified(&self, sums: &[WideSums]) -> Figure {
        let found = self.weighted(sums);
        let variance = found.as_ref().and_then(|found| design::stratified(&found.outlets));
        Figure::with_se(
            found.map(|found| found.est),
            variance.and_then(|variance| variance.se()),
        )
    }

    /// The in-person part of the variance of a score of all responses, `scale` being 1/ΣB of all.
    pub fn stratified_about(&self, ratio: &FixedRatio, scale: f64) -> Option<DesignVariance> {
        if self.places.is_empty() {
            return Some(DesignVariance {
                value: Some(0.0),
                df: 0,
            });
        }
        design::stratified(&self.about(ScoreRule::Points, ratio, scale))
    }

    /// The sums of every outlet under a score rule.
    pub fn measured(&self, rule: ScoreRule) -> &[WideSums] {
        match rule {
            ScoreRule::Points => self.points(),
            ScoreRule::Person => self.person(),
        }
    }

    /// Linearised values about any ratio.
    pub fn about(&self, rule: ScoreRule, ratio: &FixedRatio, scale: f64) -> Vec<OutletMoments> {
        let outlets = self.measured(rule).iter().zip(&self.customers);
        outlets
            .map(|(sums, customers)| OutletMoments {
                moments: Moments::about(sums, ratio).scaled(scale),
                customers: *customers,
            })
            .collect()
    }

    /// Design effects of the person score with this standard error; weights are `first` · N_h/n_h.
    pub fn design_effect(&self, se: Option<f64>, first: f64) -> DesignEffect {
        let effect = || {
            let (sizes, person, se) = (self.sizes()?, self.person(), se?);
            let groups = person
                .iter()
                .zip(&sizes)
                .map(|(sums, (n, customers))| (sums, *customers, *n));
            let ratio = FixedRatio::weighted(groups)?;
            let (mut n, mut weights, mut squares, mut spread) = (0.0, 0.0, 0.0, 0.0);
            for (sums, (responses, customers)) in person.iter().zip(&sizes) {
                let weight = first * *customers as f64 / *responses as f64;
                let scored = sums.scored as f64;
                // Deviations of the scored from the common mean; the unscored have none.
                let z = Moments::about(&sums.clone().among(sums.scored), &ratio);
                n += scored;
                weights += weight * scored;
                squares += weight * weight * scored;
                spread += weight * (z.squares + z.sum * z.mean());
            }
            let simple = spread / weights / (n - 1.0);
            Some(DesignEffect {
                deff: positive(se * se / (simple * (1.0 - n / weights))),
                deff_replace: positive(se * se / simple),
                kish: positive(n * squares / (weights * weights)),
            })
        };
        effect().unwrap_or_default()
    }
}

fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value >= 0.0).then_some(value)
}
