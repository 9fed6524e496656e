//! One person's account, changed by an administrator who is somebody else. Every change ends the person's sessions.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{event, facts, roles_json};
use crate::access::person::parse_roles;
use crate::access::session::LINK_MS;
use crate::access::{Role, RoleSet};
use crate::credential;
use crate::store::account::{self, Account};
use crate::store::set_up_link::{self, For};
use crate::store::{StoreError, WriteTx, event as events, second_factor, session as sessions};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::PersonId;
use crate::view::account::{self as view, PersonPage};
use crate::view::survey::Trouble;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, page};

async fn find(state: &WebState, person: &str) -> Result<Account, Problem> {
    let person: PersonId = person.parse().map_err(|_| Trouble::NotFound)?;
    let account = state.store.read(move |conn| account::find(conn, person)).await?;
    Ok(account.ok_or(Trouble::NotFound)?)
}

/// As [`find`], for a change: nobody changes their own account.
async fn find_other(state: &WebState, signed: &Signed, person: &str) -> Result<Account, Problem> {
    let account = find(state, person).await?;
    match account.person == signed.viewer.person {
        true => Err(Trouble::Forbidden.into()),
        false => Ok(account),
    }
}

fn with_roles(roles: RoleSet) -> RawForm {
    RawForm::new(
        roles
            .iter()
            .map(|role| ("roles".into(), role.as_str().into()))
            .collect(),
    )
}

fn shown(
    request: &HttpRequest,
    signed: &Signed,
    account: Account,
    form: &RawForm,
    errors: &[FieldError],
    is_last: bool,
) -> Result<HttpResponse, Problem> {
    let is_own = account.person == signed.viewer.person;
    let account = facts(account);
    let shown = PersonPage {
        account: &account,
        is_own,
        is_last,
        form,
        errors,
    };
    let text = view::person(&signed.desk(request), &shown)?;
    let status = match errors.is_empty() && !is_last {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(page::office(request, status, &text))
}

/// `GET /people/{person}`.
///
/// # Errors
/// [`Trouble::NotFound`]; what the store or the template engine returns.
pub async fn show(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    person: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let account = find(&state, &person).await?;
    let form = with_roles(account.roles);
    shown(&request, &signed, account, &form, &[], false)
}

/// Changes an account and ends its sessions; `false` when nobody would administer any more, and nothing is changed.
async fn change(
    state: &WebState,
    signed: &Signed,
    account: &Account,
    stays_administrator: bool,
    action: &'static str,
    data: serde_json::Value,
    mut change: impl FnMut(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Result<bool, Problem> {
    let (person, was) = (account.person, account.roles.has(Role::Administrator));
    let happened = event(state.clock.now_ms(), signed.actor(), action, person, &data);
    let done = state
        .store
        .write(move |tx| -> Result<bool, StoreError> {
            if was && !stays_administrator && !account::is_administered_without(tx.conn, person)? {
                return Ok(false);
            }
            change(tx)?;
            sessions::end_others(tx, person, None)?;
            events::append_office(tx, &happened)?;
            Ok(true)
        })
        .await?;
    Ok(done)
}

fn back(account: &Account) -> HttpResponse {
    page::see_other(&format!("/people/{}", account.person))
}

/// `POST /people/{person}/roles`.
///
/// # Errors
/// [`Trouble::Forbidden`] for one's own account; what the store or the template engine returns.
pub async fn set_roles(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
    person: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let account = find_other(&state, &signed, &person).await?;
    let roles = match parse_roles(&form) {
        Ok(roles) => roles,
        Err(errors) => return shown(&request, &signed, account, &form, &errors, false),
    };
    let (id, stays) = (account.person, roles.has(Role::Administrator));
    let set = move |tx: &mut WriteTx<'_>| account::set_roles(tx, id, roles);
    let data = roles_json(roles);
    let done = change(&state, &signed, &account, stays, "account.roles-changed", data, set).await?;
    match done {
        true => Ok(back(&account)),
        false => shown(&request, &signed, account, &form, &[], true),
    }
}

/// `POST /people/{person}/disable`: every session ends, every link is withdrawn.
///
/// # Errors
/// As [`set_roles`].
pub async fn disable(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
    person: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let account = find_other(&state, &signed, &person).await?;
    let id = account.person;
    let disable = move |tx: &mut WriteTx<'_>| {
        set_up_link::withdraw(tx, id)?;
        account::set_disabled(tx, id, true)
    };
    let done = change(&state, &signed, &account, false, "account.disabled", json!({}), disable).await?;
    match done {
        true => Ok(back(&account)),
        false => {
            let form = with_roles(account.roles);
            shown(&request, &signed, account, &form, &[], true)
        }
    }
}

/// `POST /people/{person}/enable`.
///
/// # Errors
/// As [`set_roles`].
pub async fn enable(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
    person: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let account = find_other(&state, &signed, &person).await?;
    let id = account.person;
    let enable = move |tx: &mut WriteTx<'_>| account::set_disabled(tx, id, false);
    change(&state, &signed, &account, true, "account.enabled", json!({}), enable).await?;
    Ok(back(&account))
}

/// `POST /people/{person}/second-factor`: takes it away; never one's own.
///
/// # Errors
/// As [`set_roles`].
pub async fn reset_second_factor(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
    person: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let account = find_other(&state, &signed, &person).await?;
    let id = account.person;
    let clear = move |tx: &mut WriteTx<'_>| second_factor::clear(tx, id);
    change(
        &state,
        &signed,
        &account,
        true,
        "account.factor-reset",
        json!({}),
        clear,
    )
    .await?;
    Ok(back(&account))
}

/// `POST /people/{person}/link`: a new one-time link, shown this once. The password that is set still works until then.
///
/// # Errors
/// [`Trouble::Forbidden`] for one's own account and for disabled ones; what the store or the template engine returns.
pub async fn issue_link(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
    person: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let account = find_other(&state, &signed, &person).await?;
    if account.disabled {
        return Err(Trouble::Forbidden.into());
    }
    let (id, now_ms, token) = (account.person, state.clock.now_ms(), credential::token());
    let hash = credential::token_hash(&token);
    let issued = event(now_ms, signed.actor(), "account.link-issued", id, &json!({}));
    state
        .store
        .write(move |tx| -> Result<(), StoreError> {
            set_up_link::issue(tx, &hash, For::Person(id), now_ms, LINK_MS)?;
            events::append_office(tx, &issued)
        })
        .await?;
    let link = format!("{}/set-up/{token}", state.base_url);
    let text = view::link(&signed.desk(&request), &account.name, &link)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}
