//! `perception migrate`.

use super::{DatabaseArgs, Verdict};
use crate::store;

pub(super) fn run(args: &DatabaseArgs) -> anyhow::Result<Verdict> {
    let config = args.config()?;
    let applied = store::migrate(&config.database)?;
    if applied.is_empty() {
        println!("{}: up to date", config.database);
    }
    for name in applied {
        println!("{}: applied {name}", config.database);
    }
    Ok(Verdict::Fine)
}
