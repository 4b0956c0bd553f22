//! Canaries: a server that gives back what it is given, and a search for secrets in everything that was kept,
//! with decoders of its own: what the masker knows of spellings is not asked.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;
use std::sync::LazyLock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The session that the server gives out; it echoes it in a body too.
pub const SESSION: &str = "q8Zr0aa81KdPqX77";

/// A running server, gone with its value.
pub struct Echo {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    serving: JoinHandle<()>,
}

impl Echo {
    /// Serves `page` at `/page`, and echoes elsewhere.
    pub async fn open(page: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(move |request: Request| answer(page, request));
        Self { base, serving: tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }) }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(page: &'static str, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path();
    let said = parts.headers.get("x-say").cloned();
    let mut response = Response::new(Body::empty());
    let mut set = |name: &'static str, value: HeaderValue| response.headers_mut().append(name, value);
    set("set-cookie", HeaderValue::from_str(&format!("sid={SESSION}; HttpOnly; Path=/")).unwrap());
    if let Some(said) = &said {
        set("x-echo", said.clone());
        set("x-raw", HeaderValue::from_bytes(&percent(said.as_bytes())).unwrap());
        set("set-cookie", HeaderValue::from_bytes(&[b"last=".as_slice(), said.as_bytes()].concat()).unwrap());
        set("x-csrf-token", said.clone());
        set(
            "www-authenticate",
            HeaderValue::from_bytes(&[b"Basic realm=".as_slice(), said.as_bytes()].concat()).unwrap(),
        );
    }
    let (kind, body) = match (path, &parts.method) {
        ("/page", _) => ("text/html; charset=utf-8", Bytes::from_static(page.as_bytes())),
        ("/token", _) => ("text/plain", Bytes::from(format!("session is {SESSION}"))),
        ("/file", _) => {
            set(
                "content-disposition",
                HeaderValue::from_bytes(
                    &[b"attachment; filename=".as_slice(), &percent(parts.uri.query().unwrap_or_default().as_bytes())]
                        .concat(),
                )
                .unwrap(),
            );
            ("text/csv", Bytes::from_static(b"a,b\n1,2\n"))
        }
        (path, &Method::POST) if path.starts_with("/echo") => {
            let said = String::from_utf8_lossy(&body).into_owned();
            ("application/json", Bytes::from(serde_json::json!({"code": said, "message": said}).to_string()))
        }
        _ => {
            *response.status_mut() = StatusCode::NOT_FOUND;
            ("text/plain", Bytes::from(path.to_owned()))
        }
    };
    response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
    *response.body_mut() = Body::from(body);
    response
}

fn percent(text: &[u8]) -> Vec<u8> {
    percent_encoding::percent_decode(text).collect()
}

/// What of `secret` can be read in `kept`, also by whoever decodes it; `None` when nothing.
pub fn found(kept: &[u8], secret: &str) -> Option<String> {
    let pieces = pieces_of(secret);
    let seen = |text: &str| {
        let text = text.to_lowercase();
        let piece = pieces.iter().find(|piece| text.contains(piece.as_str()))?;
        let at = text.find(piece.as_str()).unwrap();
        let from = text[..at].char_indices().rev().nth(120).map_or(0, |(i, _)| i);
        Some(format!("`{piece}` after {:?}", &text[from..at]))
    };
    // What the page only fills its lengths with.
    let kept = String::from_utf8_lossy(kept).replace(&"x ".repeat(50), "");
    let mut texts = vec![plain(&kept), plain(&latin(kept.as_bytes()))];
    let packed: Vec<Vec<u8>> = texts.iter().flat_map(|text| unpacked(text)).collect();
    for bytes in &packed {
        let wide: Vec<u16> = bytes.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
        texts.extend([plain(&String::from_utf8_lossy(bytes)), latin(bytes), String::from_utf16_lossy(&wide)]);
    }
    texts.iter().find_map(|text| seen(text))
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// Any six characters in a row tell too much, four of Chinese.
fn pieces_of(secret: &str) -> Vec<String> {
    let chars: Vec<char> = secret.to_lowercase().chars().collect();
    let long = if secret.is_ascii() || chars.iter().any(char::is_ascii) { 6 } else { 4 };
    let forwards = chars.windows(long.min(chars.len())).map(|w| w.iter().collect());
    let backwards: String = chars.iter().rev().collect();
    forwards.chain([backwards]).collect()
}

/// A text without escapes, markup and what cannot be seen, three layers deep.
fn plain(text: &str) -> String {
    static ESCAPES: LazyLock<[Regex; 5]> = LazyLock::new(|| {
        let escapes = [
            r"%u([0-9a-fA-F]{4})",
            r"\\+u([0-9a-fA-F]{4})",
            r"\\+x([0-9a-fA-F]{2})",
            r"&#x([0-9a-fA-F]+);",
            "&#([0-9]+);",
        ];
        escapes.map(|pattern| Regex::new(pattern).unwrap())
    });
    static MARKUP: LazyLock<Regex> = LazyLock::new(|| Regex::new("<[^<>]*>").unwrap());
    let mut text = text.to_owned();
    for _ in 0..3 {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        for (at, escape) in ESCAPES.iter().enumerate() {
            let radix = if at == 4 { 10 } else { 16 };
            let one = |c: &regex::Captures<'_>| {
                u32::from_str_radix(&c[1], radix).ok().and_then(char::from_u32).map_or(String::new(), String::from)
            };
            text = escape.replace_all(&text, one).into_owned();
        }
        text = text.replace("&amp;", "&").replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<");
    }
    let bare = MARKUP.replace_all(&text, "").replace(['\u{200b}', '\u{ad}'], "");
    text.push_str(&bare);
    text
}

/// What base64 and hexadecimal in a text hold.
fn unpacked(text: &str) -> Vec<Vec<u8>> {
    static HEX: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?i)(?:[0-9a-f]{2}){6,}").unwrap());
    static BASE64: LazyLock<Regex> = LazyLock::new(|| Regex::new("[A-Za-z0-9+/_-]{8,}").unwrap());
    let byte = |run: &str, at: usize| u8::from_str_radix(&run[at * 2..at * 2 + 2], 16).unwrap();
    let hex = HEX.find_iter(text).map(|run| run.as_str());
    let mut all = vec![hex.flat_map(|run| (0..run.len() / 2).map(move |at| byte(run, at)).chain(*b" ")).collect()];
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    for shift in 0..4 {
        let mut out = Vec::new();
        for run in BASE64.find_iter(text) {
            let run = run.as_str()[shift..].replace('-', "+").replace('_', "/");
            out.extend(engine.decode(&run[..run.len() / 4 * 4]).unwrap_or_default());
            out.push(b' ');
        }
        all.push(out);
    }
    all
}

#[test]
fn the_search_finds_what_is_hidden() {
    let secret = "Cañary-Kanarie#73";
    let check = |kept: &str| assert!(found(kept.as_bytes(), secret).is_some(), "{kept}");
    check("xx Cañary-Kanarie#73");
    check("CAÑARY-K");
    check("Ca%C3%B1ary-Kanar");
    check("%2543a%25C3%25B1ary-Kanar");
    check(r"Ca\u00f1ary-Kanar");
    check("&#67;a&#241;ary-Kan");
    check("4361c3b16172792d4b616e");
    check(&base64::engine::general_purpose::STANDARD.encode(format!("ab{secret}")));
    check(&base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("user:{secret}")));
    check("<b>C</b>añ<i>ary</i>-Kan");
    assert_eq!(found("nothing of it: Canary, Kan, ary-".as_bytes(), secret), None);
}
