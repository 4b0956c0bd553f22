//! E-mail: text and HTML side by side, the picture inside the HTML, one mail a receiver.

use crate::alert::{Channel, Draft, Notice, Receipt, SendError, SendFailure};
use crate::secret::Secret;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::{Error, response::Category, response::Response, response::Severity};
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

/// The longest any one command to the server may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a server may take to say good-bye.
const QUIT_WITHIN: Duration = Duration::from_secs(2);
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
    address: (String, u16),
    tls: Tls,
    sign_in: Option<Credentials>,
}

/// The way to the server, ready to be gone.
#[derive(Clone)]
enum Tls {
    Implicit(TlsParameters),
    Starttls(TlsParameters),
    None,
}

impl Email {
    /// A channel of this `name` over `server`. Connects only when there is something to send.
    pub fn new(name: impl Into<String>, server: &EmailServer) -> Result<Self, EmailError> {
        let parameters = || {
            let said = |e: Error| EmailError::Tls { host: server.host.clone(), said: e.to_string() };
            TlsParameters::new(server.host.clone()).map_err(said)
        };
        let tls = match server.tls {
            EmailTls::Implicit => Tls::Implicit(parameters()?),
            EmailTls::Starttls => Tls::Starttls(parameters()?),
            EmailTls::None if is_here(&server.host) => Tls::None,
            EmailTls::None => return Err(EmailError::InTheClear(server.host.clone())),
        };
        let from = server.from.parse().map_err(|_| EmailError::From(server.from.clone()))?;
        let secret = |(user, password): &(String, Secret)| Credentials::new(user.clone(), password.expose().to_owned());
        let sign_in = server.sign_in.as_ref().map(secret);
        Ok(Self { name: name.into(), from, address: (server.host.clone(), server.port), tls, sign_in })
    }

    /// Greeted, encrypted and signed in. What goes wrong here is no word about any mail.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let (host, port) = &self.address;
        let own = ClientId::default();
        let wrapped = if let Tls::Implicit(tls) = &self.tls { Some(tls.clone()) } else { None };
        let server = (host.as_str(), *port);
        let mut server =
            AsyncSmtpConnection::connect_tokio1(server, Some(COMMAND_TIMEOUT), &own, wrapped, None).await?;
        if let Tls::Starttls(tls) = &self.tls {
            server.starttls(tls.clone(), &own).await?;
        }
        if let Some(credentials) = &self.sign_in {
            server.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(server)
    }

    /// Hands one mail over. The server's answers to RCPT, DATA and the mail itself are words about this mail, those
    /// before are about us or about the server.
    async fn hand_over(&self, server: &mut AsyncSmtpConnection, message: &Message) -> Result<Response, SendError> {
        let envelope = message.envelope();
        let international =
            envelope.to().iter().chain(envelope.from()).any(|address| !AsRef::<str>::as_ref(address).is_ascii());
        if international && !server.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::refused("the server takes no addresses outside ASCII (SMTPUTF8)"));
        }
        let parameters = if international { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        server.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(|e| not_about_the_mail(&e))?;
        for to in envelope.to() {
            server.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|e| about_the_mail(&e))?;
        }
        server.command(Data).await.map_err(|e| about_the_mail(&e))?;
        server.message(&message.formatted()).await.map_err(|e| about_the_mail(&e))
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
        let mut server = self.connect().await.map_err(|e| not_about_the_mail(&e))?;
        let handed = self.hand_over(&mut server, &message).await;
        // Politely, and without waiting for a server that is not: the answer is there already.
        let _ = tokio::time::timeout(QUIT_WITHIN, server.abort()).await;
        let answer = handed?;
        Ok(Receipt(format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "))))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        self.message(notice)?;
        let (host, port) = &self.address;
        let to = notice.to.as_deref().unwrap_or_default();
        let mut head = vec![format!("SMTP {host}:{port}"), format!("From: {}", self.from), format!("To: {to}")];
        head.push(format!("Subject: {}", notice.words.subject));
        if let Some(picture) = &notice.picture {
            head.push(format!("Picture: ‹{}, {} bytes›", picture.key.kind().media_type(), picture.bytes.len()));
        }
        Ok(vec![Draft { head, body: notice.words.text.clone() }])
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

/// A refusal that is no word about the mail: it waits until the server, or our name there, is mended.
fn not_about_the_mail(error: &Error) -> SendError {
    // 53x: the name or the password.
    let signing_in = error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion && code.category == Category::Unspecified3
    });
    let failure = SendFailure::Temporary { after: signing_in.then_some(SIGN_IN_PAUSE) };
    SendError { failure, said: said(error) }
}

/// A refusal of this mail: final when the server says so.
fn about_the_mail(error: &Error) -> SendError {
    if error.is_permanent() { SendError::refused(said(error)) } else { not_about_the_mail(error) }
}

fn said(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
