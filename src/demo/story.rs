//! Who is evaluated, where, how it went.

use std::sync::Arc;

use super::DemoLinks;
use super::crowd::Crowd;
use crate::app::{Installation, StartError};
use crate::clock::months_before;
use crate::config::Config;
use crate::store::disposition::Approach;
use crate::store::evaluation::NewEvaluation;
use crate::store::link::NewLink;
use crate::store::outlet::Outlet;
use crate::store::response::SubmitError;
use crate::store::{StoreError, WriteTx, catalogue, disposition, evaluation, link, outlet, response};
use crate::survey::EvidenceClass;
use crate::survey::answers::{Answers, FormChoices};
use crate::survey::disposition::Code;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, InterviewId, LinkId, OrganisationId, OutletId, PersonId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::language::{Language, Text};
use crate::survey::link::LinkKind;
use crate::survey::method::Method;
use crate::survey::notice::Notice;
use crate::survey::questionnaire::{Choice, Questionnaire};
use crate::survey::submission::{Entry, Interview, Place, Receipt, Submission, SubmissionKey};

const QUESTIONNAIRE: &str = include_str!("../../questionnaires/cqm-after-sales-perception-1.0.0.json");
const METHOD: &str = include_str!("../../methods/default-1.0.0.json");
const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

/// An evaluation of the example.
struct Plot {
    firm: (&'static str, &'static str),
    title: (&'static str, &'static str),
    products: &'static [(&'static str, &'static str, &'static str)],
    outlets: &'static [(&'static str, &'static str, i64)],
    /// Answers per outlet: in person, invited, open.
    answers: [u32; 3],
    /// Mood per channel: in person, invited, open.
    moods: [f64; 3],
    /// Fieldwork began and ended so many days ago; an open one has not ended.
    days_ago: (i64, Option<i64>),
    seed: u64,
}

const APPLIANCES: Plot = Plot {
    firm: ("海晴电器有限公司", "Haiqing Appliances Co., Ltd"),
    title: ("2026 年度监督评价", "Surveillance 2026"),
    products: &[("fridge", "冰箱", "Refrigerator"), ("aircon", "空调", "Air conditioner"), ("washer", "洗衣机", "Washing machine")],
    outlets: &[
        ("浦东世纪大道服务网点", "Pudong Century Avenue", 480),
        ("静安南京西路服务网点", "Jing'an West Nanjing Road", 397),
        ("徐汇漕溪北路服务网点", "Xuhui North Caoxi Road", 356),
        ("杨浦五角场服务网点", "Yangpu Wujiaochang", 301),
        ("闵行莘庄服务网点", "Minhang Xinzhuang", 288),
        ("宝山友谊路服务网点", "Baoshan Youyi Road", 214),
        ("嘉定安亭服务网点", "Jiading Anting", 176),
        ("松江新城服务网点", "Songjiang New Town", 143),
    ],
    answers: [17, 52, 44],
    moods: [0.93, 0.88, 0.84],
    days_ago: (62, Some(20)),
    seed: 20_260_901,
};

const FURNITURE: Plot = Plot {
    firm: ("安居家具股份有限公司", "Anju Furniture Corp."),
    title: ("2026 年度初次评价", "First evaluation 2026"),
    products: &[("wardrobe", "定制衣柜", "Fitted wardrobe"), ("kitchen", "整体橱柜", "Fitted kitchen"), ("bed", "床与床垫", "Bed and mattress")],
    outlets: &[
        ("天河体育西服务中心", "Tianhe Tiyu West", 322),
        ("越秀北京路服务中心", "Yuexiu Beijing Road", 268),
        ("海珠江南西服务中心", "Haizhu Jiangnan West", 241),
        ("番禺市桥服务中心", "Panyu Shiqiao", 190),
        ("白云新市服务中心", "Baiyun Xinshi", 155),
        ("南沙金洲服务中心", "Nansha Jinzhou", 64),
    ],
    answers: [18, 52, 46],
    moods: [0.84, 0.80, 0.82],
    days_ago: (12, None),
    seed: 20_261_112,
};

/// Fills an empty database with the example.
pub fn tell(installation: &Installation, config: &Config) -> Result<DemoLinks, StartError> {
    let (closed, open) = (APPLIANCES, FURNITURE);
    let narrator = Narrator {
        key: installation.key.bytes().to_vec(),
        body: config.body_name.clone(),
        contact: config.body_contact.clone(),
        now_ms: installation.clock.now_ms(),
    };
    let told = installation.store.write_blocking(move |tx| -> Result<DemoLinks, StoreError> {
        let instrument = instrument(tx)?;
        let evaluators = narrator.evaluators(tx)?;
        let first = narrator.play(tx, &instrument, &evaluators, &closed)?;
        let second = narrator.play(tx, &instrument, &evaluators, &open)?;
        evaluation::open_interim_results(
            tx,
            second.evaluation,
            "demo",
            "演示：在实施期间打开中期结果 / Demonstration of interim results",
            narrator.now_ms - DAY_MS,
        )?;
        Ok(DemoLinks {
            open: second.evaluation,
            closed: first.evaluation,
            survey: second.survey,
            invitations: second.invitations,
            survey_closed: first.survey,
            survey_revoked: second.revoked,
            survey_early: second.early,
        })
    })?;
    Ok(told)
}

fn instrument(tx: &mut WriteTx<'_>) -> Result<Arc<Instrument>, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let questionnaire = Questionnaire::from_json(QUESTIONNAIRE.as_bytes()).map_err(|e| corrupt(&e))?;
    let method = Method::from_json(METHOD.as_bytes()).map_err(|e| corrupt(&e))?;
    catalogue::insert_questionnaire_if_missing(tx, &questionnaire, QUESTIONNAIRE)?;
    catalogue::insert_method_if_missing(tx, &method, METHOD)?;
    Ok(Arc::new(Instrument::new(questionnaire, method).map_err(|e| corrupt(&e))?))
}

/// What an evaluation left behind for the demo's pages.
struct Told {
    evaluation: EvaluationId,
    survey: String,
    invitations: Vec<String>,
    revoked: String,
    early: String,
}

/// What is the same for both evaluations.
struct Narrator {
    key: Vec<u8>,
    body: Text,
    contact: String,
    now_ms: i64,
}

impl Narrator {
    fn evaluators(&self, tx: &mut WriteTx<'_>) -> Result<Vec<PersonId>, StoreError> {
        [("周明", "EV-0117"), ("林岚", "EV-0142"), ("陈志远", "EV-0203")]
            .into_iter()
            .map(|(name, number)| {
                let id = PersonId::from_random(rand::random());
                evaluation::insert_person(tx, id, name, number, self.now_ms - 90 * DAY_MS).map(|()| id)
            })
            .collect()
    }

    fn play(&self, tx: &mut WriteTx<'_>, instrument: &Arc<Instrument>, evaluators: &[PersonId], plot: &Plot) -> Result<Told, StoreError> {
        let began_ms = self.now_ms - plot.days_ago.0 * DAY_MS;
        let (id, notice_version) = self.open(tx, instrument, plot, began_ms)?;
        let mut told = Told { evaluation: id, survey: String::new(), invitations: Vec::new(), revoked: String::new(), early: String::new() };
        let span_ms = self.now_ms - began_ms - plot.days_ago.1.map_or(DAY_MS, |days| days * DAY_MS);
        for (place, (zh, en, customers)) in plot.outlets.iter().enumerate() {
            let place = i32::try_from(place).unwrap_or(i32::MAX);
            let outlet = Outlet {
                id: OutletId::from_random(rand::random()),
                place,
                name: Text::new(*zh, *en),
                customers: Some(*customers),
                target_face: 20,
                target_electronic: 90,
            };
            outlet::insert(tx, id, &outlet)?;
            let code = self.link(tx, id, outlet.id, LinkKind::Outlet, None)?;
            if place == 0 {
                told.survey = path(&code.1);
                told.early = path(&self.link(tx, id, outlet.id, LinkKind::Outlet, Some(self.now_ms + 30 * DAY_MS))?.1);
                let withdrawn = self.link(tx, id, outlet.id, LinkKind::Outlet, None)?;
                link::revoke(tx, id, withdrawn.0)?;
                told.revoked = path(&withdrawn.1);
            }
            let field = Field { narrator: self, instrument, evaluation: id, outlet: outlet.id, notice_version: &notice_version, began_ms, span_ms };
            field.work(tx, plot, place, code.0, evaluators)?;
            for _ in 0..if plot.days_ago.1.is_none() { 4 } else { 0 } {
                told.invitations.push(path(&self.link(tx, id, outlet.id, LinkKind::Personal, None)?.1));
            }
        }
        if let Some(days) = plot.days_ago.1 {
            evaluation::advance(tx, id, EvaluationState::Closed, None, "demo", self.now_ms - days * DAY_MS)?;
        }
        Ok(told)
    }

    fn open(&self, tx: &mut WriteTx<'_>, instrument: &Instrument, plot: &Plot, began_ms: i64) -> Result<(EvaluationId, String), StoreError> {
        let organisation = OrganisationId::from_random(rand::random());
        let created_ms = began_ms - 14 * DAY_MS;
        evaluation::insert_organisation(tx, organisation, &Text::new(plot.firm.0, plot.firm.1), created_ms)?;
        let new = NewEvaluation {
            id: EvaluationId::from_random(rand::random()),
            organisation,
            title: Text::new(plot.title.0, plot.title.1),
            questionnaire_hash: instrument.questionnaire().hash().to_owned(),
            method_hash: instrument.method().hash().to_owned(),
            products: plot.products.iter().map(|(id, zh, en)| Choice { id: (*id).into(), text: Text::new(*zh, *en) }).collect(),
            retention_end: "2032-12-31".into(),
        };
        evaluation::insert(tx, &new, "demo", created_ms)?;
        let notice = Notice::render(instrument.questionnaire(), &self.body, &self.contact, &new.retention_end);
        catalogue::insert_notice_if_missing(tx, &notice)?;
        evaluation::advance(tx, new.id, EvaluationState::Frozen, None, "demo", began_ms - DAY_MS)?;
        evaluation::advance(tx, new.id, EvaluationState::Open, Some(&notice.version), "demo", began_ms)?;
        Ok((new.id, notice.version))
    }

    fn link(
        &self,
        tx: &mut WriteTx<'_>,
        evaluation: EvaluationId,
        outlet: OutletId,
        kind: LinkKind,
        opens_at_ms: Option<i64>,
    ) -> Result<(LinkId, String), StoreError> {
        let new = NewLink { id: LinkId::from_random(rand::random()), outlet, kind, opens_at_ms, closes_at_ms: None };
        let token = link::insert(tx, evaluation, &new, &self.key)?;
        Ok((new.id, token.as_str().to_owned()))
    }
}

fn path(token: &str) -> String {
    format!("/s/{token}")
}

/// Fieldwork at one outlet.
struct Field<'a> {
    narrator: &'a Narrator,
    instrument: &'a Arc<Instrument>,
    evaluation: EvaluationId,
    outlet: OutletId,
    notice_version: &'a str,
    began_ms: i64,
    span_ms: i64,
}

impl Field<'_> {
    fn work(&self, tx: &mut WriteTx<'_>, plot: &Plot, place: i32, code: LinkId, evaluators: &[PersonId]) -> Result<(), StoreError> {
        let evaluator = evaluators.get(place.unsigned_abs() as usize % evaluators.len().max(1)).copied();
        for (number, class) in EvidenceClass::ALL.into_iter().enumerate() {
            let mood = plot.moods.get(number).copied().unwrap_or(0.8);
            // Outlets differ a little, the smallest is the friendliest.
            let seed = plot.seed + u64::from(place.unsigned_abs()) * 10 + number as u64;
            let mut crowd = Crowd::new(seed, mood + f64::from(place - 4) * 0.004);
            // The last outlet of the furniture maker has hardly begun with interviews: a cell too small to publish.
            let small = class == EvidenceClass::Face && plot.days_ago.1.is_none() && place == 5;
            let answers = if small { 3 } else { plot.answers.get(number).copied().unwrap_or(0) };
            for _ in 0..answers {
                let entry = match (class, evaluator) {
                    (EvidenceClass::Face, Some(evaluator)) => self.interview(&mut crowd, evaluator),
                    (EvidenceClass::Invited, _) => {
                        Entry::Link(self.narrator.link(tx, self.evaluation, self.outlet, LinkKind::Personal, None)?.0)
                    }
                    _ => Entry::Link(code),
                };
                self.answer(tx, &mut crowd, class, entry)?;
            }
            self.without_answer(tx, &mut crowd, class, code, evaluator)?;
        }
        Ok(())
    }

    fn moment(&self, crowd: &mut Crowd) -> i64 {
        let minutes = u32::try_from(self.span_ms / MINUTE_MS).unwrap_or(u32::MAX);
        self.began_ms + i64::from(crowd.below(minutes)) * MINUTE_MS
    }

    fn interview(&self, crowd: &mut Crowd, evaluator: PersonId) -> Entry {
        let started_at_ms = self.moment(crowd);
        Entry::Interview(Interview {
            id: InterviewId::from_random(crowd.bytes()),
            outlet: self.outlet,
            evaluator,
            place: if crowd.happens(0.7) { Place::Inside } else { Place::Outside },
            started_at_ms,
            ended_at_ms: started_at_ms + i64::from(180 + crowd.below(180)) * 1000,
        })
    }

    fn answer(&self, tx: &mut WriteTx<'_>, crowd: &mut Crowd, class: EvidenceClass, entry: Entry) -> Result<(), StoreError> {
        let questionnaire = self.instrument.questionnaire();
        let received_at_ms = match &entry {
            Entry::Interview(interview) => interview.ended_at_ms,
            Entry::Link(_) => self.moment(crowd),
        };
        let months = months_before(received_at_ms);
        let services = crowd.services(questionnaire);
        let form = crowd.form(questionnaire, class, services, &months);
        let Ok(answers) = Answers::parse(questionnaire, services, FormChoices { products: &[], months: &months }, &form) else {
            // Somebody who left everything out: the page would ask them again, and they walk away.
            return Ok(());
        };
        let form_id: [u8; 16] = rand::random();
        let submission = Submission {
            evaluation: self.evaluation,
            entry,
            key: SubmissionKey::of(&form_id),
            receipt: Receipt::of(&self.narrator.key, &form_id),
            answers,
            language: if crowd.happens(0.95) { Language::ZhCn } else { Language::En },
            notice_version: self.notice_version.to_owned(),
            duration_s: Some(35 + crowd.below(90)),
            received_at_ms,
            answers_salt: rand::random(),
            comment_salt: rand::random(),
        };
        let id = ResponseId::from_random(rand::random());
        response::submit(tx, self.instrument, &submission, id).map(drop).map_err(plain)
    }

    /// People who were asked and did not answer, or may not.
    fn without_answer(
        &self,
        tx: &mut WriteTx<'_>,
        crowd: &mut Crowd,
        class: EvidenceClass,
        code: LinkId,
        evaluator: Option<PersonId>,
    ) -> Result<(), StoreError> {
        let (evaluation, outlet) = (self.evaluation, self.outlet);
        match (class, evaluator) {
            (EvidenceClass::Face, Some(evaluator)) => {
                for (outcome, times) in [(Code::Refusal, 6), (Code::NoContact, 3), (Code::NoService, 2), (Code::Interested, 1), (Code::Unable, 1)] {
                    for _ in 0..times {
                        let approach = Approach { evaluation, outlet, evaluator, code: outcome, random: rand::random(), at_ms: self.moment(crowd) };
                        disposition::record_approach(tx, self.instrument, &approach)?;
                    }
                }
            }
            (EvidenceClass::Open, _) => {
                for outcome in [Code::NoService, Code::NoService, Code::Refusal, Code::Interested, Code::Minor] {
                    let at_ms = self.moment(crowd);
                    disposition::end_visit(tx, self.instrument, evaluation, code, outcome, rand::random(), at_ms).map_err(plain)?;
                }
            }
            _ => {
                for outcome in [Code::NoService, Code::Refusal] {
                    let link = self.narrator.link(tx, evaluation, outlet, LinkKind::Personal, None)?.0;
                    let at_ms = self.moment(crowd);
                    disposition::end_visit(tx, self.instrument, evaluation, link, outcome, rand::random(), at_ms).map_err(plain)?;
                }
            }
        }
        Ok(())
    }
}

/// The example is never refused by its own evaluation; if it is, the program is at fault.
fn plain(error: SubmitError) -> StoreError {
    match error {
        SubmitError::Store(error) => error,
        SubmitError::Refused(refusal) => StoreError::Corrupt(format!("the example was refused: {}", refusal.as_str())),
    }
}
