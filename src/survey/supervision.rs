//! Supervision of interviews where the method asks for it: how one stands, what a reviewer may say, what may be corrected.
//!
//! Source: requirements.md §8.5; product E6, E7. Nobody judges their own interview; what was changed stays beside what it
//! replaces.

use super::form::{FieldError, FormReader, Problem, RawForm};

/// Characters of a comment, a question or an answer.
pub const COMMENT_MAX: usize = 500;
/// Interviews that are approved at once.
pub const BULK_MAX: usize = 50;
/// How long after the hour of its arrival an interview may be corrected without being asked back.
pub const CORRECTION_MS: i64 = 24 * HOUR_MS;

const HOUR_MS: i64 = 3_600_000;

/// How an interview stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// For the reviewer to look at.
    Waiting,
    /// The reviewer asked; the evaluator has not answered yet.
    AskedBack,
    /// Counts.
    Approved,
    /// Does not count.
    Rejected,
}

impl Standing {
    /// Every standing, in the order of the pages.
    pub const ALL: [Standing; 4] = [
        Standing::Waiting,
        Standing::AskedBack,
        Standing::Approved,
        Standing::Rejected,
    ];

    /// Name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::AskedBack => "asked",
            Standing::Approved => "approved",
            Standing::Rejected => "rejected",
        }
    }

    /// The standing of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }

    /// Whether somebody still has to act before the record can be closed.
    pub fn is_open(self) -> bool {
        matches!(self, Standing::Waiting | Standing::AskedBack)
    }
}

/// What happens to an interview in review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The reviewer lets it count.
    Approved,
    /// The reviewer does not.
    Rejected,
    /// The reviewer asks the evaluator.
    Returned,
    /// The evaluator answers.
    Answered,
}

impl Step {
    /// Every step.
    pub const ALL: [Step; 4] = [Step::Approved, Step::Rejected, Step::Returned, Step::Answered];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Approved => "approved",
            Step::Rejected => "rejected",
            Step::Returned => "returned",
            Step::Answered => "answered",
        }
    }

    /// The step of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }

    /// How an interview stands after it.
    pub fn leads_to(self) -> Standing {
        match self {
            Step::Approved => Standing::Approved,
            Step::Rejected => Standing::Rejected,
            Step::Returned => Standing::AskedBack,
            Step::Answered => Standing::Waiting,
        }
    }
}

/// Why an interview does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The person interviewed was not eligible.
    NotEligible,
    /// Staff could hear or helped to answer.
    StaffPresent,
    /// The questions were not asked as they are to be.
    NotAsWritten,
    /// Somebody was interviewed twice.
    Duplicate,
    /// A back-check or the paradata say that it did not take place like this.
    NotGenuine,
    /// Anything else, told in the comment.
    Other,
}

impl Rejection {
    /// Every reason, in the order of the form.
    pub const ALL: [Rejection; 6] = [
        Rejection::NotEligible,
        Rejection::StaffPresent,
        Rejection::NotAsWritten,
        Rejection::Duplicate,
        Rejection::NotGenuine,
        Rejection::Other,
    ];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Rejection::NotEligible => "not_eligible",
            Rejection::StaffPresent => "staff_present",
            Rejection::NotAsWritten => "not_as_written",
            Rejection::Duplicate => "duplicate",
            Rejection::NotGenuine => "not_genuine",
            Rejection::Other => "other",
        }
    }

    /// The reason of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What a reviewer says about an interview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Approved, rejected or returned.
    pub step: Step,
    /// Why; exactly where it is rejected.
    pub reason: Option<Rejection>,
    /// In words; never empty but for an approval.
    pub comment: String,
}

impl Ruling {
    /// An approval without words.
    pub fn approval() -> Self {
        Self {
            step: Step::Approved,
            reason: None,
            comment: String::new(),
        }
    }

    /// Reads the reviewer's form.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let step = reader.choice("ruling", |name| {
            Step::parse(name).filter(|step| *step != Step::Answered)
        });
        let reason = match step {
            Some(Step::Rejected) => reader.choice("reason", Rejection::parse),
            _ => None,
        };
        let comment = reader.text("comment", COMMENT_MAX);
        if matches!(step, Some(Step::Rejected | Step::Returned)) && comment.is_empty() {
            reader.refuse("comment", Problem::Empty);
        }
        reader.done(step.map(|step| Self { step, reason, comment }))
    }
}

/// Why an answer was changed after the interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionReason {
    /// The evaluator pressed or wrote something else than was said.
    Mistaken,
    /// The customer changed it while the evaluator was still there.
    ByCustomer,
    /// The note on paper was read wrongly.
    Transcription,
    /// Anything else, told in the note.
    Other,
}

impl CorrectionReason {
    /// Every reason, in the order of the form.
    pub const ALL: [CorrectionReason; 4] = [
        CorrectionReason::Mistaken,
        CorrectionReason::ByCustomer,
        CorrectionReason::Transcription,
        CorrectionReason::Other,
    ];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            CorrectionReason::Mistaken => "mistaken",
            CorrectionReason::ByCustomer => "by_customer",
            CorrectionReason::Transcription => "transcription",
            CorrectionReason::Other => "other",
        }
    }

    /// The reason of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// Whether an interview may be corrected now (Unix ms) by who took it down: while it is asked back; before anybody has
/// ruled on it, for a day from the hour of its arrival on.
pub fn may_correct(standing: Standing, received_hour_ms: i64, now_ms: i64) -> bool {
    match standing {
        Standing::AskedBack => true,
        Standing::Waiting => now_ms < received_hour_ms + HOUR_MS + CORRECTION_MS,
        Standing::Approved | Standing::Rejected => false,
    }
}

/// How many interviews stand how; those withdrawn by their customers and those broken off are not among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// For the reviewer.
    pub waiting: u64,
    /// For the evaluator.
    pub asked_back: u64,
    /// Counted.
    pub approved: u64,
    /// Not counted.
    pub rejected: u64,
    /// With at least one corrected answer.
    pub corrected: u64,
}

impl Counts {
    /// Adds an interview.
    pub fn add(&mut self, standing: Standing, is_corrected: bool) {
        *match standing {
            Standing::Waiting => &mut self.waiting,
            Standing::AskedBack => &mut self.asked_back,
            Standing::Approved => &mut self.approved,
            Standing::Rejected => &mut self.rejected,
        } += 1;
        self.corrected += u64::from(is_corrected);
    }

    /// Interviews that somebody still has to act on.
    pub fn open(&self) -> u64 {
        self.waiting + self.asked_back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Ruling, Vec<String>> {
        let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        Ruling::parse(&form).map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn only_an_approval_needs_no_words_and_no_reviewer_answers() {
        assert_eq!(read(&[("ruling", "approved")]), Ok(Ruling::approval()));
        assert_eq!(read(&[("ruling", "returned")]), Err(vec!["comment".to_owned()]));
        assert_eq!(
            read(&[("ruling", "rejected")]),
            Err(vec!["reason".to_owned(), "comment".to_owned()])
        );
        assert_eq!(
            read(&[("ruling", "answered"), ("comment", "x")]),
            Err(vec!["ruling".to_owned()])
        );
        for reason in Rejection::ALL {
            let ruling = read(&[("ruling", "rejected"), ("reason", reason.as_str()), ("comment", "x")]);
            assert_eq!(ruling.map(|ruling| ruling.reason), Ok(Some(reason)));
        }
    }

    #[test]
    fn a_day_to_correct_and_later_only_when_asked() {
        let late = HOUR_MS + CORRECTION_MS;
        let when = |standing, now_ms| may_correct(standing, 0, now_ms);
        assert!(when(Standing::Waiting, late - 1) && !when(Standing::Waiting, late));
        assert!(when(Standing::AskedBack, late * 9));
        assert!(!when(Standing::Approved, 0) && !when(Standing::Rejected, 0));
        assert!(
            CorrectionReason::ALL
                .iter()
                .all(|r| CorrectionReason::parse(r.as_str()) == Some(*r))
        );
        assert!(Standing::ALL.iter().all(|s| Standing::parse(s.as_str()) == Some(*s)));
        assert!(Step::ALL.iter().all(|s| Step::parse(s.as_str()) == Some(*s)));
    }
}
