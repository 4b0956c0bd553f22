//! Registries behind endpoints, asked of a real server on loopback: what is held to, what a walk says it was not held to,
//! and what the command line shows of both.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on should stop where it stands")]

#[path = "registries/copies.rs"]
mod copies;
#[path = "registries/secrets.rs"]
mod secrets;

use super::cli::gengfu;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt as _;
use gengfu::app::registries::Registries;
use gengfu::config::{DiskFiles, ReferenceSecrets};
use gengfu::demo::{Demo, DemoOptions};
use gengfu::journey::{FileProblem, Files, Limits, Oracle, load_oracle};
use gengfu::moment::{HandClock, Moment};
use gengfu::oracle::Supplied;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a bank answers now, and what it was asked.
#[derive(Clone)]
struct Bank {
    answer: Arc<Mutex<fn() -> Response>>,
    asked: Arc<Mutex<Vec<HeaderMap>>>,
    base: String,
}

impl Bank {
    async fn open(answer: fn() -> Response) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let bank = Self { answer: Arc::new(Mutex::new(answer)), asked: Arc::default(), base };
        let app = Router::new()
            .route("/funds", get(async || Html(LIST)))
            .route("/moved", get(async || CSV.into_response()))
            .fallback(ask)
            .with_state(bank.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        bank
    }

    fn answers(&self, answer: fn() -> Response) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

async fn ask(State(bank): State<Bank>, headers: HeaderMap) -> Response {
    bank.asked.lock().unwrap().push(headers);
    let answer = *bank.answer.lock().unwrap();
    let answer = answer();
    // What never comes.
    if answer.status() == StatusCode::REQUEST_TIMEOUT {
        std::future::pending::<()>().await;
    }
    answer
}

/// A list that lacks all but one.
const LIST: &str = "<title>基金</title><h1>基金</h1><p>这里列出本行代销的全部公募基金，点开可以看到净值和费率</p>\
                    <ul><li data-code=A1>甲 <b class=nav>1.50</b></li></ul>";

const CSV: ([(header::HeaderName, &str); 1], &str) =
    ([(header::CONTENT_TYPE, "text/csv")], "code,name,nav\nA1,甲,1.50\nB2,乙,2.00\nC3,丙,\nD4,丁,\nE5,戊,\n");

fn five() -> Response {
    CSV.into_response()
}

fn two() -> Response {
    ([(header::CONTENT_TYPE, "text/csv")], "code,nav\nA1,1.50\nB2,2.00\n").into_response()
}

fn three() -> Response {
    ([(header::CONTENT_TYPE, "text/csv")], "code,name,nav\nA1,甲,1.50\nB2,乙,2.00\nC3,丙,\n").into_response()
}

fn down() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

struct File(String);

impl Files for File {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(self.0.clone().into_bytes())
    }
}

fn text(url: &str, more: &str) -> String {
    format!(
        "oracle: products\napp: bank\nsubjects:\n  fund:\n    title: 基金\n    figures: {{nav: {{as: decimal}}}}\n    \
         places: [{{on: /funds, each: {{css: li}}, key: {{attribute: data-code}}, complete: true, read: {{nav: {{css: .nav}}}}}}]\n    \
         registry: {{url: \"{url}\", key: code{more}}}\n"
    )
}

/// Registries that a robot holds, and the clock it goes by.
struct Stage {
    folder: tempfile::TempDir,
    clock: Arc<HandClock>,
    oracles: Vec<Arc<Oracle>>,
    registries: Registries,
}

impl Stage {
    fn of(url: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::at(Moment::from_millis(1_795_000_000_000)));
        let oracle = load_oracle("oracles/products.yaml", &File(text(url, more)), &Limits::default());
        let oracle = oracle.unwrap_or_else(|problems| panic!("{}", problems[0].render(false)));
        let registries = registries(folder.path(), &clock);
        Self { folder, clock, oracles: vec![Arc::new(oracle)], registries }
    }

    /// The robot was killed and started again.
    fn started_again(self) -> Self {
        Self { registries: registries(self.folder.path(), &self.clock), ..self }
    }

    fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn copy(&self) -> PathBuf {
        let mut files = std::fs::read_dir(self.folder.path().join("registries")).unwrap();
        files.next().expect("a copy is kept").unwrap().path()
    }

    /// A walk is held to so many rows, and says this of them; nothing when it is empty.
    async fn check(&self, rows: usize, says: &str) -> Supplied {
        let supplied = self.registries.supply(&self.oracles, false).await;
        assert_eq!(self.rows(&supplied), rows, "{:?}", supplied.losses);
        let said = supplied.losses.join("\n");
        assert_eq!((said.is_empty(), said.contains(says)), (says.is_empty(), true), "{says:?} in {said:?}");
        supplied
    }

    fn rows(&self, supplied: &Supplied) -> usize {
        let filled = supplied.filled(&self.oracles);
        let registry = filled[0].subjects[0].registry.as_ref().unwrap();
        registry.accounts.values().map(std::collections::BTreeMap::len).sum()
    }
}

fn registries(folder: &Path, clock: &Arc<HandClock>) -> Registries {
    let secrets = Arc::new(ReferenceSecrets { folder: folder.to_owned() });
    Registries::new(folder.join("registries"), secrets, clock.clone())
}

#[tokio::test]
async fn csv_and_json_are_read_and_another_place_of_the_same_server_is_gone_to() {
    let check = async |more: &str, rows: usize, answer: fn() -> Response| {
        let bank = Bank::open(answer).await;
        Stage::of(&format!("{}/products?token=t0k3n", bank.base), more).check(rows, "").await;
    };
    check("", 5, five).await;
    let json = || axum::Json(serde_json::json!({"data": [{"code": "A1", "nav": 1.5}, {"code": "B2"}]})).into_response();
    check(", rows: $.data", 2, json).await;
    check("", 5, || (StatusCode::FOUND, [(header::LOCATION, "/moved")]).into_response()).await;
    let gbk = || {
        let bytes = b"code,name\nA1,\xbb\xf9\xbd\xf0\n".to_vec();
        ([(header::CONTENT_TYPE, "text/csv; charset=GBK")], bytes).into_response()
    };
    check("", 1, gbk).await;
    let gbk = || {
        let bytes = b"code,name\nA1,\xbb\xf9\xbd\xf0\n".to_vec();
        ([(header::CONTENT_TYPE, "text/csv; Charset = \"gbk\"")], bytes).into_response()
    };
    check("", 1, gbk).await;
}

#[tokio::test]
async fn what_is_no_registry_says_why_and_nothing_else() {
    let check = async |answer: fn() -> Response, says: &str| {
        let bank = Bank::open(answer).await;
        let stage = Stage::of(&format!("{}/products?token=t0k3n", bank.base), "");
        let said = stage.check(0, says).await.losses.join("\n");
        assert!(said.ends_with("there is no copy of it: nothing was held to it") && !said.contains("t0k3n"), "{said}");
    };
    check(down, "it answered 500 Internal Server Error").await;
    check(|| StatusCode::NO_CONTENT.into_response(), "it has no rows").await;
    check(|| Html("<form>请登录</form>").into_response(), "it is a page for people, not rows").await;
    check(|| axum::Json(serde_json::json!({"data": []})).into_response(), "say where its rows are").await;
    check(|| vec![0xff_u8; 9].into_response(), "its answer is not in UTF-8").await;
    check(|| "x".repeat((1 << 20) + 1).into_response(), "its answer has more than 1024 KiB").await;
    // In a circle.
    check(|| (StatusCode::FOUND, [(header::LOCATION, "/again?token=t0k3n")]).into_response(), "which is not followed")
        .await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}/products", listener.local_addr().unwrap());
    drop(listener);
    Stage::of(&gone, "").check(0, "it could not be reached: ").await;
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_is_not_waited_for() {
    let bank = Bank::open(|| StatusCode::REQUEST_TIMEOUT.into_response()).await;
    Stage::of(&bank.base, "").check(0, "it did not answer in full within 10 s").await;
    // Nor is anything left of a walk that is called off meanwhile.
    let stage = Stage::of(&bank.base, "");
    let called_off = tokio::time::timeout(Duration::from_secs(1), stage.registries.supply(&stage.oracles, false));
    assert!(called_off.await.is_err());
    bank.answers(five);
    stage.check(5, "").await;
}

#[tokio::test]
async fn a_secret_is_sent_to_its_own_address_and_written_nowhere() {
    let elsewhere = Bank::open(five).await;
    static ELSEWHERE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    ELSEWHERE.set(format!("{}/stolen?token=t0k3n", elsewhere.base)).unwrap();
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, ", authorization: \"exec:echo Bearer hunter2\"");
    stage.check(5, "").await;
    assert_eq!(bank.asked.lock().unwrap()[0]["authorization"], "Bearer hunter2");
    bank.answers(|| (StatusCode::FOUND, [(header::LOCATION, ELSEWHERE.get().unwrap().as_str())]).into_response());
    stage.later(600);
    let said = stage.check(5, "/stolen, which is not followed").await.losses.join("\n");
    assert_eq!((elsewhere.asked(), said.contains("t0k3n")), (0, false), "{said}");
    let kept = std::fs::read_to_string(stage.copy()).unwrap();
    assert!(kept.contains("B2") && !kept.contains("hunter2"), "{kept}");
    let unset = Stage::of(&bank.base, ", authorization: \"env:GENGFU_NO_SUCH\"");
    unset.check(0, "the environment variable `GENGFU_NO_SUCH` is not set").await;
}

#[tokio::test]
async fn it_is_asked_again_when_its_rows_are_too_old_and_by_one_walk_at_a_time() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, ", every: 5m");
    let walks = (0..8).map(|_| stage.registries.supply(&stage.oracles, false));
    futures_util::future::join_all(walks).await;
    assert_eq!(bank.asked(), 1);
    stage.later(299);
    stage.check(5, "").await;
    assert_eq!(bank.asked(), 1);
    stage.later(1);
    stage.check(5, "").await;
    assert_eq!(bank.asked(), 2);
    assert_eq!(stage.rows(&stage.registries.supply(&stage.oracles, false).await), 5);
    assert_eq!(bank.asked(), 2);
}

#[tokio::test]
async fn a_finding_is_confirmed_by_what_it_says_now_alone() {
    let bank = Bank::open(three).await;
    let stage = Stage::of(&bank.base, "");
    let confirm = async |rows: usize, asked: usize, says: &str| {
        let supplied = stage.registries.supply(&stage.oracles, true).await;
        assert_eq!((stage.rows(&supplied), bank.asked()), (rows, asked), "{:?}", supplied.losses);
        let said = supplied.losses.join("\n");
        assert_eq!((said.is_empty(), said.contains(says)), (says.is_empty(), true), "{says:?} in {said:?}");
    };
    // An answer that was cut may be what a walk has found, however short it was.
    stage.check(3, "").await;
    bank.answers(five);
    confirm(5, 2, "").await;
    let both = [true, true, true].map(|confirming| stage.registries.supply(&stage.oracles, confirming));
    futures_util::future::join_all(both).await;
    assert_eq!(bank.asked(), 4, "one asks for all that wait");
    // What cannot be had now confirms nothing, and the copy serves the others.
    let now = "only what it says now confirms a finding";
    bank.answers(down);
    confirm(0, 5, now).await;
    stage.check(5, "was used").await;
    bank.answers(two);
    confirm(0, 6, now).await;
    bank.answers(five);
    confirm(5, 7, "").await;
    // Whoever asked for the others was called off: they ask themselves.
    bank.answers(three);
    let mut waiting = [true; 3].map(|_| Box::pin(stage.registries.supply(&stage.oracles, true)));
    waiting.iter_mut().for_each(|walk| assert!(walk.now_or_never().is_none()));
    let [first, mut second, third] = waiting;
    drop(first);
    assert!((&mut second).now_or_never().is_none());
    drop(second);
    assert_eq!(stage.rows(&third.await), 3);
}

#[tokio::test]
async fn while_an_answer_is_doubted_a_walk_is_held_to_what_both_say() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, "");
    stage.check(5, "").await;
    bank.answers(two);
    stage.later(600);
    let supplied = stage.check(2, "what the copy of 2026-11-18T").await;
    let filled = supplied.filled(&stage.oracles);
    let unsure = filled[0].subjects[0].registry.as_ref().unwrap().unsure.clone().unwrap();
    assert_eq!(unsure.iter().collect::<Vec<_>>(), ["C3", "D4", "E5"]);
    bank.answers(five);
    stage.later(60);
    let supplied = stage.check(5, "").await;
    assert_eq!(supplied.filled(&stage.oracles)[0].subjects[0].registry.as_ref().unwrap().unsure, None);
    // Whose row is whose is not put together from two tables.
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, ", account: name, columns: [code]");
    stage.check(5, "").await;
    bank.answers(|| ([(header::CONTENT_TYPE, "text/csv")], "code,name\nA1,甲\nB2,乙\n").into_response());
    stage.later(600);
    stage.check(0, "has 2 rows where it had 5").await;
}

#[tokio::test]
async fn the_last_good_copy_serves_until_it_is_too_old() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, "");
    stage.check(5, "").await;
    bank.answers(down);
    stage.later(10 * 60);
    stage.check(5, "could not be read: it answered 500 Internal Server Error; the copy of 2026-11-18T").await;
    stage.check(5, "was used, 10 min old").await;
    assert_eq!(bank.asked(), 2, "who fails is not asked by every walk");
    // On the disk it survives the robot.
    let stage = stage.started_again();
    stage.check(5, "was used, 10 min old").await;
    stage.later(24 * 3600 - 10 * 60);
    stage.check(5, "was used, 24 h old").await;
    stage.later(3600);
    stage.check(0, "is 25 h old, more than 24 h: nothing was held to it").await;
    // One that is damaged is none.
    std::fs::write(stage.copy(), "{half").unwrap();
    let stage = stage.started_again();
    stage.check(0, "there is no copy of it").await;
    bank.answers(two);
    stage.later(60);
    stage.check(2, "").await;
}

#[tokio::test]
async fn a_disk_that_hangs_is_not_one_without_a_copy() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, "");
    stage.check(5, "").await;
    let (place, copy) = (stage.copy(), std::fs::read(stage.copy()).unwrap());
    std::fs::remove_file(&place).unwrap();
    // Whoever opens it waits until somebody writes.
    nix::unistd::mkfifo(&place, nix::sys::stat::Mode::S_IRWXU).unwrap();
    bank.answers(down);
    let stage = stage.started_again();
    let supplied = stage.registries.supply(&stage.oracles, false).await;
    std::fs::write(&place, "").unwrap();
    std::fs::remove_file(&place).unwrap();
    std::fs::write(&place, copy).unwrap();
    let said = supplied.losses.join("\n");
    assert!(said.ends_with("the disk hangs, and its copy with it: nothing was held to it"), "{said}");
    stage.check(5, "was used").await;
}

#[tokio::test]
async fn one_that_has_lost_most_of_its_rows_is_not_believed_at_once() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, ", every: 1h, stale_after: 4h");
    stage.check(5, "").await;
    bank.answers(two);
    stage.later(3600);
    stage.check(2, "has 2 rows where it had 5, which is believed once it has said so for 4 h").await;
    // What it says again is believed in the end, whoever was started meanwhile; until then its copy gets too old.
    let stage = stage.started_again();
    stage.later(2 * 3600);
    stage.check(2, "has 2 rows where it had 5").await;
    stage.later(2 * 3600 - 1);
    stage.check(0, "has 2 rows where it had 5").await;
    stage.later(60);
    stage.check(2, "").await;
    // One that comes back was never in doubt.
    bank.answers(five);
    stage.later(3600);
    stage.check(5, "").await;
    bank.answers(two);
    stage.later(3600);
    stage.check(2, "has 2 rows").await;
    bank.answers(five);
    stage.later(60);
    stage.check(5, "").await;
    bank.answers(two);
    stage.later(4 * 3600);
    stage.check(2, "has 2 rows").await;
    // Who knows better removes the copy.
    std::fs::remove_file(stage.copy()).unwrap();
    stage.later(60);
    stage.check(2, "").await;
}

/// The demo's oracle, its list of funds in the file or at an address.
struct Demos(Option<String>);

impl Files for Demos {
    fn read(&self, path: &str, bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        let bytes = DiskFiles::new("journeys").read(path, bytes_max)?;
        let Some(url) = self.0.as_ref().filter(|_| path.ends_with(".yaml")) else { return Ok(bytes) };
        let (written, fetched) = ("{file: funds.csv,", format!("{{url: \"{url}\", columns: [on_sale],"));
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(written));
        Ok(text.replace(written, &fetched).into_bytes())
    }
}

#[tokio::test]
async fn the_demos_funds_are_the_same_from_a_file_and_from_an_address() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let load = |url| Arc::new(load_oracle("oracles/products.yaml", &Demos(url), &Limits::default()).unwrap());
    let (file, address) = (load(None), load(Some(format!("{}/registry/funds.csv", demo.control_url()))));
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(HandClock::at(Moment::from_millis(1_795_000_000_000)));
    let supplied = registries(folder.path(), &clock).supply(std::slice::from_ref(&address), false).await;
    assert_eq!(supplied.losses, Vec::<String>::new());
    let rows = |oracle: &Oracle| {
        let subject = oracle.subjects.iter().find(|subject| subject.id == "fund").unwrap();
        subject.registry.as_ref().unwrap().accounts.clone()
    };
    assert_eq!(rows(&supplied.filled(&[address])[0]), rows(&file));
    assert!(rows(&file)[""].len() > 3);
}

/// The command ends with `exit` and says this.
fn check(folder: &Path, arguments: &[&str], exit: i32, says: &[&str]) {
    let output = gengfu(arguments).current_dir(folder).output().unwrap();
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{all}");
    says.iter().for_each(|part| assert!(all.contains(part), "{part:?} in {arguments:?}:\n{all}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_is_held_to_it_and_what_it_could_not_be_held_to_is_no_finding() {
    let bank = Bank::open(five).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    std::fs::create_dir_all(folder.path().join("journeys/oracles")).unwrap();
    write("journeys/oracles/products.yaml", &text(&format!("{}/products?token=t0k3n", bank.base), ""));
    write(
        "journeys/list.yaml",
        "journey: list\napp: bank\nsteps:\n  - open: /funds\n    see: {role: heading, name: 基金}\n",
    );
    write("gengfu.yaml", &format!("apps: {{bank: {{base: \"{}\"}}}}\n", bank.base));
    let place = bank.base.trim_start_matches("http://").to_owned() + "/products";
    let fetch = ["check", "journeys/", "--fetch"];
    check(folder.path(), &fetch, 0, &[&place, "5 rows · columns code, name, nav · "]);
    let walk =
        ["walk", "journeys/list.yaml", "--config", "gengfu.yaml", "--no-sandbox", "--no-confirm", "--pictures", "none"];
    let missing = format!("/funds 上没有基金 B2，而台账 {place} 里有");
    check(folder.path(), &walk, 4, &[&missing]);
    bank.answers(down);
    check(folder.path(), &walk, 4, &[&missing, "it answered 500", "Z was used, "]);
    let said = ["it answered 500", "= expected: 200 and CSV with a head line", "with the columns `code`", "= help: "];
    check(folder.path(), &fetch, 5, &said);
    std::fs::remove_dir_all(folder.path().join("data/registries")).unwrap();
    check(folder.path(), &walk, 0, &["it answered 500", "nothing was held to it"]);
    let asked = bank.asked();
    check(folder.path(), &["check", "journeys/"], 0, &["1 registry by `url` (`--fetch` asks)"]);
    assert_eq!(bank.asked(), asked, "nothing is asked without being told to");
}
