//! Comments: read, given themes, cleared or withheld before anything of them leaves; incidents for those who score.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::acting::{act, answer, back, settle, sight};
use super::body;
use super::entrance::Signed;
use super::error::Problem;
use super::state::WebState;
use crate::access::Sight;
use crate::store::comment::{self as store, Comment, Filter};
use crate::store::evaluation::Evaluation;
use crate::store::{Conn, StoreError, person};
use crate::survey::comment::{Incident, Ruling, Status, TOGETHER_MAX, Together};
use crate::survey::form::{FormReader, RawForm};
use crate::survey::id::ResponseId;
use crate::survey::identifying::{identifiers, suggested};
use crate::survey::theme::own_theme;
use crate::view::comment::{self as view, CommentPage, CommentShown, CommentsPage};
use crate::view::grading::Typed;
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;

/// What a query asks for: a list, and from where on.
fn asked(request: &HttpRequest) -> (Option<Filter>, Option<ResponseId>) {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let form = RawForm::new(pairs);
    let filter = match form.first("status") {
        "incident" => Some(Filter::Incidents),
        name => Status::parse(name).map(Filter::Of),
    };
    (filter, form.first("after").parse().ok())
}

fn shown(comment: Comment) -> CommentShown {
    CommentShown {
        id: comment.response,
        text: comment.text,
        reviewed: comment
            .reviewed
            .map(|reviewed| (reviewed.clearance, reviewed.themes, reviewed.by, reviewed.at_ms)),
        incident: comment.incident.unwrap_or_default(),
    }
}

/// Whether what customers wrote may be read now: as scores may be seen.
fn may_read(conn: &mut Conn, signed: &Signed, found: &Evaluation) -> Result<bool, StoreError> {
    Ok(sight(conn, found.id, signed.inside, found.state)? == Sight::Scores)
}

/// The evaluation, the desk, and whether comments may be read now.
async fn enter(request: &HttpRequest, state: &WebState, signed: &Signed) -> Result<(Evaluation, Desk, bool), Problem> {
    let (found, desk) = signed.inside(request, state, Room::Comments).await?;
    let (who, about) = (signed.clone(), found.clone());
    let may: Result<bool, StoreError> = state.store.read(move |conn| may_read(conn, &who, &about)).await;
    Ok((found, desk, may?))
}

/// The evaluation, for who decides about comments: a form sent before they may be read was never offered.
async fn enter_to_decide(request: &HttpRequest, state: &WebState, signed: &Signed) -> Result<Evaluation, Problem> {
    match enter(request, state, signed).await? {
        (found, _, true) => Ok(found),
        _ => Err(Trouble::Outdated.into()),
    }
}

/// `GET /evaluations/{evaluation}/comments`.
pub async fn list(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk, may) = enter(request, state, signed).await?;
    if !may {
        return Ok(answer(request, typed, &view::comments_later(&desk)?));
    }
    let (asked, after) = asked(request);
    let (id, key) = (found.id, state.store.key()?.clone());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let counts = store::counts(conn, id)?;
            let first = match counts.contains_key(&Status::Unread) {
                true => Status::Unread,
                false => Status::Cleared,
            };
            let filter = asked.unwrap_or(Filter::Of(first));
            let comments = store::list(conn, &key, id, (filter, after), TOGETHER_MAX)?;
            Ok((counts, filter, comments, store::own_themes(conn, id)?))
        })
        .await;
    let (counts, filter, comments, own) = read?;
    let comments: Vec<CommentShown> = comments.into_iter().map(shown).collect();
    let about = CommentsPage {
        state: found.state,
        counts: &counts,
        status: match filter {
            Filter::Of(status) => Some(status),
            Filter::Incidents | Filter::All => None,
        },
        next: comments
            .last()
            .filter(|_| comments.len() == TOGETHER_MAX)
            .map(|last| last.id),
        comments: &comments,
        own: &own,
    };
    Ok(answer(request, typed, &view::comments(&desk, &about, typed)?))
}

/// Numbers of the themes that the evaluation added.
async fn own(state: &WebState, found: &Evaluation) -> Result<Vec<u8>, Problem> {
    let id = found.id;
    let own: Result<Vec<(u8, String)>, StoreError> = state.store.read(move |conn| store::own_themes(conn, id)).await;
    Ok(own?.into_iter().map(|(number, _)| number).collect())
}

/// `POST /evaluations/{evaluation}/comments`: one decision about several.
pub async fn decide_together(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let found = enter_to_decide(&request, &state, &signed).await?;
    let errors = match Together::parse(&form, &own(&state, &found).await?) {
        Err(errors) => errors,
        Ok(together) => {
            let (id, act) = (found.id, act(&signed, &state));
            let done = state
                .store
                .write(move |tx| store::review_together(tx, id, &together, act));
            settle(done.await)?
        }
    };
    match errors.is_empty() {
        true => Ok(back(found.id, "comments#list")),
        false => show(&request, &state, &signed, &Typed::new("together", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/comments/themes`: a theme of the evaluation's own.
pub async fn add_theme(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let found = enter_to_decide(&request, &state, &signed).await?;
    let errors = match own_theme(&form) {
        Err(errors) => errors,
        Ok(name) => {
            let (id, act) = (found.id, act(&signed, &state));
            settle(state.store.write(move |tx| store::add_theme(tx, id, &name, act)).await)?
        }
    };
    match errors.is_empty() {
        true => Ok(back(found.id, "comments#themes")),
        false => show(&request, &state, &signed, &Typed::new("theme", form, errors)).await,
    }
}

/// `GET /evaluations/{evaluation}/comments/{response}`.
pub async fn one(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let id = path.1.parse().map_err(|_| Trouble::NotFound)?;
    show_one(&request, &state, &signed, id, None).await
}

async fn show_one(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    response: ResponseId,
    typed: Option<Typed>,
) -> Result<HttpResponse, Problem> {
    let (found, desk, may) = enter(request, state, signed).await?;
    if !may {
        return Ok(answer(request, &Typed::default(), &view::comments_later(&desk)?));
    }
    let (id, key) = (found.id, state.store.key()?.clone());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            Ok((
                store::find(conn, &key, id, response)?,
                store::own_themes(conn, id)?,
                person::all_names(conn)?,
            ))
        })
        .await;
    let (comment, own, names) = read?;
    let comment = shown(comment.ok_or(Trouble::NotFound)?);
    let typed = typed.unwrap_or_else(|| Typed::filled("ruling", written(&comment)));
    let about = CommentPage {
        state: found.state,
        comment: &comment,
        own: &own,
        names: &names,
    };
    Ok(answer(request, &typed, &view::comment(&desk, &about, &typed)?))
}

/// The form as it stands: what was decided, else what the patterns suggest.
fn written(comment: &CommentShown) -> Vec<(String, String)> {
    let text = comment.text.clone().unwrap_or_default();
    let suggestion = suggested(&text, &identifiers(&text));
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let concern = comment.incident.concern.map_or("none", |concern| concern.as_str());
    let mut pairs = vec![
        pair("incident", concern.to_owned()),
        pair("note", comment.incident.note.clone()),
    ];
    match &comment.reviewed {
        Some((clearance, themes, ..)) => {
            pairs.push(pair("status", clearance.status().as_str().to_owned()));
            pairs.push(pair("text", clearance.text().map_or(suggestion, str::to_owned)));
            pairs.extend(themes.iter().map(|theme| pair("theme", theme.code())));
        }
        None => pairs.push(pair("text", suggestion)),
    }
    pairs
}

/// `POST /evaluations/{evaluation}/comments/{response}`; then the next one that nobody has read.
pub async fn decide(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let response: ResponseId = path.1.parse().map_err(|_| Trouble::NotFound)?;
    let found = enter_to_decide(&request, &state, &signed).await?;
    let (id, key) = (found.id, state.store.key()?.clone());
    let known: Result<_, StoreError> = state
        .store
        .read(move |conn| store::find(conn, &key, id, response))
        .await;
    let text = known?.ok_or(Trouble::NotFound)?.text.ok_or(Trouble::Outdated)?;
    let errors = match Ruling::parse(&form, &text, &own(&state, &found).await?) {
        Err(errors) => errors,
        Ok(ruling) => {
            let act = act(&signed, &state);
            settle(
                state
                    .store
                    .write(move |tx| store::review(tx, id, response, &ruling, act))
                    .await,
            )?
        }
    };
    if !errors.is_empty() {
        return show_one(
            &request,
            &state,
            &signed,
            response,
            Some(Typed::new("ruling", form, errors)),
        )
        .await;
    }
    let next: Result<_, StoreError> = state
        .store
        .read(move |conn| store::unread_after(conn, id, response))
        .await;
    Ok(match next? {
        Some(next) => back(id, &format!("comments/{next}")),
        None => back(id, "comments"),
    })
}

/// `POST /evaluations/{evaluation}/quality/responses/{response}/incident`: about an answer, with a comment or without.
pub async fn report(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let response: ResponseId = path.1.parse().map_err(|_| Trouble::NotFound)?;
    let found = enter_to_decide(&request, &state, &signed).await?;
    let mut reader = FormReader::new(&form);
    let told = Incident::read(&mut reader, false);
    let errors = match reader.done(told) {
        Err(errors) => errors,
        Ok(told) => {
            let (id, act) = (found.id, act(&signed, &state));
            settle(
                state
                    .store
                    .write(move |tx| store::report_incident(tx, id, response, &told, act))
                    .await,
            )?
        }
    };
    match errors.is_empty() {
        true => Ok(back(found.id, &format!("quality/responses/{response}#incident-report"))),
        false => {
            super::quality::evidence_again(
                &request,
                &state,
                &signed,
                response,
                Typed::new("incident", form, errors),
            )
            .await
        }
    }
}
