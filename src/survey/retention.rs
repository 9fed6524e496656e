//! Why something is erased by the clock.

/// A rule of retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// A customer list, 30 days after sealing.
    SealedList,
    /// A file that nobody confirmed, after a day.
    ForgottenFile,
    /// Marks of devices and networks, 30 days after fieldwork.
    OldMarks,
    /// Originals of comments, 30 days after sealing.
    Comments,
    /// Telephone numbers left with interviews, 30 days after verification, at the latest 30 days after sealing.
    Phones,
}

impl Retention {
    /// Every rule.
    pub const ALL: [Retention; 5] = [
        Retention::SealedList,
        Retention::ForgottenFile,
        Retention::OldMarks,
        Retention::Comments,
        Retention::Phones,
    ];

    /// Name in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Retention::SealedList => "30 days after sealing",
            Retention::ForgottenFile => "not confirmed for a day",
            Retention::OldMarks => "30 days after fieldwork",
            Retention::Comments => "original, 30 days after sealing",
            Retention::Phones => "30 days after verification or sealing",
        }
    }

    /// The rule of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text)
    }
}
