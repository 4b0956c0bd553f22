//! Desks that are killed one after another, at every named point and at random: what they called filed is there once, and
//! its owner was told.

use super::chance::Chance;
use super::desk::owner;
use super::point::POINTS;
use super::receiver::{Came, Receiver};
use gengfu::incident::{Incident, Ledger as _};
use gengfu::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Teams that are told.
pub const OWNERS: usize = 5;
/// How often a desk is killed at each named point, each time a little later in its life.
const TIMES_EACH: u32 = 8;
/// The longest a desk lives that is killed at random.
const LIFE_MAX: Duration = Duration::from_millis(250);
/// The longest anything may be waited for.
const WITHIN: Duration = Duration::from_secs(60);

/// One desk, and what it said.
struct Running {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Running {
    fn start(folder: &Path, receiver: &Receiver, from: usize, rest: &[String]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("--desk").arg(folder).args(["--receiver", receiver.url.as_str(), "--from", &from.to_string()]);
        let mut child = command.args(rest).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, out) = (lines.clone(), child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        Self { child, lines, reader }
    }

    async fn ready(&mut self) {
        let deadline = Instant::now() + WITHIN;
        while !self.lines.lock().unwrap().iter().any(|line| line == "ready") {
            assert!(Instant::now() < deadline && self.child.try_wait().unwrap().is_none(), "a desk did not begin");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until it is dead, by its own hand or, after `life`, by ours. Gives what it called filed: number and incident.
    async fn dead(mut self, life: Duration) -> (bool, Vec<(usize, String)>) {
        let until = Instant::now() + life;
        let mut by_itself = true;
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() >= until {
                by_itself = false;
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.reader.join().unwrap();
        let said = self.lines.lock().unwrap().clone();
        let filed = said.iter().filter_map(|line| {
            let (number, incident) = line.strip_prefix("filed ")?.split_once(' ')?;
            Some((number.parse().ok()?, incident.to_owned()))
        });
        (by_itself, filed.collect())
    }
}

/// What came of it.
#[derive(Default)]
pub struct Told {
    pub kills: BTreeMap<String, usize>,
    pub filed: usize,
    pub messages: usize,
    /// Messages that came again, under their name and word for word.
    pub repeated: usize,
    pub wrong: Vec<String>,
}

/// Kills desks: at each named point, and `random` times at any moment.
pub async fn kill_desks(random: usize, seed: u64) -> Told {
    let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let (mut chance, mut told) = (Chance::new(seed), Told::default());
    let mut filed: BTreeMap<usize, String> = BTreeMap::new();
    let named = POINTS.iter().flat_map(|point| (0..TIMES_EACH).map(move |after| Some((*point, after))));
    for death in named.chain((0..random).map(|_| None)) {
        let from = filed.last_key_value().map_or(0, |(number, _)| number + 1);
        let rest = death.map(|(point, after)| vec!["--die".into(), point.into(), "--after".into(), after.to_string()]);
        let mut desk = Running::start(dir.path(), &receiver, from, &rest.unwrap_or_default());
        desk.ready().await;
        let life = match death {
            Some(_) => WITHIN,
            None => Duration::from_millis(chance.below(u64::try_from(LIFE_MAX.as_millis()).unwrap_or(1))),
        };
        let (by_itself, said) = desk.dead(life).await;
        match death {
            Some((point, after)) if !by_itself => told.wrong.push(format!("never came to {point} {after} times")),
            Some((point, _)) => *told.kills.entry(point.to_owned()).or_default() += 1,
            None => *told.kills.entry("any moment".to_owned()).or_default() += 1,
        }
        for (number, incident) in said {
            if let Some(other) = filed.insert(number, incident.clone()).filter(|other| *other != incident) {
                told.wrong.push(format!("way {number} was filed as {other} and as {incident}"));
            }
        }
    }
    let last = Running::start(dir.path(), &receiver, 0, &["--drain".to_owned()]);
    let (by_itself, _) = last.dead(WITHIN * 2).await;
    if !by_itself {
        told.wrong.push("what waits was never sent".to_owned());
    }
    told.filed = filed.len();
    look(dir.path(), &filed, &receiver.came(), &mut told).await;
    told
}

/// What was called filed is there, once; each open incident was told to its owner, and what came twice was the same.
async fn look(folder: &Path, filed: &BTreeMap<usize, String>, came: &[Came], told: &mut Told) {
    let store = Store::open(&folder.join("gengfu.db")).await.unwrap();
    let most = filed.last_key_value().map_or(0, |(number, _)| number + 2);
    let mut open: BTreeMap<String, String> = BTreeMap::new();
    for number in 0..most {
        let journey = super::invented::journey(number);
        let known = store.known(&journey.id, super::invented::APP, &[]).await.unwrap();
        let own: Vec<&Incident> = known.incidents.iter().filter(|i| i.journey == journey.id).collect();
        if own.len() > 1 {
            told.wrong.push(format!("way {number} has {} incidents", own.len()));
        }
        let there = own.first().filter(|incident| incident.opened.is_some());
        open.extend(there.map(|incident| (incident.id.to_string(), owner(number, OWNERS))));
        if let Some(id) = filed.get(&number)
            && there.is_none_or(|incident| incident.id.to_string() != *id)
        {
            told.wrong.push(format!("{id} of way {number} was called filed and is not there"));
        }
    }
    if let Err(error) = store.verify().await {
        told.wrong.push(format!("the ledger is damaged: {error}"));
    }
    told.messages = came.len();
    let mut heard: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for message in came {
        if let Some(before) = bodies.insert(&message.id, &message.body) {
            told.repeated += 1;
            if before != message.body {
                told.wrong.push(format!("{} came again with other words", message.id));
            }
        }
        for (incident, event) in message.tells() {
            if open.get(&incident) != Some(&message.owner) {
                told.wrong.push(format!("{} was told of {incident}, which is not theirs", message.owner));
            }
            heard.entry((incident, event)).or_default().insert(message.id.clone());
        }
    }
    for incident in open.keys().filter(|id| !heard.keys().any(|(told, _)| told == *id)) {
        told.wrong.push(format!("nobody was told of {incident}"));
    }
    for ((incident, event), messages) in heard.iter().filter(|(_, messages)| messages.len() > 1) {
        told.wrong.push(format!("{event} of {incident} was told under {} names", messages.len()));
    }
}
