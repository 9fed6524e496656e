//! X: marks of the clauses of 4.1, given on site by one or more evaluators, and how they become the eight indicators.
//!
//! Source: CQM/F-RZ-ZY-06-001 5.3, annex; requirements D3, D16. Where the evaluators differ, what they settled on counts.
//! A clause that does not apply is left out with its marks, and its heading is scaled to full marks, as D16 does with
//! whole indicators.

use num_traits::Zero;

use super::decimal::Decimal;
use super::fact::{EVIDENCE_MAX, LINE_MAX};
use super::indicator::{Indicator, Score};
use super::scheme::{Heading, Scheme};
use crate::statistics::exact::Ratio;
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::id::PersonId;

/// Marks with their evidence, as entered for one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Number of the clause.
    pub clause: String,
    /// Marks.
    pub marks: Decimal,
    /// What was seen, or, where the evaluators settled, why.
    pub evidence: String,
}

/// A row of the score sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreRow {
    /// Its place among all rows of the evaluation.
    pub seq: i64,
    /// The marks.
    pub marked: Marked,
    /// Whether the evaluators settled on it together.
    pub agreed: bool,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// What counts for a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has scored it.
    Open,
    /// Two evaluators differ and have not settled.
    Disputed,
    /// These marks count.
    Marks(Ratio),
    /// It does not apply.
    NotApplicable,
}

/// The latest marks of each evaluator for a clause, in order of first entry.
pub fn individual<'a>(rows: &'a [ScoreRow], clause: &str) -> Vec<&'a ScoreRow> {
    let mut latest: Vec<&ScoreRow> = Vec::new();
    for row in rows.iter().filter(|row| !row.agreed && row.marked.clause == clause) {
        match latest.iter_mut().find(|known| known.by == row.by) {
            Some(known) => *known = row,
            None => latest.push(row),
        }
    }
    latest
}

/// What counts for a clause: the marks all evaluators gave alike, or the ones they settled on after the last of theirs.
pub fn standing(rows: &[ScoreRow], clause: &str, not_applicable: bool) -> Standing {
    if not_applicable {
        return Standing::NotApplicable;
    }
    let given = individual(rows, clause);
    let Some(first) = given.first() else {
        return Standing::Open;
    };
    if given
        .iter()
        .all(|row| row.marked.marks.value() == first.marked.marks.value())
    {
        return Standing::Marks(first.marked.marks.value().clone());
    }
    let last = given.iter().map(|row| row.seq).max().unwrap_or(0);
    let settled = rows
        .iter()
        .rfind(|row| row.agreed && row.marked.clause == clause && row.seq > last);
    settled.map_or(Standing::Disputed, |row| {
        Standing::Marks(row.marked.marks.value().clone())
    })
}

/// The indicator of a heading; pending while a clause is open or disputed.
pub fn indicator(heading: &Heading, standings: &[Standing]) -> Option<Indicator> {
    let (mut obtained, mut available) = (Ratio::zero(), Ratio::zero());
    let mut pending = false;
    for (clause, standing) in heading.clauses.iter().zip(standings) {
        match standing {
            Standing::NotApplicable => {}
            Standing::Marks(marks) => {
                obtained += marks;
                available += &clause.marks;
            }
            Standing::Open | Standing::Disputed => pending = true,
        }
    }
    let score = match (pending, available.is_zero()) {
        (true, _) => Score::Pending,
        (false, true) => Score::NotApplicable,
        (false, false) => Score::Marks(obtained / available * Ratio::from_integer(heading.marks.into())),
    };
    Indicator::new(&heading.clause, score).ok()
}

/// Reads an evaluator's marks for the clauses of a heading; clauses left empty are not scored yet.
///
/// # Errors
/// Every field that must be corrected: no number, above full marks, marks without evidence, nothing at all.
pub fn parse(heading: &Heading, form: &RawForm) -> Result<Vec<Marked>, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let mut marked = Vec::new();
    for clause in &heading.clauses {
        let field = format!("marks-{}", clause.clause);
        let about = format!("evidence-{}", clause.clause);
        let evidence = reader.text(&about, EVIDENCE_MAX);
        match marks(&mut reader, &field, &clause.marks) {
            Some(_) if evidence.is_empty() => reader.refuse(&about, Problem::Empty),
            Some(marks) => marked.push(Marked {
                clause: clause.clause.clone(),
                marks,
                evidence,
            }),
            None => {}
        }
    }
    if marked.is_empty()
        && let Some(first) = heading.clauses.first()
        && heading
            .clauses
            .iter()
            .all(|clause| form.first(&format!("marks-{}", clause.clause)).is_empty())
    {
        reader.refuse(&format!("marks-{}", first.clause), Problem::Empty);
    }
    reader.done(Some(marked))
}

/// Reads what the evaluators settled on for one clause.
///
/// # Errors
/// Every field that must be corrected; marks outside those given are refused.
pub fn parse_agreed(scheme: &Scheme, rows: &[ScoreRow], form: &RawForm) -> Result<Marked, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let clause = reader.choice("clause", |text| scheme.scored_clause(text));
    let given = clause
        .map(|clause| individual(rows, &clause.clause))
        .unwrap_or_default();
    if clause.is_some() && given.len() < 2 {
        reader.refuse("clause", Problem::NotReady);
    }
    let marks = clause.and_then(|clause| marks(&mut reader, "marks", &clause.marks));
    if marks.is_none() && form.first("marks").trim().is_empty() {
        reader.refuse("marks", Problem::Empty);
    }
    let values = || given.iter().map(|row| row.marked.marks.value());
    if let (Some(marks), Some(low), Some(high)) = (&marks, values().min(), values().max())
        && (marks.value() < low || marks.value() > high)
    {
        reader.refuse("marks", Problem::OutsideOthers);
    }
    let evidence = reader.required_line("reason", LINE_MAX);
    let marked = clause.zip(marks).map(|(clause, marks)| Marked {
        clause: clause.clause.clone(),
        marks,
        evidence,
    });
    reader.done(marked)
}

/// Longest number of marks.
const MARKS_MAX: usize = 12;

fn marks(reader: &mut FormReader<'_>, field: &str, full: &Ratio) -> Option<Decimal> {
    let typed = match reader.form().single(field) {
        Ok(typed) => typed.unwrap_or_default(),
        Err(problem) => {
            reader.refuse(field, problem);
            return None;
        }
    };
    let typed: String = typed.trim().chars().take(MARKS_MAX + 1).map(plain).collect();
    if typed.is_empty() {
        return None;
    }
    match Decimal::parse(&typed) {
        Ok(marks) if typed.len() <= MARKS_MAX && marks.value() <= full => return Some(marks),
        Ok(_) => reader.refuse(field, Problem::AboveFull),
        Err(_) => reader.refuse(field, Problem::NotADecimal),
    }
    None
}

/// Full-width digits and points are what people type in Chinese.
fn plain(letter: char) -> char {
    match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '．' | '。' => '.',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::scheme::DEFAULT;
    use super::*;

    fn row(seq: i64, by: u8, marks: &str, agreed: bool) -> ScoreRow {
        ScoreRow {
            seq,
            marked: Marked {
                clause: "4.1.3.1".into(),
                marks: Decimal::parse(marks).unwrap(),
                evidence: "seen".into(),
            },
            agreed,
            by: PersonId::from_random([by; 16]),
            at_ms: 0,
        }
    }

    #[test]
    fn evaluators_who_differ_must_settle_and_settle_again_after_a_change() {
        let marks = |text: &str| Standing::Marks(Decimal::parse(text).unwrap().value().clone());
        let mut rows = vec![row(1, 1, "4", false)];
        assert_eq!(standing(&rows, "4.1.3.1", false), marks("4"));
        rows.push(row(2, 2, "4.0", false));
        assert_eq!(standing(&rows, "4.1.3.1", false), marks("4"));
        rows.push(row(3, 2, "3", false));
        assert_eq!(standing(&rows, "4.1.3.1", false), Standing::Disputed);
        rows.push(row(4, 1, "3.5", true));
        assert_eq!(standing(&rows, "4.1.3.1", false), marks("3.5"));
        rows.push(row(5, 1, "4.5", false));
        assert_eq!(standing(&rows, "4.1.3.1", false), Standing::Disputed);
        assert_eq!(standing(&rows, "4.1.3.1", true), Standing::NotApplicable);
        assert_eq!(standing(&rows, "4.1.3.2", false), Standing::Open);
    }

    #[test]
    fn a_clause_that_does_not_apply_keeps_the_share_of_its_heading() {
        let scheme = Scheme::from_json(DEFAULT).unwrap();
        let heading = &scheme.headings()[2];
        let four = Standing::Marks(Ratio::from_integer(4.into()));
        let scored = indicator(heading, &[four.clone(), Standing::NotApplicable]).unwrap();
        assert_eq!(scored.share().unwrap(), Ratio::new(4.into(), 5.into()));
        let none = indicator(heading, &[Standing::NotApplicable, Standing::NotApplicable]).unwrap();
        assert_eq!(none.score(), &Score::NotApplicable);
        let open = indicator(heading, &[four, Standing::Disputed]).unwrap();
        assert_eq!(open.score(), &Score::Pending);
    }

    #[test]
    fn marks_above_full_marks_and_marks_without_evidence_are_refused_by_name() {
        let scheme = Scheme::from_json(DEFAULT).unwrap();
        let form = RawForm::new(
            [
                ("marks-4.1.3.1", "5.01"),
                ("marks-4.1.3.2", "３．５"),
                ("evidence-4.1.3.1", "x"),
            ]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .to_vec(),
        );
        let refused = parse(&scheme.headings()[2], &form).unwrap_err();
        let named: Vec<(&str, Problem)> = refused.iter().map(|e| (e.field.as_str(), e.problem)).collect();
        assert_eq!(
            named,
            [
                ("marks-4.1.3.1", Problem::AboveFull),
                ("evidence-4.1.3.2", Problem::Empty)
            ]
        );
        let twice = RawForm::new(
            [
                ("marks-4.1.3.1", "4"),
                ("marks-4.1.3.1", "5"),
                ("evidence-4.1.3.1", "x"),
            ]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .to_vec(),
        );
        assert_eq!(
            parse(&scheme.headings()[2], &twice).unwrap_err()[0].problem,
            Problem::Contradictory
        );
    }

    #[test]
    fn what_was_settled_lies_between_what_was_given() {
        let scheme = Scheme::from_json(DEFAULT).unwrap();
        let rows = [row(1, 1, "4", false), row(2, 2, "3", false)];
        let form = |marks: &str| {
            RawForm::new(
                [("clause", "4.1.3.1"), ("marks", marks), ("reason", "looked again")]
                    .map(|(n, v)| (n.to_owned(), v.to_owned()))
                    .to_vec(),
            )
        };
        assert_eq!(
            parse_agreed(&scheme, &rows, &form("4.5")).unwrap_err()[0].problem,
            Problem::OutsideOthers
        );
        assert!(parse_agreed(&scheme, &rows, &form("3.5")).is_ok());
        assert_eq!(
            parse_agreed(&scheme, &rows[..1], &form("4")).unwrap_err()[0],
            FieldError::new("clause", Problem::NotReady)
        );
    }
}
