//! Made-up reports for the tests of pages.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use crate::statistics::class::EvidenceClass;
use crate::statistics::result::{Evidence, SurveyResult};
use crate::statistics::score::Reply;
use crate::statistics::study::{NOT_APPLICABLE, NOT_SHOWN, Outlet, Population, SKIPPED, Scan};
use crate::statistics::tally::Tally;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::instrument::Instrument;
use crate::survey::language::Text;
use crate::survey::method::Method;
use crate::survey::questionnaire::{Questionnaire, ServiceSet};
use crate::survey::report::{Interim, Report, ReportOutlet};

const QUESTIONNAIRE: &[u8] = include_bytes!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
const METHOD: &[u8] = include_bytes!("../../methods/default-1.0.0.json");

/// A small generator, so that every run makes the same report.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A report with so many in-person, invited and open answers per outlet; `mood` of 10 ratings are the best.
pub fn report(state: EvaluationState, outlets: &[[u64; 3]], mood: u64) -> Report {
    let questionnaire = Questionnaire::from_json(QUESTIONNAIRE).unwrap();
    let instrument = Arc::new(Instrument::new(questionnaire, Method::from_json(METHOD).unwrap()).unwrap());
    let mut dice = Dice(7);
    let known = outlets.iter().enumerate().map(|(place, _)| Outlet {
        name: place.to_string(),
        customers: Some(480),
    });
    let population = Arc::new(Population::new(known.collect(), None, Vec::new()).unwrap());
    let mut scan = Scan::new(instrument.scoring(), &population);
    let mut tallies = Vec::new();
    for (outlet, counts) in outlets.iter().enumerate() {
        for (class, count) in EvidenceClass::ALL.into_iter().zip(counts) {
            let mut tally = Tally::empty(instrument.scheme());
            for _ in 0..*count {
                let services = ServiceSet(u32::try_from(dice.below(4095)).unwrap() + 1);
                let reply = |item: &crate::survey::questionnaire::Item| match (item.applies(services), dice.below(10)) {
                    (false, _) => Reply::NotShown,
                    (true, roll) if roll < mood => Reply::Rated(5),
                    (true, _) => Reply::Rated(u8::try_from(dice.below(4)).unwrap() + 1),
                };
                let replies: Vec<Reply> = instrument.questionnaire().items().iter().map(reply).collect();
                tally
                    .add(&instrument.scheme().score(&replies).unwrap(), Some(80))
                    .unwrap();
                let codes: Vec<u8> = replies
                    .iter()
                    .map(|reply| match reply {
                        Reply::Rated(code) => *code,
                        Reply::NotApplicable => NOT_APPLICABLE,
                        Reply::Skipped => SKIPPED,
                        Reply::NotShown => NOT_SHOWN,
                    })
                    .collect();
                scan.add((instrument.scoring(), &population), outlet, class, &[], &codes)
                    .unwrap();
                tally.add_disposition("100", 1).unwrap();
            }
            tally.add_disposition("210", 7).unwrap();
            tallies.push((outlet, class, tally));
        }
    }
    let mut evidence = Evidence::new(instrument.scoring(), &population);
    for (outlet, class, tally) in tallies {
        evidence.add(outlet, class, tally).unwrap();
    }
    let evidence = evidence.with_scan((state > EvaluationState::Open).then_some(scan));
    let method = instrument.method().statistical();
    let outlet = |place: usize| ReportOutlet {
        id: OutletId::from_random([u8::try_from(place).unwrap(); 16]),
        name: Text::new(
            format!("浦东世纪大道 {place} 号服务网点"),
            format!("Pudong Century Avenue {place}"),
        ),
        customers: Some(480),
        target_face: 20,
        target_electronic: 90,
    };
    Report {
        evaluation: EvaluationId::from_random([9; 16]),
        firm: Text::new("海晴电器有限公司", "Haiqing Appliances Co., Ltd"),
        title: Text::new("2026 年度监督评价", "Surveillance 2026"),
        state,
        result: SurveyResult::compute(&evidence, method, 5).unwrap(),
        instrument,
        notice_version: Some("0123456789abcdef".into()),
        outlets: (0..outlets.len()).map(outlet).collect(),
        interviews: None,
        interim: None,
        scan_pending: false,
        margin: None,
    }
}

/// A report whose interim results somebody opened.
pub fn interim(outlets: &[[u64; 3]], mood: u64) -> Report {
    let opened = Interim {
        at_ms: 1_774_999_800_000,
        actor: "周明".into(),
    };
    Report {
        interim: Some(opened),
        ..report(EvaluationState::Open, outlets, mood)
    }
}
