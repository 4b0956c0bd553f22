//! Live streams: nobody holds so many that another's page hears nothing, and a page that loses its own is told.

use super::house::{Browser, DEADLINE, House};
use gengfu::console::Changed;
use gengfu::people::{Person, Role, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

// As many as one person may hold, and as all may.
const EACH: usize = 8;
const ALL: usize = 64;

/// A live stream, with what was read of it so far.
struct Live {
    stream: TcpStream,
    told: String,
}

impl Live {
    async fn open(browser: &Browser) -> Self {
        let mut stream = TcpStream::connect(browser.address).await.unwrap();
        stream.write_all(format!("{}\r\n", browser.head("GET", "/live")).as_bytes()).await.unwrap();
        let mut live = Self { stream, told: String::new() };
        live.hears("text/event-stream").await;
        live
    }

    /// Reads until `word` was told.
    async fn hears(&mut self, word: &str) {
        let read = async {
            while !self.told.contains(word) {
                let mut some = [0; 4096];
                let read = self.stream.read(&mut some).await.unwrap();
                assert_ne!(read, 0, "it ended without `{word}`: {}", self.told);
                self.told.push_str(&String::from_utf8_lossy(&some[..read]));
            }
        };
        tokio::time::timeout(DEADLINE, read).await.unwrap_or_else(|_| panic!("no `{word}`"));
    }

    /// That it is told of its displacement, and of nothing more.
    async fn is_displaced(&mut self) {
        self.hears("event: displaced").await;
        self.hears("\r\n0\r\n").await;
    }
}

/// `n` streams of `person`'s.
async fn streams(house: &House, person: &Person, n: usize) -> Vec<Live> {
    let browser = house.browser(person, Stage::In).await;
    let mut streams = Vec::new();
    for _ in 0..n {
        streams.push(Live::open(&browser).await);
    }
    streams
}

#[tokio::test]
async fn who_opens_one_too_many_loses_the_oldest_and_nobody_else_does() {
    let house = House::open().await;
    let (many, other) = (house.person("many", Role::Viewer).await, house.person("other", Role::Viewer).await);
    let mut others = streams(&house, &other, 1).await;
    let mut open = streams(&house, &many, EACH).await;
    // Another browser of theirs: it is the person that counts.
    open.extend(streams(&house, &many, 1).await);
    open.remove(0).is_displaced().await;
    house.served.feed.tell(Changed::Walk);
    for live in open.iter_mut().chain(&mut others) {
        live.hears("data: walk").await;
        assert!(!live.told.contains("displaced"), "{}", live.told);
    }
}

#[tokio::test]
async fn somebody_without_any_is_heard_when_others_hold_all_there_are() {
    let house = House::open().await;
    let mut all = Vec::new();
    for n in 0..ALL / EACH {
        let person = house.person(&format!("p{n}"), Role::Viewer).await;
        all.extend(streams(&house, &person, EACH).await);
    }
    let late = house.person("late", Role::Viewer).await;
    let mut late = streams(&house, &late, 1).await;
    all.remove(0).is_displaced().await;
    house.served.feed.tell(Changed::Incident);
    for live in late.iter_mut().chain(&mut all) {
        live.hears("data: incident").await;
    }
}
