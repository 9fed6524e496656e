//! Settings of mail: off until a server and a sender are named.

use std::path::PathBuf;

use lettre::Address;
use lettre::transport::smtp::client::Certificate;

use super::{ConfigError, Settings};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS, which the server must offer.
    StartTls,
    /// None; only to this very machine.
    Loopback,
}

/// Mail as set up.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Name of the server; its certificate must bear it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// Authorities besides those of the system.
    pub authorities: Option<Certificate>,
    /// Login and password, where the server asks for them.
    pub login: Option<(String, Password)>,
    /// Sender.
    pub from: Address,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Address>,
    /// Messages in a minute.
    pub per_minute_max: u32,
    /// Messages in a day (China Standard Time).
    pub per_day_max: u32,
    /// With more recipients than this another person must approve.
    pub approval_above: u32,
    /// Where delivery reports are put as files.
    pub bounce_folder: Option<PathBuf>,
}

/// A password that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// For the mail server alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(hidden)")
    }
}

fn wrong(name: &str, why: &dyn std::fmt::Display) -> ConfigError {
    ConfigError(format!("{name}: {why}"))
}

fn address(name: &str, text: &str) -> Result<Option<Address>, ConfigError> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|e| wrong(name, &e)),
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
}

/// Checks the settings of mail; `None` while no server is named.
pub(super) fn check(settings: &Settings) -> Result<Option<MailConfig>, ConfigError> {
    let host = settings.smtp_host.trim();
    let folder = (!settings.mail_bounce_folder.is_empty()).then(|| PathBuf::from(&settings.mail_bounce_folder));
    if host.is_empty() {
        return Ok(None);
    }
    let security = match settings.smtp_security.as_str() {
        "tls" => Security::Tls,
        "starttls" => Security::StartTls,
        "none" if is_this_machine(host) => Security::Loopback,
        "none" => return Err(wrong("smtp_security", &"may be none only to this machine")),
        _ => return Err(wrong("smtp_security", &"must be tls, starttls or none")),
    };
    let from = address("mail_from", &settings.mail_from)?;
    let from = from.ok_or_else(|| wrong("mail_from", &"required with smtp_host"))?;
    if settings.mail_per_minute_max == 0 || settings.mail_per_day_max == 0 {
        return Err(wrong("mail_per_minute_max, mail_per_day_max", &"must be at least 1"));
    }
    let default_port = match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::Loopback => 25,
    };
    Ok(Some(MailConfig {
        host: host.to_owned(),
        port: match settings.smtp_port {
            0 => default_port,
            port => port,
        },
        security,
        authorities: authorities(&settings.smtp_ca_file)?,
        login: login(settings)?,
        from,
        reply_to: address("mail_reply_to", &settings.mail_reply_to)?,
        per_minute_max: settings.mail_per_minute_max,
        per_day_max: settings.mail_per_day_max,
        approval_above: settings.mail_approval_above,
        bounce_folder: folder,
    }))
}

fn authorities(path: &str) -> Result<Option<Certificate>, ConfigError> {
    if path.is_empty() {
        return Ok(None);
    }
    let pem = std::fs::read(path).map_err(|e| wrong("smtp_ca_file", &e))?;
    if !String::from_utf8_lossy(&pem).contains("BEGIN CERTIFICATE") {
        return Err(wrong("smtp_ca_file", &"holds no certificate (PEM)"));
    }
    let read = Certificate::from_pem(&pem).map_err(|e| wrong("smtp_ca_file", &e))?;
    Ok(Some(read))
}

fn login(settings: &Settings) -> Result<Option<(String, Password)>, ConfigError> {
    if settings.smtp_user.is_empty() {
        return Ok(None);
    }
    let password = match (settings.smtp_password.as_str(), settings.smtp_password_file.as_str()) {
        ("", "") => {
            return Err(wrong(
                "smtp_password",
                &"required with smtp_user, here or in smtp_password_file",
            ));
        }
        ("", path) => std::fs::read_to_string(path)
            .map_err(|e| wrong("smtp_password_file", &e))?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        (password, "") => password.to_owned(),
        _ => return Err(wrong("smtp_password", &"is set twice: here and in smtp_password_file")),
    };
    Ok(Some((settings.smtp_user.clone(), Password(password))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            smtp_host: "mail.example.cn".into(),
            mail_from: "survey@example.cn".into(),
            ..Settings::default()
        }
    }

    #[test]
    fn mail_is_off_until_a_server_is_named_and_then_protected() {
        assert!(check(&Settings::default()).unwrap().is_none());
        let mail = check(&settings()).unwrap().unwrap();
        assert_eq!((mail.security, mail.port), (Security::StartTls, 587));
        type Change = fn(&mut Settings);
        let cases: [(&str, Change); 8] = [
            ("smtp_ca_file", |s| s.smtp_ca_file = "Cargo.toml".into()),
            ("smtp_ca_file", |s| s.smtp_ca_file = "no-such-file.pem".into()),
            ("smtp_security", |s| s.smtp_security = "none".into()),
            ("smtp_security", |s| s.smtp_security = "maybe".into()),
            ("mail_from", |s| s.mail_from = "a@b\r\nBcc: c@d.example".into()),
            ("mail_from", |s| s.mail_from = String::new()),
            ("smtp_password", |s| s.smtp_user = "me".into()),
            ("mail_per_minute_max", |s| s.mail_per_minute_max = 0),
        ];
        for (name, change) in cases {
            let mut settings = settings();
            change(&mut settings);
            let error = check(&settings).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_password_comes_from_a_file_and_is_never_printed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\n").unwrap();
        let mut settings = Settings {
            smtp_user: "me".into(),
            smtp_password_file: file.path().to_string_lossy().into_owned(),
            ..settings()
        };
        let mail = check(&settings).unwrap().unwrap();
        assert_eq!(mail.login.as_ref().unwrap().1.reveal(), "s3cret");
        assert!(!format!("{mail:?}").contains("s3cret"));
        settings.smtp_password = "0th3r".into();
        assert!(check(&settings).is_err() && !settings.printable().contains("0th3r"));
    }
}
