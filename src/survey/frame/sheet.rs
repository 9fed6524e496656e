//! A file of rows, whoever wrote it: CSV (UTF-8, UTF-16 with a mark, GBK; comma, semicolon, tab) or an XLSX workbook's first
//! sheet. Everything is text afterwards; a formula is what it last came to. Limits on bytes, rows, columns and on what
//! a packed file unpacks to.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};

/// Bytes of a file.
pub const BYTES_MAX: usize = 5 * 1024 * 1024;
/// Rows below the header.
pub const ROWS_MAX: usize = 50_000;
/// Columns.
pub const COLUMNS_MAX: usize = 200;
/// What a packed file may unpack to, and what all cells may hold: ten times the largest file.
const UNPACKED_MAX: u64 = 10 * BYTES_MAX as u64;
/// Parts of a workbook.
const PARTS_MAX: usize = 1_000;
/// Characters kept of a cell: more than any field may have.
const CELL_MAX: usize = 400;
/// Line ends of a cell that somebody wrote.
const CELL_LINES_MAX: usize = 20;

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// No row below a header.
    #[error("the file has no rows")]
    Empty,
    /// More bytes than allowed.
    #[error("the file is too large")]
    TooLarge,
    /// More rows than allowed.
    #[error("the file has too many rows")]
    TooManyRows,
    /// More columns than allowed.
    #[error("the file has too many columns")]
    TooManyColumns,
    /// A packed file that unpacks to too much.
    #[error("the file unpacks to too much")]
    Unpacked,
    /// A workbook of before 2007, or one behind a password.
    #[error("an old or protected workbook")]
    OldWorkbook,
    /// A packed file that is no workbook.
    #[error("not a workbook")]
    NotAWorkbook,
    /// Text that is neither UTF-8 nor GBK.
    #[error("line {0} is neither UTF-8 nor GBK")]
    Encoding(u32),
    /// A quotation mark that is never closed and swallows the lines below.
    #[error("line {0} opens a quotation that does not end")]
    Quote(u32),
}

/// How a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// CSV in UTF-8.
    Utf8,
    /// CSV in UTF-16.
    Utf16,
    /// CSV in GBK (GB 18030).
    Gbk,
    /// XLSX workbook.
    Workbook,
}

impl Form {
    /// Name in the database and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Utf8 => "CSV, UTF-8",
            Form::Utf16 => "CSV, UTF-16",
            Form::Gbk => "CSV, GBK",
            Form::Workbook => "XLSX",
        }
    }
}

/// A row below the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, the header being 1 in a file without empty lines above it.
    pub number: u32,
    cells: Vec<String>,
}

impl Row {
    /// What stands in a column; empty where the row is shorter.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// A file as rows of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// How it was written.
    pub form: Form,
    /// The header's cells.
    pub header: Vec<String>,
    /// What stands below.
    pub rows: Vec<Row>,
}

/// Reads a file.
///
/// # Errors
/// [`SheetError`].
pub fn read(bytes: &[u8]) -> Result<Sheet, SheetError> {
    if bytes.len() > BYTES_MAX {
        return Err(SheetError::TooLarge);
    }
    match bytes {
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(SheetError::OldWorkbook),
        [b'P', b'K', 3 | 5 | 7, ..] => workbook(bytes),
        _ => text(bytes),
    }
}

/// Collects rows within limits; the first one that says anything is the header.
struct Rows {
    header: Option<Vec<String>>,
    rows: Vec<Row>,
    held: u64,
}

impl Rows {
    fn new() -> Self {
        Self {
            header: None,
            rows: Vec::new(),
            held: 0,
        }
    }

    fn add(&mut self, number: u32, mut cells: Vec<String>) -> Result<(), SheetError> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > COLUMNS_MAX {
            return Err(SheetError::TooManyColumns);
        }
        self.held += cells.iter().map(|cell| cell.len() as u64).sum::<u64>();
        if self.held > UNPACKED_MAX {
            return Err(SheetError::Unpacked);
        }
        match self.header {
            None => self.header = Some(cells.iter().map(|cell| cell.trim().to_owned()).collect()),
            Some(_) if self.rows.len() >= ROWS_MAX => return Err(SheetError::TooManyRows),
            Some(_) => self.rows.push(Row { number, cells }),
        }
        Ok(())
    }

    fn sheet(self, form: Form) -> Result<Sheet, SheetError> {
        match self.header {
            Some(header) if !self.rows.is_empty() => Ok(Sheet {
                form,
                header,
                rows: self.rows,
            }),
            _ => Err(SheetError::Empty),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CELL_MAX) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

fn text(bytes: &[u8]) -> Result<Sheet, SheetError> {
    let (form, text) = decoded(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut rows = Rows::new();
    let mut record = csv::StringRecord::new();
    // The text is UTF-8 and rows may have any length: nothing is left that the reader would refuse.
    while reader.read_record(&mut record).unwrap_or(false) {
        let line = u32::try_from(record.position().map_or(0, csv::Position::line)).unwrap_or(u32::MAX);
        if record.iter().any(|cell| cell.matches('\n').count() > CELL_LINES_MAX) {
            return Err(SheetError::Quote(line));
        }
        if record.len() > COLUMNS_MAX && record.iter().skip(COLUMNS_MAX).any(|cell| !cell.trim().is_empty()) {
            return Err(SheetError::TooManyColumns);
        }
        let cells = record.iter().take(COLUMNS_MAX).map(shortened).collect();
        rows.add(line, cells)?;
    }
    rows.sheet(form)
}

fn decoded(bytes: &[u8]) -> Result<(Form, String), SheetError> {
    let (marked, rest) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), bytes.get(length..).unwrap_or_default()),
        None => (None, bytes),
    };
    if let Some(encoding) = marked.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        let (text, broken) = encoding.decode_without_bom_handling(rest);
        return match broken {
            true => Err(SheetError::Encoding(1)),
            false => Ok((Form::Utf16, text.into_owned())),
        };
    }
    let line_of = |end: usize| {
        let before = rest.get(..end).unwrap_or_default();
        u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap_or(u32::MAX)
    };
    match std::str::from_utf8(rest) {
        Ok(text) if !text.contains('\0') => return Ok((Form::Utf8, text.to_owned())),
        Ok(text) => return Err(SheetError::Encoding(line_of(text.find('\0').unwrap_or(0)))),
        Err(wrong) if marked.is_some() => return Err(SheetError::Encoding(line_of(wrong.valid_up_to()))),
        Err(_) => {}
    }
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(rest);
    match text.filter(|text| !text.contains('\0')) {
        Some(text) => Ok((Form::Gbk, text.into_owned())),
        None => {
            let lines = rest.split(|byte| *byte == b'\n');
            let is_broken = |line: &[u8]| {
                let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(line);
                text.is_none_or(|text| text.contains('\0'))
            };
            let at = lines.into_iter().position(is_broken).unwrap_or(0);
            Err(SheetError::Encoding(u32::try_from(at + 1).unwrap_or(u32::MAX)))
        }
    }
}

/// What parts the cells: what the first line that says anything has most of outside of quotes.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let (mut counts, mut quoted) = ([(b',', 0_u32), (b';', 0), (b'\t', 0)], false);
    for letter in line.bytes() {
        quoted ^= letter == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| *mark == letter && !quoted) {
            *count += 1;
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(mark, _)| mark)
}

fn workbook(bytes: &[u8]) -> Result<Sheet, SheetError> {
    unpacks_within_limits(bytes)?;
    let wrong = |_| SheetError::NotAWorkbook;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let name = book.sheet_names().first().cloned().ok_or(SheetError::Empty)?;
    // Cell by cell: a whole range would be as large as its corners say.
    let mut cells = book.worksheet_cells_reader(&name).map_err(wrong)?;
    let mut rows = Rows::new();
    let mut row: (u32, Vec<String>) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(wrong)? {
        let (at, column) = (cell.get_position().0, cell.get_position().1 as usize);
        let text = words(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        if column >= COLUMNS_MAX {
            return Err(SheetError::TooManyColumns);
        }
        if at != row.0 {
            if at < row.0 {
                return Err(SheetError::NotAWorkbook);
            }
            rows.add(row.0 + 1, std::mem::take(&mut row.1))?;
            row.0 = at;
        }
        if row.1.len() <= column {
            row.1.resize(column + 1, String::new());
        }
        if let Some(place) = row.1.get_mut(column) {
            *place = text;
        }
    }
    rows.add(row.0 + 1, row.1)?;
    rows.sheet(Form::Workbook)
}

/// Unpacks everything once and keeps nothing, whatever the file says about its sizes.
fn unpacks_within_limits(bytes: &[u8]) -> Result<(), SheetError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetError::NotAWorkbook)?;
    if archive.len() > PARTS_MAX {
        return Err(SheetError::Unpacked);
    }
    let mut left = UNPACKED_MAX;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| SheetError::NotAWorkbook)?;
        let read = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let read = read.map_err(|_| SheetError::NotAWorkbook)?;
        left = left.checked_sub(read).ok_or(SheetError::Unpacked)?;
    }
    Ok(())
}

fn words(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => shortened(text),
        DataRef::SharedString(text) => shortened(text),
        DataRef::Int(number) => number.to_string(),
        // Telephone and order numbers are numbers to a spreadsheet.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
