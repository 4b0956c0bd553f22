//! The audit log in the real ledger, tampered with by SQL, and the command that finds it.

#![expect(clippy::unwrap_used, reason = "a log that cannot be made or read has failed its story")]

#[path = "audit/served.rs"]
mod served;

use crate::cli::gengfu;
use crate::store::{at, change, filing, fresh, opening, walk_row};
use gengfu::actor::Actor;
use gengfu::audit::{Action, Checkpoint, Detail, Draft, Entry, Line, Log, Object, ObjectKind, Page, SigningKey};
use gengfu::incident::{Archive as _, Filed, Incident, Ledger, State, What};
use gengfu::store::{Before, Store};
use gengfu::vault::CheckpointFolder;
use gengfu::walk::{Purpose, Verdict};
use std::io::BufRead as _;
use std::path::Path;

const APPEND_AT: &str = "GENGFU_TEST_APPEND_AT";

fn draft(n: i64) -> Draft {
    let (actor, action) = (Actor::person("陈晓").unwrap(), Action::EvidenceSeen);
    Draft { at: at(n), actor, action, object: Object::Watch, detail: Detail::default().with("n", n) }
}

async fn entries(store: &Store) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut take = |line| match line {
        Line::Entry(entry) => entries.push(entry),
        Line::Unreadable { said, .. } => panic!("{said}"),
    };
    store.each(&mut take).await.unwrap();
    entries
}

/// Numbers without a gap, every entry whole and after the one before it.
fn assert_chained(entries: &[Entry]) {
    for (n, entry) in entries.iter().enumerate() {
        assert!(entry.is_whole() && entry.seq == n as u64 + 1, "{entry:?}");
        assert!(n == 0 || entry.prev == entries[n - 1].hash, "{entry:?}");
    }
}

#[tokio::test]
async fn a_move_is_in_the_log_exactly_when_it_is_in_the_ledger() {
    let (_dir, store) = fresh().await;
    let first = opening("v1:aa", at(0));
    store.file(&first).await.unwrap();
    store.file(&first).await.unwrap();
    assert_eq!(store.file(&opening("v1:aa", at(1))).await, Ok(Filed::Conflict), "and nothing is written of it");
    let open = first.changes[0].after.clone();
    let walk = walk_row(at(2), Verdict::Failed, Purpose::Manual);
    let seen = Incident { revision: 2, ..open.clone() };
    store
        .file(&filing(walk.clone(), vec![change(What::Sighted, Some(open), seen.clone(), &walk)], vec![]))
        .await
        .unwrap();
    let walk = walk_row(at(3), Verdict::Passed, Purpose::Manual);
    let over = Incident { revision: 3, state: State::Recovered, ..seen.clone() };
    store
        .file(&filing(walk.clone(), vec![change(What::Recovered, Some(seen), over.clone(), &walk)], vec![]))
        .await
        .unwrap();

    let entries = entries(&store).await;
    assert_chained(&entries);
    let told: Vec<_> = entries.iter().map(|e| (e.action.as_str(), e.actor.as_str(), e.object.clone())).collect();
    let incident = format!("incident/{}", over.id);
    let moved = ("incident-moved", "robot", incident.clone());
    assert_eq!(told[1..], [moved.clone(), moved]);
    assert!(told[0].0 == "log-begun" && told[0].2.starts_with("log/"), "{told:?}");
    let detail: serde_json::Value = serde_json::from_str(&entries[2].detail).unwrap();
    assert_eq!(
        (&detail["what"], &detail["from"], &detail["standing"]),
        (&"recovered".into(), &"confirmed".into(), &"verifying".into())
    );
    let moves = store.incident(over.id).await.unwrap().unwrap().moves;
    assert_eq!(moves.len(), 2, "as many as the ledger has");

    let page = Page { object: Some(incident), limit: 1, ..Page::default() };
    assert_eq!(store.read(&page).await.unwrap(), [Line::Entry(entries[1].clone())]);
    let page = Page { after: 2, since: Some(at(0)), limit: 9, ..Page::default() };
    assert_eq!(store.read(&page).await.unwrap(), [Line::Entry(entries[2].clone())]);
    assert_eq!(store.newest_of(ObjectKind::Incident).await.unwrap(), [entries[2].clone()]);
    assert_eq!(store.newest_of(ObjectKind::File).await.unwrap(), []);
}

#[tokio::test]
async fn the_ledger_refuses_to_change_or_forget_an_entry() {
    let (dir, store) = fresh().await;
    for n in 0..5 {
        store.append(&[draft(n)]).await.unwrap();
    }
    let before = entries(&store).await;
    let pool = raw(&dir.path().join("ledger.db")).await;
    for wrong in [
        "UPDATE audit SET actor = 'robot' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 6",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 99, at, actor, action, object, detail, prev, hash FROM audit WHERE seq = 2",
    ] {
        let said = sqlx::raw_sql(wrong).execute(&pool).await.unwrap_err().to_string();
        assert!(said.contains("audit"), "{wrong}: {said}");
    }
    pool.close().await;
    let all = Before { walks: at(99), moves: at(99), notices: at(99), suspicions: at(99) };
    store.forget(&all).await.unwrap();
    assert_eq!(entries(&store).await, before, "what is old is forgotten, and that it was done is not");
}

/// Appends for ever. Only the story of two processes starts it, under a name of the ledger of its own.
#[tokio::test]
async fn appending_process() {
    let Ok(path) = std::env::var(APPEND_AT) else { return };
    let store = Store::open(Path::new(&path)).await.unwrap();
    println!("\nready");
    for n in 0..60 {
        store.append(&[draft(n), draft(n)]).await.unwrap();
    }
    store.close().await;
}

/// Locked files keep two robots from one ledger; here each comes by a name of its own, so that only the database stands
/// between them.
#[tokio::test]
async fn two_processes_that_append_at_once_do_not_fork_the_chain() {
    let (dir, store) = fresh().await;
    store.close().await;
    let (ledger, exe) = (dir.path().join("ledger.db"), std::env::current_exe().unwrap());
    let mut processes = Vec::new();
    for name in ["one.db", "two.db", "three.db"] {
        let path = dir.path().join(name);
        std::os::unix::fs::symlink(&ledger, &path).unwrap();
        let process = std::process::Command::new(&exe)
            .args(["--exact", "audit::appending_process", "--nocapture"])
            .env(APPEND_AT, &path)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        processes.push(process);
    }
    for mut process in processes {
        let lines = std::io::BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.filter(|line| line == "ready").count() == 1, "it appended");
        assert!(process.wait().unwrap().success());
    }
    let store = Store::open(&ledger).await.unwrap();
    let entries = entries(&store).await;
    assert_chained(&entries);
    assert_eq!(entries.len(), 1 + 3 * 60 * 2);
}

/// A ledger's file without the store in between.
async fn raw(path: &Path) -> sqlx::AnyPool {
    sqlx::any::install_default_drivers();
    sqlx::AnyPool::connect(&format!("sqlite:{}", path.display())).await.unwrap()
}

/// A log of 40 entries with a checkpoint at each tenth, its config and its key.
struct Kept {
    dir: tempfile::TempDir,
    key: SigningKey,
}

impl Kept {
    async fn new() -> (Self, Store) {
        let dir = tempfile::tempdir().unwrap();
        let (key, text) = SigningKey::fresh().unwrap();
        std::fs::write(dir.path().join("gengfu.yaml"), "store: {file: ledger.db}\naudit: {checkpoints: audit}\n")
            .unwrap();
        std::fs::write(dir.path().join("audit.key"), text.expose()).unwrap();
        std::fs::set_permissions(dir.path().join("audit.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
        let kept = Self { dir, key };
        for n in 1..40 {
            store.append(&[draft(n)]).await.unwrap();
            if (n + 1) % 10 == 0 {
                kept.sign(&store, (n as u64 + 1) / 10).await;
            }
        }
        (kept, store)
    }

    async fn sign(&self, store: &Store, number: u64) {
        let (log, head) = store.head().await.unwrap().unwrap();
        let checkpoint = Checkpoint::sign(log, number, &head, at(i64::try_from(number).unwrap()), &self.key);
        CheckpointFolder::at(self.dir.path().join("audit")).add(&checkpoint, &self.key.public()).unwrap();
    }

    /// `gengfu audit MORE…` ends with `exit` and says `says`; what it said.
    fn check(&self, more: &[&str], exit: i32, says: &str) -> String {
        let mut command = gengfu(&["audit"]);
        let output = command.args(more).current_dir(self.dir.path()).output().unwrap();
        let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(exit), "{more:?}\n{all}");
        assert!(all.contains(says), "{says:?} in {more:?}:\n{all}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn verify(&self, exit: i32, says: &str) -> String {
        self.check(&["verify", "--config", "gengfu.yaml"], exit, says)
    }
}

#[tokio::test]
async fn what_is_done_to_the_file_is_found_and_located_by_the_command() {
    let (kept, store) = Kept::new().await;
    store.close().await;
    let ledger = kept.dir.path().join("ledger.db");
    let sound = std::fs::read(&ledger).unwrap();
    kept.verify(0, "chain and checkpoints agree, up to the newest entry");
    let spared = ["audit_is_only_appended_to", "audit_is_never_changed", "audit_is_never_deleted"];
    let check = async |sql: &str, findings: usize, says: &str| {
        std::fs::write(&ledger, &sound).unwrap();
        let pool = raw(&ledger).await;
        for trigger in spared {
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"))).execute(&pool).await.unwrap();
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap();
        pool.close().await;
        let told = kept.verify(4, says);
        let found = told.lines().filter(|line| line.starts_with("tampered")).count();
        assert_eq!(found, findings, "{sql}:\n{told}");
    };
    check("UPDATE audit SET actor = 'person:somebody else' WHERE seq = 17", 1, "entry 17 was altered").await;
    check("UPDATE audit SET at = 'yesterday' WHERE seq = 17", 1, "entry 17 was altered").await;
    check("UPDATE audit SET detail = zeroblob(2000000) WHERE seq = 17", 1, "entry 17 was altered").await;
    check("UPDATE audit SET hash = upper(hash) WHERE seq = 17", 1, "entry 17 was altered").await;
    check("UPDATE audit SET seq = 1700 WHERE seq = 17", 1, "entry 17 was moved to another place").await;
    check("UPDATE audit SET seq = -17 WHERE seq = 17", 2, "entry 17 was removed").await;
    check("DELETE FROM audit WHERE seq BETWEEN 12 AND 14", 1, "entries 12 to 14 were removed").await;
    let renumbered = "DELETE FROM audit WHERE seq BETWEEN 12 AND 14; UPDATE audit SET seq = seq - 3 WHERE seq > 14";
    check(renumbered, 1, "entries 12 to 14 were removed").await;
    check("DELETE FROM audit WHERE seq > 33", 1, "entries 34 to 40 were cut off").await;
    check("DELETE FROM audit", 1, "entries 1 to 40 were cut off").await;
    let swapped = "UPDATE audit SET seq = 99 WHERE seq = 21; UPDATE audit SET seq = 21 WHERE seq = 25; \
        UPDATE audit SET seq = 25 WHERE seq = 99";
    check(swapped, 2, "entry 25 was moved to another place").await;
    let inserted = "UPDATE audit SET seq = -seq WHERE seq > 21; UPDATE audit SET seq = 1 - seq WHERE seq < 0; \
        INSERT INTO audit SELECT 22, at, actor, action, object, detail, prev, hash FROM audit WHERE seq = 5";
    check(inserted, 1, "an entry was inserted after entry 21").await;
}

#[tokio::test]
async fn a_log_written_anew_without_the_key_is_found_between_two_checkpoints() {
    let (kept, store) = Kept::new().await;
    let true_log = entries(&store).await;
    store.close().await;
    let ledger = kept.dir.path().join("ledger.db");
    let pool = raw(&ledger).await;
    sqlx::raw_sql("DROP TRIGGER audit_is_never_changed").execute(&pool).await.unwrap();
    let mut before = true_log[22].clone();
    for entry in &true_log[23..] {
        let mut forged = Entry { prev: before.hash, ..entry.clone() };
        forged.actor = if entry.seq == 24 { "robot".into() } else { forged.actor };
        forged.hash = forged.hash_as(forged.seq);
        let row = sqlx::query("UPDATE audit SET actor = $1, prev = $2, hash = $3 WHERE seq = $4");
        let row = row.bind(forged.actor.clone()).bind(forged.prev.to_string()).bind(forged.hash.to_string());
        row.bind(i64::try_from(forged.seq).unwrap()).execute(&pool).await.unwrap();
        before = forged;
    }
    pool.close().await;
    kept.verify(4, "from one of the entries 21 to 30 on was altered and computed anew");
}

#[tokio::test]
async fn the_command_reads_beside_the_robot_and_verifies_what_it_hands_out() {
    let (kept, store) = Kept::new().await;
    let told = kept.verify(0, "40 entries");
    assert!(told.contains(&kept.key.public().to_string()), "{told}");
    store.append(&[draft(40)]).await.unwrap();
    kept.verify(0, "cutting off the newest entry would not be seen");

    let export = kept.check(&["export", "--config", "gengfu.yaml"], 0, "\"seq\":41");
    let file = kept.dir.path().join("log.jsonl");
    std::fs::write(&file, &export).unwrap();
    let public = kept.key.public().to_string();
    let offline = ["verify", "--file", "log.jsonl", "--checkpoints", "audit"];
    kept.check(&offline, 5, "from that folder; give `--key` to be sure");
    kept.check(&offline, 5, "the only key lies where the checkpoints do");
    let pinned = [&offline[..], &["--key", public.as_str()]].concat();
    kept.check(&pinned, 0, "chain and checkpoints agree");
    std::fs::write(&file, export.replacen("陈晓", "陈小", 1)).unwrap();
    kept.check(&pinned, 4, "entry 2 was altered");
    kept.check(&offline, 4, "entry 2 was altered");
    let mut lines: Vec<&str> = export.lines().collect();
    lines.swap(10, 30);
    std::fs::write(&file, lines.join("\n")).unwrap();
    kept.check(&pinned, 4, "moved to another place");

    let thief = SigningKey::fresh().unwrap().0.public().to_string();
    kept.check(
        &[&["verify", "--config", "gengfu.yaml", "--key"][..], &[&thief]].concat(),
        4,
        "a key that was not given",
    );
    kept.check(&["verify", "--config", "gengfu.yaml", "--key", "hunter2"], 2, "not an Ed25519 public key");
    kept.check(&["verify", "--config", "gengfu.yaml", "--checkpoints", "nowhere"], 5, "there is no key");
    kept.check(
        &["verify", "--config", "gengfu.yaml", "--checkpoints", "nowhere", "--key", &public],
        5,
        "there is no checkpoint",
    );
    kept.check(&["verify", "--file", "none.jsonl", "--checkpoints", "audit"], 2, "`none.jsonl` cannot be read");

    let list = kept.check(&["show", "--config", "gengfu.yaml", "--last", "2"], 0, "person:陈晓");
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.lines().last().unwrap().trim_start().starts_with("41  2023-11-15 06:14:00  person:陈晓"), "{list}");
    kept.check(&["show", "--config", "gengfu.yaml", "--since", "1h"], 0, "no entry");
    kept.check(&["show", "--config", "gengfu.yaml", "--since", "soon"], 2, "how long ago");
    store.close().await;
}

#[tokio::test]
async fn a_checkpoint_that_was_altered_or_taken_away_is_found() {
    let (kept, store) = Kept::new().await;
    store.close().await;
    let folder = kept.dir.path().join("audit");
    let file = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "jsonl")).unwrap();
    let sound = std::fs::read_to_string(&file).unwrap();
    let check = |text: String, exit: i32, says: &str| {
        std::fs::write(&file, text).unwrap();
        kept.verify(exit, says);
    };
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    check(sound.replace("\"seq\":20", "\"seq\":21"), 4, &format!("the checkpoint at {name}:2 was altered"));
    let without: Vec<&str> = sound.lines().enumerate().filter(|(n, _)| *n != 2).map(|(_, line)| line).collect();
    check(without.join("\n"), 4, "checkpoint number 3 was removed");
    check(format!("{sound}{{\"v\":1,\"lo"), 0, "cut short in writing, which vouch for nothing: 1");
    check(sound.lines().skip(2).collect::<Vec<_>>().join("\n"), 0, "checkpoints before number 3 are not there");
    check(String::new(), 5, "there is no checkpoint");
}
