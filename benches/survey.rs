//! A survey to be answered: an open evaluation with eight outlets, each with its code, in a SQLite file on a real disk;
//! and the forms that its customers send.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use perception::app::Installation;
use perception::clock::{Clock, months_before};
use perception::config::{Config, Settings};
use perception::secret::SecretKey;
use perception::store::evaluation::NewEvaluation;
use perception::store::link::NewLink;
use perception::store::outlet::Outlet;
use perception::store::{
    StoreError, WriteTx, catalogue, evaluation, link, organisation, outlet, plan, plan_review, response, tally,
};
use perception::survey::answers::{Answers, FormChoices};
use perception::survey::evaluation::{EvaluationState, Mode};
use perception::survey::form::RawForm;
use perception::survey::id::{EvaluationId, LinkId, OrganisationId, OutletId};
use perception::survey::instrument::Instrument;
use perception::survey::language::{Language, Text};
use perception::survey::link::LinkKind;
use perception::survey::method::Method;
use perception::survey::notice::Notice;
use perception::survey::plan_review::Verdict;
use perception::survey::questionnaire::{Choice, Questionnaire, ServiceSet};
use perception::survey::submission::{Entry, Receipt, Submission};
use perception::survey::ticket::Ticket;

use crate::http;

const QUESTIONNAIRE: &str = include_str!("../questionnaires/cqm-after-sales-perception-1.1.0.json");
const METHOD: &str = include_str!("../methods/default-1.0.0.json");
const OUTLETS: i32 = 8;
/// A repair at home: thirteen items apply, the most of the visits that the demo calls typical bar a complaint.
const SERVICES: [&str; 4] = ["consult", "home", "repair", "paid"];
const COMMENT: &str = "师傅很准时，讲解也清楚，配件等了一个星期，希望快一点。";
/// Different sets of answers, so that tallies are not all alike.
const FORMS: usize = 16;

/// A survey in a folder of its own, which goes with it.
pub struct Survey {
    folder: tempfile::TempDir,
    /// The survey's id.
    pub evaluation: EvaluationId,
    /// Its questionnaire and method.
    pub instrument: Arc<Instrument>,
    pub key: SecretKey,
    notice_version: String,
    links: Vec<(LinkId, String)>,
    forms: Vec<Vec<(String, String)>>,
}

/// A folder on the disk that holds the build, which is a real one where a temporary folder may be memory.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The database in a folder.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("survey.sqlite")
}

/// Settings for the database in a folder.
pub fn config(folder: &Path) -> Config {
    let settings = Settings {
        database: format!("sqlite:{}", database(folder).display()),
        ..Settings::default()
    };
    settings.check().unwrap()
}

impl Survey {
    /// A new survey without answers.
    pub fn new() -> Self {
        Self::with_outlets(OUTLETS)
    }

    /// The same with so many outlets.
    pub fn with_outlets(outlets: i32) -> Self {
        let folder = folder();
        let installation = Installation::open(&config(folder.path()), Clock::default()).unwrap();
        let instrument = instrument();
        let (told, key) = (Arc::clone(&instrument), installation.key.clone());
        let now_ms = installation.clock.now_ms();
        let opened = installation
            .store
            .write_blocking(move |tx| open(tx, &told, outlets, key.bytes(), now_ms));
        let (evaluation, notice_version, links) = opened.unwrap();
        let forms = forms(instrument.questionnaire());
        Self {
            folder,
            evaluation,
            instrument,
            key: installation.key,
            notice_version,
            links,
            forms,
        }
    }

    /// The demo's open survey, answered through one of its outlets; `path` is where a landing form led.
    pub fn of_demo(folder: tempfile::TempDir, evaluation: EvaluationId, path: &str) -> Self {
        let installation = Installation::open(&config(folder.path()), Clock::default()).unwrap();
        let instrument = instrument();
        let ticket =
            Ticket::open(installation.key.bytes(), path.trim_start_matches("/f/")).expect("a form of this key");
        let forms = forms(instrument.questionnaire());
        let links = vec![(ticket.link, String::new())];
        Self {
            folder,
            evaluation,
            instrument,
            key: installation.key,
            notice_version: String::new(),
            links,
            forms,
        }
    }

    /// Folder of the database and its key.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        database(self.folder.path())
    }

    /// The survey as the library sees it.
    pub fn installation(&self) -> Installation {
        Installation::open(&config(self.folder.path()), Clock::default()).unwrap()
    }

    /// Path of an outlet's code.
    pub fn landing(&self, place: usize) -> String {
        format!("/s/{}", self.links[place % self.links.len()].1)
    }

    /// A form handed out just now.
    pub fn ticket(&self, place: usize) -> Ticket {
        Ticket {
            evaluation: self.evaluation,
            link: self.links[place % self.links.len()].0,
            form_id: rand::random(),
            issued_at_s: u64::try_from(Clock::default().now_ms() / 1000).unwrap(),
            language: Language::ZhCn,
            services: services(self.instrument.questionnaire()),
        }
    }

    /// Path of a form.
    pub fn path(&self, ticket: &Ticket) -> String {
        format!("/f/{}", ticket.seal(self.key.bytes()))
    }

    /// Filled-in rating forms, encoded, for loads that send one after another.
    pub fn forms(&self) -> Vec<String> {
        self.forms
            .iter()
            .map(|pairs| serde_html_form::to_string(pairs).unwrap())
            .collect()
    }

    /// The names and values of those forms.
    pub fn pairs(&self, number: usize) -> &[(String, String)] {
        &self.forms[number % FORMS]
    }

    /// The request that sends a rating form.
    pub fn post(&self, ticket: &Ticket, form: &str) -> Vec<u8> {
        http::post(&self.path(ticket), form)
    }

    /// Answers that came in, as the tallies tell.
    pub fn stored(&self) -> u64 {
        let (id, instrument) = (self.evaluation, Arc::clone(&self.instrument));
        let tallies = self
            .installation()
            .store
            .read_blocking(move |conn| tally::list(conn, id, &instrument))
            .unwrap();
        tallies.values().flat_map(|tally| tally.dispositions().values()).sum()
    }

    /// The answers of the forms.
    pub fn parsed(&self) -> Arc<[Answers]> {
        let questionnaire = self.instrument.questionnaire();
        let choices = FormChoices {
            products: &products(),
            months: &months_before(Clock::default().now_ms()),
        };
        let used = services(questionnaire);
        let parse = |pairs: &Vec<_>| Answers::parse(questionnaire, used, choices, &RawForm::new(pairs.clone()));
        self.forms.iter().map(|pairs| parse(pairs).unwrap()).collect()
    }

    /// Version of the notice that answers are given under.
    pub fn notice_version(&self) -> &str {
        &self.notice_version
    }

    /// Stores so many answers through the function that the web uses, in groups of one transaction.
    pub fn fill(&self, answers: u64, group: u64) {
        let installation = self.installation();
        let parsed = self.parsed();
        for first in (0..answers).step_by(usize::try_from(group).unwrap()) {
            let (parsed, instrument) = (Arc::clone(&parsed), Arc::clone(&self.instrument));
            let (links, evaluation) = (self.links.clone(), self.evaluation);
            let (key, notice_version, now_ms) = (
                self.key.clone(),
                self.notice_version.clone(),
                installation.clock.now_ms(),
            );
            let wanted = group.min(answers - first);
            let filled = installation.store.write_blocking(move |tx| {
                for number in first..first + wanted {
                    let place = usize::try_from(number).unwrap();
                    let form_id: [u8; 16] = rand::random();
                    let submission = Submission {
                        evaluation,
                        entry: Entry::Link(links[place % links.len()].0),
                        receipt: Receipt::of(key.bytes(), &form_id),
                        answers: parsed[place % FORMS].clone(),
                        language: Language::ZhCn,
                        notice_version: notice_version.clone(),
                        duration_s: Some(60),
                        received_at_ms: now_ms,
                        answers_salt: rand::random(),
                        comment_salt: rand::random(),
                    };
                    response::submit(tx, &instrument, &submission)?;
                }
                Ok::<_, response::SubmitError>(())
            });
            filled.unwrap();
        }
    }
}

/// The landing form of a customer who may answer.
pub fn landing_form() -> String {
    let mut pairs = vec![
        ("consent", "yes"),
        ("age18", "yes"),
        ("service_12m", "yes"),
        ("conflict", "no"),
    ];
    pairs.extend(SERVICES.map(|service| ("services", service)));
    serde_html_form::to_string(&pairs).unwrap()
}

fn instrument() -> Arc<Instrument> {
    let questionnaire = Questionnaire::from_json(QUESTIONNAIRE.as_bytes()).unwrap();
    let method = Method::from_json(METHOD.as_bytes()).unwrap();
    Arc::new(Instrument::new(questionnaire, method).unwrap())
}

fn services(questionnaire: &Questionnaire) -> ServiceSet {
    let options = &questionnaire.screening().service_options;
    let places = SERVICES
        .iter()
        .filter_map(|id| options.iter().position(|option| option.id == *id));
    places.fold(ServiceSet::default(), ServiceSet::with)
}

fn products() -> Vec<Choice> {
    [
        ("wardrobe", "定制衣柜", "Fitted wardrobe"),
        ("kitchen", "整体橱柜", "Fitted kitchen"),
        ("bed", "床与床垫", "Bed and mattress"),
    ]
    .map(|(id, zh, en)| Choice {
        id: id.into(),
        text: Text::new(zh, en),
    })
    .into()
}

fn forms(questionnaire: &Questionnaire) -> Vec<Vec<(String, String)>> {
    let months = months_before(Clock::default().now_ms());
    let (used, fields) = (services(questionnaire), questionnaire.fields());
    let form = |number: usize| {
        let items = questionnaire
            .items()
            .iter()
            .filter(|item| item.applies(used))
            .map(|item| item.id.clone());
        let ratings = std::iter::once(questionnaire.overall().id.clone())
            .chain(items)
            .enumerate();
        // Mostly fives and fours, as customers answer.
        let code = |place: usize| ["5", "4", "5", "3", "5", "4", "2"][(number * 5 + place * 3) % 7].to_owned();
        let mut pairs: Vec<(String, String)> = ratings.map(|(place, id)| (id, code(place))).collect();
        pairs.push((fields.comment.0.id.clone(), COMMENT.into()));
        pairs.push((fields.integrity.0.id.clone(), "none".into()));
        pairs.push((fields.product_category.id.clone(), "kitchen".into()));
        pairs.push((fields.service_month.id.clone(), months[number % 3].clone()));
        pairs.push((fields.customer_type.0.id.clone(), "home".into()));
        pairs
    };
    (0..FORMS).map(form).collect()
}

type Opened = (EvaluationId, String, Vec<(LinkId, String)>);

fn open(
    tx: &mut WriteTx<'_>,
    instrument: &Instrument,
    outlets: i32,
    key: &[u8],
    now_ms: i64,
) -> Result<Opened, StoreError> {
    let (questionnaire, method) = (instrument.questionnaire(), instrument.method());
    catalogue::insert_questionnaire_if_missing(tx, questionnaire, QUESTIONNAIRE)?;
    catalogue::insert_method_if_missing(tx, method, METHOD)?;
    let firm = OrganisationId::from_random(rand::random());
    let name = Text::new("安居家具股份有限公司", "Anju Furniture Corp.");
    organisation::insert(tx, firm, &name, "", now_ms)?;
    let new = NewEvaluation {
        id: EvaluationId::from_random(rand::random()),
        organisation: firm,
        title: Text::new("2026 年度初次评价", "First evaluation 2026"),
        questionnaire_hash: questionnaire.hash().to_owned(),
        method_hash: method.hash().to_owned(),
        products: products(),
        retention_end: "2032-12-31".into(),
        mode: Mode::Initial,
        scope: "定制家具售后服务".into(),
    };
    evaluation::insert(tx, &new, "bench", now_ms)?;
    let notice = Notice::render(
        questionnaire,
        &Text::new("华信认证中心", "Huaxin Certification"),
        "survey@huaxin.example",
        "2032-12-31",
    );
    catalogue::insert_notice_if_missing(tx, &notice)?;
    evaluation::advance(tx, new.id, EvaluationState::Frozen, None, "bench", now_ms)?;
    let frozen = plan::find(tx.conn, new.id)?
        .map(|stored| stored.hash)
        .unwrap_or_default();
    plan_review::review(tx, new.id, &frozen, (Verdict::Approve, ""), ("another", now_ms))?;
    evaluation::advance(
        tx,
        new.id,
        EvaluationState::Open,
        Some(&notice.version),
        "bench",
        now_ms,
    )?;
    let mut links = Vec::new();
    for place in 0..outlets {
        let outlet = Outlet {
            id: OutletId::from_random(rand::random()),
            place,
            name: Text::new(
                format!("天河体育西服务中心 {place}"),
                format!("Tianhe Tiyu West {place}"),
            ),
            customers: Some(300),
            target_face: 20,
            target_electronic: 90,
            address: String::new(),
            hours: String::new(),
            visitors_per_day: None,
        };
        outlet::insert(tx, new.id, &outlet)?;
        let way = NewLink {
            id: LinkId::from_random(rand::random()),
            outlet: outlet.id,
            kind: LinkKind::Outlet,
            opens_at_ms: None,
            closes_at_ms: None,
        };
        let token = link::insert(tx, new.id, &way, key)?;
        links.push((way.id, token.as_str().to_owned()));
    }
    Ok((new.id, notice.version, links))
}
