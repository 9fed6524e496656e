//! results.xlsx: the rows of results.csv on a sheet per group, then strata, flags, dispositions, method and codebook; figures
//! as numbers, words as words (never a formula), scores as charts. The same report gives the same bytes.

use rust_xlsxwriter::{Chart, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::codebook;
use super::csv::{HEADER, Line, WORDS, lines, status};
use crate::statistics::class::Column;
use crate::statistics::flag::Rule;
use crate::statistics::suppress::Cell;
use crate::survey::dossier::Dossier;
use crate::survey::language::Language;
use crate::survey::report::{Report, ReportOutlet};

/// Groups of rows and their sheets.
const SHEETS: [(&str, &str); 10] = [
    ("overall", "结果 results"),
    ("dimension", "维度 dimensions"),
    ("heading", "指标 headings"),
    ("outlet", "网点 outlets"),
    ("item", "题目 items"),
    ("withdrawn", "撤回 withdrawn"),
    ("low_reason", "低分原因 low ratings"),
    ("verdict", "界限 bounds"),
    ("sensitivity", "敏感性 sensitivity"),
    ("decision_support", "辅助决策 support"),
];
/// A chart of more rows cannot be read.
const CHART_ROWS_MAX: u32 = 200;
/// Where the chart of a sheet stands.
const CHART_COLUMN: u16 = 16;

/// The report as a workbook.
///
/// # Errors
/// [`XlsxError`] for text that is longer than a cell.
pub fn encode(report: &Report, dossier: &Dossier, result_id: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(
        &DocProperties::new()
            .set_title(format!(
                "{} · {}",
                report.firm.get(Language::ZhCn),
                report.title.get(Language::ZhCn)
            ))
            .set_subject(result_id)
            .set_creation_datetime(&ExcelDateTime::from_ymd(2020, 1, 1)?),
    );
    let all = lines(report);
    for (group, name) in SHEETS {
        let own: Vec<&Line> = all.iter().filter(|line| line[0] == group).collect();
        let sheet = book.add_worksheet().set_name(name)?;
        table(sheet, WORDS, &HEADER, own.iter().map(|line| line.as_slice()))?;
        if let ("overall" | "dimension" | "outlet", Ok(last @ 1..=CHART_ROWS_MAX)) = (group, u32::try_from(own.len())) {
            chart(sheet, name, last)?;
        }
    }
    let sheet = book.add_worksheet().set_name("分层 strata")?;
    table(
        sheet,
        STRATA_WORDS,
        &STRATA,
        strata(report).iter().map(<[String; 10]>::as_slice),
    )?;
    let sheet = book.add_worksheet().set_name("标记 flags")?;
    let flagged = flags(report, dossier);
    table(
        sheet,
        2,
        &["rule", "status", "responses"],
        flagged.iter().map(<[String; 3]>::as_slice),
    )?;
    let sheet = book.add_worksheet().set_name("访问结局 dispositions")?;
    let contacts = dispositions(report);
    table(
        sheet,
        5,
        &["code", "name_zh", "name_en", "class", "status", "contacts"],
        contacts.iter().map(Vec::as_slice),
    )?;
    let sheet = book.add_worksheet().set_name("方法 method")?;
    let about = about(report, result_id);
    table(sheet, 2, &["name", "value"], about.iter().map(<[String; 2]>::as_slice))?;
    let sheet = book.add_worksheet().set_name("码本 codebook")?;
    let book_rows = codebook::rows(report.instrument.questionnaire());
    table(
        sheet,
        WORDS,
        &codebook::HEADER,
        book_rows.iter().map(<[String; 8]>::as_slice),
    )?;
    book.save_to_buffer()
}

/// A head that stays in sight, and rows: so many columns of words as they are, then figures as numbers.
fn table<'a>(
    sheet: &mut Worksheet,
    words: usize,
    head: &[&str],
    rows: impl Iterator<Item = &'a [String]>,
) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0_u16..).zip(head) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
        sheet.set_column_width(column, if name.starts_with("name") { 28.0 } else { 14.0 })?;
    }
    for (row, line) in (1_u32..).zip(rows) {
        for (column, text) in (0_u16..).zip(line).filter(|(_, text)| !text.is_empty()) {
            match text.parse::<f64>().ok().filter(|_| usize::from(column) >= words) {
                Some(number) => sheet.write_number(row, column, number)?,
                None => sheet.write_string(row, column, text)?,
            };
        }
    }
    Ok(())
}

/// Scores as bars: `percent` by name and class.
fn chart(sheet: &mut Worksheet, name: &str, last: u32) -> Result<(), XlsxError> {
    let mut chart = Chart::new_bar();
    chart
        .add_series()
        .set_name("%")
        .set_categories((name, 1, 2, last, 4))
        .set_values((name, 1, 10, last, 10));
    chart.y_axis().set_min(0.0).set_max(100.0);
    chart.x_axis().set_reverse();
    chart.legend().set_hidden();
    chart.title().set_name(name);
    chart.set_alt_text(name).set_height(160 + 22 * last).set_width(640);
    sheet.insert_chart(1, CHART_COLUMN, &chart)?;
    Ok(())
}

const STRATA_WORDS: usize = 5;
const STRATA: [&str; 10] = [
    "id",
    "name_zh",
    "name_en",
    "status_face",
    "status_electronic",
    "N_customers",
    "target_face",
    "target_electronic",
    "n_face",
    "n_electronic",
];

/// Every stratum (an outlet) with its customers, what was planned and what was achieved.
fn strata(report: &Report) -> Vec<[String; 10]> {
    let counted = |place: usize, column: Column| {
        let found = report.result.outlets.iter().find(|row| row.outlet == place);
        let cell = found.map_or(Cell::Published(0), |row| row.counted.get(column).clone());
        let n = cell.published().map(u64::to_string).unwrap_or_default();
        (status(&cell).to_owned(), n)
    };
    let row = |(place, outlet): (usize, &ReportOutlet)| {
        let (face, n_face) = counted(place, Column::Face);
        let (electronic, n_electronic) = counted(place, Column::Electronic);
        let [zh, en] = Language::ALL.map(|language| outlet.name.get(language).to_owned());
        [
            outlet.id.to_string(),
            zh,
            en,
            face,
            electronic,
            outlet.customers.map(|n| n.to_string()).unwrap_or_default(),
            outlet.target_face.to_string(),
            outlet.target_electronic.to_string(),
            n_face,
            n_electronic,
        ]
    };
    report.outlets.iter().enumerate().map(row).collect()
}

/// Flagged responses by rule, few ones withheld; nothing before the last look after fieldwork.
fn flags(report: &Report, dossier: &Dossier) -> Vec<[String; 3]> {
    let few = 1..report.result.rule.suppress_below;
    let row = |(rule, n): (Rule, u64)| {
        let cell = if few.contains(&n) {
            Cell::Suppressed
        } else {
            Cell::Published(n)
        };
        let shown = cell.published().map(u64::to_string).unwrap_or_default();
        [rule.as_str().to_owned(), status(&cell).to_owned(), shown]
    };
    let counts = dossier.flags.iter();
    let all = counts.flat_map(|found| {
        Rule::ALL
            .into_iter()
            .map(|rule| (rule, found.get(&rule).copied().unwrap_or(0)))
    });
    all.map(row).collect()
}

fn dispositions(report: &Report) -> Vec<Vec<String>> {
    use crate::statistics::class::EvidenceClass;
    let known = report.instrument.questionnaire().dispositions();
    let classes = EvidenceClass::ALL.into_iter();
    let row = |class: EvidenceClass| {
        let cell = report.result.dispositions.get(class);
        known.iter().filter_map(move |one| {
            let n = match cell.published() {
                Some(codes) => codes.get(&one.code)?.to_string(),
                None => String::new(),
            };
            let [zh, en] = Language::ALL.map(|language| one.text.get(language).to_owned());
            Some(vec![
                one.code.clone(),
                zh,
                en,
                class.as_str().to_owned(),
                status(cell).to_owned(),
                n,
            ])
        })
    };
    classes.flat_map(row).collect()
}

fn about(report: &Report, result_id: &str) -> Vec<[String; 2]> {
    let (questionnaire, method) = (report.instrument.questionnaire(), report.instrument.method());
    [
        ("result_id", result_id),
        ("evaluation", &report.evaluation.to_string()),
        ("organisation_zh", report.firm.get(Language::ZhCn)),
        ("organisation_en", report.firm.get(Language::En)),
        ("rule", "CQM/F-RZ-ZY-06-001"),
        (
            "questionnaire",
            &format!("{} {}", questionnaire.id(), questionnaire.version()),
        ),
        ("questionnaire_sha256", questionnaire.hash()),
        ("method", method.name()),
        ("method_sha256", method.hash()),
        ("suppress_below", &report.result.rule.suppress_below.to_string()),
        ("confidence", &report.result.rule.method.confidence.level().to_string()),
        ("program_version", env!("CARGO_PKG_VERSION")),
    ]
    .map(|(name, value)| [name.to_owned(), value.to_owned()])
    .into()
}
