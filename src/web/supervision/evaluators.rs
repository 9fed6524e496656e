//! Evaluators against each other.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::access::Sight;
use crate::statistics::evaluator::{Work, profiles};
use crate::store::{StoreError, back_check, evaluator_work, person};
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::supervision::{self as view, EvaluatorsPage};
use crate::web::acting::{answer, sight};
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/evaluators`: measures that tell about satisfaction only when scores may be seen.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, instrument, roles, stands) = (found.id, Arc::clone(&found.instrument), signed.inside, found.state);
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let works = evaluator_work::works(conn, &instrument, id)?;
            let (people, works): (Vec<_>, Vec<Work>) = works.into_iter().unzip();
            let profiles = profiles(&works).into_iter().zip(works);
            let profiles = people.into_iter().zip(profiles);
            Ok((
                profiles
                    .map(|(who, (profile, work))| (who, work.interviews.len(), profile))
                    .collect::<Vec<_>>(),
                back_check::counts(&back_check::list(conn, id)?),
                person::all_names(conn)?,
                sight(conn, id, roles, stands)?,
            ))
        })
        .await;
    let (profiles, back_checks, names, sight) = read?;
    let about = EvaluatorsPage {
        profiles: &profiles,
        back_checks: &back_checks,
        names: &names,
        with_scores: sight == Sight::Scores,
    };
    let text = view::evaluators(&desk, &about)?;
    Ok(answer(&request, &Typed::default(), &text))
}
