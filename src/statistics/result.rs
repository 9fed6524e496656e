//! The one result of an evaluation's survey, from which every page, file and message is rendered.
//!
//! Everything comes from tallies; nothing here reads a response. What is shown are [`Cell`]s, which withhold small groups
//! and whatever would reveal them; what is graded are the exact figures behind them, which are never serialised.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::analysis::Analysis;
use super::class::{ByClass, ByColumn, Column, EvidenceClass};
use super::estimate::Estimate;
use super::exact::Ratio;
use super::interval::Confidence;
use super::item::ItemSummary;
use super::judgement::{self, Judgement};
use super::method::Method;
use super::person::PersonScore;
use super::publish::{self, Layout, People, Withheld};
use super::score::ScoreScheme;
use super::star::{SurveyStar, survey_star};
use super::study::{Population, Scan, Scoring, Study, StudyError};
use super::sums::Sums;
use super::suppress::{Cell, Undefined};
use super::tally::{Tally, TallyError};
use super::warning::{self, Warning};

/// How a result is computed and published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ResultRule {
    /// Confidence level of the intervals.
    pub confidence: Confidence,
    /// Cells with fewer people are withheld; 0 or 1 withholds nothing.
    pub suppress_below: u64,
}

/// What a result is computed from.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// How answers were scored.
    pub scoring: &'a Arc<Scoring>,
    /// The outlets with their customers.
    pub population: &'a Arc<Population>,
    /// Tallies, each with the index of its outlet. Several of one outlet and class add up.
    pub tallies: &'a [(usize, EvidenceClass, Tally)],
    /// Cross sums, once fieldwork is closed.
    pub scan: Option<Scan>,
}

/// One outlet's part of the result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutletResult {
    /// The outlet's index as given with its tallies.
    pub outlet: usize,
    /// Counted responses.
    pub counted: ByColumn<Cell<u64>>,
    /// Points score.
    pub score: ByColumn<Cell<Estimate>>,
    /// Contacts by disposition code. Withheld with the score, because they contain the number of answers.
    pub dispositions: ByClass<Cell<BTreeMap<String, u64>>>,
}

/// Everything that a survey result states.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurveyResult {
    /// How it was computed.
    pub rule: ResultRule,
    /// S_face (`face`), S_elec (`electronic`) and its two classes, S (`all`). Errors of S and S_face are those of the
    /// sampling design.
    pub overall: ByColumn<Cell<Estimate>>,
    /// Counted responses.
    pub counted: ByColumn<Cell<u64>>,
    /// The same scores by facet, in the order of the facets.
    pub facets: Vec<ByColumn<Cell<Estimate>>>,
    /// Items, in questionnaire order.
    pub items: Vec<ByColumn<Cell<ItemSummary>>>,
    /// Outlets with a tally, by index.
    pub outlets: Vec<OutletResult>,
    /// Contacts by disposition code.
    pub dispositions: ByClass<Cell<BTreeMap<String, u64>>>,
    /// The survey's part of the star, from the exact scores. Nothing without S, and nothing where S or S_face is withheld:
    /// it would tell between which bounds they lie.
    pub star: Option<SurveyStar>,
    /// What is said about S and S_face besides.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// Remarks a reader must see.
    pub warnings: Vec<Warning>,
    #[serde(skip)]
    exact: ByColumn<Result<Estimate, Undefined>>,
    #[serde(skip)]
    analysis: Analysis,
}

impl SurveyResult {
    /// The result of this evidence by this method; cells with fewer people than `suppress_below` are withheld.
    ///
    /// # Errors
    /// [`StudyError`] for a tally of another questionnaire or outlet, or sums that overflow.
    pub fn compute(evidence: Evidence<'_>, method: &Method, suppress_below: u64) -> Result<Self, StudyError> {
        let (scoring, scheme) = (evidence.scoring, evidence.scoring.scheme());
        let rule = ResultRule {
            confidence: method.confidence,
            suppress_below,
        };
        let groups = Groups::of(scheme, evidence.tallies)?;
        let layout = groups.layout()?;
        let withheld = publish::decide(&layout, scheme, suppress_below);
        let population = Arc::clone(evidence.population);
        let study = Study::from_tallies(Arc::clone(scoring), population, evidence.tallies, evidence.scan)?;
        let analysis = Analysis::of(&study, method);
        let exact = groups.overall(rule.confidence)?;
        let exact = ByColumn {
            face: exact
                .face
                .map(|face| judgement::under_design(face, analysis.headline.s_face.as_ref(), rule.confidence)),
            all: exact
                .all
                .map(|all| judgement::under_design(all, analysis.headline.s.as_ref(), rule.confidence)),
            ..exact
        };
        let known = ByColumn::from_fn(|column| exact.get(column).as_ref().ok());
        let judgement = Judgement::of(&analysis, &known, &withheld, (scoring, suppress_below));
        let rate = |column: Column| exact.get(column).as_ref().ok().map(|found| &found.rate.exact);
        Ok(Self {
            rule,
            overall: cells(&withheld.overall, |column| exact.get(column).clone()),
            counted: cells(&withheld.overall, |column| Ok(layout.overall.get(column).counted)),
            facets: groups.facets(&withheld, rule.confidence)?,
            items: groups.items(scheme, &withheld),
            outlets: groups.outlet_results(&layout, &withheld, rule.confidence)?,
            dispositions: dispositions(&withheld.overall, &groups.by_class),
            star: survey_star(rate(Column::All), rate(Column::Face))
                .filter(|_| !withheld.overall.all && !withheld.overall.face),
            warnings: warning::of(&exact, &withheld.overall, judgement.sensitivity.as_ref()),
            judgement,
            exact,
            analysis,
        })
    }

    /// The survey's part of the star from the exact scores, withheld or not: for grading, never for display.
    pub fn graded_star(&self) -> Option<SurveyStar> {
        let rate = |column| self.exact(column).ok().map(|found: &Estimate| &found.rate.exact);
        survey_star(rate(Column::All), rate(Column::Face))
    }

    /// The whole analysis, which withholds nothing: to compare with an evidence pack, never for display.
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// The unsuppressed score of a column: for grading, never for display.
    ///
    /// # Errors
    /// [`Undefined`] where there is no score.
    pub fn exact(&self, column: Column) -> Result<&Estimate, Undefined> {
        self.exact.get(column).as_ref().map_err(|reason| *reason)
    }
}

/// The tallies, added up in every way the result needs.
struct Groups {
    outlets: BTreeMap<usize, ByClass<Tally>>,
    by_class: ByClass<Tally>,
    electronic: Tally,
    all: Tally,
}

impl Groups {
    fn of(scheme: &ScoreScheme, tallies: &[(usize, EvidenceClass, Tally)]) -> Result<Self, TallyError> {
        let empty = || ByClass::from_fn(|_| Tally::empty(scheme));
        let (mut outlets, mut by_class) = (BTreeMap::new(), empty());
        for (outlet, class, tally) in tallies {
            by_class.get_mut(*class).merge(tally)?;
            outlets
                .entry(*outlet)
                .or_insert_with(empty)
                .get_mut(*class)
                .merge(tally)?;
        }
        let mut electronic = by_class.invited.clone();
        electronic.merge(&by_class.open)?;
        let mut all = electronic.clone();
        all.merge(&by_class.face)?;
        Ok(Self {
            outlets,
            by_class,
            electronic,
            all,
        })
    }

    fn tally(&self, column: Column) -> &Tally {
        match column {
            Column::Face => &self.by_class.face,
            Column::Invited => &self.by_class.invited,
            Column::Open => &self.by_class.open,
            Column::Electronic => &self.electronic,
            Column::All => &self.all,
        }
    }

    fn overall_sums(&self) -> ByColumn<Sums> {
        ByColumn::from_fn(|column| *self.tally(column).core())
    }

    /// Per facet the sums of every column.
    fn facet_sums(&self) -> Result<Vec<ByColumn<Sums>>, TallyError> {
        let of = |class| self.by_class.get(class).facets().iter();
        let classes = of(EvidenceClass::Face)
            .zip(of(EvidenceClass::Invited))
            .zip(of(EvidenceClass::Open));
        classes
            .map(|((face, invited), open)| columns_of(*face, *invited, *open))
            .collect()
    }

    fn outlet_sums(&self) -> Result<Vec<ByColumn<Sums>>, TallyError> {
        let sums = |classes: &ByClass<Tally>| columns_of(classes.face.core, classes.invited.core, classes.open.core);
        self.outlets.values().map(sums).collect()
    }

    fn layout(&self) -> Result<Layout, TallyError> {
        let people = |sums: &ByColumn<Sums>| {
            ByColumn::from_fn(|column| People {
                counted: sums.get(column).n,
                scored: sums.get(column).scored,
            })
        };
        // Behind a facet or an item stand those who rated it, not all who could have.
        let raters = |count: u64| People {
            counted: count,
            scored: count,
        };
        let facet = |sums: &ByColumn<Sums>| ByColumn::from_fn(|column| raters(sums.get(column).scored));
        let answered =
            |index: usize, column: Column| self.tally(column).items().get(index).map_or(0, |item| item.answered());
        let item = |index: usize| ByColumn::from_fn(|column| raters(answered(index, column)));
        Ok(Layout {
            overall: people(&self.overall_sums()),
            outlets: self.outlet_sums()?.iter().map(people).collect(),
            facets: self.facet_sums()?.iter().map(facet).collect(),
            items: (0..self.all.items().len()).map(item).collect(),
        })
    }

    fn overall(&self, confidence: Confidence) -> Result<ByColumn<Result<Estimate, Undefined>>, TallyError> {
        let sums = self.overall_sums();
        Ok(ByColumn::from_fn(|column| {
            let person = PersonScore::of(self.tally(column).person()).map(|score| score.mean);
            estimate(column, &sums, person, confidence)
        }))
    }

    fn facets(&self, withheld: &Withheld, confidence: Confidence) -> Result<Vec<ByColumn<Cell<Estimate>>>, TallyError> {
        let sums = self.facet_sums()?;
        let rows = sums.iter().zip(&withheld.facets);
        Ok(rows
            .map(|(sums, hidden)| cells(hidden, |column| estimate(column, sums, None, confidence)))
            .collect())
    }

    fn items(&self, scheme: &ScoreScheme, withheld: &Withheld) -> Vec<ByColumn<Cell<ItemSummary>>> {
        let rows = scheme.items().iter().zip(&withheld.items).enumerate();
        rows.map(|(index, (item, hidden))| {
            cells(hidden, |column| {
                let histogram = self.tally(column).items().get(index).ok_or(Undefined::NoAnswers)?;
                ItemSummary::of(item, histogram)
            })
        })
        .collect()
    }

    fn outlet_results(
        &self,
        layout: &Layout,
        withheld: &Withheld,
        confidence: Confidence,
    ) -> Result<Vec<OutletResult>, TallyError> {
        let rows = layout.outlets.iter().zip(&withheld.outlets);
        let outlets = self.outlets.iter().zip(self.outlet_sums()?).zip(rows);
        let result = outlets.map(|(((outlet, classes), sums), (people, hidden))| OutletResult {
            outlet: *outlet,
            counted: cells(hidden, |column| Ok(people.get(column).counted)),
            score: cells(hidden, |column| estimate(column, &sums, None, confidence)),
            dispositions: dispositions(hidden, classes),
        });
        Ok(result.collect())
    }
}

fn columns_of(face: Sums, invited: Sums, open: Sums) -> Result<ByColumn<Sums>, TallyError> {
    let electronic = invited.plus(&open)?;
    Ok(ByColumn {
        face,
        invited,
        open,
        electronic,
        all: face.plus(&electronic)?,
    })
}

/// The score of a column; S has the channels as strata (statistics.md §5), everything else is one sample.
fn estimate(
    column: Column,
    sums: &ByColumn<Sums>,
    person: Option<Ratio>,
    confidence: Confidence,
) -> Result<Estimate, Undefined> {
    let open = match column {
        Column::Face | Column::Invited => 0,
        Column::Open | Column::Electronic | Column::All => sums.open.scored,
    };
    match column {
        Column::All => Estimate::of(&[&sums.face, &sums.electronic], open, person, confidence),
        _ => Estimate::of(&[sums.get(column)], open, person, confidence),
    }
}

fn cells<T>(hidden: &ByColumn<bool>, value: impl Fn(Column) -> Result<T, Undefined>) -> ByColumn<Cell<T>> {
    ByColumn::from_fn(|column| Cell::of(*hidden.get(column), value(column)))
}

fn dispositions(hidden: &ByColumn<bool>, classes: &ByClass<Tally>) -> ByClass<Cell<BTreeMap<String, u64>>> {
    ByClass::from_fn(|class| Cell::of(*hidden.get(class.into()), Ok(classes.get(class).dispositions().clone())))
}
