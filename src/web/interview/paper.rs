//! The questionnaire on paper, for where there is neither network nor battery.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::clock::months_before;
use crate::store::catalogue;
use crate::survey::answers::FormChoices;
use crate::survey::language::Text;
use crate::survey::notice::Notice;
use crate::view;
use crate::view::interview::{Device, Scene};
use crate::view::office::Room;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/paper`: form and show card to print.
pub async fn paper(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let notice = match evaluation.notice_version.clone() {
        Some(version) => state.store.read(move |conn| catalogue::notice(conn, &version)).await?,
        // Before fieldwork it is what it will be.
        None => Notice::render(
            evaluation.instrument.questionnaire(),
            &state.body_name,
            &state.body_contact,
            &evaluation.retention_end,
        ),
    };
    let months = months_before(state.clock.now_ms());
    let scene = Scene {
        desk: &desk,
        body: &state.body_name,
        firm: &evaluation.firm,
        outlet: &Text::default(),
        questionnaire: evaluation.instrument.questionnaire(),
        notice: &notice,
        choices: FormChoices {
            products: &evaluation.products,
            months: &months,
        },
        device: Device::default(),
        on_paper: false,
    };
    let text = view::interview::paper(&scene, evaluation.id)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}
