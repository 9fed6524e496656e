//! The list of customers of the open evaluation, invented like everybody in the example: handed over, imported, recorded and
//! drawn from as in the office. Without a mail server nobody is written to.

use chrono::{Days, NaiveDate};

use crate::app::Installation;
use crate::clock::day_in_china;
use crate::store::frame::{self, NewList, draw as draws, import, record};
use crate::store::grading::{Act, GradingError};
use crate::store::{StoreError, outlet};
use crate::survey::frame::column::Reading;
use crate::survey::frame::record::{Basis, FrameRecord};
use crate::survey::frame::sheet;
use crate::survey::frame::take::{Prepared, SeedSource};
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::language::Language;

const FAMILIES: [&str; 12] = ["李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"];
const GIVEN: [&str; 8] = ["文静", "建国", "晓燕", "立", "洋", "敏", "志强", "婷"];
const MAILS: [&str; 5] = [
    "mail.example",
    "post.example",
    "home.example",
    "city.example",
    "net.example",
];
const SERVICES: [&str; 2] = ["维修", "安装"];
const CUSTOMERS: usize = 96;
/// Drawn in every stratum, and as many reserves.
const DRAWN: u64 = 2;

/// Hands a list over and draws from it.
pub(super) fn draw(installation: &Installation, id: EvaluationId, manager: PersonId) -> Result<(), StoreError> {
    let (store, key, now_ms) = (&installation.store, &installation.key, installation.clock.now_ms());
    let (act, today): (Act, _) = ((manager, now_ms), day_in_china(now_ms));
    let outlets = store.read_blocking(move |conn| outlet::list(conn, id))?;
    let names: Vec<&str> = outlets.iter().map(|outlet| outlet.name.get(Language::ZhCn)).collect();
    let bytes = file(&names, today).into_bytes();
    let read = sheet::read(&bytes).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let new = NewList {
        id: format!("{:032x}", rand::random::<u128>()),
        bytes,
        form: read.form.as_str(),
        reading: Reading::usual(&read.header, today),
    };
    let (server, list) = (key.clone(), new.id.clone());
    store
        .write_blocking(move |tx| {
            frame::upload(tx, id, &new, &server, act)?;
            import::begin(tx, id, &new.id, now_ms)
        })
        .map_err(plain)?;
    let Some(begun) = store.read_blocking(move |conn| frame::current(conn, id))? else {
        return Err(StoreError::Corrupt("the example's list is gone".into()));
    };
    import::complete(store, key, id, &begun, act, || now_ms).map_err(plain)?;
    let (record, server) = (known(today), key.clone());
    store
        .write_blocking(move |tx| {
            record::put(tx, id, &list, &record, act)?;
            let summary = frame::current(tx.conn, id)?.and_then(|list| list.summary);
            let strata = summary.map(|summary| summary.strata).unwrap_or_default();
            let take = |cases: u64| crate::statistics::draw::Take {
                draw: DRAWN.min(cases),
                reserves: DRAWN.min(cases.saturating_sub(DRAWN)),
            };
            let prepared = Prepared {
                takes: strata
                    .into_iter()
                    .map(|(name, stratum)| (name, take(stratum.cases)))
                    .collect(),
                reason: Some("演示：名单很小 / A demonstration with a small list".into()),
                seed: SeedSource::Random,
            };
            let seed = format!("{:032x}", rand::random::<u128>());
            draws::prepare(tx, id, &list, &prepared, &seed, act)?;
            draws::carry_out(tx, id, &list, &server, act)
        })
        .map_err(plain)
}

/// The organisation's file: a few of its rows have what files of organisations have.
fn file(outlets: &[&str], today: NaiveDate) -> String {
    let mut text = "工单号,客户姓名,手机,电子邮箱,服务网点,服务类型,服务日期,客户类型\n".to_owned();
    let of = |words: &[&'static str], k: usize| words.get(k % words.len()).copied().unwrap_or_default();
    for k in 0..CUSTOMERS {
        let name = format!("{}{}", of(&FAMILIES, k), of(&GIVEN, k / FAMILIES.len()));
        let email = format!("kh{}@{}", (k * 7919 + 104_729) % 99_991, of(&MAILS, k * 3 + k / 5));
        let outlet = outlets.get(k % outlets.len().max(1)).copied().unwrap_or_default();
        let service = of(&SERVICES, k / outlets.len().max(1));
        let day = today - Days::new(20 + (k as u64 * 13) % 300);
        let email = if k % 31 == 30 { "" } else { email.as_str() };
        let group = if k % 47 == 46 { "经销商" } else { "个人" };
        let day = if k == 50 { "待定".to_owned() } else { day.to_string() };
        text += &format!("GD{:05},{name},,{email},{outlet},{service},{day},{group}\n", 10_400 + k);
    }
    text
}

fn known(today: NaiveDate) -> FrameRecord {
    FrameRecord {
        source: "工单系统导出 / Export of the order system".into(),
        extracted_on: today - Days::new(9),
        declared: 96,
        screen: Some(98),
        registers: Some(104),
        invoices: None,
        complete: "客服经理签字 / Signed by the service manager".into(),
        gaps: "无邮箱的客户 / Customers without a mail address".into(),
        basis: Basis::Clause,
        evidence: "服务单样张第 4 条 / Specimen order, clause 4".into(),
    }
}

fn plain(error: GradingError) -> StoreError {
    match error {
        GradingError::Store(error) => error,
        GradingError::Refused(error) => StoreError::Corrupt(format!("the example was refused: {error:?}")),
    }
}
