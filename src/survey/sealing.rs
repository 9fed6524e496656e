//! What must be settled before a record is sealed.

/// What a record waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// The pass for flags that reads every response after fieldwork.
    Flags,
    /// Interviews that a reviewer or an evaluator must settle.
    Interviews,
    /// Uploads that came too late or contradict what is known.
    Uploads,
    /// Comments that nobody has read.
    Comments,
    /// Proposals to exclude answers or to count them again.
    Exclusions,
}

impl Wait {
    /// Everything, in the order in which it is settled: what is accepted late is passed over, flags lead to exclusions.
    pub const ALL: [Wait; 5] = [
        Wait::Interviews,
        Wait::Uploads,
        Wait::Comments,
        Wait::Flags,
        Wait::Exclusions,
    ];
}
