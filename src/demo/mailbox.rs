//! A mailbox for the demo: takes mail over SMTP on loopback and keeps each as a file, so that a newcomer sees alerts
//! arrive without a mail server. It takes from anybody, to anybody, and sends nothing on.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// The longest mail, in bytes: a picture and its text.
const MAIL_BYTES_MAX: usize = 16 << 20;
/// The longest line, by RFC 5321 with room to spare, in bytes.
const LINE_BYTES_MAX: u64 = 4096;
/// How long a silent client is kept.
const LINE_WITHIN: Duration = Duration::from_secs(60);
/// Connections at once.
const CLIENTS_MAX: usize = 16;

/// A mail that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who receives.
    pub to: Vec<String>,
    /// Its subject, decoded.
    pub subject: String,
    /// Where it lies.
    pub file: PathBuf,
}

/// A mailbox that listens.
pub struct Mailbox {
    listener: TcpListener,
    folder: PathBuf,
}

impl Mailbox {
    /// Listens on `port` of 127.0.0.1 and keeps mails in `folder`.
    pub async fn open(port: u16, folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { listener, folder: folder.to_owned() })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes mail until `cancel`; each that arrived is told to `arrived`.
    pub async fn serve(self, arrived: mpsc::UnboundedSender<Mail>, cancel: CancellationToken) {
        let (folder, places) = (Arc::new(self.folder), Arc::new(Semaphore::new(CLIENTS_MAX)));
        loop {
            let client = tokio::select! {
                () = cancel.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            let (Ok((stream, _)), Ok(place)) = (client, places.clone().acquire_owned().await) else { continue };
            let (folder, arrived, cancel) = (folder.clone(), arrived.clone(), cancel.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = cancel.cancelled() => {}
                    ended = converse(stream, &folder, &arrived) => {
                        if let Err(error) = ended {
                            tracing::debug!(%error, "a mail client left");
                        }
                    }
                }
                drop(place);
            });
        }
    }
}

async fn converse(stream: TcpStream, folder: &Path, arrived: &mpsc::UnboundedSender<Mail>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut to = Vec::new();
    answer(&mut stream, "220 gengfu demo mailbox").await?;
    while let Some(line) = line(&mut stream).await? {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        let verb = text.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => answer(&mut stream, "250-gengfu\r\n250-8BITMIME\r\n250 SMTPUTF8").await?,
            "HELO" | "NOOP" => answer(&mut stream, "250 gengfu").await?,
            "MAIL" | "RSET" => {
                to.clear();
                answer(&mut stream, "250 OK").await?;
            }
            "RCPT" => {
                to.push(between(&text, '<', '>').to_owned());
                answer(&mut stream, "250 OK").await?;
            }
            "DATA" if to.is_empty() => answer(&mut stream, "503 RCPT first").await?,
            "DATA" => {
                answer(&mut stream, "354 end with a dot").await?;
                let Some(body) = body(&mut stream).await? else {
                    return answer(&mut stream, "552 too long").await;
                };
                let _ = arrived.send(keep(folder, std::mem::take(&mut to), &body)?);
                answer(&mut stream, "250 kept").await?;
            }
            "QUIT" => return answer(&mut stream, "221 bye").await,
            _ => answer(&mut stream, "502 not here").await?,
        }
    }
    Ok(())
}

/// The mail up to the lone dot, dots unstuffed; `None` when it is too long.
async fn body(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(line) = line(stream).await? {
        if line == b".\r\n" || line == b".\n" {
            return Ok(Some(body));
        }
        body.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        if body.len() > MAIL_BYTES_MAX {
            return Ok(None);
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// A line with its end; `None` when the client has gone.
async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut limited = stream.take(LINE_BYTES_MAX);
    let read = tokio::time::timeout(LINE_WITHIN, limited.read_until(b'\n', &mut line)).await;
    let read = read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok((read > 0).then_some(line))
}

async fn answer(stream: &mut BufReader<TcpStream>, text: &str) -> io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}

fn between(text: &str, open: char, close: char) -> &str {
    let inner = text.split_once(open).map_or(text, |(_, rest)| rest);
    inner.split_once(close).map_or(inner, |(inner, _)| inner)
}

fn keep(folder: &Path, to: Vec<String>, body: &[u8]) -> io::Result<Mail> {
    let text = String::from_utf8_lossy(body);
    let subject = subject(&text);
    let file = folder.join(format!("{}.eml", uuid::Uuid::now_v7()));
    std::fs::write(&file, body)?;
    Ok(Mail { to, subject, file })
}

/// The subject header, unfolded and decoded from RFC 2047 words in base64 UTF-8.
fn subject(mail: &str) -> String {
    use base64::Engine as _;
    let head = mail.split("\r\n\r\n").next().unwrap_or(mail).replace("\r\n ", " ").replace("\r\n\t", " ");
    let line = head.lines().find_map(|line| line.strip_prefix("Subject:")).unwrap_or_default().trim().to_owned();
    let mut out = String::new();
    for (at, word) in line.split(' ').enumerate() {
        let coded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        let decoded = coded.and_then(|coded| base64::engine::general_purpose::STANDARD.decode(coded).ok());
        match decoded {
            // The space between two coded words is not part of the text.
            Some(bytes) => out.push_str(&String::from_utf8_lossy(&bytes)),
            None => out.push_str(&format!("{}{word}", if at > 0 { " " } else { "" })),
        }
    }
    out.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_read() {
        let check = |mail: &str, expected: &str| assert_eq!(subject(mail), expected);
        check("From: a\r\nSubject: plain words\r\n\r\nSubject: not this", "plain words");
        check("Subject: =?utf-8?b?5pu05aSr?= =?utf-8?b?5Z+66YeR?=\r\n\r\n", "更夫基金");
        check("Subject: =?utf-8?b?5pu05aSr?=\r\n =?utf-8?b?5Z+66YeR?=\r\n\r\n", "更夫基金");
        check("no subject\r\n\r\n", "");
    }

    #[tokio::test]
    async fn a_mail_is_kept_as_it_came() {
        let folder = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::open(0, folder.path()).await.unwrap();
        let (address, cancel) = (mailbox.address().unwrap(), CancellationToken::new());
        let (tell, mut arrived) = mpsc::unbounded_channel();
        let serving = tokio::spawn(mailbox.serve(tell, cancel.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        let talk = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n";
        client.write_all(talk.as_bytes()).await.unwrap();
        let mail = arrived.recv().await.unwrap();
        assert_eq!((mail.to, mail.subject.as_str()), (vec!["c@d.example".to_owned()], "hi"));
        assert_eq!(std::fs::read_to_string(mail.file).unwrap(), "Subject: hi\r\n\r\n.dot\r\n");
        cancel.cancel();
        serving.await.unwrap();
    }
}
