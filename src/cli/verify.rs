//! `perception verify`.

use super::{DatabaseArgs, Verdict, start_log};
use crate::store::verify::{Verified, verify};
use crate::store::{DatabaseUrl, Store, StoreSettings, is_vacant, migrate};

pub(super) fn run(args: &DatabaseArgs) -> anyhow::Result<Verdict> {
    let settings = args.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    if is_vacant(&config.database)? {
        anyhow::bail!("{}: there is no such database, or nothing in it", config.database);
    }
    let verified = of(&config.database)?;
    println!(
        "{} events, {} responses, {} tallies",
        verified.events, verified.responses, verified.tallies
    );
    Ok(match verified.divergence {
        None => {
            println!("in order");
            Verdict::Fine
        }
        Some(divergence) => {
            println!("NOT IN ORDER: {divergence}");
            Verdict::NotInOrder
        }
    })
}

/// Verifies a database in one snapshot.
pub(super) fn of(database: &DatabaseUrl) -> anyhow::Result<Verified> {
    migrate(database)?;
    let store = Store::open(&StoreSettings {
        database: database.clone(),
        readers_max: 1,
        write_queue_max: 1,
        write_batch_max: 1,
    })?;
    let catalogue = std::sync::Arc::clone(store.catalogue());
    Ok(store.read_blocking(move |conn| verify(conn, &catalogue))?)
}
