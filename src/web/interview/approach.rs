//! Approaches that led to no interview.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::Visit;
use crate::store::disposition::{self, Approach};
use crate::store::interview;
use crate::store::response::SubmitError;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::DispositionId;
use crate::survey::interview::Ending;
use crate::view;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/outlets/{outlet}/approach`: the form under the next running number.
pub async fn approach(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::of(&request, &state, &signed, &path.1).await?;
    if visit.admit().is_err() {
        return Ok(page::see_other(&visit.list()));
    }
    let (evaluation, outlet, evaluator) = (visit.evaluation.id, visit.outlet.id, signed.viewer.person);
    let next = state
        .store
        .read(move |conn| interview::next_contact_no(conn, evaluation, outlet, evaluator))
        .await?;
    let name = visit
        .evaluation
        .instrument
        .questionnaire()
        .in_person()
        .contact_no
        .id
        .clone();
    let prefilled = RawForm::new(vec![(name, next.get().to_string())]);
    let id = DispositionId::from_random(rand::random());
    visit.approach(StatusCode::OK, id, &prefilled, &[])
}

/// `POST /evaluations/{evaluation}/outlets/{outlet}/approach`: counts it once, however often the form is sent.
pub async fn record(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let visit = Visit::of(&request, &state, &signed, &path.1).await?;
    let id: DispositionId = form.first("id").parse().map_err(|_| Trouble::BadRequest)?;
    let ending = match Ending::parse(visit.evaluation.instrument.questionnaire(), &form) {
        Ok(ending) => ending,
        Err(errors) => return visit.approach(StatusCode::UNPROCESSABLE_ENTITY, id, &form, &errors),
    };
    let recorded = format!("{}?recorded={}", visit.list(), ending.code.as_str());
    let approach = Approach {
        id,
        evaluation: visit.evaluation.id,
        outlet: visit.outlet.id,
        evaluator: signed.viewer.person,
        ending,
        at_ms: visit.now_ms,
        is_late: false,
    };
    let instrument = visit.instrument();
    let stored = state
        .store
        .write(move |tx| disposition::record_approach(tx, &instrument, &approach))
        .await;
    match stored {
        Ok(_) => Ok(page::see_other(&recorded)),
        // The list says that nothing can be recorded now.
        Err(SubmitError::Refused(_)) => Ok(page::see_other(&visit.list())),
        Err(error) => Err(error.into()),
    }
}

impl Visit<'_> {
    fn approach(
        &self,
        status: StatusCode,
        id: DispositionId,
        form: &RawForm,
        errors: &[FieldError],
    ) -> Result<HttpResponse, Problem> {
        let text = view::interview::approach(
            &self.desk,
            &self.outlet.name,
            self.evaluation.instrument.questionnaire(),
            &format!("{}/approach", self.base()),
            id,
            form,
            errors,
        )?;
        Ok(page::office(self.request, status, &text))
    }
}
