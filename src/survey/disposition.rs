//! Outcomes of contacts. The published table with words and outcome classes is questionnaire data; these are the codes
//! that a contact can end with in the channels the program serves. 260 is not among them: it is a decision about a
//! response, which keeps the outcome it had.

/// How a contact ended (codes after the AAPOR scheme, questionnaire `dispositions`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// Complete.
    Complete,
    /// Partial, valid.
    Partial,
    /// Break-off: too little answered to be valid.
    BreakOff,
    /// Answered, and withdrawn by the customer afterwards.
    Withdrawn,
    /// Refusal or opt-out.
    Refusal,
    /// No service in the last 12 months.
    NoService,
    /// Staff, relative or interested party.
    Interested,
    /// Under 18.
    Minor,
    /// No contact or no reply.
    NoContact,
    /// Language or health.
    Unable,
    /// Asked before.
    Duplicate,
    /// Whether they are eligible stayed unknown.
    Unknown,
    /// Whether they are a customer at all stayed unknown.
    UnknownCustomer,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 13] = [
        Code::Complete,
        Code::Partial,
        Code::BreakOff,
        Code::Withdrawn,
        Code::Refusal,
        Code::NoService,
        Code::Interested,
        Code::Minor,
        Code::NoContact,
        Code::Unable,
        Code::Duplicate,
        Code::Unknown,
        Code::UnknownCustomer,
    ];

    /// How an approach can end that leads to no questionnaire, in the order in which evaluators are offered them. An
    /// interview that was broken off after an answer is sent as it is; only one without any answer is recorded here.
    pub const OF_APPROACHES: [Code; 10] = [
        Code::Refusal,
        Code::NoContact,
        Code::BreakOff,
        Code::Unable,
        Code::NoService,
        Code::Interested,
        Code::Minor,
        Code::Duplicate,
        Code::Unknown,
        Code::UnknownCustomer,
    ];

    /// The three digits of the published table.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Complete => "100",
            Code::Partial => "110",
            Code::BreakOff => "211",
            Code::Withdrawn => "213",
            Code::Refusal => "210",
            Code::NoService => "220",
            Code::Interested => "221",
            Code::Minor => "222",
            Code::NoContact => "240",
            Code::Unable => "230",
            Code::Duplicate => "223",
            Code::Unknown => "250",
            Code::UnknownCustomer => "251",
        }
    }

    /// The code of three digits.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}
