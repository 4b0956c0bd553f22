//! E-mail: text and HTML side by side, the picture inside the HTML, one mail a receiver.

use crate::alert::{Channel, Notice, Receipt, SendError, SendFailure};
use crate::secret::Secret;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{Error, response::Category, response::Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

/// The longest any one command to the server may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections kept to one server.
const CONNECTIONS_MAX: u32 = 4;
/// An idle connection is closed before the server does it.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// A name or password that the server refuses is tried again this late, so that no mailbox gets locked.
const SIGN_IN_PAUSE: Duration = Duration::from_secs(900);

/// How the way to a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailTls {
    /// TLS from the first byte.
    Implicit,
    /// TLS after a greeting in the clear; nothing is sent when the server does not offer it.
    Starttls,
    /// In the clear: only to a server on this machine.
    None,
}

/// A mail server and a sender.
#[derive(Debug, Clone)]
pub struct EmailServer {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept secret.
    pub tls: EmailTls,
    /// The name and password to sign in with.
    pub sign_in: Option<(String, Secret)>,
    /// The sender: `更夫 <gengfu@bank.example>`.
    pub from: String,
}

/// Why a mail server cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Mail in the clear over a network.
    #[error("`{0}` is not this machine: mail goes there only with `tls: starttls` or `tls: implicit`")]
    InTheClear(String),
    /// The sender is not an address.
    #[error("`{0}` is not a sender: write `更夫 <gengfu@bank.example>`")]
    From(String),
    /// TLS cannot be set up.
    #[error("TLS to `{host}` cannot be set up: {said}")]
    Tls {
        /// The server.
        host: String,
        /// Why.
        said: String,
    },
}

/// A channel that sends e-mail.
pub struct Email {
    name: String,
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Email {
    /// A channel of this `name` over `server`. Connects only when there is something to send.
    pub fn new(name: impl Into<String>, server: &EmailServer) -> Result<Self, EmailError> {
        let parameters = || {
            let said = |e: Error| EmailError::Tls { host: server.host.clone(), said: e.to_string() };
            TlsParameters::new(server.host.clone()).map_err(said)
        };
        let tls = match server.tls {
            EmailTls::Implicit => Tls::Wrapper(parameters()?),
            EmailTls::Starttls => Tls::Required(parameters()?),
            EmailTls::None if is_here(&server.host) => Tls::None,
            EmailTls::None => return Err(EmailError::InTheClear(server.host.clone())),
        };
        let from = server.from.parse().map_err(|_| EmailError::From(server.from.clone()))?;
        let pool = PoolConfig::new().max_size(CONNECTIONS_MAX).idle_timeout(IDLE_MAX);
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.clone())
            .port(server.port)
            .tls(tls)
            .timeout(Some(COMMAND_TIMEOUT))
            .pool_config(pool);
        if let Some((user, password)) = &server.sign_in {
            transport = transport.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self { name: name.into(), from, transport: transport.build() })
    }

    fn message(&self, notice: &Notice) -> Result<Message, SendError> {
        let to = notice.to.as_deref().ok_or_else(|| SendError::refused("a mail needs an address to go to"))?;
        let refused = |said: String| SendError::refused(format!("the mail to `{to}` cannot be written: {said}"));
        let mailbox: Mailbox = to.parse().map_err(|e: lettre::address::AddressError| refused(e.to_string()))?;
        let domain = self.from.email.domain();
        // Both stay the same in every try: a receiver that has the mail already sees that.
        let sent = UNIX_EPOCH + Duration::from_millis(notice.queued.as_millis().max(0).unsigned_abs());
        let mut builder = Message::builder()
            .message_id(Some(format!("<{}@{domain}>", notice.id)))
            .date(sent)
            .from(self.from.clone())
            .to(mailbox)
            .subject(notice.words.subject.clone())
            .raw_header(plain("Auto-Submitted", "auto-generated"));
        if let Some(incident) = notice.incident {
            // All mails of an incident become one thread.
            builder = builder.references(format!("<{incident}@{domain}>"));
        }
        builder.multipart(body(notice)).map_err(|e| refused(e.to_string()))
    }
}

#[async_trait::async_trait]
impl Channel for Email {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let message = self.message(notice)?;
        let answer = self.transport.send(message).await.map_err(|e| refusal(&e))?;
        Ok(Receipt(format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "))))
    }
}

fn body(notice: &Notice) -> MultiPart {
    let html = SinglePart::html(notice.words.html.clone());
    let seen = MultiPart::alternative().singlepart(SinglePart::plain(notice.words.text.clone()));
    let Some(picture) = &notice.picture else {
        return seen.singlepart(html);
    };
    let kind = ContentType::parse(picture.key.kind().media_type()).expect("invariant: media types are constants");
    let inline = Attachment::new_inline_with_name("picture".to_owned(), picture.key.to_string());
    seen.multipart(MultiPart::related().singlepart(html).singlepart(inline.body(picture.bytes.clone(), kind)))
}

fn plain(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What a failed try means. Only a server's final word about this mail ends the tries.
fn refusal(error: &Error) -> SendError {
    let mut said = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        said = format!("{said}: {cause}");
    }
    // 53x: about us, not about the mail. The mail waits until the password is mended.
    let signing_in = error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion && code.category == Category::Unspecified3
    });
    let failure = if signing_in {
        SendFailure::Temporary { after: Some(SIGN_IN_PAUSE) }
    } else if error.is_permanent() {
        SendFailure::Refused
    } else {
        SendFailure::Temporary { after: None }
    };
    SendError { failure, said }
}
