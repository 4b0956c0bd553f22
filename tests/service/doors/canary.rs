//! What opens something is in the clear nowhere: not in the ledger, not in a log, not in `Debug`, not on a later page.

use super::house::{Browser, House};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gengfu::people::{Role, Stage};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// A log that is read afterwards.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;
    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

fn between<'a>(text: &'a str, before: &str, after: char) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}"));
    rest.split(after).next().unwrap()
}

/// A secret as it could be written down: as it is, and as its bytes in base64 and hex.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    let mut all = vec![secret.to_owned(), hex, STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
    all.push(secret.replace(['-', ' '], ""));
    all.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    let mut spellings: Vec<Vec<u8>> = all.into_iter().map(String::into_bytes).collect();
    // A seed is written in base32; what it stands for must not be there either.
    if let Ok(seed) = totp_rs::Secret::try_from_base32(secret.replace(' ', "")) {
        spellings.push(seed.as_ref().to_vec());
        spellings.push(STANDARD.encode(seed.as_ref()).into_bytes());
    }
    spellings
}

#[tokio::test]
async fn secrets_stand_nowhere_in_the_clear() {
    let log = Log::default();
    let logging = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(logging);
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let mut desk = house.browser(&boss, Stage::In).await;
    let mut secrets: Vec<String> = vec![desk.session().unwrap()];

    let invited = desk.post("/people", &[("name", "wang"), ("role", "operator")]).await.body;
    let code = between(&invited, "data-copy=\"", '"').to_owned();
    let (typo, password) = ("canary typed into the name field", "canary in a coal mine at dawn");
    let mut wang: Browser = house.stranger();
    let fields = [("code", code.as_str()), ("name", "wang"), ("password", password), ("again", password)];
    assert_eq!(wang.post("/welcome", &fields).await.status, 303);
    secrets.extend([code, password.to_owned(), wang.session().unwrap(), wang.stamp()]);

    // People type passwords into the wrong field, and wrong ones into the right one.
    wang.sign_in(typo, "canary that was mistyped").await;
    secrets.extend([typo.to_owned(), "canary that was mistyped".to_owned()]);
    assert_eq!(wang.sign_in("wang", password).await.status, 303);
    secrets.push(wang.session().unwrap());

    let made = [("label", "board"), ("days", "30"), ("scope", "see-incidents"), ("password", password)];
    let token = wang.post("/account/tokens", &made).await.body;
    let token = between(&token, "data-copy=\"", '"').to_owned();
    let used = format!("{}Authorization: Bearer {token}\r\n\r\n", house.stranger().head("GET", "/api/v1/today"));
    assert_eq!(super::house::exchange(house.served.address, &used).await.status, 200);
    secrets.push(token);

    let offered = wang.post("/account/second/offer", &[("password", password)]).await.body;
    let seed = between(&offered, "secret=", '&').to_owned();
    let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&seed).unwrap()).build().unwrap();
    let now = gengfu::moment::Clock::now(&*house.world.clock).as_millis() / 1000;
    let digits = totp.generate(u64::try_from(now).unwrap()).to_string();
    let confirmed = wang.post("/account/second/confirm", &[("code", &digits)]).await.body;
    let codes: Vec<&str> = confirmed.split("<li><code>").skip(1).map(|c| c.split('<').next().unwrap()).collect();
    assert_eq!(codes.len(), 10, "{confirmed}");
    secrets.extend(codes.iter().map(|code| (*code).to_owned()));
    secrets.extend([seed, wang.session().unwrap()]);

    let mut places: Vec<(String, Vec<u8>)> = vec![("the log".into(), log.0.lock().unwrap().clone())];
    for ending in ["", "-wal"] {
        let file = format!("{}{ending}", house.world.ledger().display());
        places.push((format!("the ledger{ending}"), std::fs::read(&file).unwrap()));
    }
    for path in ["/", "/account", "/incidents", "/people"] {
        let browser = if path == "/people" { &mut desk } else { &mut wang };
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        // A page carries the stamp of its own session's forms, which opens nothing by itself.
        places.push((path.into(), page.body.replace(&browser.stamp(), "").into_bytes()));
    }
    assert!(places.iter().all(|(place, bytes)| !bytes.is_empty() || place == "the ledger-wal"));
    assert!(secrets.len() >= 20);
    for (place, bytes) in &places {
        for secret in &secrets {
            for spelling in spellings(secret) {
                let found = bytes.windows(spelling.len()).any(|window| window == spelling);
                assert!(!found, "{place} holds {secret:?} as {:?}", String::from_utf8_lossy(&spelling));
            }
        }
    }
}
