//! A console that asks people to sign in, people to do so, and a browser of a few lines.

use super::super::console::fault::{Names, one_fault};
use super::super::console::keeping::somebody;
use super::super::console::world::{Served, World};
use gengfu::actor::Actor;
use gengfu::audit::{Line, Log as _, Page};
use gengfu::config::SignIn;
use gengfu::fleet::Ask;
use gengfu::id::{PersonId, SessionId, WishId};
use gengfu::moment::Clock as _;
use gengfu::people::{
    By, May, Offer, Pass, PassKind, Password, PasswordHash, Person, PersonName, Proof, Redeemed, Role, SealingKey,
    Session, SessionLimits, Sessions as _, Stage, Token, Tokens as _, Welcomes as _, fresh_bytes,
};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const DEADLINE: Duration = Duration::from_secs(20);

/// Everybody's password here.
pub const PASSWORD: &str = "kettle under a red umbrella";
static HASH: LazyLock<PasswordHash> = LazyLock::new(|| PasswordHash::of(&Password::typed(PASSWORD), [5; 16]));

/// Whoever changes somebody without coming in.
pub fn by(world: &World) -> By {
    By { actor: Actor::Robot, at: world.clock.now() }
}

/// What stands in the audit log of a person: who, what, and the details' first words.
pub async fn logged(world: &World, person: PersonId) -> Vec<String> {
    let page = Page { after: 0, since: None, object: Some(format!("person/{person}")), limit: 100 };
    let lines = world.store.read(&page).await.unwrap();
    let entry = |line: Line| match line {
        Line::Entry(entry) => {
            let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap();
            let word = |key: &str| detail[key].as_str().map(|word| format!(" {word}")).unwrap_or_default();
            let words = ["what", "role", "from", "to", "label"].map(word).concat();
            format!("{} {}{words}", entry.actor, entry.action)
        }
        Line::Unreadable { said, .. } => panic!("{said}"),
    };
    lines.into_iter().map(entry).collect()
}

/// The console over one fault, with people.
pub struct House {
    pub world: World,
    pub names: Names,
    pub served: Served,
    /// A walk that somebody asked for.
    pub wish: WishId,
}

impl House {
    pub async fn open() -> Self {
        Self::reached_by(&[]).await
    }

    /// One that is reached by https at `hosts`, too.
    pub async fn reached_by(hosts: &[&str]) -> Self {
        let (mut world, names) = one_fault("x").await;
        world.inside = std::sync::Arc::new(somebody(&world));
        let served = world.serve_with(SignIn::Required, hosts, "127.0.0.1:0").await;
        Self::of(world, names, served).await
    }

    /// One that is served already.
    pub async fn of(world: World, names: Names, served: Served) -> Self {
        let ask = Ask { journey: "fund-purchase".parse().unwrap(), of: None, by: Actor::Robot };
        let wish = world.wishes.ask(ask).await.unwrap().0.id;
        Self { world, names, served, wish }
    }

    /// Somebody who can sign in.
    pub async fn person(&self, name: &str, role: Role) -> Person {
        let (store, now) = (&self.world.store, self.world.clock.now());
        let code = Pass::of(PassKind::Welcome, fresh_bytes()).hash();
        let name: PersonName = name.parse().unwrap();
        let until = now.after(Duration::from_secs(60));
        store.offer(&Offer::Invited(name.clone(), role), &code, until, &by(&self.world)).await.unwrap().unwrap();
        let Redeemed::Person(person) = store.redeem(&code, &name, &HASH, now).await.unwrap() else { panic!("{name}") };
        person
    }

    /// A browser in which `person` has come as far as `stage`.
    pub async fn browser(&self, person: &Person, stage: Stage) -> Browser {
        let (pass, now) = (Pass::of(PassKind::Session, fresh_bytes()), self.world.clock.now());
        let session = Session {
            id: SessionId::fresh(),
            hash: pass.hash(),
            person: person.id,
            stage,
            proof: Proof::default(),
            made: now,
            seen: now,
            ends: Session::ending(stage, now, &SessionLimits::default()),
            browser: "a browser".into(),
            address: "here".into(),
        };
        self.world.store.begin(&session).await.unwrap();
        let mut browser = self.stranger();
        browser.cookies.insert("gengfu_session".into(), pass.expose().into());
        browser
    }

    /// A browser that nobody has signed in with.
    pub fn stranger(&self) -> Browser {
        Browser::at(self.served.address)
    }

    /// A token of `person` that carries `scopes`.
    pub async fn token(&self, person: &Person, scopes: &[May]) -> String {
        let (pass, now) = (Pass::of(PassKind::Token, fresh_bytes()), self.world.clock.now());
        let (whose, scopes) = ((person.id, person.role), scopes.iter().copied().collect());
        let token = Token::new(pass.hash(), whose, "for a test", scopes, 30, now).unwrap();
        self.world.store.add_token(&token).await.unwrap();
        pass.expose().into()
    }
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// What is set of the cookie `name`, flags and all.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        let set = self.headers.iter().filter(|(k, _)| k == "set-cookie").map(|(_, v)| v.as_str());
        set.into_iter().find(|v| v.starts_with(&format!("{name}=")))
    }
}

/// What a browser does: keeps cookies, says whose page a form is of, and finds the page's stamp.
#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    pub host: String,
    pub origin: String,
    pub cookies: HashMap<String, String>,
}

impl Browser {
    pub fn at(address: SocketAddr) -> Self {
        let host = address.to_string();
        Self { address, origin: format!("http://{host}"), host, cookies: HashMap::new() }
    }

    /// The session's cookie, whichever it is called.
    pub fn session(&self) -> Option<String> {
        self.cookies.iter().find(|(k, v)| k.ends_with("gengfu_session") && !v.is_empty()).map(|(_, v)| v.clone())
    }

    /// What a form of this session carries.
    pub fn stamp(&self) -> String {
        let hash = Pass::claimed(PassKind::Session, &self.session().unwrap_or_default()).hash();
        SealingKey::new([7; 32]).stamp(&format!("csrf/{}", hash.as_str()))
    }

    pub fn head(&self, method: &str, path: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{cookies}", self.host)
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        let reply = exchange(self.address, &format!("{}\r\n", self.head("GET", path))).await;
        self.remember(reply)
    }

    /// Sends a form as one of this console's pages does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let stamp = self.stamp();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", stamp.as_str())]).collect();
        let origin = format!("Origin: {}\r\nSec-Fetch-Site: same-origin\r\n", self.origin);
        let reply = exchange(self.address, &self.form(path, &fields, &origin)).await;
        self.remember(reply)
    }

    /// A form with headers of one's own.
    pub fn form(&self, path: &str, fields: &[(&str, &str)], headers: &str) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "Content-Type: application/x-www-form-urlencoded";
        format!("{}{headers}{kind}\r\nContent-Length: {}\r\n\r\n{body}", self.head("POST", path), body.len())
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Reply {
        self.post("/sign-in", &[("name", name), ("password", password), ("next", "/")]).await
    }

    /// Whether it shows pages to whoever uses it.
    pub async fn is_in(&mut self) -> bool {
        let reply = self.get("/incidents").await;
        assert!(matches!(reply.status, 200 | 401), "{}: {}", reply.status, reply.body);
        reply.status == 200
    }

    fn remember(&mut self, reply: Reply) -> Reply {
        for (_, set) in reply.headers.iter().filter(|(k, _)| k == "set-cookie") {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
            if value.is_empty() {
                self.cookies.remove(name);
            }
        }
        reply
    }
}

/// One request in raw bytes; what streams is read up to its head.
pub async fn exchange(address: SocketAddr, request: &str) -> Reply {
    let asked = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        // What is refused early is not read to its end: the answer is there all the same.
        let _refused_early = stream.write_all(request.as_bytes()).await;
        let (mut bytes, mut some) = (Vec::new(), [0; 8192]);
        loop {
            let read = stream.read(&mut some).await.unwrap_or(0);
            bytes.extend_from_slice(&some[..read]);
            let streams = bytes.windows(17).any(|w| w == b"text/event-stream");
            if read == 0 || (streams && bytes.windows(4).any(|w| w == b"\r\n\r\n")) {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
    };
    let text = tokio::time::timeout(DEADLINE, asked).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {request:?}: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()));
    Reply { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
}
