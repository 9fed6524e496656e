//! Which column of a file is what, and what else its reading needs: the period, the organisation's own domains, groups that are no
//! customers. Guessed from headers in Chinese and English; the office corrects it.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::plan::as_text;

/// What a column may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Number of the order.
    Order,
    /// Kind of customer.
    Group,
    /// Day of the service.
    Day,
    /// Outlet.
    Outlet,
    /// Type of service.
    Service,
    /// Language of letters.
    Language,
    /// Name of the customer.
    Name,
}

impl Field {
    /// In the order in which headers are told apart: `服务网点` is an outlet before it is a service.
    pub const ALL: [Field; 9] = [
        Field::Email,
        Field::Phone,
        Field::Order,
        Field::Group,
        Field::Day,
        Field::Outlet,
        Field::Service,
        Field::Language,
        Field::Name,
    ];

    /// Name in forms and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Email => "email",
            Field::Phone => "phone",
            Field::Order => "order",
            Field::Group => "group",
            Field::Day => "day",
            Field::Outlet => "outlet",
            Field::Service => "service",
            Field::Language => "language",
            Field::Name => "name",
        }
    }

    fn headers(self) -> &'static [&'static str] {
        match self {
            Field::Email => &["邮箱", "邮件", "email", "mail"],
            Field::Phone => &["手机", "电话", "联系方式", "phone", "mobile", "tel"],
            Field::Order => &["订单", "工单", "单号", "编号", "order", "ticket", "caseno"],
            Field::Group => &["客户类", "客户性质", "customertype", "customergroup", "group"],
            Field::Day => &["日期", "时间", "date", "day"],
            Field::Outlet => &["网点", "门店", "服务站", "店", "outlet", "branch", "shop", "station"],
            Field::Service => &["服务", "业务类型", "service"],
            Field::Language => &["语言", "语种", "language", "lang"],
            Field::Name => &["姓名", "客户", "顾客", "联系人", "name", "customer", "contact"],
        }
    }
}

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Columns by what they are, from 0.
    pub columns: BTreeMap<Field, usize>,
    /// First day of the period.
    #[serde(with = "as_text")]
    pub from: NaiveDate,
    /// Last day of it.
    #[serde(with = "as_text")]
    pub until: NaiveDate,
    /// Mail domains of the organisation and its staff, in lower case.
    pub domains: Vec<String>,
    /// Kinds of customers that are left out: a cell that holds one of these.
    pub excluded: Vec<String>,
}

/// Characters of a line of words.
pub const LINE_MAX: usize = 300;
/// Who is no customer (requirements.md §8.2).
const EXCLUDED: [&str; 10] = [
    "员工",
    "亲属",
    "经销商",
    "承包商",
    "未成年",
    "staff",
    "employee",
    "relative",
    "dealer",
    "contractor",
];

/// Columns guessed from a header; every column is one thing at most.
pub fn guess(header: &[String]) -> BTreeMap<Field, usize> {
    let plain = |text: &String| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let header: Vec<String> = header.iter().map(plain).collect();
    let mut found: BTreeMap<Field, usize> = BTreeMap::new();
    for field in Field::ALL {
        let is_it = |text: &String| field.headers().iter().any(|word| text.contains(word));
        let mut columns = header.iter().enumerate();
        let column = columns.find(|(place, text)| is_it(text) && !found.values().any(|taken| taken == place));
        if let Some((place, _)) = column {
            found.insert(field, place);
        }
    }
    found
}

impl Reading {
    /// What is offered for a file: columns by its header, the twelve months before today.
    pub fn usual(header: &[String], today: NaiveDate) -> Self {
        let year_ago = today.checked_sub_months(Months::new(12)).unwrap_or(today);
        Self {
            columns: guess(header),
            from: year_ago.checked_add_days(Days::new(1)).unwrap_or(year_ago),
            until: today,
            domains: Vec::new(),
            excluded: EXCLUDED.map(str::to_owned).to_vec(),
        }
    }

    /// Reads the form: `column-<field>` (number from 1, empty = none), `from`, `until`, `domains`, `excluded`.
    ///
    /// # Errors
    /// Every field that must be corrected; with more than one outlet a column must name it.
    pub fn parse(form: &RawForm, columns: usize, outlets: usize, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let mut found: BTreeMap<Field, usize> = BTreeMap::new();
        for field in Field::ALL {
            let name = format!("column-{}", field.as_str());
            let most = i64::try_from(columns).unwrap_or(0);
            let column = reader.number(&name, 1..=most).and_then(|n| usize::try_from(n - 1).ok());
            match column {
                Some(column) if found.values().any(|taken| *taken == column) => reader.refuse(&name, Problem::Taken),
                Some(column) => drop(found.insert(field, column)),
                None if field == Field::Email || (field == Field::Outlet && outlets > 1) => {
                    reader.refuse(&name, Problem::Missing);
                }
                None => {}
            }
        }
        let (from, until) = (reader.day("from"), reader.day("until"));
        for (name, day) in [("from", from), ("until", until)] {
            if day.is_none() && form.first(name).trim().is_empty() {
                reader.refuse(name, Problem::Empty);
            }
        }
        if until.is_some_and(|day| day > today) {
            reader.refuse("until", Problem::InFuture);
        }
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            reader.refuse("until", Problem::TooEarly);
        }
        let domains = reader.line("domains", LINE_MAX);
        let excluded = reader.line("excluded", LINE_MAX);
        let reading = from.zip(until).map(|(from, until)| Self {
            columns: found,
            from,
            until,
            domains: words(&domains)
                .map(|word| word.trim_start_matches('@').to_owned())
                .collect(),
            excluded: words(&excluded).collect(),
        });
        reader.done(reading)
    }

    /// The form filled in with it.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let columns = self.columns.iter();
        let columns = columns.map(|(field, column)| (format!("column-{}", field.as_str()), (column + 1).to_string()));
        let others = [
            ("from", self.from.to_string()),
            ("until", self.until.to_string()),
            ("domains", self.domains.join(", ")),
            ("excluded", self.excluded.join(", ")),
        ];
        columns
            .chain(others.map(|(name, value)| (name.to_owned(), value)))
            .collect()
    }
}

fn words(line: &str) -> impl Iterator<Item = String> {
    line.split([',', '，', ';', '；', '、'])
        .map(|word| word.trim().to_lowercase())
        .filter(|word| !word.is_empty())
}
