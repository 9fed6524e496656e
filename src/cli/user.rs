//! `perception user`: what an operator does from a shell. Passwords are never given here: people set their own with the
//! one-time link that is printed.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{DatabaseArgs, Verdict, start_log};
use crate::access::person::NewPerson;
use crate::access::session::LINK_MS;
use crate::access::{Role, RoleSet};
use crate::app::Installation;
use crate::clock::Clock;
use crate::config::Config;
use crate::credential;
use crate::store::account::{self, Account};
use crate::store::set_up_link::{self, For};
use crate::store::{StoreError, WriteTx, evaluation, event as events, second_factor, session};
use crate::survey::event::Event;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::PersonId;
use crate::survey::language::Language;
use crate::view::problem::problem_text;
use crate::view::words::Words;

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody and print the link by which they set their password
    Add(AddArgs),
    /// List everybody
    List(ListArgs),
    /// Print a new link by which somebody sets their password
    Reset(ResetArgs),
    /// Sign somebody out and keep them out
    Disable(OneArgs),
}

#[derive(Args)]
pub(super) struct AddArgs {
    /// What they sign in with
    login: String,
    /// Name as shown
    #[arg(long)]
    name: String,
    /// Evaluator registration or staff number
    #[arg(long)]
    number: String,
    /// administrator, manager, reviewer, signatory, evaluator, auditor or organisation; may be repeated
    #[arg(long = "role", required = true, value_name = "ROLE")]
    roles: Vec<String>,
    #[command(flatten)]
    place: DatabaseArgs,
}

#[derive(Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    place: DatabaseArgs,
}

#[derive(Args)]
pub(super) struct ResetArgs {
    /// What they sign in with
    login: String,
    /// Take their second factor away, too: phone and recovery codes are lost
    #[arg(long)]
    second_factor: bool,
    #[command(flatten)]
    place: DatabaseArgs,
}

#[derive(Args)]
pub(super) struct OneArgs {
    /// What they sign in with
    login: String,
    #[command(flatten)]
    place: DatabaseArgs,
}

pub(super) fn run(command: &UserCommand) -> anyhow::Result<Verdict> {
    match command {
        UserCommand::Add(args) => add(args),
        UserCommand::List(args) => list(args),
        UserCommand::Reset(args) => reset(args),
        UserCommand::Disable(args) => disable(args),
    }
}

fn open(place: &DatabaseArgs) -> anyhow::Result<(Config, Installation)> {
    let settings = place.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    let installation = Installation::open(&config, Clock::default())?;
    Ok((config, installation))
}

fn event(at_ms: i64, action: &str, person: PersonId, data: &serde_json::Value) -> Event {
    Event {
        at_ms,
        actor: "system".into(),
        action: action.into(),
        object: person.to_string(),
        data: data.to_string(),
    }
}

fn names(roles: RoleSet) -> Vec<&'static str> {
    roles.iter().map(Role::as_str).collect()
}

/// A new link of a person: its token, and what happened.
fn issue(tx: &mut WriteTx<'_>, person: PersonId, token: &str, now_ms: i64) -> Result<(), StoreError> {
    let hash = credential::token_hash(token);
    set_up_link::issue(tx, &hash, For::Person(person), now_ms, LINK_MS)?;
    events::append_office(tx, &event(now_ms, "account.link-issued", person, &json!({})))
}

fn print_link(config: &Config, token: &str) {
    let base = config
        .base_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", config.listen));
    println!("{base}/set-up/{token}");
}

fn add(args: &AddArgs) -> anyhow::Result<Verdict> {
    let fields = [
        ("login", &args.login),
        ("name", &args.name),
        ("registration_no", &args.number),
    ];
    let pairs = fields
        .into_iter()
        .chain(args.roles.iter().map(|role| ("roles", role)))
        .map(|(name, value)| (name.to_owned(), value.clone()));
    let new = NewPerson::parse(&RawForm::new(pairs.collect())).map_err(|errors| anyhow::anyhow!(told(&errors)))?;
    let (config, installation) = open(&args.place)?;
    let (now_ms, token) = (installation.clock.now_ms(), credential::token());
    let (person, link) = (PersonId::from_random(rand::random()), token.clone());
    let taken = installation
        .store
        .write_blocking(move |tx| -> Result<(bool, bool), StoreError> {
            let taken = account::taken(tx.conn, new.login.as_str(), &new.registration_no)?;
            if taken == (false, false) {
                evaluation::insert_person(tx, person, &new.name, &new.registration_no, now_ms)?;
                account::insert(tx, person, new.login.as_str(), new.roles, false, now_ms)?;
                let data = json!({"roles": names(new.roles)});
                events::append_office(tx, &event(now_ms, "account.created", person, &data))?;
                issue(tx, person, &link, now_ms)?;
            }
            Ok(taken)
        })?;
    match taken {
        (true, _) => bail!("login: {} is taken", args.login),
        (_, true) => bail!("number: {} is taken", args.number),
        _ => print_link(&config, &token),
    }
    Ok(Verdict::Fine)
}

/// The first thing wrong, named as its option is.
fn told(errors: &[FieldError]) -> String {
    let Some(first) = errors.first() else {
        return String::new();
    };
    let option = match first.field.as_str() {
        "registration_no" => "number",
        "roles" => "role",
        other => other,
    };
    format!("{option}: {}", problem_text(Words::new(Language::En), first.problem))
}

fn list(args: &ListArgs) -> anyhow::Result<Verdict> {
    let (_, installation) = open(&args.place)?;
    for account in installation.store.read_blocking(account::list)? {
        let state = match (account.disabled, account.has_password) {
            (true, _) => "disabled",
            (false, false) => "no password yet",
            (false, true) => "active",
        };
        let roles = names(account.roles).join(",");
        println!(
            "{}\t{}\t{}\t{roles}\t{state}",
            account.login, account.name, account.registration_no
        );
    }
    Ok(Verdict::Fine)
}

fn find(installation: &Installation, login: &str) -> anyhow::Result<Account> {
    let asked = login.trim().to_ascii_lowercase();
    let found = installation
        .store
        .read_blocking(|conn| account::find_by_login(conn, &asked))?;
    let (account, _) = found.with_context(|| format!("login: nobody has {login}"))?;
    Ok(account)
}

fn reset(args: &ResetArgs) -> anyhow::Result<Verdict> {
    let (config, installation) = open(&args.place)?;
    let account = find(&installation, &args.login)?;
    if account.disabled {
        bail!("login: {} is disabled", args.login);
    }
    let (person, now_ms, token) = (account.person, installation.clock.now_ms(), credential::token());
    let (link, with_factor) = (token.clone(), args.second_factor);
    installation.store.write_blocking(move |tx| -> Result<(), StoreError> {
        if with_factor {
            second_factor::clear(tx, person)?;
            session::end_others(tx, person, None)?;
            events::append_office(tx, &event(now_ms, "account.factor-reset", person, &json!({})))?;
        }
        issue(tx, person, &link, now_ms)
    })?;
    print_link(&config, &token);
    Ok(Verdict::Fine)
}

fn disable(args: &OneArgs) -> anyhow::Result<Verdict> {
    let (_, installation) = open(&args.place)?;
    let (person, now_ms) = (find(&installation, &args.login)?.person, installation.clock.now_ms());
    installation.store.write_blocking(move |tx| -> Result<(), StoreError> {
        account::set_disabled(tx, person, true)?;
        set_up_link::withdraw(tx, person)?;
        session::end_others(tx, person, None)?;
        events::append_office(tx, &event(now_ms, "account.disabled", person, &json!({})))
    })?;
    Ok(Verdict::Fine)
}
