//! From a file to cases: upload, columns with a look at what would come of them, import, the file of errors.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Sample, file};
use crate::export::csv::harmless;
use crate::store::StoreError;
use crate::store::frame::import::{self as imports, Look};
use crate::store::frame::{self as lists, FrameList, ListState, NewList};
use crate::store::grading::{Act, GradingError};
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::frame::check::{Case, Checked};
use crate::survey::frame::column::Reading;
use crate::survey::frame::sheet::{self, SheetError};
use crate::survey::frame::summary::Summary;
use crate::survey::id::EvaluationId;
use crate::survey::invitation::masked;
use crate::view::frame::{self as view, ColumnsPage, SampleRow};
use crate::view::grading::Typed;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle, today};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::multipart::{self, NoFile};
use crate::web::state::WebState;

/// Rows that are shown before an import.
const ROWS_SHOWN: usize = 5;

/// `GET /evaluations/{evaluation}/sample/upload`.
pub async fn upload_page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show_upload(&request, &state, &signed, &Typed::default(), None).await
}

async fn show_upload(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
    wrong: Option<SheetError>,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    let is_open = sample.is_in_season()
        && sample
            .list
            .as_ref()
            .is_none_or(|list| matches!(list.state, ListState::Uploaded | ListState::Erased));
    let text = view::upload(&sample.desk, is_open, wrong, typed)?;
    Ok(answer(request, typed, &text))
}

/// `POST /evaluations/{evaluation}/sample/upload`: a file is read once before it is taken in.
pub async fn upload(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let sent = multipart::file(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let refused = |problem| Typed::new("upload", RawForm::default(), vec![FieldError::new("file", problem)]);
    let bytes = match sent {
        Ok(bytes) => bytes.to_vec(),
        Err(none) => {
            let wrong = Some(match none {
                NoFile::Missing => SheetError::Empty,
                NoFile::TooLarge => SheetError::TooLarge,
            });
            return show_upload(&request, &state, &signed, &refused(Wrong::NotReadable), wrong).await;
        }
    };
    let read = actix_web::web::block(move || (sheet::read(&bytes), bytes)).await;
    let (sheet, bytes) = read.map_err(|_| Trouble::Busy)?;
    let sheet = match sheet {
        Ok(sheet) => sheet,
        Err(wrong) => {
            let typed = refused(Wrong::NotReadable);
            return show_upload(&request, &state, &signed, &typed, Some(wrong)).await;
        }
    };
    let new = NewList {
        id: format!("{:032x}", rand::random::<u128>()),
        bytes,
        form: sheet.form.as_str(),
        reading: Reading::usual(&sheet.header, today(&state)),
    };
    let (act, key) = (act(&signed, &state), state.key.clone());
    let done = state
        .store
        .write(move |tx| lists::upload(tx, id, &new, &key, act))
        .await;
    let errors = settle(done)?;
    if errors.is_empty() {
        return Ok(back(id, "sample/columns"));
    }
    let typed = Typed::new("upload", RawForm::default(), errors);
    show_upload(&request, &state, &signed, &typed, None).await
}

/// The file of the evaluation's list, read and checked.
async fn look(state: &WebState, signed: &Signed, list: &FrameList) -> Result<Option<Look>, Problem> {
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (key, list) = (state.key.clone(), list.clone());
    let found: Result<_, StoreError> = state.store.read(move |conn| imports::look(conn, &key, id, &list)).await;
    Ok(found?)
}

/// `GET /evaluations/{evaluation}/sample/columns`.
pub async fn columns_page(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    show_columns(&request, &state, &signed, None).await
}

async fn show_columns(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: Option<Typed>,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    let Some(list) = sample.list(ListState::Uploaded) else {
        return Ok(back(sample.id, "sample"));
    };
    let Some(look) = look(state, signed, list).await? else {
        return Ok(back(sample.id, "sample"));
    };
    let typed = typed.unwrap_or_else(|| Typed::filled("columns", list.reading.pairs()));
    let summary = Summary::of(&look.checked, &list.reading.domains);
    let about = ColumnsPage {
        list: &list.id,
        header: &look.sheet.header,
        reading: &list.reading,
        summary: &summary,
        is_usable: look.checked.is_usable(),
        rows: masked_rows(&look.checked),
    };
    let text = view::columns(&sample.desk, &about, &typed)?;
    Ok(answer(request, &typed, &text))
}

/// The first cases, of which nothing personal is told whole.
fn masked_rows(checked: &Checked) -> Vec<SampleRow> {
    let first = |text: &str| match text.chars().next() {
        Some(letter) => format!("{letter}•••"),
        None => String::new(),
    };
    let row = |case: &Case| SampleRow {
        row: case.row,
        stratum: case.stratum.clone(),
        email: masked(&case.contact.email),
        name: case.contact.name.as_deref().map_or_else(String::new, first),
        phone: case.contact.phone.as_deref().map_or_else(String::new, first),
    };
    checked.cases.iter().take(ROWS_SHOWN).map(row).collect()
}

/// `POST /evaluations/{evaluation}/sample/columns`: columns, period, domains.
pub async fn columns(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let sample = Sample::read(&request, &state, &signed).await?;
    let Some(list) = sample.list(ListState::Uploaded) else {
        return Ok(back(sample.id, "sample"));
    };
    let Some(look) = look(&state, &signed, list).await? else {
        return Ok(back(sample.id, "sample"));
    };
    let id = sample.id;
    let outlets = state.store.read(move |conn| imports::outlets(conn, id)).await?.len();
    let errors = match Reading::parse(&form, look.sheet.header.len(), outlets, today(&state)) {
        Ok(reading) => {
            let (list, now_ms) = (list.id.clone(), state.clock.now_ms());
            let done = state
                .store
                .write(move |tx| lists::set_reading(tx, id, &list, &reading, now_ms));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "sample/columns")),
        false => show_columns(&request, &state, &signed, Some(Typed::new("columns", form, errors))).await,
    }
}

/// `POST /evaluations/{evaluation}/sample/import`: begun here, carried on beside the pages.
pub async fn import(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let sample = Sample::read(&request, &state, &signed).await?;
    let id = sample.id;
    // What was looked at is what is imported.
    let Some(list) = sample.list.filter(|list| form.first("list") == list.id) else {
        return Ok(back(id, "sample"));
    };
    let (now_ms, name) = (state.clock.now_ms(), list.id.clone());
    let done = state.store.write(move |tx| imports::begin(tx, id, &name, now_ms)).await;
    if settle(done)?.is_empty() {
        carry_on(&state, id, list, act(&signed, &state));
    }
    Ok(back(id, "sample"))
}

/// An import ends with the process; what was cut off is begun again by the office.
fn carry_on(state: &WebState, id: EvaluationId, list: FrameList, act: Act) {
    let (store, key, clock) = (state.store.clone(), state.key.clone(), state.clock.clone());
    let work = move || {
        let now_ms = || clock.now_ms();
        match imports::complete(&store, &key, id, &list, act, now_ms) {
            Ok(()) => {}
            Err(GradingError::Store(error)) => tracing::warn!(%error, evaluation = %id, "a list was not imported"),
            Err(GradingError::Refused(_)) => tracing::info!(evaluation = %id, "an import was given up"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("import".into()).spawn(work) {
        tracing::warn!(%error, "no thread for an import");
    }
}

/// `GET /evaluations/{evaluation}/sample/errors.csv`: line, column and what was expected; nothing of what stands there.
pub async fn errors(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(&request, &state, &signed).await?;
    let list = sample.list.as_ref().ok_or(Trouble::NotFound)?;
    let (errors, header) = match (&list.summary, look(&state, &signed, list).await?) {
        (Some(summary), _) => (summary.first_errors.clone(), Vec::new()),
        (None, Some(look)) => (look.checked.errors, look.sheet.header),
        (None, None) => return Err(Trouble::NotFound.into()),
    };
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .from_writer("\u{FEFF}".as_bytes().to_vec());
    let failed = |e: csv::Error| Problem::Export(e.to_string());
    writer
        .write_record(view::error_head(sample.desk.language))
        .map_err(failed)?;
    for error in &errors {
        let column = list.reading.columns.get(&error.field);
        let named = column.and_then(|column| header.get(*column)).map_or("", String::as_str);
        let cells = view::error_row(sample.desk.language, error, column.copied(), named);
        writer
            .write_record(cells.iter().map(|cell| harmless(cell)))
            .map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Problem::Export(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|e| Problem::Export(e.to_string()))?;
    let name = "errors.csv";
    Ok(file(&request, name, "text/csv; charset=utf-8", &text))
}
