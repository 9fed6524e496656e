//! Decision support for S and S_face as they are graded: which figures and samples it rests on.
//!
//! Source: statistics.md §8.

use super::headline::{Headline, Judged, cluster_variance};
use super::visited::Visited;
use crate::statistics::class::ByColumn;
use crate::statistics::decision::{Assurance, Decision, NewOutlets, Sample};
use crate::statistics::figure::Figure;
use crate::statistics::method::{Design, Method};
use crate::statistics::sums::Sums;

/// What further answers would add to.
pub(super) struct Samples {
    /// Both channels, one stratum each.
    pub all: Sample,
    /// Interviews within the outlets visited.
    pub stratified: Sample,
    /// Interviews as if drawn from endlessly many customers at once.
    pub simple: Sample,
}

impl Samples {
    pub fn of(visited: &Visited, columns: &ByColumn<Sums>) -> Self {
        let channels = [&columns.face, &columns.electronic];
        Self {
            all: Sample {
                n: columns.all.n,
                strata: channels.iter().filter(|sums| sums.n > 0).count() as u64,
                customers: None,
            },
            stratified: Sample {
                n: visited.responses(),
                strata: visited.count(),
                customers: visited.customers(),
            },
            simple: Sample {
                n: visited.responses(),
                strata: 1,
                customers: None,
            },
        }
    }

    /// For the graded S and S_face under their design.
    pub fn graded(
        &self,
        visited: &Visited,
        method: &Method,
        headline: &Headline,
        simple: &Figure,
        correlation: Option<f64>,
    ) -> Decision {
        let (s, s_face) = (graded(headline.s.as_ref()), graded(headline.s_face.as_ref()));
        let drawn = match headline.design {
            Design::Simple => self.simple,
            Design::Stratified | Design::TwoStage => self.stratified,
        };
        let decision = Decision::of((&s, self.all), (&s_face, drawn), (simple, self.simple), correlation);
        if headline.design != Design::TwoStage {
            return decision;
        }
        // What separates outlets shrinks only with more outlets, so interviews in those visited settle nothing.
        let between = Figure::with_se(
            s_face.est,
            cluster_variance(visited, method, headline).and_then(|found| found.se()),
        );
        let outlets = Sample {
            n: visited.count(),
            strata: 1,
            customers: visited.frame_outlets(),
        };
        let needed = |assurance| NewOutlets::needed(&between, outlets, visited.responses(), assurance);
        let interviews = |assurance| needed(assurance).map(|needed| needed.interviews);
        Decision {
            face_more_interviews: interviews(Assurance::Even),
            face_more_interviews_assured: interviews(Assurance::Eighty),
            face_more_outlets: needed(Assurance::Even),
            ..decision
        }
    }
}

fn graded(score: Option<&Judged>) -> Figure {
    Figure {
        df: score.and_then(|score| score.df),
        ..Figure::with_se(score.map(|score| score.rate.est), score.and_then(|score| score.se))
    }
}
