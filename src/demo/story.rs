//! Who is evaluated, where, how it went.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::DemoLinks;
use super::errands;
use super::field::Field;
use super::plan as planning;
use super::plot::{APPLIANCES, APPLIANCES_BEFORE, FURNITURE, Plot};
use super::staff::{self, Staff};
use super::{customers, remarks, supervised, verdict};
use crate::access::password::Password;
use crate::app::{Installation, StartError};
use crate::config::Config;
use crate::credential;
use crate::store::evaluation::NewEvaluation;
use crate::store::link::NewLink;
use crate::store::outlet::Outlet;
use crate::store::recording::{self, FieldSetting};
use crate::store::response::SubmitError;
use crate::store::{StoreError, WriteTx, catalogue, evaluation, link, organisation, outlet, plan, plan_review};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, LinkId, OrganisationId, OutletId};
use crate::survey::instrument::Instrument;
use crate::survey::language::Text;
use crate::survey::link::LinkKind;
use crate::survey::notice::Notice;
use crate::survey::plan_review::Verdict;
use crate::survey::questionnaire::Choice;

pub(super) const DAY_MS: i64 = 86_400_000;

/// Fills an empty database with the example.
pub fn tell(installation: &Installation, config: &Config) -> Result<DemoLinks, StartError> {
    let (closed, open) = (APPLIANCES, FURNITURE);
    let narrator = Narrator {
        key: installation.key.bytes().to_vec(),
        body: config.body_name.clone(),
        contact: config.body_contact.clone(),
        now_ms: installation.clock.now_ms(),
    };
    let password = staff::password();
    let password_hash =
        credential::hash(&Password::typed(&password)).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let shown = password.clone();
    let told =
        installation
            .store
            .write_blocking(move |tx| -> Result<(DemoLinks, Staff, EvaluationId), StoreError> {
                let instrument = Arc::new(catalogue::insert_usual_if_missing(tx)?);
                let staff = Staff::hire(tx, &password_hash, narrator.now_ms)?;
                let before = narrator.play(tx, &instrument, &staff, &APPLIANCES_BEFORE, None)?;
                let first = narrator.play(tx, &instrument, &staff, &closed, Some(before.firm))?;
                let supervised = Arc::new(catalogue::insert_supervised_if_missing(tx)?);
                let second = narrator.play(tx, &supervised, &staff, &open, None)?;
                if let Some((manager, ..)) = staff.judges() {
                    let evaluators = staff.evaluators();
                    errands::assign(tx, second.evaluation, manager, &evaluators, narrator.now_ms)?;
                    supervised::review(tx, &supervised, second.evaluation, &staff, narrator.now_ms)?;
                }
                evaluation::open_interim_results(
                    tx,
                    second.evaluation,
                    &staff.manager(),
                    "演示：在实施期间打开中期结果 / Demonstration of interim results",
                    narrator.now_ms - DAY_MS,
                )?;
                let links = DemoLinks {
                    password: shown.clone(),
                    open: second.evaluation,
                    closed: first.evaluation,
                    survey: second.survey,
                    invitations: second.invitations,
                    survey_closed: first.survey,
                    survey_revoked: second.revoked,
                    survey_early: second.early,
                };
                Ok((links, staff, before.evaluation))
            })?;
    // Tallies, which grading reads, are written at the end of a transaction.
    let (links, staff, before) = told;
    let manager = staff.judges().map(|(manager, ..)| manager);
    let (catalogue, now_ms) = (Arc::clone(installation.store.catalogue()), installation.clock.now_ms());
    let (closed, open) = (links.closed, links.open);
    if let Some((manager, reviewer, _)) = staff.judges() {
        planning::carry_out(installation, links.open, (manager, reviewer), staff.evaluators())?;
    }
    installation.store.write_blocking(move |tx| -> Result<(), StoreError> {
        verdict::sign(tx, &catalogue, before, &staff, now_ms - 350 * DAY_MS)?;
        verdict::propose(tx, &catalogue, closed, &staff, now_ms)?;
        errands::doubt(tx, &catalogue, open, &staff, now_ms)
    })?;
    if let Some(manager) = manager {
        remarks::read(installation, manager, now_ms)?;
        customers::draw(installation, links.open, manager)?;
    }
    Ok(links)
}

/// What an evaluation left behind for the demo's pages.
struct Told {
    firm: OrganisationId,
    evaluation: EvaluationId,
    survey: String,
    invitations: Vec<String>,
    revoked: String,
    early: String,
}

/// What is the same for both evaluations.
pub(super) struct Narrator {
    pub(super) key: Vec<u8>,
    body: Text,
    contact: String,
    pub(super) now_ms: i64,
}

impl Narrator {
    fn play(
        &self,
        tx: &mut WriteTx<'_>,
        instrument: &Arc<Instrument>,
        staff: &Staff,
        plot: &Plot,
        known: Option<OrganisationId>,
    ) -> Result<Told, StoreError> {
        let began_ms = self.now_ms - plot.days_ago.0 * DAY_MS;
        let firm = match known {
            Some(firm) => firm,
            None => {
                let firm = OrganisationId::from_random(rand::random());
                let name = Text::new(plot.firm.0, plot.firm.1);
                organisation::insert(tx, firm, &name, "", began_ms - 14 * DAY_MS)?;
                firm
            }
        };
        let people = (staff.manager(), staff.reviewer());
        let (id, notice_version, outlets) =
            self.open(tx, instrument, (plot, firm), (&people.0, &people.1), began_ms)?;
        staff.join(tx, id)?;
        let evaluators = staff.evaluators();
        let mut told = Told {
            firm,
            evaluation: id,
            survey: String::new(),
            invitations: Vec::new(),
            revoked: String::new(),
            early: String::new(),
        };
        let span_ms = self.now_ms - began_ms - plot.days_ago.1.map_or(DAY_MS, |days| days * DAY_MS);
        let targets = outlet::list(tx.conn, id)?;
        for (place, outlet) in (0i32..).zip(outlets) {
            let code = self.link(tx, id, outlet, LinkKind::Outlet, None)?;
            // Customers are asked where somebody is sent.
            if !targets.iter().any(|known| known.id == outlet && known.target_face > 0) {
                continue;
            }
            if told.survey.is_empty() {
                told.survey = path(&code.1);
                told.early = path(
                    &self
                        .link(tx, id, outlet, LinkKind::Outlet, Some(self.now_ms + 30 * DAY_MS))?
                        .1,
                );
                let withdrawn = self.link(tx, id, outlet, LinkKind::Outlet, None)?;
                link::revoke(tx, id, withdrawn.0)?;
                told.revoked = path(&withdrawn.1);
            }
            let field = Field {
                narrator: self,
                instrument,
                evaluation: id,
                outlet,
                notice_version: &notice_version,
                began_ms,
                span_ms,
            };
            field.work(tx, plot, place, code.0, &evaluators)?;
            for _ in 0..if plot.days_ago.1.is_none() { 4 } else { 0 } {
                told.invitations
                    .push(path(&self.link(tx, id, outlet, LinkKind::Personal, None)?.1));
            }
        }
        if let Some(days) = plot.days_ago.1 {
            evaluation::advance(
                tx,
                id,
                EvaluationState::Closed,
                None,
                &staff.manager(),
                self.now_ms - days * DAY_MS,
            )?;
        }
        Ok(told)
    }

    fn open(
        &self,
        tx: &mut WriteTx<'_>,
        instrument: &Instrument,
        (plot, firm): (&Plot, OrganisationId),
        (actor, reviewer): (&str, &str),
        began_ms: i64,
    ) -> Result<(EvaluationId, String, Vec<OutletId>), StoreError> {
        let created_ms = began_ms - 14 * DAY_MS;
        let new = NewEvaluation {
            id: EvaluationId::from_random(rand::random()),
            organisation: firm,
            title: Text::new(plot.title.0, plot.title.1),
            questionnaire_hash: instrument.questionnaire().hash().to_owned(),
            method_hash: instrument.method().hash().to_owned(),
            products: plot
                .products
                .iter()
                .map(|(id, zh, en)| Choice {
                    id: (*id).into(),
                    text: Text::new(*zh, *en),
                })
                .collect(),
            retention_end: "2032-12-31".into(),
            mode: plot.mode,
            scope: plot.scope.into(),
        };
        evaluation::insert(tx, &new, actor, created_ms)?;
        let mut outlets = Vec::new();
        for (place, (zh, en, customers)) in (0i32..).zip(plot.outlets) {
            let outlet = Outlet {
                id: known_as(zh),
                place,
                name: Text::new(*zh, *en),
                customers: Some(*customers),
                target_face: planning::TARGETS.0,
                target_electronic: planning::TARGETS.1,
                address: String::new(),
                hours: String::new(),
                visitors_per_day: None,
            };
            outlet::insert(tx, new.id, &outlet)?;
            outlets.push(outlet.id);
        }
        let notice = Notice::render(
            instrument.questionnaire(),
            &self.body,
            &self.contact,
            &new.retention_end,
        );
        catalogue::insert_notice_if_missing(tx, &notice)?;
        let last_ms = plot.days_ago.1.map(|days| self.now_ms - days * DAY_MS);
        planning::store(tx, new.id, plot, actor, (began_ms, last_ms))?;
        evaluation::advance(tx, new.id, EvaluationState::Frozen, None, actor, began_ms - DAY_MS)?;
        if let Some(stored) = plan::find(tx.conn, new.id)? {
            let approved = (Verdict::Approve, "");
            plan_review::review(tx, new.id, &stored.hash, approved, (reviewer, began_ms - DAY_MS / 2))?;
        }
        evaluation::advance(
            tx,
            new.id,
            EvaluationState::Open,
            Some(&notice.version),
            actor,
            began_ms,
        )?;
        let asks = FieldSetting {
            asks_location: true,
            asks_phone: true,
        };
        recording::set(tx, new.id, asks, (actor, began_ms))?;
        Ok((new.id, notice.version, outlets))
    }

    pub(super) fn link(
        &self,
        tx: &mut WriteTx<'_>,
        evaluation: EvaluationId,
        outlet: OutletId,
        kind: LinkKind,
        opens_at_ms: Option<i64>,
    ) -> Result<(LinkId, String), StoreError> {
        let new = NewLink {
            id: LinkId::from_random(rand::random()),
            outlet,
            kind,
            opens_at_ms,
            closes_at_ms: None,
        };
        let token = link::insert(tx, evaluation, &new, &self.key)?;
        Ok((new.id, token.as_str().to_owned()))
    }
}

/// The id of an outlet follows from its name, so that every demo draws the same ones.
fn known_as(name: &str) -> OutletId {
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(Sha256::digest(name))
        .for_each(|(to, from)| *to = from);
    OutletId::from_random(bytes)
}

fn path(token: &str) -> String {
    format!("/s/{token}")
}

/// The example is never refused by its own evaluation; if it is, the program is at fault.
pub(super) fn plain(error: SubmitError) -> StoreError {
    match error {
        SubmitError::Store(error) => error,
        SubmitError::Refused(refusal) => StoreError::Corrupt(format!("the example was refused: {}", refusal.as_str())),
    }
}
