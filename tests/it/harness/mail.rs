//! A real mail server (`tests/mail/server.py`), and what it received.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use perception::app::Installation;
use perception::config::Settings;
use perception::personal::{self, DataKey};
use perception::store::outbox::{self, NewNotice};
use perception::survey::language::Language;
use perception::survey::outbox::MessageKind;
use tempfile::TempDir;

use super::{await_until, repository};

/// A mail server; killed when dropped.
pub struct MailServer {
    child: Child,
    /// Its port.
    pub port: u16,
    folder: TempDir,
}

/// A message as the server kept it.
#[derive(Debug, Clone)]
pub struct Received {
    pub to: String,
    pub data: String,
}

impl Received {
    /// A header field, folded lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let start = format!("{}:", name.to_lowercase());
        let found = head.lines().find(|line| line.to_lowercase().starts_with(&start))?;
        Some(found[start.len()..].trim().to_owned())
    }

    pub fn message_id(&self) -> String {
        self.header("Message-ID").unwrap()
    }

    /// Everything with transfer encodings undone.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for part in self.data.split("\r\n--") {
            let (head, body) = part.split_once("\r\n\r\n").unwrap_or((part, ""));
            let bytes = match head.to_lowercase() {
                head if head.contains("base64") => {
                    let packed: String = body.split_whitespace().collect();
                    data_encoding::BASE64.decode(packed.as_bytes()).unwrap_or_default()
                }
                head if head.contains("quoted-printable") => unquoted(body),
                _ => body.as_bytes().to_vec(),
            };
            plain.push_str(&String::from_utf8_lossy(&bytes));
        }
        plain
    }
}

fn unquoted(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'=');
        let code = code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// A Python that has the server's library. A test that needs it and finds none fails.
fn python() -> &'static str {
    let has = |name: &&&str| {
        let tried = Command::new(name)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        tried.is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"]
        .iter()
        .find(has)
        .expect("no Python with aiosmtpd (Debian: python3-aiosmtpd)")
}

impl MailServer {
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), 0, &[])
    }

    /// One that speaks TLS, from the first byte (`tls`) or after STARTTLS alone (`starttls`), with this certificate.
    pub fn protected(mode: &str, certificate: &Certificate) -> Self {
        let files = [&certificate.chain, &certificate.key].map(|path| path.to_str().unwrap());
        Self::start_in(tempfile::tempdir().unwrap(), 0, &[mode, files[0], files[1]])
    }

    fn start_in(folder: TempDir, port: u16, mode: &[&str]) -> Self {
        let ready = folder.path().with_extension("ready");
        drop(std::fs::remove_file(&ready));
        let child = Command::new(python())
            .arg(repository().join("tests/mail/server.py"))
            .arg(folder.path())
            .arg(port.to_string())
            .arg(&ready)
            .args(mode)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        await_until(Duration::from_secs(20), "the mail server is there", || ready.exists());
        let port = std::fs::read_to_string(&ready).unwrap().parse().unwrap();
        std::fs::remove_file(&ready).unwrap();
        Self { child, port, folder }
    }

    /// Ends it; its port stays known.
    pub fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port.
    pub fn again(mut self) -> Self {
        drop(self.child.kill());
        drop(self.child.wait());
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Self::start_in(folder, self.port, &[])
    }

    /// Settings that lead to this server.
    pub fn set(&self, settings: &mut Settings) {
        settings.smtp_host = "127.0.0.1".into();
        settings.smtp_port = self.port;
        settings.smtp_security = "none".into();
        settings.mail_from = "survey@huaxin.example".into();
        settings.mail_per_minute_max = 100_000;
        settings.mail_per_day_max = 100_000;
    }

    /// What it received, in order.
    pub fn received(&self) -> Vec<Received> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        paths.sort();
        let read = |path: PathBuf| {
            let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            Received {
                to: value["to"][0].as_str().unwrap().to_owned(),
                data: value["data"].as_str().unwrap().to_owned(),
            }
        };
        paths.into_iter().map(read).collect()
    }

    /// What it received for one address.
    pub fn received_by(&self, address: &str) -> Vec<Received> {
        let mut all = self.received();
        all.retain(|one| one.to == address);
        all
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A certificate authority for tests.
pub struct Authority {
    folder: TempDir,
}

/// A server's certificate and key.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Self { folder };
        authority.make("authority", &[]);
        authority
    }

    /// The file that an operator names.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A server's certificate: for `here` (127.0.0.1) or `elsewhere`.
    pub fn certificate(&self, section: &str) -> Certificate {
        let (own, key) = (self.file(), self.folder.path().join("authority.key"));
        self.make(
            section,
            &["-CA", own.to_str().unwrap(), "-CAkey", key.to_str().unwrap()],
        )
    }

    fn make(&self, section: &str, signed_by: &[&str]) -> Certificate {
        let path = |ending: &str| self.folder.path().join(format!("{section}.{ending}"));
        let (chain, key) = (path("pem"), path("key"));
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ])
            .arg("-config")
            .arg(repository().join("tests/mail/certificates.cnf"))
            .args(["-extensions", section, "-subj", &format!("/CN={section}")])
            .args(signed_by)
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&chain)
            .output()
            .expect("openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Certificate { chain, key }
    }
}

/// Queues a notice; its id.
pub fn post(installation: &Installation, address: &str, subject: &str) -> String {
    let id = format!("{:032x}", rand::random::<u128>());
    let new = NewNotice {
        sealed_address: DataKey::of_server(&installation.key)
            .seal(&personal::of_message(&id), address)
            .unwrap(),
        id: id.clone(),
        kind: MessageKind::Notice,
        source: None,
        evaluation: None,
        language: Language::ZhCn,
        subject: subject.into(),
        body: "第一段\n\n第二段".into(),
        due_at_ms: installation.clock.now_ms(),
    };
    let queued = installation
        .store
        .write_blocking(move |tx| outbox::queue_notice(tx, &new));
    assert!(queued.unwrap());
    id
}
