//! The egress proxy against what no browser sends: raw bytes written to its socket, and a raw server that
//! keeps all it receives.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gengfu::browser::egress::{Egress, EgressOptions, Seal};
use gengfu::guard::{GuardRules, NeverRule};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(10);

/// What a raw server does with a connection once a request's head is there.
#[derive(Clone, Copy)]
enum Manner {
    /// Answers and waits for more.
    Keeps,
    /// Answers as if it would keep the connection, then closes it.
    AnswersAndLeaves,
    /// Closes without an answer.
    Leaves,
}

struct Server {
    addr: SocketAddr,
    received: Arc<Mutex<String>>,
}

impl Server {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let server = Self { addr: listener.local_addr().expect("it is bound"), received: Arc::default() };
        let received = server.received.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, received.clone(), manner));
            }
        });
        server
    }

    fn received(&self) -> String {
        self.received.lock().expect("nobody panics with it").clone()
    }
}

async fn converse(mut stream: TcpStream, received: Arc<Mutex<String>>, manner: Manner) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = stream.read(&mut buffer).await {
        if count == 0 {
            return;
        }
        received.lock().expect("nobody panics with it").push_str(&String::from_utf8_lossy(&buffer[..count]));
        if matches!(manner, Manner::Leaves) {
            return;
        }
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.is_err() {
            return;
        }
        if matches!(manner, Manner::AnswersAndLeaves) {
            return;
        }
    }
}

async fn egress(server: &Server) -> Egress {
    let never = vec![NeverRule::parse(Some("POST"), None, "/api/orders/**").expect("it stands")];
    guarded(server, never, Some(Arc::new(Seal::new(Vec::new()).expect("the system trusts somebody")))).await
}

async fn guarded(server: &Server, never: Vec<NeverRule>, seal: Option<Arc<Seal>>) -> Egress {
    let hosts = vec![server.addr.to_string().parse().expect("an address is a rule")];
    let rules = Arc::new(GuardRules { hosts, never, private_networks: false });
    Egress::start(rules, Arc::default(), EgressOptions { seal, ..EgressOptions::default() }).await.expect("a free port")
}

/// Writes each text once the one before it was answered; returns the answers' status lines until the proxy
/// closes or falls silent.
async fn talk(egress: &Egress, texts: &[String]) -> Vec<String> {
    let mut stream = TcpStream::connect(egress.addr()).await.expect("the proxy listens");
    let mut answers = String::new();
    for text in texts {
        let _closed_already = stream.write_all(text.as_bytes()).await;
        let mut buffer = vec![0; 64 << 10];
        let count = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.expect("an answer in time");
        answers.push_str(&String::from_utf8_lossy(&buffer[..count.unwrap_or(0)]));
    }
    answers.lines().filter_map(|line| line.split("HTTP/1.1 ").nth(1)).map(|status| status[..3].to_owned()).collect()
}

/// One connection: what is said, the answers expected, and whether an order reached the server.
async fn check(texts: &[&str], expected: &[&str]) -> String {
    let server = Server::start(Manner::Keeps).await;
    let egress = egress(&server).await;
    let texts: Vec<String> = texts.iter().map(|text| text.replace("APP", &server.addr.to_string())).collect();
    assert_eq!(talk(&egress, &texts).await, expected, "{texts:?}");
    let received = server.received();
    assert!(!received.to_lowercase().contains("orders"), "an order arrived: {received}");
    received
}

#[tokio::test]
async fn spellings_on_the_wire() {
    for path in
        ["/api/orders", "/api//orders", "/api/%6frders/1", "/api/x/../orders", "/api/orders/../1", "/API/orders;x"]
    {
        check(&[&format!("POST http://APP{path} HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n")], &["403"]).await;
    }
    check(&["PUT http://APP/api/orders HTTP/1.1\r\nHost: APP\r\nX-HTTP-Method-Override: POST\r\nContent-Length: 0\r\n\r\n"], &["403"]).await;
    check(&["PUT http://APP/api/orders?a=b&_method=post HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n"], &["403"])
        .await;
    check(&["post http://APP/api/orders HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n"], &["403"]).await;
}

#[tokio::test]
async fn the_target_decides_and_not_the_host_header() {
    let received = check(&["GET http://APP/x HTTP/1.1\r\nHost: pay.bank.example\r\n\r\n"], &["200"]).await;
    assert!(received.starts_with("GET /x HTTP/1.1\r\n"), "{received}");
    assert!(!received.contains("pay.bank.example"), "{received}");
    check(&["GET http://other.example/x HTTP/1.1\r\nHost: APP\r\n\r\n"], &["403"]).await;
    check(&["GET http://APP@other.example/x HTTP/1.1\r\nHost: APP\r\n\r\n"], &["403"]).await;
    check(&["GET /x HTTP/1.1\r\nHost: APP\r\n\r\n"], &["400"]).await;
    check(&["GET https://APP/x HTTP/1.1\r\nHost: APP\r\n\r\n"], &["400"]).await;
}

#[tokio::test]
async fn a_second_request_hidden_in_the_first_is_a_request() {
    let hidden = "POST http://APP/fine HTTP/1.1\r\nHost: APP\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n\
        0\r\n\r\nPOST http://APP/api/orders HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(Manner::Keeps).await;
    let egress = egress(&server).await;
    let mut stream = TcpStream::connect(egress.addr()).await.unwrap();
    stream.write_all(hidden.replace("APP", &server.addr.to_string()).as_bytes()).await.unwrap();
    let (mut answers, mut buffer) = (String::new(), vec![0; 4096]);
    // Either both are answered, or the proxy closes after the first.
    while !answers.contains("403") {
        let count = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.expect("an answer in time").unwrap();
        answers.push_str(&String::from_utf8_lossy(&buffer[..count]));
        if count == 0 {
            break;
        }
    }
    assert!(answers.contains("200") || answers.contains("400"), "{answers}");
    assert!(!server.received().contains("orders"), "{}", server.received());
    let received = check(
        &["GET http://APP/x HTTP/1.1\r\nHost: APP\r\nConnection: Upgrade, X-Own\r\nX-Own: 1\r\nUpgrade: h2c\r\n\r\n"],
        &["200"],
    )
    .await;
    assert!(!received.to_lowercase().contains("upgrade") && !received.contains("X-Own"), "{received}");
}

#[tokio::test]
async fn a_tunnel_without_tls_is_read() {
    let open = "CONNECT APP HTTP/1.1\r\nHost: APP\r\n\r\n";
    check(&["CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n"], &["403"]).await;
    check(&[open, "GET /x HTTP/1.1\r\nHost: APP\r\n\r\n"], &["200", "200"]).await;
    check(&[open, "POST /api/orders HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n"], &["200", "403"]).await;
    check(&[open, "POST http://APP/api/orders HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n"], &["200", "400"])
        .await;
    check(&[open, open], &["200", "400"]).await;
    check(&[open, "\r\nPOST /api/orders HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n\r\n"], &["200", "403"]).await;
    let received = check(&[open, "\u{1}\u{2}orders"], &["200", "400"]).await;
    assert_eq!(received, "", "what is not HTTP does not pass");
}

#[tokio::test]
async fn tls_passes_unseen_where_nothing_is_forbidden_and_not_at_all_where_it_cannot_be_read() {
    let check = async |never: &[&str], passed: &str, troubles: usize| {
        let server = Server::start(Manner::Keeps).await;
        let never = never.iter().map(|path| NeverRule::parse(None, None, path).unwrap()).collect();
        let egress = guarded(&server, never, None).await;
        let open = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", server.addr);
        talk(&egress, &[open, "\u{16}\u{3}\u{1}hello".to_owned()]).await;
        assert_eq!((server.received().as_str(), egress.troubles().len()), (passed, troubles));
    };
    check(&[], "\u{16}\u{3}\u{1}hello", 0).await;
    check(&["/api/orders/**"], "", 1).await;
}

#[tokio::test]
async fn a_server_that_leaves_takes_the_browsers_connection_with_it() {
    let server = Server::start(Manner::AnswersAndLeaves).await;
    let egress = egress(&server).await;
    let mut stream = TcpStream::connect(egress.addr()).await.unwrap();
    let text = format!("GET http://{0}/x HTTP/1.1\r\nHost: {0}\r\n\r\n", server.addr);
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.expect("the proxy closes, too").unwrap();
    assert!(answer.ends_with("ok"), "{answer}");
}

#[tokio::test]
async fn a_request_without_answer_is_sent_once() {
    let server = Server::start(Manner::Leaves).await;
    let egress = egress(&server).await;
    let text = format!("POST http://{0}/fine HTTP/1.1\r\nHost: {0}\r\nContent-Length: 0\r\n\r\n", server.addr);
    assert_eq!(talk(&egress, &[text]).await, Vec::<String>::new());
    assert_eq!(server.received().matches("POST /fine").count(), 1);
    assert_eq!(egress.troubles().len(), 1);
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let server = Server::start(Manner::Keeps).await;
    let egress = egress(&server).await;
    let text =
        format!("GET http://{0}/x HTTP/1.1\r\nHost: {0}\r\nX-Long: {1}\r\n\r\n", server.addr, "x".repeat(512 << 10));
    assert_eq!(talk(&egress, &[text]).await.first().map(String::as_str), Some("431"));
    assert_eq!(server.received(), "");
}
