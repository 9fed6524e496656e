//! Outcomes of contacts. The published table with words and outcome classes is questionnaire data; these are the
//! codes the program itself gives.

/// A disposition that the survey flow assigns (codes after the AAPOR scheme, questionnaire `dispositions`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// Complete.
    Complete,
    /// Partial, valid.
    Partial,
    /// Break-off: too little answered to be valid.
    BreakOff,
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
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 9] = [
        Code::Complete,
        Code::Partial,
        Code::BreakOff,
        Code::Refusal,
        Code::NoService,
        Code::Interested,
        Code::Minor,
        Code::NoContact,
        Code::Unable,
    ];

    /// The three digits of the published table.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Complete => "100",
            Code::Partial => "110",
            Code::BreakOff => "211",
            Code::Refusal => "210",
            Code::NoService => "220",
            Code::Interested => "221",
            Code::Minor => "222",
            Code::NoContact => "240",
            Code::Unable => "230",
        }
    }

    /// The code of three digits.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}
