//! One night: a demo app that stays up with one fault switched on, and robots that are killed one after another.

#[path = "books.rs"]
mod books;
#[path = "../stage/chance.rs"]
mod chance;
#[path = "robot.rs"]
pub mod robot;

use books::{Books, Reading, evidence_of};
use chance::Chance;
use gengfu::app::{DemoStage, Stage};
use gengfu::demo::{Mail, Rate};
use gengfu::evidence::EvidenceKey;
use gengfu::incident::{Kind, State};
use robot::{Dead, Robot, family, nests, survivors};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a walk may be waited for.
const WALK_WITHIN: Duration = Duration::from_secs(120);
const JOURNEYS: &str = "journeys: [journeys/login.yaml, journeys/home-assets.yaml, journeys/loan-rate.yaml, \
    journeys/messages.yaml, journeys/transactions.yaml, journeys/wealth-product.yaml, journeys/fund-purchase.yaml]";
/// A fault that one of these journeys meets every time, and the journey.
const FAULT: (&str, &str) = ("PS02", "fund-purchase");
/// The most requests a robot is let make after a walk before it is killed.
const REQUESTS_MAX: u64 = 40;
/// The most it is then let go on, so that it is also killed while it files.
const GO_ON_MAX: Duration = Duration::from_millis(400);

/// What is to be seen through.
pub struct Night {
    /// How many walks the robots have to say they finished.
    pub walks: usize,
    /// How often a robot is killed while it walks.
    pub kills: usize,
    /// What chance starts from.
    pub seed: u64,
    /// How often each of the seven journeys falls due, in seconds.
    pub every_s: u32,
    /// How long processes of a killed robot may be seen.
    pub gone_within: Duration,
}

/// What was seen.
#[derive(Default)]
pub struct Told {
    /// Walks the robots said they finished, and how many of them by robots that were killed.
    finished: (usize, usize),
    /// Robots killed while they walked, and between two walks.
    killed: (usize, usize),
    /// Slots that were under way at a kill.
    cut_off: usize,
    /// The longest that processes of a killed robot were seen.
    gone_after: Duration,
    /// Directories of killed robots.
    nests: usize,
    /// Pieces of evidence, and how many were got back from the console of the next robot.
    pieces: (usize, usize),
    verdicts: String,
    troubles: String,
    missed: String,
    incidents: usize,
    mails: usize,
    took: Duration,
    /// Everything that is wrong.
    pub wrong: Vec<String>,
}

/// Sees the night through; a line a kill goes to `say`.
pub async fn watch_through(night: &Night, say: &(dyn Fn(String) + Sync)) -> Told {
    let _first = rustls::crypto::ring::default_provider().install_default();
    // Short, because browsers put sockets far below it.
    let place = tempfile::Builder::new().prefix("k").rand_bytes(4).tempdir().unwrap();
    let mut watch = Watch::begin(place.path(), night).await;
    let began = Instant::now();
    // Each robot finishes some walks before its end; the last one as many as are wanting.
    let share = (2 * night.walks).div_ceil(night.kills + 1) as u64;
    say("kill  walks  under way  processes  seen until".to_owned());
    let mut robot = watch.start().await;
    while watch.told.killed.0 < night.kills {
        let walks = usize::try_from(watch.chance.below(share)).unwrap_or(1);
        watch.wait_for_walks(&robot, walks).await;
        watch.wait_for_requests(&robot).await;
        let dead = robot.kill();
        let line = watch.look_after(&dead).await;
        say(line);
        robot = watch.start().await;
        watch.look_again(&dead, &robot).await;
    }
    let wanting = night.walks.saturating_sub(watch.told.finished.0);
    watch.wait_for_walks(&robot, wanting).await;
    watch.wait_for_mail().await;
    watch.end(robot).await;
    watch.told.took = began.elapsed();
    watch.told
}

struct Watch {
    stage: DemoStage,
    config: PathBuf,
    tmp: PathBuf,
    books: Books,
    chance: Chance,
    gone_within: Duration,
    period_ms: i64,
    client: reqwest::Client,
    mails: Vec<Mail>,
    told: Told,
    /// Slots cut off by the last kill.
    cut_off: BTreeSet<(String, i64)>,
}

impl Watch {
    async fn begin(place: &Path, night: &Night) -> Self {
        let (folder, tmp) = (place.join("demo"), place.join("t"));
        std::fs::create_dir(&tmp).unwrap();
        let stage = DemoStage::set(&Stage { folder: folder.clone(), port: 0, churn: true }).await.unwrap();
        assert!(stage.app().switch(FAULT.0, Rate::Always));
        let config = stage.config_file().to_owned();
        let patrol = format!("{JOURNEYS}\n    every: {}s\n    jitter: {}s", night.every_s, night.every_s - 1);
        let text = std::fs::read_to_string(&config).unwrap();
        let (before, rest) = text.split_once("journeys: [\"journeys/*.yaml\"]").unwrap();
        let (_, after) = rest.split_once("jitter: 39s").unwrap();
        std::fs::write(&config, format!("{before}{patrol}{after}").replace("step_within: 10s", "step_within: 20s"))
            .unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let books = Books::of(&folder);
        Self {
            stage,
            config,
            tmp,
            books,
            chance: Chance::new(night.seed),
            gone_within: night.gone_within,
            period_ms: i64::from(night.every_s) * 1000,
            client,
            mails: Vec::new(),
            told: Told::default(),
            cut_off: BTreeSet::new(),
        }
    }

    async fn start(&self) -> Robot {
        Robot::start(&self.config, &self.tmp).await
    }

    async fn wait_for_walks(&mut self, robot: &Robot, walks: usize) {
        let (mut seen, mut deadline) = (0, Instant::now() + WALK_WITHIN);
        while robot.said().len() < walks {
            if robot.said().len() > seen {
                (seen, deadline) = (robot.said().len(), Instant::now() + WALK_WITHIN);
            }
            assert!(Instant::now() < deadline, "no walk ends any more: {}", robot.told());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A random number of requests, and then a random little while: both are times at which a walk is under way.
    async fn wait_for_requests(&mut self, robot: &Robot) {
        let arrived = |watch: &Self| watch.stage.app().ledger().last().map_or(0, |line| line.number);
        let until = arrived(self) + 1 + self.chance.below(REQUESTS_MAX);
        let deadline = Instant::now() + WALK_WITHIN;
        while arrived(self) < until {
            assert!(Instant::now() < deadline, "no request arrives any more: {}", robot.told());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let more = self.chance.below(u64::try_from(GO_ON_MAX.as_millis()).unwrap_or(1));
        tokio::time::sleep(Duration::from_millis(more)).await;
    }

    /// After a kill, before the next robot: processes end in time, and the books hold what was said.
    async fn look_after(&mut self, dead: &Dead) -> String {
        let mut gone = Duration::ZERO;
        loop {
            let looked = dead.at.elapsed();
            let left = survivors(&dead.pids, &self.tmp);
            if left.is_empty() {
                break;
            }
            gone = looked;
            if looked > self.gone_within {
                self.told.wrong.push(format!("{} s after a kill there are still {}", gone.as_secs_f32(), words(&left)));
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.told.gone_after = self.told.gone_after.max(gone);
        self.told.nests += dead.nests.len();
        let reading = self.books.read().await;
        self.keep(&dead.said, &reading);
        self.cut_off = reading.under_way();
        self.told.cut_off += self.cut_off.len();
        self.told.finished.1 += dead.said.len();
        if self.cut_off.is_empty() {
            self.told.killed.1 += 1
        } else {
            self.told.killed.0 += 1
        }
        let number = self.told.killed.0 + self.told.killed.1;
        let (walks, open, processes) = (dead.said.len(), self.cut_off.len(), dead.pids.len());
        format!("{number:>4}  {walks:>5}  {open:>9}  {processes:>9}  {:>7} ms", gone.as_millis())
    }

    /// What a robot said it finished is in the ledger with its evidence, and all evidence is whole.
    fn keep(&mut self, said: &BTreeSet<String>, reading: &Reading) {
        self.told.finished.0 += said.len();
        let lost = said.iter().filter(|walk| !reading.walks.contains_key(*walk));
        self.told.wrong.extend(lost.map(|walk| format!("walk {walk} was called finished and is not in the ledger")));
        self.told.wrong.extend(self.books.unsound(reading));
        self.told.pieces.0 = self.books.pieces();
    }

    /// With the next robot: directories are gone, cut off slots are told as lost or walked again, and the console gives out what the
    /// dead one kept.
    async fn look_again(&mut self, dead: &Dead, robot: &Robot) {
        let left = dead.nests.iter().filter(|nest| nest.exists());
        self.told.wrong.extend(left.map(|nest| format!("{} outlived the next start", nest.display())));
        let reading = self.books.read().await;
        for (journey, slot) in std::mem::take(&mut self.cut_off) {
            self.told.wrong.extend(reading.forgotten(&journey, slot));
        }
        let Some(walk) = dead.said.last().and_then(|walk| reading.walks.get(walk)) else { return };
        for key in evidence_of(walk) {
            let answer = self.client.get(format!("{}/evidence/{key}", robot.console)).send().await.unwrap();
            let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
            if !status.is_success() || EvidenceKey::of(&bytes, key.kind()) != key {
                self.told.wrong.push(format!("the console answers {status} with other bytes for {key}"));
            }
            self.told.pieces.1 += 1;
        }
    }

    /// Until the fault that was on all night has been told to its owner.
    async fn wait_for_mail(&mut self) {
        let came = tokio::time::timeout(WALK_WITHIN, self.stage.next_mail()).await;
        self.mails.extend(came.ok().flatten());
    }

    /// The last robot ends as it should; then everything is counted.
    async fn end(&mut self, robot: Robot) {
        let (exit, said) = robot.stop().await;
        if exit != Some(0) {
            self.told.wrong.push(format!("the last robot was told to end and ended with {exit:?}"));
        }
        let left = family(-1, &self.tmp);
        if !left.is_empty() {
            self.told.wrong.push(format!("after the last robot there are still {}", words(&left)));
        }
        self.told.wrong.extend(nests(&self.tmp).iter().map(|nest| format!("{} is left", nest.display())));
        let reading = self.books.read().await;
        self.keep(&said, &reading);
        if self.books.unfinished() > 0 {
            self.told.wrong.push(format!("{} pieces of evidence were never finished", self.books.unfinished()));
        }
        self.told.wrong.extend(reading.gaps(self.period_ms));
        self.told.verdicts = counts(reading.verdicts());
        self.told.troubles = counts(reading.troubles());
        self.told.missed = counts(reading.missed());
        self.incidents(&reading).await;
        if !self.stage.app().tripwire().is_empty() {
            self.told.wrong.push("an order or transfer reached the app".to_owned());
        }
    }

    /// One fault was on all night: there is one incident, opened once, told once, and none besides.
    async fn incidents(&mut self, reading: &Reading) {
        self.told.incidents = reading.incidents.len();
        for incident in &reading.incidents {
            let own = incident.kind == Kind::App && incident.journey.as_str() == FAULT.1;
            let once = incident.state == State::Open && incident.reopened == 0;
            if !own || !once {
                let (state, headline) = (incident.state.word(), &incident.headline.en);
                let cause = incident.cause.as_deref().unwrap_or_default();
                let said = format!("{} {state}, reopened {}: {headline} {cause}", incident.journey, incident.reopened);
                self.told.wrong.push(format!("an incident that no fault explains: {said}"));
            }
        }
        if reading.incidents.len() != 1 {
            self.told.wrong.push(format!("one fault was on and {} incidents stand", reading.incidents.len()));
        }
        // A kill between a mail's last line and the server's word is the one reason to send it again, as the same mail.
        while let Ok(Some(mail)) = tokio::time::timeout(Duration::from_millis(100), self.stage.next_mail()).await {
            self.mails.push(mail);
        }
        self.told.mails = self.mails.len();
        let mut names = BTreeSet::new();
        for mail in &self.mails {
            let text = std::fs::read_to_string(&mail.file).unwrap();
            let head = text.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
            names.insert(head.map(str::to_owned));
        }
        if names.len() != 1 {
            let told = format!("one incident was told by {} mails ({names:?})", names.len());
            self.told.wrong.push(format!("{told}; the outbox: {:?}", reading.notices));
        }
    }
}

impl Told {
    /// One line a figure.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let mut row =
            |name: &str, value: String| writeln!(table, "{name:<44} {value}").expect("invariant: text takes text");
        row("walks called finished (of these by the killed)", format!("{} ({})", self.finished.0, self.finished.1));
        row("robots killed in walks (and between walks)", format!("{} ({})", self.killed.0, self.killed.1));
        row("walks cut off, each told as lost or walked anew", self.cut_off.to_string());
        row("processes of the killed seen for at most", format!("{} ms", self.gone_after.as_millis()));
        row("browsers' directories of the killed, all gone", self.nests.to_string());
        row("evidence whole (and got from the console)", format!("{} ({})", self.pieces.0, self.pieces.1));
        row("verdicts", self.verdicts.clone());
        row("inconclusive because of", self.troubles.clone());
        row("slots missed", self.missed.clone());
        row("incidents (mails), with one fault on", format!("{} ({})", self.incidents, self.mails));
        row("took", format!("{} s", self.took.as_secs()));
        row("wrong", self.wrong.len().to_string());
        table
    }
}

fn counts<K: std::fmt::Display>(counts: impl IntoIterator<Item = (K, usize)>) -> String {
    counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

/// Who they are, for a person.
fn words(pids: &BTreeSet<(i32, u64)>) -> String {
    let line =
        |pid: i32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default().replace('\0', " ");
    let told = pids.iter().map(|(pid, _)| format!("{pid} {}", line(*pid).chars().take(80).collect::<String>()));
    told.collect::<Vec<_>>().join("; ")
}
