//! Everything recorded about one evaluation, compiled to the evidence that is graded; and what still stands in the way.
//!
//! Source: requirements D14 (settled before the decision), D16, D17; two persons for every fact.

use chrono::NaiveDate;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::audit::{ClauseCheck, Finding, serious};
use super::evidence::{Accident, Audit, Evidence, MajorComplaint, NegativeInformation, Occasion, Share, Survey};
use super::fact::{Entry, Fact, Kind, Statement, name_of};
use super::indicator::{Indicator, Indicators, Score};
use super::policy::Settled;
use super::scheme::{Heading, Scheme};
use super::scoring::{ScoreRow, Standing, indicator, standing};
use crate::statistics::exact::Ratio;
use crate::survey::form::{FieldError, Problem};

/// What was recorded, corrections applied: the latest version of everything.
#[derive(Debug, Clone)]
pub struct Record {
    /// Clauses and their marks.
    pub scheme: Scheme,
    /// What the scheme owner had settled when the evaluation was opened.
    pub settled: Settled,
    /// Why the organisation is evaluated; nothing when a holder is evaluated that holds no certificate.
    pub occasion: Option<Occasion>,
    /// Whether an organisation that is evaluated for the first time holds a certificate already.
    pub already_held: bool,
    /// Until when the certificate held may be renewed; nothing while it is suspended.
    pub renewable_until: Option<NaiveDate>,
    /// Facts, by kind.
    pub facts: Vec<Fact>,
    /// Marks, in order of entry.
    pub scores: Vec<ScoreRow>,
    /// The checklist, one row per clause that was gone through.
    pub checks: Vec<ClauseCheck>,
    /// Findings, by number.
    pub findings: Vec<Finding>,
    /// S and S_face, exact, once fieldwork is over.
    pub survey: Option<Figures>,
}

/// The survey's figures, exact shares of full marks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// S.
    pub s: Option<Ratio>,
    /// S_face.
    pub s_face: Option<Ratio>,
}

/// What must be done before anything can be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A fact that nobody has stated.
    Missing(Kind),
    /// A fact that no other person has confirmed, or that another person disagreed with.
    Unconfirmed(String),
    /// Evaluators differ about these clauses.
    Disputed(Vec<String>),
    /// So many clauses of 4.2 are not gone through.
    Unaudited(usize),
    /// A clause that does not conform and has no finding.
    WithoutFinding(String),
    /// Fieldwork is not over.
    SurveyRunning,
    /// A holder is evaluated that holds no certificate.
    NoCertificate,
    /// A certificate is held that must end before another one is granted: an organisation holds one at a time.
    AlreadyHeld,
    /// The certificate is suspended or its term is over: it cannot be renewed.
    NotRenewable,
}

/// The evidence as far as it goes, and what stands in the way of a decision.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Nothing without an on-site day or the certificate held.
    pub evidence: Option<Evidence>,
    /// Empty when a decision may be proposed.
    pub obstacles: Vec<Obstacle>,
}

impl Record {
    /// The facts that hold: not taken back.
    pub fn in_force(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| !fact.entry.withdrawn)
    }

    /// The statement of a kind there is one of.
    fn single(&self, kind: Kind) -> Option<&Statement> {
        self.in_force()
            .map(|fact| &fact.entry.statement)
            .find(|statement| statement.kind() == kind)
    }

    /// First day on site.
    pub fn onsite(&self) -> Option<NaiveDate> {
        match self.single(Kind::Onsite) {
            Some(Statement::Onsite { on }) => Some(on.0),
            _ => None,
        }
    }

    fn operating_since(&self) -> Option<NaiveDate> {
        match self.single(Kind::Operating) {
            Some(Statement::Operating { since }) => Some(since.0),
            _ => None,
        }
    }

    /// What counts for a clause of 4.1.
    pub fn standing(&self, clause: &str) -> Standing {
        let left_out =
            |statement: &Statement| matches!(statement, Statement::NotApplicable { clause: named } if named == clause);
        let not_applicable = self.in_force().any(|fact| left_out(&fact.entry.statement));
        standing(&self.scores, clause, not_applicable)
    }

    /// The indicator of a heading.
    pub fn indicator(&self, heading: &Heading) -> Option<Indicator> {
        let standings: Vec<Standing> = heading
            .clauses
            .iter()
            .map(|clause| self.standing(&clause.clause))
            .collect();
        indicator(heading, &standings)
    }

    fn indicators(&self) -> Option<Indicators> {
        let rows: Option<Vec<Indicator>> = self
            .scheme
            .headings()
            .iter()
            .map(|heading| self.indicator(heading))
            .collect();
        Indicators::new(rows?).ok()
    }

    /// Clauses of 4.2 that nobody has gone through.
    pub fn unaudited(&self) -> usize {
        let gone = |clause: &str| self.checks.iter().any(|check| check.clause == clause);
        self.scheme
            .audit()
            .iter()
            .filter(|clause| !gone(&clause.clause))
            .count()
    }

    /// What a new statement contradicts, if anything: the fields that must be corrected.
    pub fn contradictions(&self, entry: &Entry) -> Vec<FieldError> {
        let refuse = |field, problem| vec![FieldError::new(field, problem)];
        match &entry.statement {
            _ if entry.withdrawn => Vec::new(),
            Statement::Onsite { on } if self.operating_since().is_some_and(|since| since > on.0) => {
                refuse("on", Problem::TooEarly)
            }
            Statement::Onsite { on } if self.last_evaluation().is_some_and(|last| last > on.0) => {
                refuse("on", Problem::TooEarly)
            }
            Statement::Operating { since } if self.onsite().is_some_and(|onsite| since.0 > onsite) => {
                refuse("since", Problem::OutOfRange)
            }
            Statement::Verdict { .. } if self.unaudited() > 0 => refuse("conclusion", Problem::NotReady),
            Statement::Sample { .. } if self.survey.is_none() => refuse("adequate", Problem::NotReady),
            _ => Vec::new(),
        }
    }

    fn last_evaluation(&self) -> Option<NaiveDate> {
        let holding = self.occasion.as_ref().and_then(Occasion::holding);
        holding.map(|holding| holding.last_evaluation)
    }

    /// Compiles everything for a decision on this day.
    pub fn compile(&self, decision_date: NaiveDate) -> Compiled {
        Compiled {
            evidence: self.evidence(decision_date),
            obstacles: self.obstacles(decision_date),
        }
    }

    fn obstacles(&self, decision_date: NaiveDate) -> Vec<Obstacle> {
        let missing = Kind::NEEDED.into_iter().filter(|kind| self.single(*kind).is_none());
        let mut obstacles: Vec<Obstacle> = missing.map(Obstacle::Missing).collect();
        let unconfirmed = self.facts.iter().filter(|fact| !fact.is_confirmed());
        obstacles.extend(unconfirmed.map(|fact| Obstacle::Unconfirmed(fact.id.clone())));
        let clauses = self.scheme.headings().iter().flat_map(|heading| &heading.clauses);
        let disputed = clauses.filter(|clause| self.standing(&clause.clause) == Standing::Disputed);
        let disputed: Vec<String> = disputed.map(|clause| clause.clause.clone()).collect();
        if !disputed.is_empty() {
            obstacles.push(Obstacle::Disputed(disputed));
        }
        match self.unaudited() {
            0 => {}
            clauses => obstacles.push(Obstacle::Unaudited(clauses)),
        }
        let found = |clause: &str| self.findings.iter().any(|finding| finding.entry.clause == clause);
        let silent = self
            .checks
            .iter()
            .filter(|check| !check.conform && !found(&check.clause));
        obstacles.extend(silent.map(|check| Obstacle::WithoutFinding(check.clause.clone())));
        if self.survey.is_none() {
            obstacles.push(Obstacle::SurveyRunning);
        }
        if self.occasion.is_none() {
            obstacles.push(Obstacle::NoCertificate);
        }
        if self.already_held {
            obstacles.push(Obstacle::AlreadyHeld);
        }
        if matches!(self.occasion, Some(Occasion::Recertification(_)))
            && self.renewable_until.is_none_or(|last_day| decision_date > last_day)
        {
            obstacles.push(Obstacle::NotRenewable);
        }
        obstacles
    }

    fn evidence(&self, decision_date: NaiveDate) -> Option<Evidence> {
        let onsite_date = self.onsite()?;
        let (serious_raised, serious_open) = serious(&self.findings);
        let share = |ratio: &Option<Ratio>| ratio.clone().and_then(Share::new);
        let figures = self.survey.clone().unwrap_or_default();
        let mut evidence = Evidence {
            occasion: self.occasion?,
            onsite_date,
            decision_date: decision_date.max(onsite_date),
            operating_since: self.operating_since(),
            indicators: self.indicators()?,
            audit: None,
            survey: Survey {
                s: share(&figures.s),
                s_face: share(&figures.s_face),
                sample_adequate: false,
            },
            accidents: Vec::new(),
            major_complaints: Vec::new(),
            negative_info: Vec::new(),
            blacklisted: false,
            convenience_services: None,
        };
        for fact in self.in_force() {
            match &fact.entry.statement {
                Statement::Onsite { .. } | Statement::Operating { .. } | Statement::NotApplicable { .. } => {}
                Statement::Accident { on, harm, responsible } => evidence.accidents.push(Accident {
                    date: on.0,
                    kind: *harm,
                    responsible: *responsible,
                }),
                Statement::Complaint {
                    on,
                    basis,
                    confirmed,
                    rectification,
                } => evidence.major_complaints.push(MajorComplaint {
                    date: on.0,
                    basis: *basis,
                    confirmed: *confirmed,
                    rectification: *rectification,
                }),
                Statement::Negative { on, confirmed } => evidence.negative_info.push(NegativeInformation {
                    date: on.0,
                    confirmed: *confirmed,
                }),
                Statement::Blacklist { listed } => evidence.blacklisted = *listed,
                Statement::Convenience { services } => evidence.convenience_services = Some(*services),
                Statement::Sample { adequate } => evidence.survey.sample_adequate = *adequate,
                Statement::Verdict { conclusion } => {
                    evidence.audit = Some(Audit {
                        conclusion: *conclusion,
                        serious_raised,
                        serious_open,
                    });
                }
            }
        }
        Some(evidence)
    }

    /// The case as text, fractions exact, and its SHA-256: what a signature is about.
    pub fn input(&self, evidence: &Evidence) -> (String, String) {
        let fraction = |ratio: &Ratio| format!("{}/{}", ratio.numer(), ratio.denom());
        let indicators = evidence.indicators.all().iter().map(|row| {
            let score = match row.score() {
                Score::Marks(marks) => fraction(marks),
                Score::Pending => "pending".to_owned(),
                Score::NotApplicable => "not_applicable".to_owned(),
            };
            json!({"clause": row.clause(), "full": row.full(), "score": score})
        });
        let facts: Vec<_> = self
            .in_force()
            .map(|fact| json!({"id": fact.id, "version": fact.version, "statement": fact.entry.statement}))
            .collect();
        let findings: Vec<_> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "number": finding.number, "version": finding.version, "clause": finding.entry.clause,
                    "severity": name_of(&finding.entry.severity), "open": finding.is_open(),
                })
            })
            .collect();
        let holding = evidence.occasion.holding();
        let input = json!({
            "scheme": {"name": self.scheme.name(), "hash": self.scheme.hash()},
            "policy": {"version": self.settled.version, "settings": self.settled.policy},
            "mode": mode_name(&evidence.occasion),
            "current_star": holding.map(|holding| holding.star),
            "last_evaluation_date": holding.map(|holding| holding.last_evaluation.to_string()),
            "onsite_date": evidence.onsite_date.to_string(),
            "decision_date": evidence.decision_date.to_string(),
            "indicators": indicators.collect::<Vec<_>>(),
            "survey": {
                "s": evidence.survey.s.as_ref().map(|s| fraction(s.ratio())),
                "s_face": evidence.survey.s_face.as_ref().map(|s| fraction(s.ratio())),
            },
            "facts": facts,
            "findings": findings,
            "checks": self.checks.iter().map(|check| json!([check.clause, check.conform])).collect::<Vec<_>>(),
        });
        let text = input.to_string();
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        (text, hash)
    }
}

/// The name of an occasion, as in the grading cases.
pub fn mode_name(occasion: &Occasion) -> &'static str {
    match occasion {
        Occasion::Initial => "initial",
        Occasion::Surveillance(_) => "surveillance",
        Occasion::Recertification(_) => "recertification",
        Occasion::Special(_) => "special",
    }
}

/// X of a case that was decided, from its text; nothing when the text is not one of ours.
pub fn x_of(input: &str) -> Option<Ratio> {
    let input: serde_json::Value = serde_json::from_str(input).ok()?;
    let rows = input.get("indicators")?.as_array()?.iter().map(|row| {
        let clause = row.get("clause")?.as_str()?;
        let score = match row.get("score")?.as_str()? {
            "not_applicable" => Score::NotApplicable,
            "pending" => Score::Pending,
            fraction => Score::Marks(fraction.parse().ok()?),
        };
        Indicator::new(clause, score).ok()
    });
    Indicators::new(rows.collect::<Option<_>>()?).ok()?.x_total()
}
