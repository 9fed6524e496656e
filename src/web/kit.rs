//! What an evaluator's device takes along: every page of the field with holes in it, the outlets, and client ids with the
//! receipts that belong to them. No contact data, no answers, no token.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::entrance::Signed;
use super::error::Problem;
use super::interview::field;
use super::page::{self, Keep};
use super::state::WebState;
use super::{guard, sync};
use crate::clock::{day_in_china, months_before};
use crate::phone::PhoneKey;
use crate::store::evaluation::{self, Evaluation};
use crate::store::outlet::{self, Outlet};
use crate::store::recording::{self, FieldSetting};
use crate::store::{Conn, StoreError, catalogue, interview};
use crate::survey::answers::FormChoices;
use crate::survey::form::RawForm;
use crate::survey::id::{DispositionId, EvaluationId, OutletId, PersonId};
use crate::survey::interview::ContactNo;
use crate::survey::language::{Language, Text};
use crate::survey::notice::Notice;
use crate::survey::submission::Receipt;
use crate::view;
use crate::view::interview::{Device, Errand, Scene, hole};
use crate::view::office::Desk;
use crate::view::survey::Trouble;
use crate::view::words::Words;

/// Interviews that a device can take before it is at the network again, with receipts at hand; more get theirs later.
const RECEIPTS: usize = 200;
/// Days for which the page of today is taken along.
const DAYS: usize = 7;
/// Evaluations in the field of one person at one time.
const EVALUATIONS_MAX: usize = 20;

/// `GET /sw.js`: the script that answers without network.
pub async fn worker(request: HttpRequest) -> HttpResponse {
    let text = view::interview::worker_script();
    let gzip = page::takes_gzip(request.headers());
    page::encoded(
        gzip,
        StatusCode::OK,
        "text/javascript; charset=utf-8",
        Keep::Revalidate,
        text,
    )
}

/// `GET /app.webmanifest`: makes the pages of the field installable.
pub async fn manifest() -> HttpResponse {
    let text = view::interview::manifest();
    page::encoded(
        false,
        StatusCode::OK,
        "application/manifest+json",
        Keep::Revalidate,
        &text,
    )
}

/// `GET /today/queue`: what waits on this device.
pub async fn queue(request: HttpRequest, signed: Signed) -> Result<HttpResponse, Problem> {
    let text = view::interview::queue(&signed.desk(&request))?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// One evaluation as a device takes it along.
struct Taken {
    evaluation: Evaluation,
    setting: FieldSetting,
    notice: Notice,
    outlets: Vec<Outlet>,
    next: BTreeMap<OutletId, (ContactNo, String)>,
    errands: Vec<Errand>,
}

/// `GET /sync/kit`.
pub async fn kit(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (person, now_ms) = (signed.viewer.person, state.clock.now_ms());
    let catalogue = Arc::clone(state.store.catalogue());
    let (errands, sites, taken) = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            let (errands, sites) = field(conn, person, now_ms)?;
            let mut taken = Vec::new();
            for site in sites.iter().take(EVALUATIONS_MAX) {
                if let Some(evaluation) = evaluation::find(conn, &catalogue, site.evaluation)? {
                    let mut errands = errands.clone();
                    errands.retain(|errand| errand.evaluation == site.evaluation);
                    taken.push(take(conn, evaluation, person, errands)?);
                }
            }
            Ok((errands, sites, taken))
        })
        .await?;
    let desk = |language| Desk {
        language,
        csrf: String::new(),
        ..signed.desk(&request)
    };
    let mut pages: BTreeMap<&str, Value> = BTreeMap::new();
    for language in Language::ALL {
        let desk = desk(language);
        let mut today = BTreeMap::new();
        for day in day_in_china(now_ms).iter_days().take(DAYS) {
            today.insert(
                day.to_string(),
                view::interview::today(&desk, day, &errands, &sites, &[])?,
            );
        }
        let own = json!({
            "today": today, "queue": view::interview::queue(&desk)?,
            "kept": view::interview::kept(&desk, &state.base_url)?, "full": view::interview::full(&desk)?, "away": view::interview::away(&desk)?,
        });
        pages.insert(language.tag(), own);
    }
    let mut evaluations = Vec::new();
    for one in &taken {
        let mut pages: BTreeMap<&str, Value> = BTreeMap::new();
        for language in Language::ALL {
            pages.insert(language.tag(), one.pages(&state, &desk(language), now_ms)?);
        }
        let outlets: Vec<Value> = one.outlets.iter().map(|outlet| one.outlet(outlet)).collect();
        evaluations.push(json!({"id": one.evaluation.id.to_string(), "pages": pages, "outlets": outlets}));
    }
    let receipts: Vec<Value> = std::iter::repeat_with(rand::random::<[u8; 16]>)
        .take(RECEIPTS)
        .map(|id| {
            let code = Receipt::of(state.key.bytes(), &id);
            json!({"id": data_encoding::HEXLOWER.encode(&id), "code": code.as_str()})
        })
        .collect();
    let headers: BTreeMap<&str, String> = guard::page_headers().into_iter().collect();
    let kit = json!({
        "v": 1, "person": person.to_string(), "name": signed.viewer.name, "now_ms": now_ms,
        "language": page::office_language(&request).tag(), "headers": headers, "files": view::interview::field_files(),
        "pages": pages, "evaluations": evaluations, "receipts": receipts,
    });
    Ok(sync::json(page::takes_gzip(request.headers()), &kit))
}

fn take(conn: &mut Conn, evaluation: Evaluation, person: PersonId, errands: Vec<Errand>) -> Result<Taken, StoreError> {
    let id: EvaluationId = evaluation.id;
    let version = evaluation.notice_version.clone().unwrap_or_default();
    let outlets = outlet::list(conn, id)?;
    let mut next = BTreeMap::new();
    for outlet in &outlets {
        let number = interview::next_contact_no(conn, id, outlet.id, person)?;
        let rule = interview::last_selection_rule(conn, id, outlet.id, person)?;
        next.insert(outlet.id, (number, rule));
    }
    Ok(Taken {
        setting: recording::setting(conn, id)?,
        notice: catalogue::notice(conn, &version)?,
        outlets,
        next,
        errands,
        evaluation,
    })
}

impl Taken {
    /// An outlet with its next running number and how customers are selected: as assigned, else as the latest one was.
    fn outlet(&self, outlet: &Outlet) -> Value {
        let both = |text: &dyn Fn(Language) -> String| json!({"zh-CN": text(Language::ZhCn), "en": text(Language::En)});
        let here = |errand: &&Errand| errand.assignment.slot.outlet == outlet.id;
        let assigned = |errand: &Errand| {
            let (slot, selection) = (&errand.assignment.slot, &errand.assignment.selection);
            let hours: Vec<u32> = (0..24).filter(|hour| slot.part.holds(*hour)).collect();
            let rule = both(&|language| view::interview::selection(Words::new(language), selection));
            json!({"day": slot.day.to_string(), "hours": hours, "rule": rule})
        };
        let assigned: Vec<Value> = self.errands.iter().filter(here).map(assigned).collect();
        let (number, rule) = self
            .next
            .get(&outlet.id)
            .cloned()
            .unwrap_or((ContactNo::FIRST, String::new()));
        json!({
            "id": outlet.id.to_string(), "name": both(&|language| outlet.name.get(language).to_owned()),
            "next_no": number.get(), "rule": rule, "assigned": assigned,
        })
    }

    fn pages(&self, state: &WebState, desk: &Desk, now_ms: i64) -> Result<Value, Problem> {
        let questionnaire = self.evaluation.instrument.questionnaire();
        let asked = questionnaire.in_person();
        let months = months_before(now_ms);
        let outlet = Text::new(hole::OUTLET, hole::OUTLET);
        let public = PhoneKey::of(&state.key).ok_or(Trouble::Internal)?.public();
        let scene = Scene {
            desk,
            body: &state.body_name,
            firm: &self.evaluation.firm,
            outlet: &outlet,
            questionnaire,
            notice: &self.notice,
            choices: FormChoices {
                products: &self.evaluation.products,
                months: &months,
            },
            device: Device {
                client: hole::CLIENT,
                phone_key: self.setting.asks_phone.then_some(public.as_str()),
                asks_location: self.setting.asks_location,
            },
            on_paper: false,
        };
        let form = RawForm::new(vec![
            (asked.contact_no.id.clone(), hole::NUMBER.to_owned()),
            (asked.selection_rule.id.clone(), hole::RULE.to_owned()),
        ]);
        let interview = view::interview::interview(&scene, hole::ACTION, &form, &[], None)?;
        let id = DispositionId::from_bytes([0; 16]);
        let approach = view::interview::approach(desk, &outlet, questionnaire, hole::ACTION, id, &form, &[])?;
        Ok(json!({"interview": interview, "approach": approach}))
    }
}
