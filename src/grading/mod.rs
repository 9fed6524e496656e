//! Evidence → highest star per criterion → star, what limits it and what would lift it. Pure.
//!
//! Source: CQM/F-RZ-ZY-06-001 chapter 6, read by the decision rules D1–D22. In the order of the data: a case as written
//! ([`case`]) becomes [`evidence`]; the [`table`] of 6.2, under the scheme owner's [`policy`], says what every star
//! asks; [`grade`](mod@grade) compares, exactly and by the [`calendar`]; [`lift`] says what is missing; [`report`] is
//! what is shown. [`certificate`] is what may become of a certificate, [`agenda`] when something is due, [`scheme`] the
//! marks of chapter 4.1 and the audit clauses of 4.2 as versioned data.
//!
//! What people enter: [`scoring`], [`audit`] and [`fact`] read their forms and say which rows are in force; [`record`]
//! compiles them to evidence; [`ruling`] is what may be decided on a grade, and by whom.

pub mod agenda;
pub mod audit;
pub mod calendar;
pub mod case;
pub mod certificate;
pub mod decimal;
pub mod evidence;
pub mod fact;
pub mod grade;
pub mod indicator;
mod known;
pub mod lift;
pub mod observation;
pub mod policy;
pub mod record;
pub mod report;
pub mod ruling;
pub mod scheme;
pub mod scoring;
pub mod table;

#[cfg(test)]
mod certificate_tests;
#[cfg(test)]
mod evidence_tests;
#[cfg(test)]
mod fact_tests;
#[cfg(test)]
mod grade_tests;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod ruling_tests;
