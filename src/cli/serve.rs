//! `perception serve`.

use super::{ServeArgs, Verdict, ready, start_log};
use crate::app::{App, Installation};
use crate::clock::Clock;

pub(super) fn run(args: &ServeArgs) -> anyhow::Result<Verdict> {
    let settings = args.place.settings(args.listen.as_ref())?;
    let config = settings.check()?;
    start_log(settings.log == "json", "info");
    let app = App::build(&config, Installation::open(&config, Clock::default())?, None)?;
    let about = serde_json::json!({"base_url": app.base_url(), "database": config.database.to_string()});
    println!("{}", app.base_url());
    if let Some(link) = app.first_link()? {
        println!(
            "建立第一个管理员（15 分钟内有效，只能用一次）/ the first administrator, once within 15 minutes:\n{link}"
        );
    }
    ready::serve(app, args.ready_file.as_deref(), &about)
}
