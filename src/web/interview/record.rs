//! From a filled-in interview form to what is stored of it: the same for the page, an upload, and an upload that a
//! reviewer accepts.

use crate::clock::months_before;
use crate::phone::PhoneKey;
use crate::secret::SecretKey;
use crate::store::disposition::Approach;
use crate::store::evaluation::Evaluation;
use crate::store::recording::{self, FieldSetting, Record};
use crate::survey::answers::FormChoices;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{OutletId, PersonId};
use crate::survey::interview::{Answered, Ending, Taken};
use crate::survey::language::Language;
use crate::survey::paper::Paper;
use crate::survey::paradata::{ClockOffset, PHONE, PHONE_CONSENT, Paradata};
use crate::survey::submission::{Entry, Interview, Receipt, Submission};
use crate::survey::upload::{ClientId, Item, Kind};

/// Who filled a form in, where and when.
#[derive(Debug, Clone)]
pub struct Origin {
    pub id: ClientId,
    pub outlet: OutletId,
    pub evaluator: PersonId,
    /// Unix ms by the server's clock; the end is not before the start.
    pub span_ms: (i64, i64),
    pub received_at_ms: i64,
    pub language: Language,
    /// Of the device; `None` for the page itself.
    pub clock: Option<ClockOffset>,
    /// It was taken down on paper.
    pub paper: Option<Paper>,
    pub is_late: bool,
}

impl Origin {
    /// Of an uploaded item. Its times are the device's claims, corrected and never later than the arrival.
    pub fn of(item: &Item, evaluator: PersonId, upload_offset_ms: i64, received_at_ms: i64) -> Self {
        let clock = ClockOffset {
            before: item.clock_offset_ms,
            upload: upload_offset_ms,
        };
        let ended = clock.correct(item.ended_at_ms).clamp(0, received_at_ms);
        let started = clock.correct(item.started_at_ms).clamp(0, ended);
        Self {
            id: item.id,
            outlet: item.outlet,
            evaluator,
            span_ms: (started, ended),
            received_at_ms,
            language: item.language(),
            clock: Some(clock),
            paper: None,
            is_late: false,
        }
    }
}

/// Checks forms of one evaluation and makes records of them.
pub struct Recorder<'a> {
    pub key: &'a SecretKey,
    pub evaluation: &'a Evaluation,
    pub setting: FieldSetting,
}

impl Recorder<'_> {
    /// The record of a form.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn record(&self, kind: Kind, form: &RawForm, origin: &Origin) -> Result<Record, Vec<FieldError>> {
        let questionnaire = self.evaluation.instrument.questionnaire();
        // A paper form is entered on a page of today.
        let months = months_before(match origin.paper {
            Some(_) => origin.received_at_ms,
            None => origin.span_ms.0,
        });
        let choices = FormChoices {
            products: &self.evaluation.products,
            months: &months,
        };
        let taken = match kind {
            Kind::Interview => Taken::parse(questionnaire, choices, form)?,
            Kind::Approach => Taken::Ended(Ending::parse(questionnaire, form)?),
        };
        Ok(match taken {
            Taken::Answered(answered) => Record::Answered(Box::new(self.answered(*answered, form, origin))),
            Taken::Ended(ending) => Record::Ended(Approach {
                id: origin.id.approach(),
                evaluation: self.evaluation.id,
                outlet: origin.outlet,
                evaluator: origin.evaluator,
                ending,
                at_ms: origin.span_ms.1,
                is_late: origin.is_late,
            }),
        })
    }

    fn answered(&self, mut answered: Answered, form: &RawForm, origin: &Origin) -> recording::Answered {
        if let Some(paper) = &origin.paper {
            answered.on_paper(paper, origin.received_at_ms);
        }
        let (started_at_ms, ended_at_ms) = origin.span_ms;
        let paradata = Paradata::of(
            &answered,
            form,
            origin.span_ms,
            self.setting.asks_location,
            origin.clock,
        );
        let submission = Submission {
            evaluation: self.evaluation.id,
            entry: Entry::Interview(Interview {
                id: origin.id.interview(),
                outlet: origin.outlet,
                evaluator: origin.evaluator,
                place: answered.place,
                started_at_ms,
                ended_at_ms,
                contact_no: answered.contact_no,
                protocol: answered.protocol,
                is_late: origin.is_late,
            }),
            receipt: Receipt::of(self.key.bytes(), &origin.id.bytes()),
            answers: answered.answers,
            language: origin.language,
            notice_version: self.evaluation.notice_version.clone().unwrap_or_default(),
            duration_s: u32::try_from((ended_at_ms - started_at_ms) / 1000).ok(),
            received_at_ms: origin.received_at_ms,
            answers_salt: rand::random(),
            comment_salt: rand::random(),
        };
        recording::Answered {
            submission,
            paradata,
            sealed_phone: self.phone(form, origin),
        }
    }

    /// A number that cannot be read is not worth an interview: it is left out.
    fn phone(&self, form: &RawForm, origin: &Origin) -> Option<String> {
        if !self.setting.asks_phone || !form.has(PHONE_CONSENT, "yes") {
            return None;
        }
        let place = (self.evaluation.id, origin.id.interview());
        PhoneKey::of(self.key)?.take(self.key, &origin.id.text(), form.first(PHONE), place)
    }
}
