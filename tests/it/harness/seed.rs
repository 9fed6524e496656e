//! An evaluation in any state, and what customers and evaluators send, made through the program's own code. Ids come
//! from a seed, so that two databases can tell the same story.

use std::sync::Arc;

use perception::access::{Role, RoleSet};
use perception::app::Installation;
use perception::store::comment::{self, Filter};
use perception::store::evaluation::NewEvaluation;
use perception::store::grading::GradingError;
use perception::store::link::NewLink;
use perception::store::outlet::Outlet;
use perception::store::seal::SealError;
use perception::store::{
    StoreError, WriteTx, account, catalogue, evaluation, flag, link, membership, organisation, outlet, plan,
    plan_review, scan, seal,
};
use perception::survey::answers::{Answers, FormChoices};
use perception::survey::comment::{Clearance, Incident, Ruling, Status};
use perception::survey::evaluation::{EvaluationState, Mode};
use perception::survey::form::RawForm;
use perception::survey::id::{EvaluationId, InterviewId, LinkId, OrganisationId, OutletId, PersonId};
use perception::survey::instrument::Instrument;
use perception::survey::interview::{ContactNo, Protocol};
use perception::survey::language::{Language, Text};
use perception::survey::link::LinkKind;
use perception::survey::low_rating::low_reason_name;
use perception::survey::method::Method;
use perception::survey::notice::Notice;
use perception::survey::plan_review::Verdict;
use perception::survey::questionnaire::{Choice, Questionnaire, ServiceSet};
use perception::survey::submission::{Entry, Interview, Place, Receipt, Submission};
use perception::survey::theme::Themes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub const QUESTIONNAIRE: &str = include_str!("../../../questionnaires/cqm-after-sales-perception-1.1.0.json");
pub const METHOD: &str = include_str!("../../../methods/default-1.0.0.json");
pub const FIRM: (&str, &str) = ("海晴电器有限公司", "Haiqing Appliances");
pub const OUTLETS: [(&str, &str); 3] = [
    ("浦东服务网点", "Pudong outlet"),
    ("徐汇服务网点", "Xuhui outlet"),
    ("静安服务网点", "Jing'an outlet"),
];

/// What kind of evaluation a test needs.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Ids follow from it.
    pub seed: u64,
    /// State it is brought to.
    pub state: EvaluationState,
    /// Whether interviews wait for a reviewer.
    pub approval: bool,
    /// Whether evaluators have accounts and are members.
    pub evaluators: bool,
    /// Why it is done.
    pub mode: Mode,
    /// Whose it is; nothing for a new organisation.
    pub firm: Option<OrganisationId>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 1,
            state: EvaluationState::Open,
            approval: false,
            evaluators: true,
            mode: Mode::Initial,
            firm: None,
        }
    }
}

/// An evaluation with outlets, evaluators, questionnaire, method and notice.
#[derive(Debug, Clone)]
pub struct Wave {
    pub id: EvaluationId,
    pub instrument: Arc<Instrument>,
    pub outlets: Vec<OutletId>,
    pub evaluators: Vec<PersonId>,
    pub notice: Notice,
}

/// A way in for customers.
#[derive(Debug, Clone)]
pub struct TestLink {
    pub id: LinkId,
    /// `/s/…`
    pub path: String,
}

impl Wave {
    /// Makes an evaluation and brings it to the planned state, every step through the store.
    pub fn sow(installation: &Installation, plan: Plan) -> Self {
        let method = if plan.approval {
            METHOD.replace("not_required", "required")
        } else {
            METHOD.to_owned()
        };
        let questionnaire = Questionnaire::from_json(QUESTIONNAIRE.as_bytes()).unwrap();
        let checked = Method::from_json(method.as_bytes()).unwrap();
        let mut random = StdRng::seed_from_u64(plan.seed);
        let body = Text::new("华信认证中心", "Huaxin Certification Centre");
        let wave = Self {
            id: EvaluationId::from_random(random.random()),
            outlets: OUTLETS.iter().map(|_| OutletId::from_random(random.random())).collect(),
            evaluators: (0..2).map(|_| PersonId::from_random(random.random())).collect(),
            notice: Notice::render(&questionnaire, &body, "survey@huaxin.example", "2032-12-31"),
            instrument: Arc::new(Instrument::new(questionnaire, checked).unwrap()),
        };
        let organisation = OrganisationId::from_random(random.random());
        let (sown, now_ms) = (wave.clone(), installation.clock.now_ms());
        installation
            .store
            .write_blocking(move |tx| -> Result<(), StoreError> {
                catalogue::insert_questionnaire_if_missing(tx, sown.instrument.questionnaire(), QUESTIONNAIRE)?;
                catalogue::insert_method_if_missing(tx, sown.instrument.method(), &method)?;
                catalogue::insert_notice_if_missing(tx, &sown.notice)?;
                if plan.firm.is_none() {
                    organisation::insert(tx, organisation, &Text::new(FIRM.0, FIRM.1), "", now_ms)?;
                }
                sown.insert(
                    tx,
                    (plan.firm.unwrap_or(organisation), plan.mode),
                    plan.evaluators,
                    now_ms,
                )
            })
            .unwrap();
        let mut state = EvaluationState::Draft;
        while state != plan.state {
            state = state.next().unwrap();
            wave.advance(installation, state).unwrap();
        }
        wave
    }

    fn insert(
        &self,
        tx: &mut WriteTx<'_>,
        (firm, mode): (OrganisationId, Mode),
        with_evaluators: bool,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let new = NewEvaluation {
            id: self.id,
            organisation: firm,
            title: Text::new("2026 年度评价", "Evaluation 2026"),
            questionnaire_hash: self.instrument.questionnaire().hash().to_owned(),
            method_hash: self.instrument.method().hash().to_owned(),
            products: vec![
                Choice {
                    id: "fridge".into(),
                    text: Text::new("冰箱", "Fridge"),
                },
                Choice {
                    id: "washer".into(),
                    text: Text::new("洗衣机", "Washing machine"),
                },
            ],
            retention_end: "2032-12-31".into(),
            mode,
            scope: "家用电器售后服务".into(),
        };
        evaluation::insert(tx, &new, "test", now_ms)?;
        for (place, (id, name)) in self.outlets.iter().zip(OUTLETS).enumerate() {
            let new = Outlet {
                id: *id,
                place: i32::try_from(place).unwrap(),
                name: Text::new(name.0, name.1),
                customers: Some(400),
                target_face: 20,
                target_electronic: 60,
                address: String::new(),
                hours: String::new(),
                visitors_per_day: None,
            };
            outlet::insert(tx, self.id, &new)?;
        }
        for person in self.evaluators.iter().filter(|_| with_evaluators) {
            let (login, roles) = (person.to_string(), RoleSet::from_iter([Role::Evaluator]));
            evaluation::insert_person(tx, *person, "周明", &login, now_ms)?;
            account::insert(tx, *person, &login, roles, true, now_ms)?;
            membership::insert(tx, self.id, *person, Role::Evaluator)?;
        }
        Ok(())
    }

    /// Takes one step of the evaluation's life.
    pub fn advance(&self, installation: &Installation, to: EvaluationState) -> Result<(), StoreError> {
        let (id, version, now_ms) = (self.id, self.notice.version.clone(), installation.clock.now_ms());
        if to == EvaluationState::Sealed {
            self.read_comments(installation);
        }
        installation.store.write_blocking(move |tx| {
            let notice = (to == EvaluationState::Open).then_some(version.as_str());
            if let (EvaluationState::Open, Some(stored)) = (to, plan::find(tx.conn, id)?) {
                let approved = (Verdict::Approve, "");
                plan_review::review(tx, id, &stored.hash, approved, ("another", now_ms))?;
            }
            if to == EvaluationState::Sealed {
                return Self::seal(tx, id, now_ms);
            }
            evaluation::advance(tx, id, to, notice, "test", now_ms)
        })?;
        // The server does this beside its work when the step is taken on its page.
        scan::complete(&installation.store, id)?;
        if to == EvaluationState::Closed {
            flag::complete(&installation.store, id, now_ms)?;
        }
        Ok(())
    }

    /// Somebody reads every comment and clears it.
    pub fn read_comments(&self, installation: &Installation) {
        let (id, store) = (self.id, &installation.store);
        let unread = (Filter::Of(Status::Unread), None);
        let unread = store.read_blocking(|conn| comment::list(conn, store.key()?, id, unread, usize::MAX));
        let unread: Result<Vec<comment::Comment>, StoreError> = unread;
        let (unread, act) = (
            unread.unwrap(),
            (PersonId::from_random([7; 16]), installation.clock.now_ms()),
        );
        let rulings = unread.into_iter().map(|one| {
            let ruling = Ruling {
                clearance: Clearance::Cleared(one.text.unwrap()),
                themes: Themes::parse("contact").unwrap(),
                incident: Incident::default(),
            };
            (one.response, ruling)
        });
        let rulings: Vec<_> = rulings.collect();
        let done: Result<(), GradingError> = store.write_blocking(move |tx| {
            rulings
                .iter()
                .try_for_each(|(response, ruling)| comment::review(tx, id, *response, ruling, act))
        });
        done.unwrap();
    }

    /// Two people seal whatever there is.
    fn seal(tx: &mut WriteTx<'_>, id: EvaluationId, now_ms: i64) -> Result<(), StoreError> {
        let [one, another] = [0, 1].map(|_| PersonId::from_random(rand::random()));
        let sealed = seal::propose(tx, id, "result", (one, now_ms))
            .and_then(|()| seal::confirm(tx, id, "result", (another, now_ms)));
        sealed.map_err(|error| match error {
            SealError::Store(error) => error,
            other => StoreError::Corrupt(other.to_string()),
        })
    }

    /// Makes a link to one of the outlets.
    pub fn link(&self, installation: &Installation, kind: LinkKind, outlet: usize) -> TestLink {
        self.link_between(installation, kind, outlet, None, None)
    }

    /// Makes a link that works between two moments.
    pub fn link_between(
        &self,
        installation: &Installation,
        kind: LinkKind,
        outlet: usize,
        opens_at_ms: Option<i64>,
        closes_at_ms: Option<i64>,
    ) -> TestLink {
        let id = LinkId::from_random(rand::random());
        let new = NewLink {
            id,
            outlet: self.outlets[outlet],
            kind,
            opens_at_ms,
            closes_at_ms,
        };
        let (wave, key) = (self.id, installation.key.clone());
        let token = installation
            .store
            .write_blocking(move |tx| link::insert(tx, wave, &new, key.bytes()))
            .unwrap();
        TestLink {
            id,
            path: format!("/s/{}", token.as_str()),
        }
    }
}

/// Writes submissions: the same ones for the same seed.
pub struct Pen {
    random: StdRng,
    key: Vec<u8>,
    now_ms: i64,
}

impl Pen {
    /// A pen with a seed of its own. Codes and salts depend on nothing else.
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            key: b"a pen's own key".to_vec(),
            now_ms: 1_795_000_000_000,
        }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    /// Sixteen random bytes.
    pub fn bytes(&mut self) -> [u8; 16] {
        self.random.random()
    }

    /// An interview at an outlet.
    pub fn interview(&mut self, wave: &Wave, outlet: usize) -> Entry {
        let evaluator = self.below(wave.evaluators.len());
        Entry::Interview(Interview {
            id: InterviewId::from_random(self.bytes()),
            outlet: wave.outlets[outlet],
            evaluator: wave.evaluators[evaluator],
            place: Place::ALL[self.below(4)],
            started_at_ms: self.now_ms,
            ended_at_ms: self.now_ms + 240_000,
            contact_no: ContactNo::FIRST,
            protocol: Protocol::default(),
            is_late: false,
        })
    }

    /// An answer that came in this way. A few leave out so much that they are partial or break off.
    pub fn submission(&mut self, wave: &Wave, entry: Entry) -> Submission {
        let questionnaire = wave.instrument.questionnaire();
        let services = ServiceSet(u32::try_from(1 + self.below(4095)).unwrap());
        let left_out = [0, 0, 0, 2, 5, 8][self.below(6)];
        let mut pairs = vec![("G00".to_owned(), (1 + self.below(5)).to_string())];
        for (place, item) in questionnaire
            .items()
            .iter()
            .filter(|item| item.applies(services))
            .enumerate()
        {
            if place == 0 || self.below(10) >= left_out {
                let code = [0, 1, 2, 3, 4, 4, 5, 5, 5, 5][self.below(10)];
                pairs.push((item.id.clone(), code.to_string()));
                // Some tick a reason or two, one of them before they thought better of the rating.
                let reasons = questionnaire
                    .low_reasons(item)
                    .iter()
                    .cycle()
                    .skip(place)
                    .take(place % 3);
                let ticked = reasons.filter(|_| (1..4).contains(&code));
                pairs.extend(ticked.map(|reason| ("low_reasons".to_owned(), low_reason_name(item, reason))));
            }
        }
        pairs.push(("comment".into(), "电话要等很久，'师傅'很好; --".into()));
        let choices = FormChoices {
            products: &[],
            months: &[],
        };
        let answers = Answers::parse(questionnaire, services, choices, &RawForm::new(pairs)).unwrap();
        let form_id = self.bytes();
        Submission {
            evaluation: wave.id,
            entry,
            receipt: Receipt::of(&self.key, &form_id),
            answers,
            language: Language::ALL[self.below(2)],
            notice_version: wave.notice.version.clone(),
            duration_s: (self.below(5) > 0).then_some(u32::try_from(20 + self.below(200)).unwrap()),
            received_at_ms: self.now_ms,
            answers_salt: self.bytes(),
            comment_salt: self.bytes(),
        }
    }
}
