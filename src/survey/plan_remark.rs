//! What a reader of a plan should know before it is frozen.

use super::outlet_draw;
use super::plan::{Plan, PlannedOutlet};
use super::plan_sizing::{ALL_FLOOR, ALL_PLANNED, FACE_FLOOR, FACE_PER_OUTLET, FACE_PLANNED};

/// Something about a plan that needs a look (requirements.md §8.3, §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Outlets whose customers nobody counted: the population is taken as infinite.
    CustomersUnknown(usize),
    /// So few customers that everyone is asked.
    AskEverybody(u64),
    /// Fewer interviews than planned for, yet above the floor.
    FaceBelowPlan(u64),
    /// So few interviews that S_face is not published.
    FaceBelowFloor(u64),
    /// Fewer answers than planned for, yet above the floor.
    AllBelowPlan(u64),
    /// So few answers that S is not published.
    AllBelowFloor(u64),
    /// Visited outlets with fewer than five interviews.
    FewAtOutlet(usize),
    /// More than 40 % of all answers are interviews.
    ManyFace,
    /// The half-width of S_face is not reached.
    FaceTooWide,
    /// The half-width of S is not reached.
    AllTooWide,
    /// Fewer outlets are visited than the rule asks for.
    FewVisits {
        /// Visited.
        visited: u64,
        /// By the rule.
        needed: u64,
    },
    /// Outlets are left out, and no logged draw says which.
    NotDrawn,
    /// Nobody wrote down who the customers are.
    Undescribed,
    /// The time in the field has no end.
    NoPeriod,
    /// More people must be invited or spoken to than there are customers.
    TooFewCustomers(u64),
}

impl Plan {
    /// Everything worth a look about the plan with its targets as they stand.
    pub fn remarks(&self) -> Vec<Remark> {
        let (face, electronic) = self.targets();
        let (all, outlets, sizes) = (face + electronic, self.outlets(), self.sizes());
        let count = |of: &dyn Fn(&&PlannedOutlet) -> bool| outlets.iter().filter(of).count();
        let mut remarks = Vec::new();
        let unknown = count(&|outlet| outlet.customers.is_none());
        if unknown > 0 {
            remarks.push(Remark::CustomersUnknown(unknown));
        }
        if let Some(customers) = sizes.population.filter(|customers| *customers <= FACE_PLANNED) {
            remarks.push(Remark::AskEverybody(customers));
        }
        remarks.extend(match face {
            0..FACE_FLOOR => Some(Remark::FaceBelowFloor(face)),
            FACE_FLOOR..FACE_PLANNED => Some(Remark::FaceBelowPlan(face)),
            _ => None,
        });
        remarks.extend(match all {
            0..ALL_FLOOR => Some(Remark::AllBelowFloor(all)),
            ALL_FLOOR..ALL_PLANNED => Some(Remark::AllBelowPlan(all)),
            _ => None,
        });
        let few = |outlet: &&PlannedOutlet| {
            let least = outlet.customers.unwrap_or(FACE_PER_OUTLET).min(FACE_PER_OUTLET);
            outlet.is_visited && outlet.target_face < least
        };
        let few = count(&few);
        if few > 0 {
            remarks.push(Remark::FewAtOutlet(few));
        }
        if face * 5 > all * 2 {
            remarks.push(Remark::ManyFace);
        }
        // Answers for a half-width were rounded up, so whoever has as many reaches it.
        if face < sizes.face_for_half_width {
            remarks.push(Remark::FaceTooWide);
        }
        if all < sizes.all_for_half_width.max(sizes.all_for_proof.unwrap_or_default()) {
            remarks.push(Remark::AllTooWide);
        }
        let visited = count(&|outlet| outlet.is_visited) as u64;
        if visited < sizes.visits {
            let needed = sizes.visits;
            remarks.push(Remark::FewVisits { visited, needed });
        }
        if !self.is_drawn() {
            remarks.push(Remark::NotDrawn);
        }
        if let Some(scope) = self.scope() {
            remarks.extend(scope.population.is_empty().then_some(Remark::Undescribed));
            remarks.extend(scope.last_day.is_none().then_some(Remark::NoPeriod));
        }
        let asked = self.approaches(face) + self.invitations(electronic);
        if sizes.population.is_some_and(|customers| asked > customers) {
            remarks.push(Remark::TooFewCustomers(asked));
        }
        remarks
    }
    /// Whether the outlets visited are all there are, or those that a logged draw gives for the outlets as they are now.
    fn is_drawn(&self) -> bool {
        if self.outlets().iter().all(|outlet| outlet.is_visited) {
            return true;
        }
        let Some(draw) = self.draw() else { return false };
        let all: Vec<_> = self.outlets().iter().map(|outlet| outlet.id).collect();
        let risky: Vec<_> = all.iter().copied().filter(|id| draw.is_risky(*id)).collect();
        let frame = outlet_draw::frame(&all, &risky);
        let drawn = draw.is_of(self).then(|| draw.drawn(&frame));
        let Some(Ok(drawn)) = drawn else { return false };
        let planned = |id| draw.is_risky(id) || drawn.visited.contains(&id);
        self.outlets()
            .iter()
            .all(|outlet| outlet.is_visited == planned(outlet.id))
    }
}
