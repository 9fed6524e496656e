//! The words for what is wrong with a field, the same on customers' and office pages.

use super::words::Words;
use crate::survey::form::Problem;

/// The sentence beside a field that must be corrected.
pub fn problem_text(words: Words, problem: Problem) -> String {
    match problem {
        Problem::Missing => words.t("error-missing"),
        Problem::ConsentMissing => words.t("error-consent-missing"),
        Problem::NoService => words.t("error-no-service"),
        Problem::NothingRated => words.t("error-nothing-rated"),
        Problem::NotAChoice => words.t("error-not-a-choice"),
        Problem::Contradictory => words.t("error-contradictory"),
        Problem::TooLong => words.t("error-too-long"),
        Problem::Empty => words.t("error-empty"),
        Problem::TooShort => words.t("error-too-short"),
        Problem::NotANumber => words.t("error-not-a-number"),
        Problem::OutOfRange => words.t("error-out-of-range"),
        Problem::NotADate => words.t("error-not-a-date"),
        Problem::Taken => words.t("error-taken"),
        Problem::Wrong => words.t("error-wrong"),
        Problem::Guessable => words.t("account-error-guessable"),
        Problem::NotALogin => words.t("account-error-login"),
        Problem::NotEntitled => words.t("error-not-entitled"),
        Problem::Incompatible => words.t("error-incompatible"),
        Problem::NotRegistered => words.t("error-not-registered"),
        Problem::Excluded => words.t("error-excluded"),
        Problem::NotDeclared => words.t("error-not-declared"),
        Problem::NotADecimal => words.t("error-not-a-decimal"),
        Problem::AboveFull => words.t("error-above-full"),
        Problem::InFuture => words.t("error-in-future"),
        Problem::TooEarly => words.t("error-too-early"),
        Problem::NotAnAddress => words.t("mail-error-address"),
        Problem::NotAReport => words.t("mail-error-report"),
        Problem::OwnWork => words.t("error-own-work"),
        Problem::NotReady => words.t("error-not-ready"),
        Problem::Changed => words.t("error-changed"),
        Problem::NothingChanged => words.t("supervise-error-unchanged"),
        Problem::InterviewsWait => words.t("supervise-error-wait"),
        Problem::Sealed => words.t("error-sealed"),
        Problem::NotAReceipt => words.t("error-not-a-receipt"),
        Problem::Conflicted => words.t("error-conflicted"),
        Problem::NoDeclaration => words.t("assign-error-declaration"),
        Problem::NotATime => words.t("assign-error-time"),
        Problem::DayBegun => words.t("assign-error-day"),
        Problem::OutsideOthers => words.t("error-outside-others"),
        Problem::NotPossible => words.t("error-not-possible"),
        Problem::Unchanged => words.t("policy-error-unchanged"),
        Problem::Conflict => words.t("sampling-error-conflict"),
        Problem::CustomersUnknown => words.t("sampling-error-customers"),
        Problem::NoSuchOutlet => words.t("sampling-error-outlet"),
    }
}
