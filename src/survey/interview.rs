//! In-person interviews: the signed form that fixes who asks, where and since when; from a form as typed to what was
//! taken down; what came of approaches.

use std::collections::BTreeMap;

use serde::Serialize;
use subtle::ConstantTimeEq;

use super::answers::{Answers, FormChoices};
use super::disposition::Code;
use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::{DispositionId, EvaluationId, InterviewId, OutletId, PersonId};
use super::paper::{Entered, Paper};
use super::questionnaire::{Control, Questionnaire, ServiceSet};
use super::screening::{Screened, screen};
use super::submission::{Place, Receipt};
use super::ticket::{SIGNATURE_BYTES, signature};

/// Longest line of the protocol, characters.
pub const LINE_MAX: usize = 100;
/// Longest notes, characters.
pub const NOTES_MAX: usize = 1_000;
/// The evaluator's notes on the conversation (clause 5.4.2: interview and questionnaire).
pub const NOTES: &str = "notes";
/// How an approach ended.
pub const OUTCOME: &str = "outcome";
/// Why somebody refused.
pub const REFUSAL_REASON: &str = "refusal_reason";

const VERSION: u8 = 1;
const LABEL: &[u8] = b"perception-interview-v1";
const BODY_BYTES: usize = 1 + 4 * 16 + 8;

/// The running number of an approach, 1 to 99 999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactNo(u32);

impl ContactNo {
    /// The first one.
    pub const FIRST: Self = Self(1);
    /// The largest number.
    pub const MAX: u32 = 99_999;

    /// A number within its bounds.
    pub fn new(number: u32) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
    }
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
    /// The one after it.
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(Self::MAX))
    }
}

/// An interview form that was handed out to an evaluator. Its start cannot be edited, and its client id makes a repeated
/// submission the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Outlet whose service is rated.
    pub outlet: OutletId,
    /// Who asked for the form.
    pub evaluator: PersonId,
    /// 128 random bits: the idempotency key.
    pub client_id: [u8; 16],
    /// When the form was asked for, Unix ms.
    pub started_at_ms: i64,
}

impl Ticket {
    /// The signed form, URL-safe characters.
    pub fn seal(&self, key: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(BODY_BYTES + SIGNATURE_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.evaluation.bytes());
        bytes.extend_from_slice(&self.outlet.bytes());
        bytes.extend_from_slice(&self.evaluator.bytes());
        bytes.extend_from_slice(&self.client_id);
        bytes.extend_from_slice(&self.started_at_ms.to_be_bytes());
        let signature = signature(key, LABEL, &bytes);
        bytes.extend_from_slice(&signature);
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a signed form; `None` for anything this key did not sign.
    pub fn open(key: &[u8], text: &str) -> Option<Self> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (body, signed) = bytes.split_at_checked(BODY_BYTES)?;
        if !bool::from(signature(key, LABEL, body).as_slice().ct_eq(signed)) {
            return None;
        }
        let (version, rest) = body.split_first()?;
        let (evaluation, rest) = rest.split_first_chunk::<16>()?;
        let (outlet, rest) = rest.split_first_chunk::<16>()?;
        let (evaluator, rest) = rest.split_first_chunk::<16>()?;
        let (client_id, rest) = rest.split_first_chunk::<16>()?;
        let (started, _) = rest.split_first_chunk::<8>()?;
        (*version == VERSION).then_some(Self {
            evaluation: EvaluationId::from_bytes(*evaluation),
            outlet: OutletId::from_bytes(*outlet),
            evaluator: PersonId::from_bytes(*evaluator),
            client_id: *client_id,
            started_at_ms: i64::from_be_bytes(*started),
        })
    }

    /// The receipt its submission gets; the same whenever it is asked for.
    pub fn receipt(&self, key: &[u8]) -> Receipt {
        Receipt::of(key, &self.client_id)
    }
    /// The interview that comes of it.
    pub fn interview(&self) -> InterviewId {
        InterviewId::from_random(self.client_id)
    }
    /// The approach that comes of it when the customer may not or will not answer.
    pub fn approach(&self) -> DispositionId {
        DispositionId::from_random(self.client_id)
    }
}

/// What an evaluator notes about an interview besides the answers (questionnaire `channels.in_person.extra_fields`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Protocol {
    /// The evaluator's ID was shown.
    pub id_card_shown: bool,
    /// The customer answered with the show card.
    pub show_card_used: bool,
    /// Staff of the firm could hear: for review.
    pub staff_within_earshot: bool,
    /// Others were present.
    pub others_present: bool,
    /// How the customer was selected.
    pub selection_rule: String,
    /// Dialect; empty where none.
    pub dialect: String,
    /// Number of the paper form; empty where it was not on paper.
    pub paper_form_no: String,
    /// Notes on the conversation.
    pub notes: String,
    /// Set where it was taken down on paper and entered later.
    #[serde(skip)]
    pub paper: Option<Entered>,
    /// The evaluator declared to have asked in person, unheard and without leading; never stored without it.
    pub evaluator_declaration: bool,
}

/// What an interview form holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Answers with their protocol.
    Answered(Box<Answered>),
    /// The customer may not or will not answer: counted, without content.
    Ended(Ending),
}

/// A questionnaire filled in by an evaluator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The checked answers.
    pub answers: Answers,
    /// Where.
    pub place: Place,
    /// Running number of the approach.
    pub contact_no: ContactNo,
    /// The rest of the protocol.
    pub protocol: Protocol,
}

/// An approach without a questionnaire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub code: Code,
    /// Running number of the approach.
    pub contact_no: ContactNo,
    /// Option of `refusal_reasons`; exactly where it is a refusal.
    pub refusal_reason: Option<String>,
}

impl Taken {
    /// Reads an interview form. A disqualifying answer ends it whatever else is missing, as it does for customers who
    /// answer themselves.
    ///
    /// # Errors
    /// Every field that must be corrected, in the order of the page.
    pub fn parse(
        questionnaire: &Questionnaire,
        choices: FormChoices<'_>,
        form: &RawForm,
    ) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let contact_no = contact_no(&mut reader, questionnaire);
        let screened = match screen(questionnaire, form) {
            Ok(Screened::Ended(code)) => return ending(reader, questionnaire, contact_no, code).map(Self::Ended),
            Ok(Screened::Eligible(services)) => Ok(services),
            Err(errors) => Err(errors),
        };
        let services = screened.as_ref().map_or(ServiceSet::default(), |services| *services);
        let answers = Answers::parse(questionnaire, services, choices, form);
        for error in screened
            .err()
            .into_iter()
            .chain(answers.as_ref().err().cloned())
            .flatten()
        {
            reader.refuse(&error.field, error.problem);
        }
        let (place, protocol) = protocol(&mut reader, questionnaire);
        let taken = match (answers, place, contact_no) {
            (Ok(answers), Some(place), Some(contact_no)) => Some(Self::Answered(Box::new(Answered {
                answers,
                place,
                contact_no,
                protocol,
            }))),
            _ => None,
        };
        reader.done(taken)
    }
}

impl Answered {
    /// The same, taken down on paper and entered at a moment (Unix ms).
    pub fn on_paper(&mut self, paper: &Paper, entered_at_ms: i64) {
        self.protocol.paper_form_no.clone_from(&paper.form_no);
        self.protocol.paper = Some(Entered {
            reason: paper.reason.clone(),
            at_ms: entered_at_ms,
        });
    }
}

impl Ending {
    /// Reads the form of an approach that led to no interview.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(questionnaire: &Questionnaire, form: &RawForm) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let contact_no = contact_no(&mut reader, questionnaire);
        let code = reader.choice(OUTCOME, |value| {
            Code::parse(value).filter(|code| Code::OF_APPROACHES.contains(code))
        });
        match code {
            Some(code) => ending(reader, questionnaire, contact_no, code),
            None => reader.done(None),
        }
    }
}

fn ending(
    mut reader: FormReader<'_>,
    questionnaire: &Questionnaire,
    contact_no: Option<ContactNo>,
    code: Code,
) -> Result<Ending, Vec<FieldError>> {
    let reasons = questionnaire.refusal_reasons();
    let refusal_reason = match code {
        Code::Refusal => reader.choice(REFUSAL_REASON, |value| {
            reasons
                .iter()
                .find(|reason| reason.id == value)
                .map(|reason| reason.id.clone())
        }),
        _ => None,
    };
    reader.done(contact_no.map(|contact_no| Ending {
        code,
        contact_no,
        refusal_reason,
    }))
}

fn contact_no(reader: &mut FormReader<'_>, questionnaire: &Questionnaire) -> Option<ContactNo> {
    let name = &questionnaire.in_person().contact_no.id;
    if reader.form().first(name).trim().is_empty() {
        reader.refuse(name, Problem::Empty);
    }
    let number = reader.number(name, 1..=i64::from(ContactNo::MAX))?;
    u32::try_from(number).ok().and_then(ContactNo::new)
}

fn protocol(reader: &mut FormReader<'_>, questionnaire: &Questionnaire) -> (Option<Place>, Protocol) {
    let asked = questionnaire.in_person();
    let place = reader.choice(&asked.place.0.id, Place::parse);
    let mut yes = |control: &Control| {
        let answer = reader.choice(&control.id, |value| match value {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        });
        answer.unwrap_or_default()
    };
    let mut protocol = Protocol {
        id_card_shown: yes(&asked.id_card_shown),
        show_card_used: yes(&asked.show_card_used),
        staff_within_earshot: yes(&asked.staff_within_earshot),
        others_present: yes(&asked.others_present),
        ..Protocol::default()
    };
    protocol.selection_rule = reader.required_line(&asked.selection_rule.id, LINE_MAX);
    protocol.dialect = reader.line(&asked.dialect.id, LINE_MAX);
    protocol.notes = reader.text(NOTES, NOTES_MAX);
    protocol.evaluator_declaration = reader.is_ticked(&asked.declaration.id);
    if !protocol.evaluator_declaration {
        reader.refuse(&asked.declaration.id, Problem::NotDeclared);
    }
    (place, protocol)
}

/// What came of somebody's approaches: how many ended how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contacts(BTreeMap<Code, i64>);

impl Contacts {
    /// Adds approaches that ended like this.
    pub fn add(&mut self, code: Code, n: i64) {
        *self.0.entry(code).or_default() += n;
    }
    /// Adds those of another.
    pub fn merge(&mut self, other: &Contacts) {
        other.0.iter().for_each(|(code, n)| self.add(*code, *n));
    }
    /// How many ended like this.
    pub fn count(&self, code: Code) -> i64 {
        self.0.get(&code).copied().unwrap_or_default()
    }
    /// Valid interviews: complete and partial.
    pub fn done(&self) -> i64 {
        self.count(Code::Complete) + self.count(Code::Partial)
    }
    /// Everybody who was approached, whatever came of it.
    pub fn approached(&self) -> i64 {
        self.0.values().sum()
    }
}

#[cfg(test)]
#[path = "interview_tests.rs"]
mod tests;
