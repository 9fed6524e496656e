//! Every setting: name, unit, default, why. Read once from file, environment (`PERCEPTION_…`) and flags, the later
//! winning; then passed on, never global.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::store::DatabaseUrl;
use crate::survey::language::Text;

mod mail;

pub use mail::{MailConfig, Password, Security};

/// Why the settings cannot be used: one line naming the setting.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The settings as written: what `perception config` prints.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on. Loopback by default: a reverse proxy with TLS stands in front.
    pub listen: String,
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Address customers see, e.g. `https://survey.example.cn`; empty = `http://` and the listening address. Never taken
    /// from a request, so that nobody can plant another host in printed or mailed links.
    pub base_url: String,
    /// 64 hexadecimal digits that sign forms and derive links; empty with SQLite = a key file beside the database.
    pub secret_key: String,
    /// Name of the certification body in Chinese, as customers read it.
    pub body_name_zh: String,
    /// The same in English.
    pub body_name_en: String,
    /// Mail address in the privacy notice for questions and rights.
    pub body_contact: String,
    /// Mail server, e.g. `smtp.example.cn`; empty = no mail is sent.
    pub smtp_host: String,
    /// Its port; 0 = 465 for `tls`, 587 for `starttls`, 25 for `none`.
    pub smtp_port: u16,
    /// `tls`, `starttls`, or, to this machine alone, `none`.
    pub smtp_security: String,
    /// Login at the mail server; empty = none is asked for.
    pub smtp_user: String,
    /// Password of the login.
    pub smtp_password: String,
    /// File with certificates (PEM) of authorities that the mail server's certificate may come from besides the system's.
    pub smtp_ca_file: String,
    /// File that holds the password in place of `smtp_password`.
    pub smtp_password_file: String,
    /// Sender of every mail.
    pub mail_from: String,
    /// Where answers go; empty = to the sender.
    pub mail_reply_to: String,
    /// Messages sent in a minute: mail services slow down or block who sends faster.
    pub mail_per_minute_max: u32,
    /// Messages sent in a day: bounds what a stolen account can do.
    pub mail_per_day_max: u32,
    /// With more recipients than this a reviewer must approve before invitations go out.
    pub mail_approval_above: u32,
    /// Folder into which delivery reports are put as files; empty = none is read.
    pub mail_bounce_folder: String,
    /// Networks of proxies whose `X-Forwarded-For` is believed, e.g. `["10.0.0.0/8"]`.
    pub trusted_proxies: Vec<String>,
    /// `on`; `off` only for load tests.
    pub rate_limit: String,
    /// `text` or `json` log lines.
    pub log: String,
    /// Server threads; 0 = one per core.
    pub workers: usize,
    /// Reading connections. With SQLite they share the page cache of the machine; more than cores brings nothing.
    pub readers_max: u32,
    /// Submissions waiting for the writer; more get a 503 with everything kept. 512 wait about 0.1 s on a slow disk.
    pub write_queue_max: usize,
    /// Submissions in one transaction; bounds the time a commit takes.
    pub write_batch_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            database: "sqlite:perception.sqlite".into(),
            base_url: String::new(),
            secret_key: String::new(),
            body_name_zh: "认证机构".into(),
            body_name_en: "the certification body".into(),
            body_contact: "survey@localhost".into(),
            smtp_host: String::new(),
            smtp_port: 0,
            smtp_security: "starttls".into(),
            smtp_user: String::new(),
            smtp_password: String::new(),
            smtp_ca_file: String::new(),
            smtp_password_file: String::new(),
            mail_from: String::new(),
            mail_reply_to: String::new(),
            mail_per_minute_max: 60,
            mail_per_day_max: 5000,
            mail_approval_above: 200,
            mail_bounce_folder: String::new(),
            trusted_proxies: Vec::new(),
            rate_limit: "on".into(),
            log: "text".into(),
            workers: 0,
            readers_max: 4,
            write_queue_max: 512,
            write_batch_max: 256,
        }
    }
}

/// What flags may override.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--listen`.
    pub listen: Option<String>,
    /// `--database`.
    pub database: Option<String>,
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Where the data are.
    pub database: DatabaseUrl,
    /// Public address without a slash at its end; `None` = the listening address.
    pub base_url: Option<String>,
    /// The key as given; `None` = a key file.
    pub secret_key: Option<crate::secret::SecretKey>,
    /// Name of the certification body.
    pub body_name: Text,
    /// Its address in the privacy notice.
    pub body_contact: String,
    /// Mail; `None` = off.
    pub mail: Option<MailConfig>,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether requests are limited.
    pub rate_limit: bool,
    /// Server threads.
    pub workers: usize,
    /// Reading connections.
    pub readers_max: u32,
    /// Queue of the writer.
    pub write_queue_max: usize,
    /// Group of the writer.
    pub write_batch_max: usize,
}

impl Settings {
    /// Reads file, environment and flags over the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file or setting.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, ConfigError> {
        let mut layers = config::Config::builder();
        if let Some(path) = file {
            layers = layers.add_source(config::File::from(path).format(config::FileFormat::Toml));
        }
        // The environment is shared with others: only names of settings are taken from it.
        let environment = config::Environment::with_prefix("PERCEPTION")
            .prefix_separator("_")
            .source(Some(known_variables()));
        let environment = environment
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("trusted_proxies");
        layers = layers
            .add_source(environment)
            .set_override_option("listen", flags.listen.clone())
            .and_then(|layers| layers.set_override_option("database", flags.database.clone()))
            .map_err(|e| ConfigError(e.to_string()))?;
        layers
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|e| ConfigError(e.to_string()))
    }

    /// The settings with secrets hidden, as TOML.
    pub fn printable(&self) -> String {
        let hidden = |secret: &str| match secret {
            "" => String::new(),
            _ => "(hidden)".to_owned(),
        };
        let shown = Self {
            secret_key: hidden(&self.secret_key),
            smtp_password: hidden(&self.smtp_password),
            database: self
                .database
                .parse::<DatabaseUrl>()
                .map_or_else(|_| "(unreadable)".into(), |url| url.to_string()),
            ..self.clone()
        };
        let value = serde_json::to_value(shown).unwrap_or_default();
        // JSON strings, numbers and lists of strings are valid TOML values.
        value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect()
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first that cannot be used.
    pub fn check(&self) -> Result<Config, ConfigError> {
        let wrong = |name: &str, why: &dyn std::fmt::Display| ConfigError(format!("{name}: {why}"));
        let base_url = self.base_url.trim_end_matches('/');
        if !base_url.is_empty() && !base_url.starts_with("https://") && !is_loopback_url(base_url) {
            return Err(wrong("base_url", &"must be https, except on this machine"));
        }
        let on_off = |name: &str, value: &str| match value {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(wrong(name, &"must be on or off")),
        };
        // The notice names this address; one that no mail can reach would make the customers' rights empty.
        let contact: lettre::Address = self.body_contact.parse().map_err(|e| wrong("body_contact", &e))?;
        if self.write_queue_max == 0 || self.write_batch_max == 0 || self.readers_max == 0 {
            return Err(ConfigError(
                "write_queue_max, write_batch_max and readers_max must be at least 1".into(),
            ));
        }
        let networks: Result<Vec<IpNet>, _> = self.trusted_proxies.iter().map(|text| text.parse()).collect();
        Ok(Config {
            listen: self.listen.parse().map_err(|e| wrong("listen", &e))?,
            database: self.database.parse().map_err(|e| wrong("database", &e))?,
            base_url: (!base_url.is_empty()).then(|| base_url.to_owned()),
            secret_key: match self.secret_key.as_str() {
                "" => None,
                text => Some(crate::secret::SecretKey::parse(text).map_err(|e| wrong("secret_key", &e))?),
            },
            body_name: Text::new(&self.body_name_zh, &self.body_name_en),
            body_contact: contact.to_string(),
            mail: mail::check(self)?,
            trusted_proxies: networks.map_err(|e| wrong("trusted_proxies", &e))?,
            rate_limit: on_off("rate_limit", &self.rate_limit)?,
            workers: self.workers,
            readers_max: self.readers_max,
            write_queue_max: self.write_queue_max,
            write_batch_max: self.write_batch_max,
        })
    }
}

impl Config {
    /// The key of this installation: as set, or the file beside the SQLite database.
    ///
    /// # Errors
    /// [`ConfigError`] when PostgreSQL is used without a key, or the file cannot be used.
    pub fn secret(&self) -> Result<crate::secret::SecretKey, ConfigError> {
        match (&self.secret_key, &self.database) {
            (Some(key), _) => Ok(key.clone()),
            (None, DatabaseUrl::Sqlite(path)) => crate::secret::SecretKey::from_file(&key_file(path))
                .map_err(|e| ConfigError(format!("secret_key: {e}"))),
            (None, DatabaseUrl::Postgres(_)) => Err(ConfigError("secret_key: required with PostgreSQL".into())),
        }
    }
}

impl Config {
    /// The key of this installation, if it is there already: none is made.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be used.
    pub fn secret_if_there(&self) -> Result<Option<crate::secret::SecretKey>, ConfigError> {
        match (&self.secret_key, &self.database) {
            (None, DatabaseUrl::Sqlite(path)) if !key_file(path).exists() => Ok(None),
            (None, DatabaseUrl::Postgres(_)) => Ok(None),
            _ => self.secret().map(Some),
        }
    }
}

/// Where the key of a SQLite database lies.
fn key_file(database: &Path) -> PathBuf {
    let mut name = database.to_owned().into_os_string();
    name.push(".key");
    name.into()
}

fn is_loopback_url(url: &str) -> bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|own| {
            url.strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
}

fn known_variables() -> std::collections::HashMap<String, String> {
    let names = serde_json::to_value(Settings::default()).unwrap_or_default();
    let names = names
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().map(|name| format!("PERCEPTION_{}", name.to_uppercase())));
    names
        .filter_map(|name| std::env::var(&name).ok().map(|value| (name, value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_used_and_secrets_are_not_printed() {
        let settings = Settings {
            secret_key: "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".into(),
            database: "postgres://me:pass@db/x".into(),
            ..Settings::default()
        };
        assert!(settings.check().is_ok());
        assert!(!settings.printable().contains("pass@") && !settings.printable().contains("0011"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        type Change = fn(&mut Settings);
        let cases: [(&str, Change); 6] = [
            ("listen", |s| s.listen = "nowhere".into()),
            ("database", |s| s.database = "mysql://x".into()),
            ("base_url", |s| s.base_url = "http://survey.example.cn".into()),
            ("secret_key", |s| s.secret_key = "0".repeat(64)),
            ("body_contact", |s| s.body_contact = "ask us".into()),
            ("trusted_proxies", |s| s.trusted_proxies = vec!["10.0.0.0/99".into()]),
        ];
        for (name, change) in cases {
            let mut settings = Settings::default();
            change(&mut settings);
            let error = settings.check().unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_file_overrides_defaults_and_unknown_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("perception.toml");
        std::fs::write(&path, "body_name_zh = \"华信\"\n").unwrap();
        assert_eq!(
            Settings::load(Some(&path), &Flags::default()).unwrap().body_name_zh,
            "华信"
        );
        std::fs::write(&path, "bodyname = \"x\"\n").unwrap();
        assert!(
            Settings::load(Some(&path), &Flags::default())
                .unwrap_err()
                .to_string()
                .contains("bodyname")
        );
    }
}
