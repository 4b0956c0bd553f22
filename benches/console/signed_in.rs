//! Somebody who is signed in, and asks for pages over one connection.

use super::world::World;
use gengfu::actor::Actor;
use gengfu::id::SessionId;
use gengfu::moment::Clock as _;
use gengfu::people::{
    By, Offer, Pass, PassKind, Password, PasswordHash, PersonName, Proof, Redeemed, Role, Session, SessionLimits,
    Sessions as _, Stage, Welcomes as _, fresh_bytes,
};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The visitor.
pub struct Visitor {
    stream: TcpStream,
    head: String,
}

impl Visitor {
    /// Makes an administrator of a fresh name, and a session of theirs.
    pub async fn enter(world: &World, address: SocketAddr) -> Self {
        let (store, now) = (&world.store, world.clock.now());
        let code = Pass::of(PassKind::Welcome, fresh_bytes()).hash();
        let name: PersonName = format!("bench-{}", std::process::id()).parse().unwrap();
        let (until, by) = (now.after(Duration::from_secs(60)), By { actor: Actor::Robot, at: now });
        store.offer(&Offer::Invited(name.clone(), Role::Administrator), &code, until, &by).await.unwrap().unwrap();
        let hash = PasswordHash::of(&Password::typed("kettle under a red umbrella"), [5; 16]);
        let Redeemed::Person(person) = store.redeem(&code, &name, &hash, now).await.unwrap() else { panic!("{name}") };
        let pass = Pass::of(PassKind::Session, fresh_bytes());
        let session = Session {
            id: SessionId::fresh(),
            hash: pass.hash(),
            person: person.id,
            stage: Stage::In,
            proof: Proof::default(),
            made: now,
            seen: now,
            ends: Session::ending(Stage::In, now, &SessionLimits::default()),
            browser: "a bench".into(),
            address: "here".into(),
        };
        store.begin(&session).await.unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!("Host: {address}\r\nCookie: gengfu_session={}\r\n\r\n", pass.expose());
        Self { stream, head }
    }

    /// How long it takes until a page of reports that is being gathered shows its figures: it comes again by itself. Any other
    /// does at once.
    pub async fn settle(&mut self, path: &str) -> Duration {
        let began = Instant::now();
        while contains(&self.get(path).await.1, b"data-gathering") {}
        began.elapsed()
    }

    /// How long the answer took, and the answer.
    pub async fn get(&mut self, path: &str) -> (Duration, Vec<u8>) {
        let request = format!("GET {path} HTTP/1.1\r\n{}", self.head);
        let began = Instant::now();
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let (mut bytes, mut some) = (Vec::new(), vec![0; 1 << 16]);
        loop {
            let read = self.stream.read(&mut some).await.unwrap();
            assert!(read > 0, "{path}: the console hung up");
            bytes.extend_from_slice(&some[..read]);
            let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if bytes.len() >= end + 4 + length.parse::<usize>().unwrap() {
                return (began.elapsed(), bytes);
            }
        }
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
