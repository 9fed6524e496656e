//! The one result of an evaluation's survey, from which every page, file and message is rendered.
//!
//! Everything comes from tallies; nothing here reads a response. What is shown are [`Cell`]s, which withhold small groups
//! and whatever would reveal them; what is graded are the exact figures behind them, which are never serialised.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::analysis::{Analysis, Reach};
use super::class::{ByClass, ByColumn, Column, EvidenceClass};
use super::estimate::Estimate;
use super::item::ItemSummary;
use super::judgement::{self, Judgement};
use super::method::{Design, Method};
use super::publish::{self, Withheld};
use super::result_sums::{Groups, cells};
use super::side_by_side::{MANY_OUTLETS, side_by_side};
use super::star::{SurveyStar, survey_star};
use super::study::{Population, Scan, Scoring, Study, StudyError};
use super::sums::Sums;
use super::suppress::{Cell, Undefined};
use super::tally::{Tally, TallyError};
use super::warning::{self, Warning};

/// How a result is computed and published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResultRule {
    /// The choices of the plan.
    #[serde(flatten)]
    pub method: Method,
    /// The design that the errors of S and S_face rest on.
    pub design_used: Design,
    /// Cells with fewer people are withheld; 0 or 1 withholds nothing.
    pub suppress_below: u64,
}

/// Contacts by disposition code, of an outlet (by its index) and evidence class.
pub type Contacts = BTreeMap<(usize, EvidenceClass), BTreeMap<String, u64>>;

/// What a result is computed from, gathered from stored tallies one by one: none of them is held.
#[derive(Debug)]
pub struct Evidence {
    study: Study,
    contacts: Contacts,
}

impl Evidence {
    /// Nothing yet, of this scoring and of these outlets.
    pub fn new(scoring: &Arc<Scoring>, population: &Arc<Population>) -> Self {
        Self {
            study: Study::of_tallies(Arc::clone(scoring), Arc::clone(population)),
            contacts: Contacts::new(),
        }
    }

    /// Adds a tally with the index of its outlet. Several of one outlet and class add up.
    ///
    /// # Errors
    /// [`StudyError`] for a tally of another questionnaire or outlet, or sums that overflow.
    pub fn add(&mut self, outlet: usize, class: EvidenceClass, tally: Tally) -> Result<(), StudyError> {
        self.study.add_tally(outlet, class, &tally)?;
        let codes = self.contacts.entry((outlet, class)).or_default();
        for (code, count) in tally.into_dispositions() {
            let sum = codes.entry(code).or_default();
            *sum = sum.checked_add(count).ok_or(TallyError::Overflow)?;
        }
        Ok(())
    }

    /// Cross sums, once fieldwork is closed.
    pub fn with_scan(self, scan: Option<Scan>) -> Self {
        Self {
            study: self.study.with_scan(scan),
            ..self
        }
    }

    /// Sums of every class over all outlets.
    pub fn sums(&self) -> ByClass<Sums> {
        ByClass::from_fn(|class| self.study.sums(class))
    }
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
    /// SHA-256 of everything the figures rest on: questionnaire, outlets, sums, contacts; hexadecimal. Nothing where cells
    /// may be withheld: few answers could be found out by trying which of them give the hash.
    pub inputs_sha256: Option<String>,
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
    /// Responses by reason for a low rating, `dimension.reason`. What nobody named is not there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub low_reasons: BTreeMap<String, Cell<u64>>,
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
    /// [`StudyError::Tally`] for sums that overflow.
    pub fn compute(evidence: &Evidence, method: &Method, suppress_below: u64) -> Result<Self, StudyError> {
        Self::of(&evidence.study, &evidence.contacts, method, suppress_below)
    }

    /// The same without what only the sampling report and files state.
    ///
    /// # Errors
    /// As [`Self::compute`].
    pub fn for_page(evidence: &Evidence, method: &Method, suppress_below: u64) -> Result<Self, StudyError> {
        let Evidence { study, contacts } = evidence;
        Self::within(Reach::Page, (study, contacts), method, suppress_below)
    }

    /// The result of a study, whether it was read from rows or from tallies.
    ///
    /// # Errors
    /// [`StudyError::Tally`] for sums that overflow.
    pub fn of(study: &Study, contacts: &Contacts, method: &Method, suppress_below: u64) -> Result<Self, StudyError> {
        let reach = if suppress_below < 2 {
            Reach::Files
        } else {
            Reach::Report
        };
        Self::within(reach, (study, contacts), method, suppress_below)
    }

    fn within(
        reach: Reach,
        (study, contacts): (&Study, &Contacts),
        method: &Method,
        suppress_below: u64,
    ) -> Result<Self, StudyError> {
        let (analysis, found) = side_by_side(
            study.population().outlets().len() >= MANY_OUTLETS,
            || Analysis::of(study, method, reach),
            || Cells::of(study, contacts, method, suppress_below),
        );
        let Cells {
            groups,
            withheld,
            facets,
            items,
            outlets,
        } = found?;
        let judged = analysis.headline.clone();
        let exact = groups.overall(method);
        let exact = ByColumn::from_fn(|column| {
            let judged = match column {
                Column::All => judged.s.as_ref(),
                Column::Face => judged.s_face.as_ref(),
                other => judged.channels.get(other).as_ref(),
            };
            let own = exact.get(column).clone();
            own.map(|estimate| judgement::under_design(estimate, judged, method.confidence))
        });
        let known = ByColumn::from_fn(|column| exact.get(column).as_ref().ok());
        let judgement = Judgement::of(&analysis, &known, &withheld, (study.scoring(), suppress_below));
        let rate = |column: Column| exact.get(column).as_ref().ok().map(|found| &found.rate.exact);
        Ok(Self {
            rule: ResultRule {
                method: method.clone(),
                design_used: analysis.headline.design,
                suppress_below,
            },
            inputs_sha256: (suppress_below < 2).then(|| inputs(study, contacts)),
            overall: cells(&withheld.overall, |column| exact.get(column).clone()),
            counted: cells(&withheld.overall, |column| Ok(groups.counted(column))),
            facets,
            items,
            outlets,
            dispositions: groups.dispositions(&withheld),
            low_reasons: publish::low_reasons(study, &withheld, suppress_below),
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

    /// Whether no cell is withheld, whatever its size: the form for those who hold the responses.
    pub fn is_whole(&self) -> bool {
        self.rule.suppress_below < 2
    }

    /// The whole analysis, which withholds nothing: for those who hold the responses; for pages only where no cell is withheld.
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

/// What does not need the analysis.
struct Cells<'a> {
    groups: Groups<'a>,
    withheld: Withheld,
    facets: Vec<ByColumn<Cell<Estimate>>>,
    items: Vec<ByColumn<Cell<ItemSummary>>>,
    outlets: Vec<OutletResult>,
}

impl<'a> Cells<'a> {
    fn of(study: &'a Study, contacts: &'a Contacts, method: &Method, suppress_below: u64) -> Result<Self, TallyError> {
        let groups = Groups::of(study, contacts)?;
        let layout = groups.layout(study);
        let withheld = publish::decide(&layout, suppress_below).under(method, &layout, suppress_below);
        Ok(Self {
            facets: groups.facets(&withheld, method.confidence),
            items: groups.items(study, &withheld),
            outlets: groups.outlets(&withheld, method.confidence),
            withheld,
            groups,
        })
    }
}

fn inputs(study: &Study, contacts: &Contacts) -> String {
    let mut hash = Sha256::new();
    hash.update(study.digest());
    for ((outlet, class), codes) in contacts.iter().filter(|(_, codes)| !codes.is_empty()) {
        hash.update(format!("\n{outlet} {} {codes:?}", class.as_str()));
    }
    HEXLOWER.encode(&hash.finalize())
}
