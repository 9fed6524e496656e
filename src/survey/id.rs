//! Typed identifiers. Ids are 128 random bits in the shape of a version 4 UUID, so that they carry no order and no
//! time; the randomness is the caller's, which keeps this module pure.

use std::fmt;
use std::str::FromStr;

/// The text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct IdError;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// An id from 128 random bits.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }
            /// The id's 16 bytes, as they stand in a signed form ticket.
            pub fn bytes(&self) -> [u8; 16] {
                self.0.into_bytes()
            }
            /// An id from the bytes that [`Self::bytes`] gave.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(uuid::Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text: String = serde::Deserialize::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                uuid::Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    };
}

id_type!(
    /// One wave of one organisation.
    EvaluationId
);
id_type!(
    /// A company being graded.
    OrganisationId
);
id_type!(
    /// A service outlet (网点) within one evaluation.
    OutletId
);
id_type!(
    /// A way in for customers: outlet QR code, personal link or printed code.
    LinkId
);
id_type!(
    /// Single-use links that were made together.
    LinkBatchId
);
id_type!(
    /// A stored answer. Follows from its receipt by a hash, so that the key order is no order of arrival.
    ResponseId
);
id_type!(
    /// An in-person interview.
    InterviewId
);
id_type!(
    /// Somebody of the certification body (evaluator, manager, reviewer, …).
    PersonId
);
id_type!(
    /// A contact that ended without an answer.
    DispositionId
);
