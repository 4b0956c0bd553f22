//! Channels against real receivers: an SMTP server and an HTTP server.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gengfu::alert::{AlertReason, Channel, GAP, Notice, Picture, SendFailure, Words};
use gengfu::channel::{Email, EmailError, EmailServer, EmailTls, Webhook, WebhookError, WebhookReceiver};
use gengfu::evidence::{EvidenceKey, EvidenceKind};
use gengfu::id::{IncidentId, NoticeId};
use gengfu::moment::{HandClock, Moment};
use gengfu::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOW: i64 = 1_700_000_000_000;

fn notice() -> Notice {
    let bytes = b"\x89PNG\r\n\x1a\n and what a customer sees".to_vec();
    Notice {
        id: NoticeId::fresh(),
        incident: Some(IncidentId::fresh()),
        reason: AlertReason::FirstSeen,
        to: Some("王经理 <owner@bank.test>".into()),
        queued: Moment::from_millis(NOW),
        words: Words {
            subject: "【更夫 P1】基金申购：找不到“申购”按钮".into(),
            text: "客户无法继续办理\n.\n查看：https://gengfu.bank.test/incidents/1".into(),
            html: "<h1>客户无法继续办理</h1><img src=\"cid:picture\">".into(),
            ..Words::default()
        },
        bulletin: r#"{"version":"incident-event.v1","event_id":"1"}"#.into(),
        picture: Some(Picture { key: EvidenceKey::of(&bytes, EvidenceKind::Png), bytes }),
    }
}

/// A real SMTP server that keeps what it accepts; ends with the test.
struct Sink {
    child: Child,
    said: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    port: u16,
    dir: tempfile::TempDir,
}

impl Sink {
    fn start(mode: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/smtp-sink");
        let mut command = Command::new(script);
        command.arg("--dir").arg(dir.path()).args(["--mode", mode]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        let first = said.next().unwrap().unwrap();
        let port = first.strip_prefix("listening ").unwrap().parse().unwrap();
        Self { child, said, port, dir }
    }

    fn channel(&self, tls: EmailTls) -> Email {
        let server = EmailServer {
            host: "127.0.0.1".into(),
            port: self.port,
            tls,
            sign_in: None,
            from: "更夫 <gengfu@bank.test>".into(),
        };
        Email::new("mail", &server).unwrap()
    }

    fn mails(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.dir.path()).unwrap().map(|f| f.unwrap().path());
        let mut mails: Vec<PathBuf> = files.filter(|f| f.extension().is_some_and(|e| e == "eml")).collect();
        mails.sort();
        mails
    }

    /// Waits until the server has said what it did with a mail.
    fn next_word(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A mail as another program reads it: its headers, then each part's type, name and text or size.
fn read_by_python(mail: &Path) -> serde_json::Value {
    let script = r#"
import email, email.policy, json, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = [{"type": p.get_content_type(), "cid": p.get("Content-ID"), "disposition": p.get_content_disposition(),
          "text": p.get_content() if p.get_content_maintype() == "text" else None,
          "bytes": p.get_content().hex() if p.get_content_maintype() == "image" else None} for p in mail.walk()]
names = ["Message-ID", "Date", "From", "To", "Subject", "References", "Auto-Submitted", "X-Envelope-To"]
print(json.dumps({"defects": [str(d) for d in mail.defects], "head": {n: mail[n] for n in names}, "parts": parts}))
"#;
    let output = Command::new("python3").args(["-c", script]).arg(mail).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_mail_is_readable_and_carries_its_picture() {
    let sink = Sink::start("ok");
    let notice = notice();
    let receipt = sink.channel(EmailTls::None).send(&notice).await.unwrap();
    assert_eq!(receipt.0, "250 2.0.0 accepted");
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    let mail = read_by_python(&mails[0]);
    assert_eq!(mail["defects"], serde_json::json!([]));
    let head = &mail["head"];
    assert_eq!(head["Message-ID"], format!("<{}@bank.test>", notice.id));
    assert_eq!(head["References"], format!("<{}@bank.test>", notice.incident.unwrap()));
    assert_eq!(head["Subject"], notice.words.subject);
    assert_eq!(head["From"], "更夫 <gengfu@bank.test>");
    assert_eq!(head["X-Envelope-To"], "owner@bank.test");
    assert_eq!(head["Date"], "Tue, 14 Nov 2023 22:13:20 +0000");
    assert_eq!(head["Auto-Submitted"], "auto-generated");
    let parts = mail["parts"].as_array().unwrap();
    let types: Vec<&str> = parts.iter().map(|p| p["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
    let text = parts[1]["text"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), notice.words.text);
    let picture = &parts[4];
    assert_eq!((picture["cid"].as_str(), picture["disposition"].as_str()), (Some("<picture>"), Some("inline")));
    let hex: String = notice.picture.unwrap().bytes.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(picture["bytes"], hex);
}

/// Mail programs make links of what looks like one: nothing that a page said leads anywhere.
#[tokio::test]
async fn a_mail_leads_nowhere_that_a_page_named() {
    let sink = Sink::start("ok");
    let hostile = Notice { to: notice().to, ..crate::vendors::hostile() };
    sink.channel(EmailTls::None).send(&hostile).await.unwrap();
    let mail = read_by_python(&sink.mails()[0]);
    let parts = mail["parts"].as_array().unwrap().iter().filter_map(|part| part["text"].as_str());
    let shown: Vec<&str> = parts.chain(mail["head"]["Subject"].as_str()).collect();
    assert_eq!(shown.len(), 3);
    for text in shown {
        let plain = text.replace("https://gengfu.bank.test/", "");
        assert!(plain.replace(GAP, "").contains("@all"), "the page's words are there: {text}");
        for link in ["evil.test", "://", "@all", "<a href=\"https://evil"] {
            assert!(!plain.contains(link), "{link} is in {text}");
        }
    }
}

#[tokio::test]
async fn only_the_servers_final_word_ends_the_tries() {
    let check = async |mode: &str, expected: SendFailure| {
        let sink = Sink::start(mode);
        let error = sink.channel(EmailTls::None).send(&notice()).await.expect_err(mode);
        assert_eq!(error.failure, expected, "{mode}: {error}");
        assert!(!error.said.is_empty());
    };
    let temporary = SendFailure::Temporary { after: None };
    check("busy", temporary).await;
    check("greylist", temporary).await;
    check("unwelcome", temporary).await;
    check("no-sender", temporary).await;
    check("drop-at-data", temporary).await;
    check("refuse", SendFailure::Refused).await;
    check("too-big", SendFailure::Refused).await;
}

#[tokio::test]
async fn greylisting_is_outlived() {
    let sink = Sink::start("greylist");
    let (channel, notice) = (sink.channel(EmailTls::None), notice());
    channel.send(&notice).await.expect_err("greylisted");
    channel.send(&notice).await.expect("accepted the second time");
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_whose_answer_is_lost_is_repeated_under_the_same_name() {
    let mut sink = Sink::start("drop-after-data");
    let (channel, notice) = (sink.channel(EmailTls::None), notice());
    for _ in 0..2 {
        let error = channel.send(&notice).await.expect_err("the answer is lost");
        assert_eq!(error.failure, SendFailure::Temporary { after: None }, "{error}");
        assert!(sink.next_word().starts_with("accepted "));
    }
    let heads: Vec<_> = sink.mails().iter().map(|m| read_by_python(m)["head"].clone()).collect();
    assert_eq!((heads.len(), &heads[0]), (2, &heads[1]));
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_over_a_network_or_when_tls_is_not_offered() {
    let sink = Sink::start("ok");
    for tls in [EmailTls::Starttls, EmailTls::Implicit] {
        let error = sink.channel(tls).send(&notice()).await.expect_err("no TLS here");
        assert!(matches!(error.failure, SendFailure::Temporary { .. }), "{error}");
    }
    assert_eq!(sink.mails().len(), 0);
    let server = |host: &str, from: &str| EmailServer {
        host: host.into(),
        port: 25,
        tls: EmailTls::None,
        sign_in: None,
        from: from.into(),
    };
    let refused = Email::new("mail", &server("mail.bank.test", "gengfu@bank.test")).err();
    assert_eq!(refused, Some(EmailError::InTheClear("mail.bank.test".into())));
    assert_eq!(Email::new("mail", &server("::1", "gengfu")).err(), Some(EmailError::From("gengfu".into())));
}

/// What the HTTP receiver got, and how it answers.
#[derive(Clone)]
struct Hook {
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answer: fn() -> Response,
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> Response {
    hook.got.lock().unwrap().push((headers, body));
    (hook.answer)()
}

async fn receiver(answer: fn() -> Response) -> (Hook, url::Url) {
    let hook = Hook { got: Arc::default(), answer };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?token=t0k3n", listener.local_addr().unwrap()).parse().unwrap();
    let app = axum::Router::new().fallback(take).with_state(hook.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (hook, url)
}

fn whsec(byte: u8) -> Secret {
    Secret::new("hook key", format!("whsec_{}", STANDARD.encode([byte; 32])))
}

fn webhook(url: url::Url, keys: Vec<Secret>) -> Webhook {
    let clock = Arc::new(HandClock::at(Moment::from_millis(NOW)));
    Webhook::new("hook", &WebhookReceiver { url, keys }, clock).unwrap()
}

#[tokio::test]
async fn an_event_is_posted_signed_with_each_key() {
    let (hook, url) = receiver(|| StatusCode::ACCEPTED.into_response()).await;
    let notice = notice();
    let receipt = webhook(url, vec![whsec(1), whsec(2)]).send(&notice).await.unwrap();
    assert_eq!(receipt.0, "202 Accepted");
    let got = hook.got.lock().unwrap();
    let [(headers, body)] = &got[..] else { panic!("posted {} times", got.len()) };
    assert_eq!(body, notice.bulletin.as_bytes());
    assert_eq!(headers["webhook-id"], notice.id.to_string());
    assert_eq!(headers["webhook-timestamp"], "1700000000");
    assert_eq!(headers["content-type"], "application/json");
    let signed = [1, 2].map(|byte| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&[byte; 32]).unwrap();
        mac.update(format!("{}.1700000000.{}", notice.id, notice.bulletin).as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    });
    assert_eq!(headers["webhook-signature"], signed.join(" "));
}

#[tokio::test]
async fn only_2xx_is_acceptance() {
    let check = async |answer: fn() -> Response, expected: SendFailure| {
        let (hook, url) = receiver(answer).await;
        let error = webhook(url, vec![whsec(1)]).send(&notice()).await.expect_err("not accepted");
        assert_eq!(error.failure, expected, "{error}");
        assert_eq!(hook.got.lock().unwrap().len(), 1, "posted once, no redirect followed: {error}");
        assert!(error.said.chars().count() < 300 && !error.said.contains("t0k3n"), "{error}");
    };
    let after = |seconds: u64| SendFailure::Temporary { after: Some(Duration::from_secs(seconds)) };
    let elsewhere = || (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, "/elsewhere")]).into_response();
    let later = SendFailure::Temporary { after: None };
    check(elsewhere, later).await;
    check(|| StatusCode::BAD_REQUEST.into_response(), later).await;
    check(|| StatusCode::UNAUTHORIZED.into_response(), later).await;
    check(|| StatusCode::NOT_FOUND.into_response(), later).await;
    check(|| StatusCode::GONE.into_response(), SendFailure::Gone).await;
    check(|| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")]).into_response(), after(7)).await;
    check(|| (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "9")]).into_response(), after(9)).await;
    let endless = || {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 65536])));
        (StatusCode::INTERNAL_SERVER_ERROR, Body::from_stream(chunks)).into_response()
    };
    check(endless, SendFailure::Temporary { after: None }).await;
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again_and_its_address_is_not_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}/hook?token=t0k3n", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let error = webhook(url, vec![whsec(1)]).send(&notice()).await.expect_err("nobody listens");
    assert_eq!(error.failure, SendFailure::Temporary { after: None });
    assert!(!error.said.contains("t0k3n") && error.said.contains("refused"), "{error}");
}

#[test]
fn a_webhook_needs_a_key_or_two() {
    let clock = Arc::new(HandClock::at(Moment::from_millis(NOW)));
    let url: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    for count in [0, 3] {
        let receiver = WebhookReceiver { url: url.clone(), keys: vec![whsec(1); count] };
        assert_eq!(Webhook::new("hook", &receiver, clock.clone()).err(), Some(WebhookError::Keys(count)));
    }
}
