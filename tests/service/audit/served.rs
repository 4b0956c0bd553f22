//! `gengfu serve` with its audit log: what it was told to do, its key, its checkpoints, and what hinders them.

use super::Kept;
use crate::cli::{UnderWay, gengfu};
use gengfu::audit::{Entry, Line, Log, SigningKey};
use gengfu::store::Store;
use nix::sys::signal::Signal;
use std::path::Path;
use std::time::Duration;

const JOURNEY: &str = "journey: look\ntitle: 看看\napp: demo\nsteps:\n  - use: enter\n";
const PART: &str = "part: enter\ntitle: 进门\nsteps:\n  - open: /\n    see: {text: hi}\n";

/// A config that patrols one journey, at an hour that never comes in a test.
fn place(more: &str) -> Kept {
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "apps: {{demo: {{base: \"http://127.0.0.1:9\"}}}}\npatrols: [{{journeys: ['journeys/*.yaml'], cron: '0 0 29 2 *', timezone: UTC}}]\n\
         console: {{listen: '127.0.0.1:0'}}\nstore: {{file: ledger.db}}\n{more}"
    );
    std::fs::create_dir_all(dir.path().join("journeys/shared")).unwrap();
    std::fs::write(dir.path().join("journeys/look.yaml"), JOURNEY).unwrap();
    std::fs::write(dir.path().join("journeys/shared/enter.yaml"), PART).unwrap();
    std::fs::write(dir.path().join("gengfu.yaml"), config).unwrap();
    // The key is the robot's own; this one signs nothing.
    Kept { dir, key: SigningKey::fresh().unwrap().0 }
}

/// Serves until it says `says`, and ends it as a person would.
fn serve(folder: &Path, says: &str) -> String {
    let mut command = gengfu(&["serve", "--config", "gengfu.yaml", "--no-sandbox"]);
    command.current_dir(folder);
    let serving = UnderWay::start(command);
    let line = serving.line(says);
    serving.signal(Signal::SIGTERM);
    assert_eq!(serving.end(Duration::from_secs(60)), Some(0));
    line
}

async fn told(folder: &Path) -> Vec<(String, String, String)> {
    let store = Store::open_read_only(&folder.join("ledger.db")).await.unwrap();
    let mut entries: Vec<Entry> = Vec::new();
    let mut take = |line| match line {
        Line::Entry(entry) => entries.push(entry),
        Line::Unreadable { said, .. } => panic!("{said}"),
    };
    store.each(&mut take).await.unwrap();
    store.close().await;
    entries.into_iter().map(|entry| (entry.action, entry.object, entry.detail)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_the_last_watch_is_written_down_by_name_and_the_end_is_vouched_for() {
    let kept = place("audit: {checkpoints: elsewhere}\ntags: {codes: codes.csv}\n");
    let folder = kept.dir.path();
    std::fs::write(folder.join("codes.csv"), "dimension,name,code\nreason,systems,R1\n").unwrap();
    let public = serve(folder, "audit key · ").split(" · ").nth(1).unwrap().to_owned();
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(folder.join("audit.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    kept.verify(0, "chain and checkpoints agree, up to the newest entry");
    kept.check(&["verify", "--config", "gengfu.yaml", "--key", &public], 0, "agree");
    let first = told(folder).await;
    let actions: Vec<&str> = first.iter().map(|(action, _, _)| action.as_str()).collect();
    assert_eq!(actions, [&["log-begun"][..], &["config-changed"; 4], &["watch-begun", "watch-ended"]].concat());
    let files: Vec<&str> = first[1..5].iter().map(|(_, object, _)| object.as_str()).collect();
    let [journey, part] = ["file/journeys/look.yaml", "file/journeys/shared/enter.yaml"];
    assert_eq!(files, ["file/codes.csv", "file/gengfu.yaml", journey, part]);

    serve(folder, "audit key");
    assert_eq!(told(folder).await.len(), first.len() + 2, "nothing changed");
    std::fs::write(folder.join("journeys/shared/enter.yaml"), PART.replace("hi", "ho")).unwrap();
    serve(folder, "audit key");
    let changed = &told(folder).await[first.len() + 2..];
    assert_eq!(changed.len(), 3, "{changed:?}");
    assert_eq!((changed[0].0.as_str(), changed[0].1.as_str()), ("config-changed", "file/journeys/shared/enter.yaml"));
    let detail: serde_json::Value = serde_json::from_str(&changed[0].2).unwrap();
    let before: serde_json::Value = serde_json::from_str(&first[4].2).unwrap();
    assert!(detail["old"] == before["new"] && detail["new"] != detail["old"], "{detail}");
    kept.verify(0, "up to the newest entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_no_checkpoint_is_told_and_the_watch_goes_on() {
    let kept = place("audit: {checkpoints: gengfu.yaml/nowhere, every: 100ms}\n");
    let folder = kept.dir.path();
    serve(folder, "warning: no checkpoint of the audit log could be kept");
    let failed =
        |told: &[(String, String, String)]| told.iter().filter(|(action, _, _)| action == "checkpoint-failed").count();
    let told_first = told(folder).await;
    assert_eq!(failed(&told_first), 1, "once, however often it was tried: {told_first:?}");
    assert_eq!(told_first.last().unwrap().0, "watch-ended");
    let text = std::fs::read_to_string(folder.join("gengfu.yaml")).unwrap();
    std::fs::write(folder.join("gengfu.yaml"), text.replace("gengfu.yaml/nowhere", "elsewhere")).unwrap();
    serve(folder, "audit key");
    kept.verify(0, "up to the newest entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_put_back_is_told_when_the_watch_begins_and_ever_after() {
    let kept = place("audit: {checkpoints: elsewhere}\n");
    let folder = kept.dir.path();
    serve(folder, "audit key");
    std::fs::copy(folder.join("ledger.db"), folder.join("backup.db")).unwrap();
    serve(folder, "audit key");
    std::fs::copy(folder.join("backup.db"), folder.join("ledger.db")).unwrap();
    kept.verify(4, "cut off, or the log was rolled back");
    serve(folder, "warning: the audit log is not what its checkpoints say");
    kept.verify(4, "the log was rolled back and went on anew");
    assert!(told(folder).await.iter().any(|(action, _, _)| action == "checkpoint-contradicted"));

    std::fs::remove_file(folder.join("ledger.db")).unwrap();
    serve(folder, "this one was put in its place");
    kept.verify(4, "the log was replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_may_read_signs_nothing() {
    let kept = place("audit: {checkpoints: elsewhere, key: 'file:own.key'}\n");
    let (_, text) = SigningKey::fresh().unwrap();
    std::fs::write(kept.dir.path().join("own.key"), text.expose()).unwrap();
    serve(kept.dir.path(), "chmod 600");
    assert!(!kept.dir.path().join("audit.key").exists() && !kept.dir.path().join("elsewhere").exists());
    kept.verify(5, "there is no key");
}
