//! What the ledger and the vault of a killed robot hold: read as anybody may, between robots and beside them.

use gengfu::alert::{Outbox as _, OutboxRow};
use gengfu::evidence::EvidenceKey;
use gengfu::incident::{Archive as _, Incident, IncidentQuery, MissReason, StripCell, StripMark, WalkQuery};
use gengfu::moment::Moment;
use gengfu::store::Store;
use gengfu::walk::v1::WalkV1;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the books lie.
pub struct Books {
    folder: PathBuf,
    /// Evidence whose bytes were found to be what their name says.
    sound: BTreeSet<String>,
}

/// The ledger at one moment.
pub struct Reading {
    /// Walks by name.
    pub walks: BTreeMap<String, WalkV1>,
    /// Every slot.
    pub slots: Vec<StripCell>,
    /// Every incident.
    pub incidents: Vec<Incident>,
    /// Every notice of them.
    pub notices: Vec<OutboxRow>,
}

impl Books {
    /// The books of the demo's folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), sound: BTreeSet::new() }
    }

    /// Reads the ledger.
    pub async fn read(&self) -> Reading {
        let store = Store::open_read_only(&self.folder.join("gengfu.db")).await.unwrap();
        store.verify().await.unwrap();
        let mut walks = BTreeMap::new();
        let mut before = None;
        loop {
            let rows = store.walks(&WalkQuery { before, limit: 1000, ..WalkQuery::default() }).await.unwrap();
            let Some(last) = rows.last() else { break };
            // Two may have begun in one millisecond.
            before = Some(Moment::from_millis(last.started.as_millis() + i64::from(rows.len() > 1)));
            let known = walks.len();
            for row in rows {
                let stored = store.walk(row.walk).await.unwrap().unwrap();
                walks.insert(row.walk.to_string(), WalkV1::parse(&stored.row.json).unwrap());
            }
            if walks.len() == known {
                break;
            }
        }
        let marks = store.strip(Moment::from_millis(0), Moment::from_millis(i64::MAX)).await.unwrap();
        // The strip shows confirming walks, too; they have no slot.
        let confirms = |walk: &WalkV1| walk.purpose.slot.is_none();
        let is_slot = |cell: &StripCell| match cell.mark {
            StripMark::Walked { walk, .. } => !walks.get(&walk.to_string()).is_some_and(confirms),
            _ => true,
        };
        let slots = marks.into_iter().filter(is_slot).collect();
        let incidents = store.incidents(&IncidentQuery { limit: 1000, ..IncidentQuery::default() }).await.unwrap();
        let notices = store.notices(1000).await.unwrap();
        store.close().await;
        Reading { walks, slots, incidents, notices }
    }

    fn vault(&self) -> PathBuf {
        self.folder.join("evidence")
    }

    /// What is wrong with the evidence: bytes that are not what their name says, and what a walk names that is not
    /// there.
    pub fn unsound(&mut self, reading: &Reading) -> Vec<String> {
        let mut wrong = Vec::new();
        for shard in std::fs::read_dir(self.vault()).unwrap().map(|shard| shard.unwrap().path()) {
            if shard.ends_with(".unfinished") || !shard.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(shard).unwrap().map(|file| file.unwrap()) {
                let name = file.file_name().into_string().unwrap();
                if !self.sound.contains(&name) {
                    let bytes = std::fs::read(file.path()).unwrap();
                    match EvidenceKey::parse(&name) {
                        Some(key) if EvidenceKey::of(&bytes, key.kind()) == key => drop(self.sound.insert(name)),
                        _ => wrong.push(format!("evidence {name} is not what its name says ({} bytes)", bytes.len())),
                    }
                }
            }
        }
        for (id, walk) in &reading.walks {
            let absent = evidence_of(walk).into_iter().filter(|key| !self.sound.contains(&key.to_string()));
            wrong.extend(absent.map(|key| format!("walk {id} names evidence that is not kept: {key}")));
        }
        wrong
    }

    /// How many pieces are kept.
    pub fn pieces(&self) -> usize {
        self.sound.len()
    }

    /// Files that were begun and are not finished.
    pub fn unfinished(&self) -> usize {
        let desks = std::fs::read_dir(self.vault().join(".unfinished")).into_iter().flatten().flatten();
        desks.filter_map(|desk| std::fs::read_dir(desk.path()).ok()).map(Iterator::count).sum()
    }
}

/// Every piece of evidence a walk names.
pub fn evidence_of(walk: &WalkV1) -> Vec<EvidenceKey> {
    let steps = walk.steps.iter().flat_map(|step| [step.picture.evidence(), step.snapshot.evidence()]);
    let found = walk.findings.iter().flat_map(|f| &f.evidence).map(|name| EvidenceKey::parse(name));
    steps.chain(found).chain([walk.network.evidence()]).flatten().collect()
}

impl Reading {
    /// Slots that were taken and have no walk yet.
    pub fn under_way(&self) -> BTreeSet<(String, i64)> {
        let open = self.slots.iter().filter(|cell| cell.mark == StripMark::UnderWay);
        open.map(|cell| (cell.journey.to_string(), cell.at.as_millis())).collect()
    }

    /// What is told of a slot whose walk was cut off, if it is not right: it is lost, or taken and walked again.
    pub fn forgotten(&self, journey: &str, at: i64) -> Option<String> {
        let cell = self.slots.iter().find(|cell| cell.journey.as_str() == journey && cell.at.as_millis() == at);
        match cell.map(|cell| cell.mark) {
            Some(StripMark::Missed(MissReason::Lost) | StripMark::UnderWay | StripMark::Walked { .. }) => None,
            other => Some(format!("slot {at} of {journey} was cut off and is told as {other:?}")),
        }
    }

    /// How many slots were missed, by reason.
    pub fn missed(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for cell in &self.slots {
            if let StripMark::Missed(reason) = cell.mark {
                *counts.entry(reason.word()).or_default() += 1;
            }
        }
        counts
    }

    /// How many walks came to each verdict.
    pub fn verdicts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for walk in self.walks.values() {
            *counts.entry(format!("{:?}", walk.verdict).to_lowercase()).or_default() += 1;
        }
        counts
    }

    /// How many steps met trouble of the robot's own, by kind.
    pub fn troubles(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for trouble in self.walks.values().flat_map(|walk| &walk.steps).filter_map(|step| step.trouble.clone()) {
            *counts.entry(trouble).or_default() += 1;
        }
        counts
    }

    /// What is wrong with the slots of a robot that has ended: due times in none of them, slots without an end, and
    /// slots walked twice.
    pub fn gaps(&self, period_ms: i64) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut due: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for cell in &self.slots {
            due.entry(cell.journey.as_str()).or_default().push(cell.at.as_millis());
            if cell.mark == StripMark::UnderWay {
                wrong.push(format!("slot {} of {} has no end", cell.at, cell.journey));
            }
        }
        for (journey, mut slots) in due {
            slots.sort_unstable();
            for pair in slots.windows(2).filter(|pair| pair[1] - pair[0] != period_ms) {
                let (from, to) = (Moment::from_millis(pair[0]), Moment::from_millis(pair[1]));
                wrong.push(format!("{journey}: nothing is told of the due times between {from} and {to}"));
            }
        }
        let mut walked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for walk in self.walks.values() {
            if let Some(slot) = &walk.purpose.slot {
                *walked.entry((&walk.journey, slot)).or_default() += 1;
            }
        }
        let twice = walked.iter().filter(|(_, times)| **times > 1);
        wrong.extend(twice.map(|((journey, slot), times)| format!("slot {slot} of {journey} has {times} walks")));
        wrong
    }
}
