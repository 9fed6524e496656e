//! `perception demo`.

use super::{DemoArgs, Verdict, ready, start_log};
use crate::access::Role;
use crate::config::{Flags, Settings};
use crate::demo::{self, Throwaway};
use crate::secret::SecretKey;
use crate::store::DatabaseUrl;

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<Verdict> {
    let asked = args.database.as_deref().map(str::parse::<DatabaseUrl>).transpose()?;
    let flags = Flags {
        listen: args.listen.clone(),
        database: None,
    };
    let mut settings = Settings::load(None, &flags)?;
    settings.body_name_zh = "华信认证中心".into();
    settings.body_name_en = "Huaxin Certification Centre".into();
    settings.body_contact = "survey@huaxin.example".into();
    let mut config = settings.check()?;
    start_log(settings.log == "json", "warn");
    let place = Throwaway::new(asked)?;
    config.database = place.url.clone();
    if matches!(config.database, DatabaseUrl::Postgres(_)) && config.secret_key.is_none() {
        config.secret_key = Some(SecretKey::random());
    }
    let (app, links) = demo::build(&config)?;
    let base = app.base_url().to_owned();
    let url = |path: &String| format!("{base}{path}");
    let about = serde_json::json!({
        "base_url": base,
        "database": config.database.to_string(),
        "survey_url": url(&links.survey),
        "invitation_urls": links.invitations.iter().map(url).collect::<Vec<_>>(),
        "evaluation_id": links.open.to_string(),
        "closed_evaluation_id": links.closed.to_string(),
        "closed_survey_url": url(&links.survey_closed),
        "revoked_survey_url": url(&links.survey_revoked),
        "early_survey_url": url(&links.survey_early),
        "users": Role::ALL.iter().map(|role| {
            let account = serde_json::json!({"login": role.as_str(), "password": links.password});
            (role.as_str().to_owned(), account)
        }).collect::<serde_json::Map<_, _>>(),
    });
    println!("演示已就绪 / The demo is ready\n");
    println!("  从这里开始   start here          {base}/   (English: {base}/?lang=en)");
    println!("  顾客扫码填写 answer the survey   {}", url(&links.survey));
    if let Some(invitation) = links.invitations.first() {
        println!("  个人邀请链接 a personal link     {}", url(invitation));
    }
    println!(
        "  调查结果     the results         {base}/evaluations/{}/results",
        links.closed
    );
    let logins: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    println!("\n  登录         sign in             {base}/sign-in");
    println!("  登录名       logins              {}", logins.join(" "));
    println!("  密码         password            {}", links.password);
    println!("\n  按 Ctrl-C 结束，演示数据随之删除 / Ctrl-C ends the demo and deletes its data");
    ready::serve(app, args.ready_file.as_deref(), &about)
}
