#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use chrono::NaiveDate;
use proptest::prelude::*;

use super::check::{Checked, Out, OutletName, Wrong, check};
use super::column::{Field, Reading, guess};
use super::flag::{Rule, flags};
use super::sheet::{self, Form, ROWS_MAX, Sheet, SheetError};
use super::summary::Stratum;
use super::take;
use crate::survey::id::OutletId;
use crate::survey::language::Text;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).unwrap()
}

fn outlets() -> Vec<OutletName> {
    let outlet = |(number, zh, en): (u8, &str, &str)| OutletName {
        id: OutletId::from_random([number; 16]),
        number: usize::from(number),
        name: Text::new(zh, en),
    };
    [(1, "浦东店", "Pudong"), (2, "徐汇店", "Xuhui")].map(outlet).to_vec()
}

fn address(text: &str) -> Option<String> {
    let (name, domain) = text.split_once('@')?;
    (!name.is_empty() && domain.contains('.') && !text.contains(' ')).then(|| text.to_owned())
}

fn checked(sheet: &Sheet) -> Checked {
    check(sheet, &Reading::usual(&sheet.header, today()), &outlets(), &address)
}

const LIST: &str = "工单号,客户姓名,手机,邮箱,服务网点,服务类型,服务日期,客户类型\n\
    W1,张三,138 0013 8000,zhang@a.example,浦东店,维修,2026-03-01,个人\n\
    W2,李四,,li@a.example,xuhui,安装,2026/3/2 10:20,个人\n\
    W3,王五,139,wang@a.example,2,维修,2026年3月3日,本公司员工\n\
    W4,赵六,,zhao@a.example,静安店,维修,20260304,个人\n\
    W5,钱七,,qian@a.example,浦东店,维修,2024-01-01,个人\n\
    W6,孙八,,ZHANG@a.example,浦东店,维修,2026-03-05,个人\n\
    W7,周九,,,浦东店,维修,2026-03-05,个人\n\
    W8,吴十,,wu,浦东店,维修,2026-03-05,个人\n\
    W9,\"郑\n一\",,zheng@a.example,浦东店,维修,2026-03-05,个人\n\
    W10,冯二,,feng@a.example,浦东店,维修,昨天,个人\n";

#[test]
fn every_row_is_a_case_or_says_why_not_whatever_wrote_the_file() {
    let written = |text: &str| {
        let (gbk, ..) = encoding_rs::GBK.encode(text);
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        [
            (Form::Utf8, text.as_bytes().to_vec()),
            (Form::Utf8, [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            (Form::Gbk, gbk.into_owned()),
            (Form::Utf16, utf16),
        ]
    };
    let mut first: Option<Checked> = None;
    for mark in [",", ";", "\t"] {
        for (form, bytes) in written(&LIST.replace(',', mark)) {
            let sheet = sheet::read(&bytes).unwrap();
            assert_eq!(sheet.form, form);
            let found = checked(&sheet);
            assert_eq!(*first.get_or_insert_with(|| found.clone()), found, "{form:?} {mark:?}");
        }
    }
    let found = first.unwrap();
    let strata: Vec<(&str, u64)> = found.strata().into_iter().collect();
    assert_eq!(strata, [("01 维修", 1), ("02 安装", 1)]);
    assert_eq!(found.cases[0].contact.phone.as_deref(), Some("13800138000"));
    assert_eq!(found.cases[0].id(), "R00002");
    let out: Vec<(Out, u32)> = found.out.iter().map(|(out, n)| (*out, *n)).collect();
    let wanted = [Out::NoAddress, Out::Outlet, Out::Day, Out::Group, Out::SameEmail];
    assert_eq!(out, wanted.map(|out| (out, 1)));
    let errors: Vec<(u32, Field, Wrong)> = found.errors.iter().map(|e| (e.row, e.field, e.wrong)).collect();
    assert_eq!(
        errors,
        [
            (9, Field::Email, Wrong::Address),
            (10, Field::Name, Wrong::Control),
            (12, Field::Day, Wrong::Day)
        ]
    );
}

#[test]
fn a_workbook_is_read_as_it_looks_formulas_by_what_they_came_to() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    for (column, name) in (0_u16..).zip(["邮箱", "手机", "网点", "服务日期", "姓名"]) {
        page.write_string(0, column, name).unwrap();
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let address = rust_xlsxwriter::Formula::new("=\"li\"&\"@a.example\"").set_result("li@a.example");
    page.write_formula(1, 0, address).unwrap();
    page.write_number(1, 1, 13_800_138_000.0).unwrap();
    page.write_number(1, 2, 2.0).unwrap();
    page.write_number_with_format(1, 3, 46_082.0, &day).unwrap();
    page.write_string(1, 4, "=HYPERLINK(1)").unwrap();
    // An empty line between, and a cell far to the right that says nothing.
    page.write_string(3, 0, "wang@a.example").unwrap();
    page.write_string(3, 2, "浦东店").unwrap();
    page.write_string(3, 3, "2026-03-02").unwrap();
    page.write_blank(3, 16_000, &day).unwrap();
    let sheet = sheet::read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!((sheet.form, sheet.rows.len()), (Form::Workbook, 2));
    let found = checked(&sheet);
    assert_eq!(found.errors, []);
    let contact = &found.cases[0].contact;
    assert_eq!(contact.email, "li@a.example");
    assert_eq!(contact.phone.as_deref(), Some("13800138000"));
    assert_eq!(contact.name.as_deref(), Some("=HYPERLINK(1)"));
    assert_eq!(
        (found.cases[0].id(), found.cases[1].id()),
        ("R00002".to_owned(), "R00004".to_owned())
    );
    assert_eq!(found.cases[0].stratum, "02");
}

#[test]
fn a_packed_file_that_unpacks_to_too_much_is_not_unpacked() {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    let megabyte = vec![b' '; 1 << 20];
    for _ in 0..51 {
        writer.write_all(&megabyte).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert!(bytes.len() < sheet::BYTES_MAX);
    assert_eq!(sheet::read(&bytes), Err(SheetError::Unpacked));
}

#[test]
fn headers_in_both_languages_are_recognised() {
    let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    for text in [
        "Order No.,Customer name,Mobile,E-mail,Outlet,Service type,Service date,Customer type,Language",
        "订单编号,联系人,手机号码,电子邮箱,门店名称,服务项目,完成日期,客户类别,语言",
    ] {
        let found = guess(&header(text));
        let wanted = [
            (Field::Order, 0),
            (Field::Name, 1),
            (Field::Phone, 2),
            (Field::Email, 3),
            (Field::Outlet, 4),
            (Field::Service, 5),
            (Field::Day, 6),
            (Field::Group, 7),
            (Field::Language, 8),
        ];
        assert_eq!(found, wanted.into_iter().collect(), "{text}");
    }
}

#[test]
fn what_is_no_list_is_named() {
    let long: String = (0..=ROWS_MAX).map(|n| format!("{n}\n")).collect();
    let long = format!("h\n{long}");
    let wide = format!("{}\n1\n", vec!["x"; 201].join(","));
    let cases: [(&[u8], SheetError); 8] = [
        (b"", SheetError::Empty),
        (b"email,name\n", SheetError::Empty),
        (long.as_bytes(), SheetError::TooManyRows),
        (wide.as_bytes(), SheetError::TooManyColumns),
        (&[b'x'; sheet::BYTES_MAX + 1], SheetError::TooLarge),
        (b"\xD0\xCF\x11\xE0\xA1\xB1", SheetError::OldWorkbook),
        (b"PK\x03\x04nothing", SheetError::NotAWorkbook),
        (b"email\na@b.cn\n\xFF\xFF\xFF\n", SheetError::Encoding(3)),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(sheet::read(bytes), Err(wanted));
    }
    let open = format!("email,note\na@b.cn,\"never closed\n{}", "b@c.cn,x\n".repeat(30));
    assert_eq!(sheet::read(open.as_bytes()), Err(SheetError::Quote(2)));
}

#[test]
fn made_up_lists_are_pointed_at_and_plain_ones_are_not() {
    let list = |row: &dyn Fn(u32) -> String| {
        let rows: String = (0..200).map(row).collect();
        let sheet = sheet::read(format!("email,phone,name,outlet\n{rows}").as_bytes()).unwrap();
        let found = checked(&sheet);
        let rules: Vec<Rule> = flags(&found, &["firm.example".into()])
            .into_iter()
            .map(|flag| flag.rule)
            .collect();
        rules
    };
    let scattered = |n: u32| n.wrapping_mul(2_654_435_761) % 90_000_000 + 10_000_000;
    let plain = |n: u32| format!("{}@qq.com,138{},N{n},1\n", scattered(n), scattered(n + 7));
    assert_eq!(list(&plain), []);
    let sequence = |n: u32| format!("user{n}@163.com,138{},N{n},1\n", scattered(n));
    assert_eq!(list(&sequence), [Rule::Sequence]);
    let domain = |n: u32| format!("u{}@one.example,138{},N{n},1\n", scattered(n), scattered(n));
    assert_eq!(list(&domain), [Rule::Domain]);
    let plus = |n: u32| format!("me+{}@163.com,,N{n},1\n", scattered(n));
    assert_eq!(list(&plus), [Rule::Plus]);
    let own = |n: u32| match n {
        0 => "boss@mail.firm.example,,B,1\n".to_owned(),
        n => plain(n),
    };
    assert_eq!(list(&own), [Rule::Own]);
    let phones = |n: u32| format!("{}@qq.com,13800138{:03},N{n},1\n", scattered(n), n);
    assert_eq!(list(&phones), [Rule::Phones]);
    let names = |n: u32| format!("{}@qq.com,,N{},1\n", scattered(n), n % 5);
    assert_eq!(list(&names), [Rule::Names]);
    let twice = |n: u32| format!("{}@qq.com,,N{n},1\n", scattered(n % 100));
    assert_eq!(list(&twice), [Rule::Twice]);
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,4}@[a-z]{1,3}\\.cn",
        Just("浦东店".to_owned()),
        Just("2026-03-01".to_owned()),
        Just("=HYPERLINK(\"x\")".to_owned()),
        Just(String::new()),
        "\\PC{0,8}",
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_every_row_is_counted_once_and_no_letter_gets_a_control_character(
        cells in proptest::collection::vec(proptest::collection::vec(cell(), 5), 1..20), form in 0_u8..2,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["email", "name", "outlet", "date", "order"]).unwrap();
        for row in &cells {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let bytes = match form {
            0 => bytes,
            _ => encoding_rs::GB18030.encode(std::str::from_utf8(&bytes).unwrap()).0.into_owned(),
        };
        let Ok(sheet) = sheet::read(&bytes) else { return Ok(()) };
        let found = checked(&sheet);
        prop_assert_eq!(found.rows as usize, sheet.rows.len());
        let counted = found.cases.len() + found.errors.len() + found.out.values().sum::<u32>() as usize;
        prop_assert_eq!(counted, sheet.rows.len());
        for case in &found.cases {
            let texts = [Some(&case.contact.email), case.contact.name.as_ref(), case.contact.order.as_ref()];
            prop_assert!(texts.into_iter().flatten().all(|text| !text.chars().any(char::is_control)));
        }
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400), packed in any::<bool>()) {
        let bytes = if packed { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
        if let Ok(sheet) = sheet::read(&bytes) {
            prop_assert!(sheet.rows.len() <= ROWS_MAX && !sheet.rows.is_empty());
            checked(&sheet);
        }
    }

    #[test]
    fn sizes_come_back_as_they_were_written(sizes in proptest::collection::btree_map("[0-9]{2} [a-z; 维修]{0,6}x", (1_u64..50, 0_u64..50), 1..8)) {
        let takes: take::Takes = sizes
            .iter()
            .map(|(name, (draw, reserves))| (name.clone(), crate::statistics::draw::Take { draw: *draw, reserves: *reserves }))
            .collect();
        let strata = takes.keys().map(|name| (name.clone(), Stratum { outlet: OutletId::from_random([1; 16]), cases: 100 })).collect();
        let pairs = [("sizes", take::text(&takes)), ("origin", "random".to_owned())];
        let form = crate::survey::form::RawForm::new(pairs.map(|(n, v)| (n.to_owned(), v)).to_vec());
        prop_assert_eq!(take::parse(&form, &strata, &takes).unwrap().takes, takes.clone());
        prop_assert_eq!(take::read_plan_file(&take::plan_file(&takes)), Some(takes));
    }
}
