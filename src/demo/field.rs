//! Fieldwork at one outlet: interviews, answers through links, people who did not answer.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::crowd::Crowd;
use super::plot::Plot;
use super::story::{DAY_MS, Narrator, plain};
use crate::clock::months_before;
use crate::store::disposition::Approach;
use crate::store::funnel::{self, HOUR_MS, Stage};
use crate::store::mark::{self, Arrival};
use crate::store::{StoreError, WriteTx, disposition, response};
use crate::survey::EvidenceClass;
use crate::survey::answers::{Answers, FormChoices};
use crate::survey::disposition::Code;
use crate::survey::form::RawForm;
use crate::survey::id::{DispositionId, EvaluationId, InterviewId, LinkId, OutletId, PersonId};
use crate::survey::instrument::Instrument;
use crate::survey::interview::{Ending, Protocol};
use crate::survey::language::Language;
use crate::survey::link::LinkKind;
use crate::survey::mark::{Bursts, hour_of_day};
use crate::survey::submission::{Entry, Interview, Place, Receipt, Submission};

const MINUTE_MS: i64 = 60_000;
/// Answers of whoever answers in a row.
const FILLED_IN: u32 = 18;

/// Fieldwork at one outlet.
pub(super) struct Field<'a> {
    pub(super) narrator: &'a Narrator,
    pub(super) instrument: &'a Arc<Instrument>,
    pub(super) evaluation: EvaluationId,
    pub(super) outlet: OutletId,
    pub(super) notice_version: &'a str,
    pub(super) began_ms: i64,
    pub(super) span_ms: i64,
}

/// Answers through the code of the outlet.
#[derive(Default)]
struct Arrived {
    bursts: Bursts,
    /// By day, all of them at the beginning of one hour (Unix ms).
    days: BTreeMap<i64, i64>,
}

/// An answer on its way.
struct Sent {
    entry: Entry,
    /// What the link is, if it came through one.
    kind: LinkKind,
    answers: Answers,
    language: Language,
    received_at_ms: i64,
    duration_s: u32,
    /// Address and browser.
    from: (IpAddr, String),
}

impl Field<'_> {
    /// Everything that happened there.
    pub(super) fn work(
        &self,
        tx: &mut WriteTx<'_>,
        plot: &Plot,
        place: i32,
        code: LinkId,
        evaluators: &[PersonId],
    ) -> Result<(), StoreError> {
        let evaluator = evaluators
            .get(place.unsigned_abs() as usize % evaluators.len().max(1))
            .copied();
        let mut arrived = Arrived::default();
        for (number, class) in EvidenceClass::ALL.into_iter().enumerate() {
            let mood = plot.moods.get(number).copied().unwrap_or(0.8);
            // Outlets differ a little, the smallest is the friendliest.
            let seed = plot.seed + u64::from(place.unsigned_abs()) * 10 + number as u64;
            let mut crowd = Crowd::new(seed, mood + f64::from(place - 4) * 0.004);
            // The last outlet of the furniture maker has hardly begun with interviews: a cell too small to publish.
            let small = class == EvidenceClass::Face && plot.days_ago.1.is_none() && place == 5;
            let answers = if small {
                3
            } else {
                plot.answers.get(number).copied().unwrap_or(0)
            };
            for _ in 0..answers {
                let entry = match (class, evaluator) {
                    (EvidenceClass::Face, Some(evaluator)) => self.interview(&mut crowd, evaluator),
                    (EvidenceClass::Invited, _) => Entry::Link(
                        self.narrator
                            .link(tx, self.evaluation, self.outlet, LinkKind::Personal, None)?
                            .0,
                    ),
                    _ => Entry::Link(code),
                };
                self.answer(tx, &mut crowd, class, entry, &mut arrived)?;
            }
            if class == EvidenceClass::Open && plot.days_ago.1.is_none() && place == 2 {
                self.fill_in(tx, &mut Crowd::new(seed + 5, mood), code, &mut arrived)?;
            }
            self.without_answer(tx, &mut crowd, class, code, evaluator)?;
        }
        self.visits(tx, code, &arrived)
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
            place: if crowd.happens(0.7) {
                Place::Inside
            } else {
                Place::Outside
            },
            started_at_ms,
            ended_at_ms: started_at_ms + i64::from(180 + crowd.below(180)) * 1000,
            contact_no: crowd.contact_no(),
            protocol: Protocol {
                id_card_shown: true,
                show_card_used: true,
                selection_rule: "每第 3 位离开的顾客".to_owned(),
                evaluator_declaration: true,
                ..Protocol::default()
            },
            is_late: false,
        })
    }

    fn answer(
        &self,
        tx: &mut WriteTx<'_>,
        crowd: &mut Crowd,
        class: EvidenceClass,
        entry: Entry,
        arrived: &mut Arrived,
    ) -> Result<(), StoreError> {
        let questionnaire = self.instrument.questionnaire();
        let received_at_ms = match &entry {
            Entry::Interview(interview) => interview.ended_at_ms,
            Entry::Link(_) => self.awake(crowd),
        };
        let months = months_before(received_at_ms);
        let services = crowd.services(questionnaire);
        let form = crowd.form(questionnaire, class, services, &months);
        let Ok(answers) = Answers::parse(
            questionnaire,
            services,
            FormChoices {
                products: &[],
                months: &months,
            },
            &form,
        ) else {
            // Somebody who left everything out: the page would ask them again, and they walk away.
            return Ok(());
        };
        let sent = Sent {
            entry,
            kind: match class {
                EvidenceClass::Open => LinkKind::Outlet,
                _ => LinkKind::Personal,
            },
            answers,
            language: if crowd.happens(0.95) {
                Language::ZhCn
            } else {
                Language::En
            },
            received_at_ms,
            duration_s: 35 + crowd.below(90),
            from: (crowd.address(), crowd.browser()),
        };
        self.submit(tx, sent, arrived)
    }

    /// Somebody answers in a row at one code, for the quality pages to find.
    fn fill_in(
        &self,
        tx: &mut WriteTx<'_>,
        crowd: &mut Crowd,
        code: LinkId,
        arrived: &mut Arrived,
    ) -> Result<(), StoreError> {
        let questionnaire = self.instrument.questionnaire();
        let (began_ms, from) = (self.awake(crowd), (crowd.address(), crowd.browser()));
        let choices = FormChoices {
            products: &[],
            months: &[],
        };
        for n in 0..FILLED_IN {
            let services = crowd.services(questionnaire);
            let items = questionnaire.items().iter().filter(|item| item.applies(services));
            let full = items.map(|item| (item.id.clone(), questionnaire.scale().max().to_string()));
            let Ok(answers) = Answers::parse(questionnaire, services, choices, &RawForm::new(full.collect())) else {
                return Ok(());
            };
            let sent = Sent {
                entry: Entry::Link(code),
                kind: LinkKind::Outlet,
                answers,
                language: Language::ZhCn,
                received_at_ms: began_ms + i64::from(n) * MINUTE_MS / 2,
                duration_s: 8 + crowd.below(5),
                from: from.clone(),
            };
            self.submit(tx, sent, arrived)?;
        }
        Ok(())
    }

    /// A moment at which people who answer by themselves are awake: by night it is the evening before.
    fn awake(&self, crowd: &mut Crowd) -> i64 {
        let moment = self.moment(crowd);
        match hour_of_day(moment) {
            0..8 => self.began_ms.max(moment - 9 * 60 * MINUTE_MS),
            _ => moment,
        }
    }

    fn submit(&self, tx: &mut WriteTx<'_>, sent: Sent, arrived: &mut Arrived) -> Result<(), StoreError> {
        let Sent {
            entry,
            kind,
            answers,
            language,
            received_at_ms,
            duration_s,
            from: (address, user_agent),
        } = sent;
        let arrival = match &entry {
            Entry::Link(link) => Some(Arrival {
                address,
                user_agent,
                link: *link,
                kind,
                hours: String::new(),
                is_trapped: false,
                at_ms: received_at_ms,
            }),
            Entry::Interview(_) => None,
        };
        let form_id: [u8; 16] = rand::random();
        let submission = Submission {
            evaluation: self.evaluation,
            entry,
            receipt: Receipt::of(&self.narrator.key, &form_id),
            answers,
            language,
            notice_version: self.notice_version.to_owned(),
            duration_s: Some(duration_s),
            received_at_ms,
            answers_salt: rand::random(),
            comment_salt: rand::random(),
        };
        response::submit(tx, self.instrument, &submission).map_err(plain)?;
        match arrival {
            Some(arrival) => {
                if arrival.kind == LinkKind::Outlet {
                    let hour_ms = received_at_ms.div_euclid(DAY_MS) * DAY_MS + 4 * HOUR_MS;
                    *arrived.days.entry(hour_ms).or_default() += 1;
                }
                // Marks of an evaluation that is long over are gone.
                if self.narrator.now_ms - self.began_ms - self.span_ms > 30 * DAY_MS {
                    return Ok(());
                }
                let id = submission.receipt.response_id();
                mark::arrive(tx, self.evaluation, id, &arrival, &mut arrived.bursts)
            }
            None => Ok(()),
        }
    }

    /// Visits of the code: of those who open it about half answer.
    fn visits(&self, tx: &mut WriteTx<'_>, code: LinkId, arrived: &Arrived) -> Result<(), StoreError> {
        for (hour_ms, answers) in &arrived.days {
            let place = funnel::Place {
                evaluation: self.evaluation,
                outlet: self.outlet,
                source: funnel::Source::Code(code),
                hour_ms: *hour_ms,
            };
            let lingered = hour_ms / DAY_MS % 2;
            funnel::add(tx, place, Stage::Opened, answers * 2 + lingered)?;
            funnel::add(tx, place, Stage::Started, answers + lingered)?;
            funnel::add(tx, place, Stage::Completed, *answers)?;
        }
        Ok(())
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
                for (outcome, times) in [
                    (Code::Refusal, 6),
                    (Code::NoContact, 3),
                    (Code::NoService, 2),
                    (Code::Interested, 1),
                    (Code::Unable, 1),
                ] {
                    for _ in 0..times {
                        let approach = Approach {
                            evaluation,
                            outlet,
                            evaluator,
                            ending: Ending {
                                code: outcome,
                                contact_no: crowd.contact_no(),
                                refusal_reason: (outcome == Code::Refusal).then(|| "no_time".to_owned()),
                            },
                            id: DispositionId::from_random(rand::random()),
                            at_ms: self.moment(crowd),
                            is_late: false,
                        };
                        disposition::record_approach(tx, self.instrument, &approach).map_err(plain)?;
                    }
                }
            }
            (EvidenceClass::Open, _) => {
                for outcome in [
                    Code::NoService,
                    Code::NoService,
                    Code::Refusal,
                    Code::Interested,
                    Code::Minor,
                ] {
                    let at_ms = self.moment(crowd);
                    disposition::end_visit(tx, self.instrument, evaluation, code, outcome, rand::random(), at_ms)
                        .map_err(plain)?;
                }
            }
            _ => {
                for outcome in [Code::NoService, Code::Refusal] {
                    let link = self.narrator.link(tx, evaluation, outlet, LinkKind::Personal, None)?.0;
                    let at_ms = self.moment(crowd);
                    disposition::end_visit(tx, self.instrument, evaluation, link, outcome, rand::random(), at_ms)
                        .map_err(plain)?;
                }
            }
        }
        Ok(())
    }
}
