//! A study added up in every way a result needs, and the cells that come of it.

use std::collections::BTreeMap;

use super::class::{ByClass, ByColumn, Column, EvidenceClass};
use super::disclosure::{Facet, Rated};
use super::estimate::Estimate;
use super::exact::Ratio;
use super::interval::Confidence;
use super::item::ItemSummary;
use super::method::Method;
use super::person::PersonScore;
use super::publish::{Layout, Withheld};
use super::result::{Contacts, OutletResult};
use super::side_by_side::{MANY_OUTLETS, side_by_side};
use super::study::Study;
use super::sums::Sums;
use super::suppress::{Cell, Undefined};
use super::tally::{ItemHistogram, PersonSums, TallyError};

/// Contacts by disposition code.
type Codes = BTreeMap<String, u64>;

/// The sums of a study by row and column of the result.
pub(super) struct Groups<'a> {
    overall: ByColumn<Sums>,
    person: ByColumn<BTreeMap<i64, PersonSums>>,
    facets: Vec<ByColumn<Sums>>,
    items: ByColumn<Vec<ItemHistogram>>,
    outlets: BTreeMap<usize, (ByColumn<Sums>, ByClass<&'a Codes>)>,
    contacts: ByClass<Codes>,
}

impl<'a> Groups<'a> {
    /// Only outlets with a response or a contact have a row.
    pub fn of(study: &Study, contacts: &'a Contacts) -> Result<Self, TallyError> {
        const NONE: &Codes = &Codes::new();
        let columns = |of: &dyn Fn(EvidenceClass) -> Sums| {
            columns_of(
                of(EvidenceClass::Face),
                of(EvidenceClass::Invited),
                of(EvidenceClass::Open),
            )
        };
        let facets = (0..study.scoring().facets().len())
            .map(|facet| columns(&|class| study.facet_sums(class, facet)))
            .collect::<Result<_, _>>()?;
        let sums = ByClass::from_fn(|class| study.outlet_sums(class));
        let (mut outlets, mut all) = (BTreeMap::new(), ByClass::<Codes>::default());
        for place in 0..study.population().outlets().len() {
            let row = columns(&|class| sums.get(class).get(place).copied().unwrap_or_default())?;
            let codes = ByClass::from_fn(|class| contacts.get(&(place, class)).unwrap_or(NONE));
            let contacted = EvidenceClass::ALL.iter().any(|class| !codes.get(*class).is_empty());
            if row.all.n > 0 || contacted {
                outlets.insert(place, (row, codes));
            }
        }
        for ((_, class), codes) in contacts {
            for (code, count) in codes {
                let sum = all.get_mut(*class).entry(code.clone()).or_default();
                *sum = sum.checked_add(*count).ok_or(TallyError::Overflow)?;
            }
        }
        Ok(Self {
            overall: columns(&|class| study.sums(class))?,
            person: ByColumn::from_fn(|column| study.person(column.classes())),
            facets,
            items: ByColumn::from_fn(|column| histograms(study, column)),
            outlets,
            contacts: all,
        })
    }

    /// People behind every row.
    pub fn layout<'b>(&self, study: &'b Study) -> Layout<'b> {
        let counts = |sums: &ByColumn<Sums>, of: fn(&Sums) -> u64| ByClass::from_fn(|class| of(sums.get(class.into())));
        let people = |sums: &ByColumn<Sums>| [counts(sums, |sums| sums.n), counts(sums, |sums| sums.scored)];
        let facets = self.facets.iter().enumerate();
        let answered = |item: usize, class: EvidenceClass| {
            let histogram = self.items.get(class.into()).get(item);
            histogram.map_or(0, ItemHistogram::answered)
        };
        let outlets = study.population().outlets();
        Layout {
            whole: people(&self.overall),
            outlets: self.outlets.values().map(|(sums, _)| people(sums)).collect(),
            customers: self
                .outlets
                .keys()
                .map(|place| outlets.get(*place).and_then(|outlet| outlet.customers))
                .collect(),
            // Behind a facet or an item stand those who rated it, not all who could have.
            rated: Rated {
                facets: facets
                    .map(|(facet, sums)| Facet {
                        raters: counts(sums, |sums| sums.scored),
                        items: study.scoring().items_of(facet),
                    })
                    .collect(),
                items: (0..self.items.all.len())
                    .map(|item| ByClass::from_fn(|class| answered(item, class)))
                    .collect(),
                at_outlets: study.raters().collect(),
            },
        }
    }

    /// Counted responses of a column.
    pub fn counted(&self, column: Column) -> u64 {
        self.overall.get(column).n
    }

    /// Scores of the columns by points, each column one sample and S with the channels as strata.
    pub fn overall(&self, method: &Method) -> ByColumn<Result<Estimate, Undefined>> {
        let mut sums = self.overall.clone();
        if method.exclude_open {
            (sums.electronic, sums.open) = (sums.invited, Sums::default());
        }
        ByColumn::from_fn(|column| {
            let person = PersonScore::of(self.person.get(column)).map(|score| score.mean);
            let sums = if column == Column::All { &sums } else { &self.overall };
            estimate(column, sums, person, method.confidence)
        })
    }

    pub fn facets(&self, withheld: &Withheld, confidence: Confidence) -> Vec<ByColumn<Cell<Estimate>>> {
        let rows = self.facets.iter().zip(&withheld.facets);
        rows.map(|(sums, hidden)| cells(hidden, |column| estimate(column, sums, None, confidence)))
            .collect()
    }

    pub fn items(&self, study: &Study, withheld: &Withheld) -> Vec<ByColumn<Cell<ItemSummary>>> {
        let rows = study.scoring().scheme().items().iter().zip(&withheld.items).enumerate();
        rows.map(|(index, (item, hidden))| {
            cells(hidden, |column| {
                let histogram = self.items.get(column).get(index).ok_or(Undefined::NoAnswers)?;
                ItemSummary::of(item, histogram)
            })
        })
        .collect()
    }

    pub fn outlets(&self, withheld: &Withheld, confidence: Confidence) -> Vec<OutletResult> {
        let rows: Vec<_> = self.outlets.iter().zip(&withheld.outlets).collect();
        let (one, other) = rows.split_at(rows.len() / 2);
        let made = |some: &[(OutletGroup<'_>, &ByColumn<bool>)]| -> Vec<OutletResult> {
            let each = some.iter().map(|(group, hidden)| outlet(*group, hidden, confidence));
            each.collect()
        };
        let (mut one, other) = side_by_side(rows.len() >= MANY_OUTLETS, || made(one), || made(other));
        one.extend(other);
        one
    }

    pub fn dispositions(&self, withheld: &Withheld) -> ByClass<Cell<Codes>> {
        dispositions(&withheld.overall, |class| self.contacts.get(class))
    }
}

/// An outlet's place, its sums and its contacts.
type OutletGroup<'a> = (&'a usize, &'a (ByColumn<Sums>, ByClass<&'a Codes>));

fn outlet((outlet, (sums, codes)): OutletGroup<'_>, hidden: &ByColumn<bool>, confidence: Confidence) -> OutletResult {
    OutletResult {
        outlet: *outlet,
        counted: cells(hidden, |column| Ok(sums.get(column).n)),
        score: cells(hidden, |column| estimate(column, sums, None, confidence)),
        dispositions: dispositions(hidden, |class| codes.get(class)),
    }
}

fn histograms(study: &Study, column: Column) -> Vec<ItemHistogram> {
    let mut all: Vec<ItemHistogram> = Vec::new();
    for class in column.classes() {
        let own = study.histograms(*class);
        if all.is_empty() {
            all = own;
            continue;
        }
        for (sum, more) in all.iter_mut().zip(own) {
            sum.rated
                .iter_mut()
                .zip(more.rated)
                .for_each(|(sum, more)| *sum += more);
            sum.not_applicable += more.not_applicable;
            sum.skipped += more.skipped;
        }
    }
    all
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

/// One row of cells.
pub(super) fn cells<T>(hidden: &ByColumn<bool>, value: impl Fn(Column) -> Result<T, Undefined>) -> ByColumn<Cell<T>> {
    ByColumn::from_fn(|column| Cell::of(*hidden.get(column), value(column)))
}

fn dispositions<'a>(hidden: &ByColumn<bool>, codes: impl Fn(EvidenceClass) -> &'a Codes) -> ByClass<Cell<Codes>> {
    ByClass::from_fn(|class| Cell::of(*hidden.get(class.into()), Ok(codes(class).clone())))
}
