//! The mail server: the only place that speaks SMTP. What goes wrong is told in a few words without addresses.

use std::sync::OnceLock;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{self, AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{MailConfig, Security};
use crate::survey::bounce::is_status;

/// One command of the conversation.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// One whole message; a slow server holds up nobody for longer.
pub(super) const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);
/// Nothing longer is sent, bytes.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// A status, e.g. `550 5.1.1`, or `timeout`, `connection`, `unusable`.
    pub reason: String,
    /// Trying again is of no use.
    pub permanent: bool,
}

impl Refused {
    pub(super) fn passing(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            permanent: false,
        }
    }

    pub(super) fn unusable() -> Self {
        Self {
            reason: "unusable".to_owned(),
            permanent: true,
        }
    }
}

impl From<&smtp::Error> for Refused {
    fn from(error: &smtp::Error) -> Self {
        let Some(code) = error.status() else {
            return Self::passing(match () {
                () if error.is_timeout() => "timeout",
                () if error.is_tls() || is_unprotected(error) => "tls",
                () if error.is_client() => "login",
                () => "connection",
            });
        };
        // The server's words may name the address; of them only the enhanced status is kept.
        let said = std::error::Error::source(error)
            .map(ToString::to_string)
            .unwrap_or_default();
        let status = said.split_whitespace().find(|word| is_status(word)).unwrap_or_default();
        Self {
            reason: format!("{code} {status}").trim_end().to_owned(),
            permanent: error.is_permanent(),
        }
    }
}

/// The server offers no TLS, or its certificate is none we trust; nothing was sent to it.
fn is_unprotected(error: &smtp::Error) -> bool {
    let told = error.to_string();
    told.contains("STARTTLS") || told.contains("certificate")
}

/// What goes out.
pub(super) struct Parcel {
    pub message_id: String,
    pub name: Option<String>,
    pub address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The way out of further mail, for the headers of RFC 8058.
    pub unsubscribe: Option<String>,
    pub at_ms: i64,
}

/// The connection to the mail server, kept between messages.
pub(super) struct Post {
    builder: AsyncSmtpTransportBuilder,
    /// Made on first use, because the library looks after its connections in the background of a running worker.
    transport: OnceLock<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

impl Post {
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub(super) fn new(config: &MailConfig, sender: &str) -> Result<Self, smtp::Error> {
        let tls = match config.security {
            Security::Tls => Tls::Wrapper(checked(config)?),
            Security::StartTls => Tls::Required(checked(config)?),
            Security::Loopback => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.host.clone())
            .port(config.port)
            .tls(tls)
            .timeout(Some(COMMAND_TIMEOUT))
            .pool_config(PoolConfig::new().max_size(1).idle_timeout(Duration::from_secs(30)));
        let builder = match &config.login {
            Some((user, password)) => builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned())),
            None => builder,
        };
        let clean: String = sender.chars().filter(|c| !c.is_control()).collect();
        Ok(Self {
            builder,
            transport: OnceLock::new(),
            from: Mailbox::new(Some(clean), config.from.clone()),
            reply_to: config.reply_to.clone().map(|address| Mailbox::new(None, address)),
        })
    }

    fn transport(&self) -> &AsyncSmtpTransport<Tokio1Executor> {
        self.transport.get_or_init(|| self.builder.clone().build())
    }

    /// Whether the server can be reached now. Asked before a message is taken in hand: a server that is down costs no
    /// message a try.
    pub(super) async fn reach(&self) -> Result<(), Refused> {
        match tokio::time::timeout(MESSAGE_TIMEOUT, self.transport().test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Refused::passing("connection")),
            Ok(Err(error)) => Err(Refused::from(&error)),
            Err(_) => Err(Refused::passing("timeout")),
        }
    }

    /// Sends one message.
    pub(super) async fn send(&self, parcel: Parcel) -> Result<(), Refused> {
        // The library panics on some names; one bad row must not stop the others.
        let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.build(parcel)));
        let message = built.ok().flatten().ok_or_else(Refused::unusable)?;
        match tokio::time::timeout(MESSAGE_TIMEOUT, self.transport().send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Refused::from(&error)),
            Err(_) => Err(Refused::passing("timeout")),
        }
    }

    /// Says goodbye to the server.
    pub(super) async fn close(&self) {
        self.transport().shutdown().await;
    }

    fn build(&self, parcel: Parcel) -> Option<Message> {
        let address: Address = parcel.address.parse().ok()?;
        let unfit = |text: &str| text.chars().any(char::is_control);
        if parcel.name.as_deref().is_some_and(unfit) || unfit(&parcel.subject) {
            return None;
        }
        let date = std::time::UNIX_EPOCH + Duration::from_millis(u64::try_from(parcel.at_ms).ok()?);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(
                parcel.name.filter(|name| !name.trim().is_empty()),
                address,
            ))
            .subject(parcel.subject)
            .message_id(Some(format!("<{}>", parcel.message_id)))
            .date(date)
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        if let Some(way) = &parcel.unsubscribe {
            builder = builder
                .raw_header(header("List-Unsubscribe", &format!("<{way}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let message = builder
            .multipart(MultiPart::alternative_plain_html(parcel.text, parcel.html))
            .ok()?;
        (message.formatted().len() <= MESSAGE_BYTES_MAX).then_some(message)
    }
}

/// The server's certificate must bear its name and come from an authority of the system or of the settings.
fn checked(config: &MailConfig) -> Result<TlsParameters, smtp::Error> {
    let parameters = TlsParameters::builder(config.host.clone());
    match &config.authorities {
        Some(authorities) => parameters.add_root_certificate(authorities.clone()).build(),
        None => parameters.build(),
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    // Long addresses must stay in one piece, so they are not encoded; nothing in them comes from users.
    let plain: String = value.chars().filter(|c| !c.is_control() && c.is_ascii()).collect();
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), plain.clone(), plain)
}
