//! What follows from a plan's aims: how many answers, where, at what price in visits and invitations.

use serde::Serialize;

use super::form::{FieldError, Problem};
use super::plan::{Aims, Hundredths, Plan, PlannedOutlet};
use crate::statistics::allocation::{self, AllocationError, Rule, Stratum};
use crate::statistics::outlets_to_visit::Visits;
use crate::statistics::sample_size::{self, Assumptions, SizeError};

/// Interviews planned at least, and without which S_face is not published (requirements.md §8.4).
pub(super) const FACE_PLANNED: u64 = 60;
pub(super) const FACE_FLOOR: u64 = 30;
/// Answers planned at least, and without which S is not published.
pub(super) const ALL_PLANNED: u64 = 125;
pub(super) const ALL_FLOOR: u64 = 100;
/// Interviews at a visited outlet at least.
pub(super) const FACE_PER_OUTLET: u64 = 5;
/// The most that anybody plans.
pub(super) const SIZE_MAX: u64 = 100_000;
/// Stands for customers that nobody counted, where answers are spread evenly.
const UNCOUNTED: u64 = 100_000_000;

/// Answers and visits that a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Customers of all outlets; `None` = unknown, taken as infinite.
    pub population: Option<u64>,
    /// Interviews for the half-width of S_face.
    pub face_for_half_width: u64,
    /// Answers for the half-width of S.
    pub all_for_half_width: u64,
    /// Answers to prove the bound.
    pub all_for_proof: Option<u64>,
    /// Interviews to plan: at least 60.
    pub face: u64,
    /// Electronic answers to plan: at least 125 with the interviews, which are 40 % of all at most (requirements.md A3).
    pub electronic: u64,
    /// Outlets to visit.
    pub visits: u64,
    /// Of these, at least so many drawn at random.
    pub visits_at_random: u64,
}

impl Sizes {
    pub(super) fn of(aims: &Aims, outlets: &[PlannedOutlet]) -> Result<Self, SizeError> {
        let given = assumptions(aims, outlets);
        let confidence = aims.confidence.share();
        let for_half_width = |e: Hundredths| sample_size::for_half_width(e.share(), confidence, &given);
        let face_for_half_width = for_half_width(aims.half_width_face)?;
        let all_for_half_width = for_half_width(aims.half_width_all)?;
        let all_for_proof = match &aims.proof {
            Some(proof) => {
                let (bound, expected, power) = (proof.bound.share(), proof.expected.share(), proof.power.share());
                // Taken from the hundredths, so that it is the very number that somebody would type.
                let alpha = Hundredths(10_000 - aims.confidence.0).share();
                Some(sample_size::to_prove(bound, expected, alpha, power, &given)?)
            }
            None => None,
        };
        let face = face_for_half_width.max(FACE_PLANNED);
        // face / all ≤ 2 / 5
        let all = [all_for_half_width, all_for_proof.unwrap_or_default(), ALL_PLANNED];
        let all = all.into_iter().fold((face * 5).div_ceil(2), u64::max);
        if all > SIZE_MAX {
            return Err(SizeError::TooLarge);
        }
        let all = given.population.map_or(all, |customers| all.min(customers));
        let face = face.min(all);
        let visits = Visits::of(outlets.len() as u64, aims.occasion);
        Ok(Self {
            population: given.population,
            face_for_half_width,
            all_for_half_width,
            all_for_proof,
            face,
            electronic: all - face,
            visits: visits.outlets,
            visits_at_random: visits.random_at_least,
        })
    }
}

fn assumptions(aims: &Aims, outlets: &[PlannedOutlet]) -> Assumptions {
    let customers: Option<Vec<u64>> = outlets.iter().map(|outlet| outlet.customers).collect();
    let population = customers.map(|each| each.into_iter().sum::<u64>());
    Assumptions {
        sd: aims.sd.share(),
        design_effect: aims.design_effect.number(),
        // No customers at all are a list that is not there yet.
        population: population.filter(|customers| *customers > 0),
    }
}

impl Plan {
    /// The plan with the answers spread over the outlets by its rule: interviews over those that are visited, at least 5
    /// each; electronic answers over all.
    ///
    /// # Errors
    /// The field of the form that contradicts the outlets.
    pub fn allocated(&self) -> Result<Self, FieldError> {
        let (rule, outlets) = (self.aims().rule, self.outlets());
        if rule != Rule::Equal && outlets.iter().any(|outlet| outlet.customers.is_none()) {
            return Err(FieldError::new("rule", Problem::CustomersUnknown));
        }
        if rule == Rule::CostOptimal && outlets.iter().any(|outlet| outlet.cost.is_none()) {
            return Err(FieldError::new("costs", Problem::Empty));
        }
        let refused = |_| FieldError::new("rule", Problem::Conflict);
        let visited = |outlet: &PlannedOutlet| outlet.is_visited;
        let face = self
            .spread(visited, self.sizes().face, FACE_PER_OUTLET)
            .map_err(refused)?;
        let electronic = self.spread(|_| true, self.sizes().electronic, 0).map_err(refused)?;
        let outlets = outlets.iter().zip(face).zip(electronic);
        let outlets = outlets.map(|((outlet, face), electronic)| PlannedOutlet {
            target_face: face,
            // Nobody answers twice.
            target_electronic: electronic.min(outlet.customers.unwrap_or(UNCOUNTED).saturating_sub(face)),
            ..outlet.clone()
        });
        let plan = Self::new(self.aims().clone(), outlets.collect());
        let plan = plan.map_err(|_| FieldError::new("rule", Problem::Conflict))?;
        Ok(plan.like(self))
    }

    /// `size` answers over the chosen outlets, at least `least` each, none where nobody was served.
    fn spread(
        &self,
        chosen: impl Fn(&PlannedOutlet) -> bool,
        size: u64,
        least: u64,
    ) -> Result<Vec<u64>, AllocationError> {
        let stratum = |outlet: &PlannedOutlet| Stratum {
            id: outlet.id.to_string(),
            customers: match chosen(outlet) {
                true => outlet.customers.unwrap_or(UNCOUNTED),
                false => 0,
            },
            sd: outlet.sd.unwrap_or(self.aims().sd).share(),
            cost: outlet.cost.map_or(1.0, Hundredths::number),
        };
        let strata: Vec<Stratum> = self.outlets().iter().map(stratum).collect();
        let most: u64 = strata.iter().map(|stratum| stratum.customers).sum();
        if most == 0 || size == 0 {
            return Ok(vec![0; strata.len()]);
        }
        let lowest: u64 = strata.iter().map(|stratum| stratum.customers.min(least.max(2))).sum();
        let spread = allocation::allocate(&strata, size.max(lowest).min(most), self.aims().rule)?;
        let at_least = |(n, stratum): (u64, &Stratum)| n.max(least.min(stratum.customers));
        Ok(spread.into_iter().zip(&strata).map(at_least).collect())
    }

    /// Interviews and electronic answers of all outlets.
    pub fn targets(&self) -> (u64, u64) {
        let sum = |of: fn(&PlannedOutlet) -> u64| self.outlets().iter().map(of).sum();
        (sum(|outlet| outlet.target_face), sum(|outlet| outlet.target_electronic))
    }

    /// Half-width that so many answers reach, points of 100; `None` for none.
    pub fn half_width(&self, answers: u64) -> Option<f64> {
        let given = assumptions(self.aims(), self.outlets());
        let reached = sample_size::half_width(answers, self.aims().confidence.share(), &given);
        reached.ok().map(|share| share * 100.0)
    }

    /// Days of one evaluator for so many interviews; `None` where the plan does not say how many a day holds.
    pub fn evaluator_days(&self, interviews: u64) -> Option<u64> {
        let per_day = self.scope()?.per_day;
        Some(interviews.div_ceil(u64::from(per_day.max(1))))
    }

    /// People to speak to for so many interviews, as expected.
    pub fn approaches(&self, interviews: u64) -> u64 {
        expected(interviews, self.aims().response_face)
    }

    /// People to invite for so many electronic answers, as expected.
    pub fn invitations(&self, answers: u64) -> u64 {
        expected(answers, self.aims().response_electronic)
    }
}

/// Cases for so many answers; none for none.
fn expected(answers: u64, response: Hundredths) -> u64 {
    match answers {
        0 => 0,
        _ => sample_size::cases_to_draw(answers, response.share(), 1.0).unwrap_or(answers),
    }
}
