//! A form as it arrived: names and values, nothing checked yet. Kept whole so that a refused form comes back with
//! everything that was typed.

/// Names and values in the order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawForm(Vec<(String, String)>);

/// What is wrong with a field. Each has one plain sentence per language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A required answer is missing.
    Missing,
    /// Consent was not given.
    ConsentMissing,
    /// No service was chosen.
    NoService,
    /// Not one item was rated or marked as not applicable.
    NothingRated,
    /// The value is none of the choices.
    NotAChoice,
    /// Two different answers to one question.
    Contradictory,
    /// The text is longer than allowed.
    TooLong,
    /// Nothing was typed where something must be.
    Empty,
    /// The text is shorter than allowed.
    TooShort,
    /// Not a whole number.
    NotANumber,
    /// A number or date outside what can be.
    OutOfRange,
    /// Not a day as `YYYY-MM-DD`.
    NotADate,
    /// Somebody or something else has it already.
    Taken,
    /// Not what it should be: a wrong password or code.
    Wrong,
    /// A password that others would guess.
    Guessable,
    /// Not a login: other characters than allowed.
    NotALogin,
    /// Clause 1 of the specification does not let it in.
    Excluded,
    /// The account may not hold this role.
    NotEntitled,
    /// The person's role in the evaluation and this one exclude each other.
    Incompatible,
    /// An evaluator without a registration number.
    NotRegistered,
    /// What must be declared was not.
    NotDeclared,
    /// Not a decimal number that is zero or more.
    NotADecimal,
    /// More than full marks.
    AboveFull,
    /// A day that is still to come.
    InFuture,
    /// A day before one it must follow.
    TooEarly,
    /// Proposals to exclude answers wait for their decision.
    ExclusionsWait,
    /// Flags are still to be made.
    FlagsWait,
    /// Uploads wait for a reviewer.
    UploadsWait,
    /// Not an address of a network.
    NotANetwork,
    /// Not a mail address.
    NotAnAddress,
    /// Not a returned message.
    NotAReport,
    /// One's own proposal, or work, that somebody else must judge.
    OwnWork,
    /// Something else must be done first.
    NotReady,
    /// What it rests on has changed since.
    Changed,
    /// Nothing was changed.
    NothingChanged,
    /// Too few answers would be left for an interview that counts.
    TooLittleLeft,
    /// Comments still wait to be read.
    CommentsWait,
    /// Something in the text looks as if it told who somebody is.
    Identifying,
    /// A redaction that is not the text with pieces taken out.
    NotRedacted,
    /// Interviews still wait for a reviewer or an evaluator.
    InterviewsWait,
    /// Signed: nothing changes any more.
    Sealed,
    /// No receipt code.
    NotAReceipt,
    /// A conflict of interest was declared.
    Conflicted,
    /// No declaration about conflicts of interest was made yet.
    NoDeclaration,
    /// Not a time of the day as `HH:MM`.
    NotATime,
    /// A day that has begun, when it must lie ahead.
    DayBegun,
    /// Outside what the others gave.
    OutsideOthers,
    /// The rules know no such step from here.
    NotPossible,
    /// What is proposed is what holds already.
    Unchanged,
    /// Contradicts another field of the form.
    Conflict,
    /// A rule that needs every outlet's customers, some of which are unknown.
    CustomersUnknown,
    /// A line that names none of the outlets.
    NoSuchOutlet,
    /// A line that names none of the strata.
    NoSuchStratum,
    /// A file that cannot be read; the page says why.
    NotReadable,
    /// A code of something else than was named.
    ForeignCode,
}

/// A problem and the control it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the control.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

impl FieldError {
    /// A problem at a control.
    pub fn new(field: &str, problem: Problem) -> Self {
        Self {
            field: field.to_owned(),
            problem,
        }
    }
}

impl RawForm {
    /// From decoded pairs.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Every name with its value, in the order of arrival.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a control.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a control; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// Whether a control holds this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    /// The single value of a control: empty values do not count, two different ones contradict each other.
    ///
    /// # Errors
    /// [`Problem::Contradictory`].
    pub fn single(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut found = None;
        for (_, value) in self.0.iter().filter(|(n, v)| n == name && !v.is_empty()) {
            match found {
                Some(earlier) if earlier != value => return Err(Problem::Contradictory),
                _ => found = Some(value),
            }
        }
        Ok(found.map(String::as_str))
    }
}

/// Reads an office form field by field and collects what must be corrected, so that every field is named at once.
#[derive(Debug)]
pub struct FormReader<'a> {
    form: &'a RawForm,
    errors: Vec<FieldError>,
}

impl<'a> FormReader<'a> {
    /// A reader of this form.
    pub fn new(form: &'a RawForm) -> Self {
        Self {
            form,
            errors: Vec::new(),
        }
    }

    /// The form itself.
    pub fn form(&self) -> &'a RawForm {
        self.form
    }

    /// Notes a problem.
    pub fn refuse(&mut self, field: &str, problem: Problem) {
        self.errors.push(FieldError::new(field, problem));
    }

    /// One line of text, trimmed, without control characters, at most `max` characters; empty where nothing was typed.
    pub fn line(&mut self, name: &str, max: usize) -> String {
        let text: String = self.form.first(name).chars().filter(|c| !c.is_control()).collect();
        self.limited(name, text.trim(), max)
    }

    /// As [`Self::line`]; nothing typed is a problem.
    pub fn required_line(&mut self, name: &str, max: usize) -> String {
        let text = self.line(name, max);
        if text.is_empty() {
            self.refuse(name, Problem::Empty);
        }
        text
    }

    /// Several lines of text, trimmed, line ends as `\n`, tabs kept (they stand between a spreadsheet's cells), at most `max` characters.
    pub fn text(&mut self, name: &str, max: usize) -> String {
        let text = self.form.first(name).replace("\r\n", "\n");
        let text: String = text
            .chars()
            .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
            .collect();
        self.limited(name, text.trim(), max)
    }

    fn limited(&mut self, name: &str, text: &str, max: usize) -> String {
        if text.chars().count() > max {
            self.refuse(name, Problem::TooLong);
        }
        text.to_owned()
    }

    /// A whole number within bounds; `None` where nothing was typed. Full-width digits are digits, too.
    pub fn number(&mut self, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let typed: String = self
            .line(name, 20)
            .chars()
            .map(half_width)
            .filter(|c| !matches!(c, ',' | ' '))
            .collect();
        if typed.is_empty() {
            return None;
        }
        let number = typed.parse::<i64>();
        match number {
            Ok(number) if bounds.contains(&number) => return Some(number),
            Ok(_) => self.refuse(name, Problem::OutOfRange),
            Err(_) => self.refuse(name, Problem::NotANumber),
        }
        None
    }

    /// A number with at most two decimals, in hundredths, within bounds (hundredths, too); `None` where nothing was typed.
    pub fn decimal(&mut self, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let typed = self.line(name, 20);
        if typed.is_empty() {
            return None;
        }
        match hundredths(&typed) {
            Some(number) if bounds.contains(&number) => return Some(number),
            Some(_) => self.refuse(name, Problem::OutOfRange),
            None => self.refuse(name, Problem::NotADecimal),
        }
        None
    }

    /// A day as `YYYY-MM-DD`; `None` where nothing was typed.
    pub fn day(&mut self, name: &str) -> Option<chrono::NaiveDate> {
        let typed: String = self.line(name, 20).chars().map(half_width).collect();
        if typed.is_empty() {
            return None;
        }
        let day = chrono::NaiveDate::parse_from_str(&typed, "%Y-%m-%d").ok();
        if day.is_none() {
            self.refuse(name, Problem::NotADate);
        }
        day
    }

    /// The option that was chosen, read by `parse`; `None` and a problem where it is none or missing.
    pub fn choice<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        match self.form.single(name) {
            Ok(None) => self.refuse(name, Problem::Missing),
            Ok(Some(value)) => match parse(value) {
                Some(choice) => return Some(choice),
                None => self.refuse(name, Problem::NotAChoice),
            },
            Err(problem) => self.refuse(name, problem),
        }
        None
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.form.has(name, "yes")
    }

    /// What was read, if nothing must be corrected.
    ///
    /// # Errors
    /// Every problem, in the order of reading.
    pub fn done<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

/// Hundredths of a number as people type it, `1.5` → 150; more than two decimals or seven digits before them are none.
pub(super) fn hundredths(typed: &str) -> Option<i64> {
    let typed: String = typed.trim().chars().map(half_width).collect();
    let (whole, part) = typed.split_once('.').unwrap_or((&typed, ""));
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole, 7) || !digits(part, 2) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

fn half_width(letter: char) -> char {
    match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')).unwrap_or(letter),
        '，' => ',',
        '．' => '.',
        '－' => '-',
        other => other,
    }
}
