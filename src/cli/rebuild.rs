//! `perception rebuild`.

use std::sync::Arc;

use super::{DatabaseArgs, Verdict, start_log};
use crate::app::Installation;
use crate::clock::Clock;
use crate::store::{DatabaseUrl, StoreError, evaluation, response};

pub(super) fn run(args: &DatabaseArgs) -> anyhow::Result<Verdict> {
    let settings = args.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        anyhow::bail!("{}: there is no such database", config.database);
    }
    let store = Installation::open(&config, Clock::default())?.store;
    let mut verdict = Verdict::Fine;
    for id in store.read_blocking(evaluation::list_ids)? {
        let catalogue = Arc::clone(store.catalogue());
        let differed = store.write_blocking(move |tx| -> Result<bool, StoreError> {
            let evaluation = evaluation::find(tx.conn, &catalogue, id)?
                .ok_or_else(|| StoreError::Corrupt(format!("evaluation {id} is gone")))?;
            response::rebuild_tallies(tx, id, &evaluation.instrument)
        })?;
        println!(
            "{id}: {}",
            if differed {
                "differed; now recomputed"
            } else {
                "nothing differed"
            }
        );
        if differed {
            verdict = Verdict::NotInOrder;
        }
    }
    Ok(verdict)
}
