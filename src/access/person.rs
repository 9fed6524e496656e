//! What an administrator types about somebody new, and the login they sign in with.

use std::fmt;

use super::role::{Role, RoleSet};
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};

/// Longest name, characters.
pub const NAME_MAX: usize = 60;
/// Longest registration or staff number, characters.
pub const NUMBER_MAX: usize = 40;
/// Longest login, characters.
pub const LOGIN_MAX: usize = 64;
const LOGIN_MIN: usize = 3;

/// What somebody types to sign in: small Latin letters, digits and `. _ - @`, so that two never look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    /// Reads a login; capital letters become small ones.
    ///
    /// # Errors
    /// [`Problem::TooShort`] below three characters, [`Problem::TooLong`] above 64, [`Problem::NotALogin`] for other
    /// characters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let login = text.trim().to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@');
        match login.chars().count() {
            n if n < LOGIN_MIN => Err(Problem::TooShort),
            n if n > LOGIN_MAX => Err(Problem::TooLong),
            _ if login.chars().all(plain) => Ok(Self(login)),
            _ => Err(Problem::NotALogin),
        }
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody who gets an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Name as shown.
    pub name: String,
    /// Evaluator registration or staff number.
    pub registration_no: String,
    /// What they sign in with.
    pub login: Login,
    /// What they may be.
    pub roles: RoleSet,
}

impl NewPerson {
    /// Reads `name`, `registration_no`, `login` and `roles`.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let (name, registration_no, login) = read(&mut reader);
        let roles = read_roles(&mut reader);
        let person = login.map(|login| Self {
            name,
            registration_no,
            login,
            roles,
        });
        reader.done(person)
    }

    /// Reads the first administrator: as [`Self::parse`], the role given.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse_first(form: &RawForm) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let (name, registration_no, login) = read(&mut reader);
        let person = login.map(|login| Self {
            name,
            registration_no,
            login,
            roles: RoleSet::from_iter([Role::Administrator]),
        });
        reader.done(person)
    }
}

/// Reads the roles of an account; at least one.
///
/// # Errors
/// [`Problem::Missing`] or [`Problem::NotAChoice`] at `roles`.
pub fn parse_roles(form: &RawForm) -> Result<RoleSet, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let roles = read_roles(&mut reader);
    reader.done(Some(roles))
}

fn read(reader: &mut FormReader<'_>) -> (String, String, Option<Login>) {
    let name = reader.required_line("name", NAME_MAX);
    let registration_no = reader.required_line("registration_no", NUMBER_MAX);
    let login = match Login::parse(reader.form().first("login")) {
        Ok(login) => Some(login),
        Err(_) if reader.form().first("login").trim().is_empty() => {
            reader.refuse("login", Problem::Empty);
            None
        }
        Err(problem) => {
            reader.refuse("login", problem);
            None
        }
    };
    (name, registration_no, login)
}

fn read_roles(reader: &mut FormReader<'_>) -> RoleSet {
    let typed: Vec<Option<Role>> = reader.form().all("roles").map(Role::parse).collect();
    if typed.is_empty() {
        reader.refuse("roles", Problem::Missing);
    } else if typed.contains(&None) {
        reader.refuse("roles", Problem::NotAChoice);
    }
    typed.into_iter().flatten().collect()
}

/// A browser in few words, from what it says about itself; nothing of it is kept beyond the known names.
pub fn device(user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 7] = [
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("OPR", "Opera"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 8] = [
        ("HarmonyOS", "HarmonyOS"),
        ("OpenHarmony", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let known = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| user_agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    let parts = [known(&BROWSERS), known(&SYSTEMS)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> RawForm {
        RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
    }

    #[test]
    fn logins_that_look_alike_are_one() {
        assert_eq!(Login::parse(" Zhou.Ming ").unwrap().as_str(), "zhou.ming");
        for (text, problem) in [
            ("ab", Problem::TooShort),
            ("周明明", Problem::NotALogin),
            ("a b c", Problem::NotALogin),
            ("а.petrov", Problem::NotALogin),
        ] {
            assert_eq!(Login::parse(text), Err(problem), "{text}");
        }
        assert_eq!(Login::parse(&"a".repeat(65)), Err(Problem::TooLong));
    }

    #[test]
    fn every_field_of_a_new_person_is_checked_at_once() {
        let errors = NewPerson::parse(&form(&[("name", " "), ("login", "周"), ("roles", "king")])).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "registration_no", "login", "roles"]);
        let person = NewPerson::parse(&form(&[
            ("name", "周明"),
            ("registration_no", "P-7"),
            ("login", "zhou"),
            ("roles", "manager"),
            ("roles", "evaluator"),
        ]));
        assert_eq!(
            person.unwrap().roles,
            RoleSet::from_iter([Role::Manager, Role::Evaluator])
        );
    }

    #[test]
    fn the_first_person_is_an_administrator_whatever_is_sent() {
        let sent = form(&[
            ("name", "周明"),
            ("registration_no", "1"),
            ("login", "zhou"),
            ("roles", "reviewer"),
        ]);
        assert_eq!(
            NewPerson::parse_first(&sent).unwrap().roles,
            RoleSet::from_iter([Role::Administrator])
        );
    }

    #[test]
    fn devices_are_named_in_few_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0";
        assert_eq!(device(edge), "Edge · Windows");
        assert_eq!(device("<script>"), "");
    }
}
