//! `perception config`.

use super::{DatabaseArgs, Verdict};

pub(super) fn run(args: &DatabaseArgs) -> anyhow::Result<Verdict> {
    let settings = args.settings(None)?;
    settings.check()?;
    print!("{}", settings.printable());
    Ok(Verdict::Fine)
}
