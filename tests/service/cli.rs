//! The command line as people and scripts meet it: exit codes, streams, colour.

#![expect(clippy::unwrap_used, reason = "a program that cannot be started or read has failed its test")]

use gengfu::demo::{Demo, DemoOptions};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub fn gengfu(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gengfu"));
    command.args(arguments);
    for variable in
        ["GENGFU_CONFIG", "GENGFU_NO_SANDBOX", "GENGFU_BROWSER", "GENGFU_DRIVER", "GENGFU_BASELINE", "NO_COLOR"]
    {
        command.env_remove(variable);
    }
    command
}

/// The command ends with `exit`, its output and complaints hold what is expected, and no colour goes into a pipe.
fn check(mut command: Command, exit: i32, says: &str) -> Output {
    let output = command.output().expect("the program starts");
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{command:?}\n{all}");
    assert!(all.contains(says), "{says:?} in {command:?}:\n{all}");
    assert!(!all.contains('\u{1b}'), "colour in a pipe: {all:?}");
    output
}

#[test]
fn a_wrong_command_line_is_a_matter_of_usage() {
    check(gengfu(&[]), 2, "Usage:");
    check(gengfu(&["wlak"]), 2, "unrecognized subcommand");
    check(gengfu(&["doctor", "--no-such-flag"]), 2, "unexpected argument");
    check(gengfu(&["--help"]), 0, "doctor");
    check(gengfu(&["--version"]), 0, env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_api_describes_itself_in_the_same_bytes_each_time() {
    let told = || check(gengfu(&["api", "--openapi"]), 0, "\"openapi\": \"3.1.0\"").stdout;
    assert_eq!(told(), format!("{}\n", gengfu::console::document()).into_bytes());
    assert_eq!(told(), told());
    check(gengfu(&["api"]), 2, "--openapi");
}

#[test]
fn a_wrong_config_is_shown_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gengfu.yaml");
    std::fs::write(&file, "browsers: {}\n").unwrap();
    let path = file.to_str().unwrap();
    let output = check(gengfu(&["doctor", "--config", path]), 2, "did you mean `browser`?");
    assert!(output.stdout.is_empty(), "complaints go to the error stream");
    check(gengfu(&["doctor", "--config", "/nonexistent.yaml"]), 2, "cannot read the config");
}

#[test]
fn the_doctor_says_what_is_missing_and_a_flag_stands_over_environment_and_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gengfu.yaml");
    std::fs::write(&file, "browser: {browser: /from/file}\n").unwrap();
    let doctor = |more: &[&str]| gengfu(&[&["doctor", "--config", file.to_str().unwrap()], more].concat());
    check(doctor(&[]), 2, "/from/file");
    let mut by_environment = doctor(&[]);
    by_environment.env("GENGFU_BROWSER", "/from/environment");
    check(by_environment, 2, "/from/environment");
    let mut by_flag = doctor(&["--browser", "/from/flag", "--json"]);
    by_flag.env("GENGFU_BROWSER", "/from/environment");
    let output = check(by_flag, 2, "/from/flag");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let needs = json["needs"].as_array().unwrap();
    let browser = needs.iter().find(|need| need["name"] == "browser").unwrap();
    assert_eq!(browser["state"], "missing");
    assert!(browser["remedy"].as_str().unwrap().contains("apt-get install chromium"));
}

/// The demo app, a config for it and one journey, in a folder of their own.
struct Place {
    _demo: Demo,
    folder: tempfile::TempDir,
}

impl Place {
    async fn with(journey: &str) -> Self {
        let demo = Demo::start(DemoOptions { churn: false, ..DemoOptions::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "apps: {{demo: {{base: \"{}\", hosts: [\"{}\"]}}}}\naccounts: {{nobody: [{{username: u, password: env:GENGFU_NO_SUCH}}]}}\n",
            demo.app_url(),
            demo.third_party_url().trim_start_matches("http://"),
        );
        std::fs::write(folder.path().join("gengfu.yaml"), config).unwrap();
        std::fs::write(folder.path().join("journey.yaml"), journey).unwrap();
        Self { _demo: demo, folder }
    }

    /// `gengfu COMMAND journey.yaml` with the config, in the folder.
    fn gengfu(&self, command: &str, more: &[&str]) -> Command {
        let mut gengfu =
            gengfu(&[&[command, "journey.yaml", "--config", "gengfu.yaml", "--no-sandbox"], more].concat());
        gengfu.current_dir(self.folder.path());
        gengfu
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }
}

const LOOK: &str =
    "journey: look\ntitle: 看看登录页\napp: demo\nsteps:\n  - open: /login\n    see: {role: heading, name: 欢迎登录}\n";
const MISS: &str = "journey: miss\ntitle: 找不到\napp: demo\nsteps:\n  - open: /login\n  - tap: {role: button, name: 没有这个按钮}\n    within: 1s\n    expect-url: /home\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_passes_leaves_its_reports_and_can_be_repeated_by_id() {
    let place = Place::with(LOOK).await;
    let reports = ["--json", "walk.json", "--html", "walk.html", "--junit", "walk.xml"];
    let output = check(place.gengfu("walk", &reports), 0, "✓ open /login");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let walk: serde_json::Value = serde_json::from_str(&place.read("walk.json")).unwrap();
    assert_eq!((walk["shape"].as_str(), walk["verdict"].as_str()), (Some("walk.v1"), Some("passed")));
    assert!(place.read("walk.html").contains("看看登录页"));
    assert!(place.read("walk.xml").contains("<testsuites"));
    let id = walk["walk"].as_str().unwrap();
    assert!(place.folder.path().join("screenshots/evidence/walks").join(format!("{id}.json")).is_file());
    let mut blind = gengfu(&["replay", id, "--config", "gengfu.yaml", "--no-sandbox"]);
    blind.current_dir(place.folder.path()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    check(blind, 2, "xvfb-run -a gengfu replay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_fails_shows_the_step_what_was_found_and_the_picture() {
    let place = Place::with(MISS).await;
    let output = check(place.gengfu("walk", &["--json", "-", "--language", "en"]), 4, "journey.yaml:6:5");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("walking again"), "something found is looked for once more: {said}");
    let picture = said.lines().find_map(|line| line.split_once("picture ")).expect("a picture is named").1;
    assert!(place.folder.path().join(picture.trim()).is_file(), "{picture}");
    let walks: serde_json::Value = serde_json::from_slice(&output.stdout).expect("only JSON goes to standard output");
    let verdicts: Vec<_> = walks.as_array().unwrap().iter().map(|walk| walk["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["failed", "failed"]);
    assert_eq!(walks[1]["purpose"]["why"], "confirm");
    let once = check(place.gengfu("walk", &["--no-confirm", "--pictures", "none"]), 4, "没有这个按钮");
    assert!(!String::from_utf8_lossy(&once.stdout).contains("再走一遍"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_robot_cannot_say_is_neither_passed_nor_failed() {
    let place = Place::with(&LOOK.replace("app: demo", "app: demo\naccount: nobody")).await;
    check(place.gengfu("walk", &[]), 5, "GENGFU_NO_SUCH");
}

/// An address at which nothing listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_answers_nothing_is_blamed_unless_nothing_else_answers_either() {
    let place = Place::with(LOOK).await;
    let alive = place.read("gengfu.yaml").split('"').nth(1).unwrap().to_owned();
    let config = |control: &str| format!("apps: {{demo: {{base: \"{}\"}}}}\n{control}", nowhere());
    let walk = |control: String, exit: i32, says: &str| {
        std::fs::write(place.folder.path().join("gengfu.yaml"), config(&control)).unwrap();
        check(place.gengfu("walk", &["--no-confirm", "--pictures", "none"]), exit, says);
    };
    walk(String::new(), 4, "ERR_CONNECTION_REFUSED");
    walk(format!("control: {{pages: [\"{alive}\"]}}\n"), 4, "ERR_CONNECTION_REFUSED");
    walk(format!("control: {{pages: [\"{}\", \"{}\"]}}\n", nowhere(), nowhere()), 5, "neither do the control pages");
    walk(format!("control: {{pages: [\"{}\", \"{alive}\"]}}\n", nowhere()), 4, "ERR_CONNECTION_REFUSED");
    let itself = config("").split('"').nth(1).unwrap().to_owned();
    let own = format!("apps: {{demo: {{base: \"{itself}\"}}}}\ncontrol: {{pages: [\"{itself}\"]}}\n");
    std::fs::write(place.folder.path().join("gengfu.yaml"), own).unwrap();
    check(place.gengfu("walk", &[]), 2, "is the app `demo` itself");
    walk("control: {pages: [status]}\n".to_owned(), 2, "scheme, host and port only");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_walked_is_told_before_anything_is() {
    let place = Place::with(LOOK).await;
    check(place.gengfu("walk", &["--var", "nonsense=1"]), 2, "no journey here has a parameter `nonsense`");
    check(place.gengfu("walk", &["--base", "http://127.0.0.1/app"]), 2, "scheme, host and port only");
    check(place.gengfu("walk", &["--browser", "/nonexistent"]), 2, "gengfu doctor");
    check(place.gengfu("walk", &["--json", "nowhere/walk.json"]), 2, "cannot write `nowhere/walk.json`");
    std::fs::write(place.folder.path().join("journey.yaml"), LOOK.replace("app: demo", "app: bank")).unwrap();
    check(place.gengfu("walk", &[]), 2, "add it to `apps:`");
    std::fs::write(place.folder.path().join("journey.yaml"), LOOK.replace("open:", "opne:")).unwrap();
    check(place.gengfu("walk", &[]), 3, "did you mean");
    let mut serve = gengfu(&["serve", "--config", "gengfu.yaml", "--no-sandbox"]);
    serve.current_dir(place.folder.path());
    check(serve, 2, "there is nothing to patrol");
    check(gengfu(&["serve"]), 2, "nothing to patrol");
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_teach_a_baseline_and_a_damaged_one_is_kept() {
    let place = Place::with(LOOK).await;
    check(place.gengfu("walk", &["--learn"]), 2, "--baseline <DIR>");
    check(place.gengfu("walk", &["--baseline", "journey.yaml/x"]), 2, "the baseline `journey.yaml/x`");
    check(place.gengfu("walk", &["--baseline", "known", "--times", "2", "--pictures", "none"]), 0, "通过");
    let mut kept = std::fs::read_dir(place.folder.path().join("known")).unwrap().map(|entry| entry.unwrap().path());
    let file = kept.find(|path| path.extension().is_some_and(|ending| ending == "json")).unwrap();
    let taught: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(
        (taught["walks"].as_u64(), taught["routes"]["/login"]["held"]["not-framed"].as_u64()),
        (Some(2), Some(2))
    );
    std::fs::write(&file, "{half").unwrap();
    check(place.gengfu("walk", &["--baseline", "known"]), 2, "let the walks teach a new one");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{half");
}

/// The program under way, its lines as they come.
pub struct UnderWay {
    child: Child,
    lines: Receiver<String>,
}

impl UnderWay {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let pipes: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for pipe in pipes {
            let tell = tell.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    let _ = tell.send(line);
                }
            });
        }
        Self { child, lines }
    }

    /// The first line that holds `part`.
    pub fn line(&self, part: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(150);
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if line.contains(part) {
                return line;
            }
            seen.push(line);
        }
        panic!("no line with {part:?} in:\n{}", seen.join("\n"));
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// The exit code, which must come within `within`.
    pub fn end(mut self, within: Duration) -> Option<i32> {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        panic!("still there after {within:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_walk_with_its_record() {
    let place =
        Place::with(&LOOK.replace("steps:", "budget: 120s\nsteps:").replace("登录}\n", "登录}\n  - wait: 50s\n")).await;
    let walking = UnderWay::start(place.gengfu("walk", &["--json", "walk.json"]));
    walking.line("✓ open /login");
    walking.signal(Signal::SIGINT);
    assert_eq!(walking.end(Duration::from_secs(30)), Some(5));
    let walk: serde_json::Value = serde_json::from_str(&place.read("walk.json")).unwrap();
    assert_eq!(walk["verdict"], "inconclusive");
    assert_eq!(walk["steps"][0]["outcome"], "passed", "what was walked is kept");
}

#[test]
fn the_demo_comes_up_walks_and_goes_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut demo = gengfu(&["demo", "--port", "0", "--no-sandbox", "--data", data.to_str().unwrap()]);
    demo.current_dir(folder.path());
    let demo = UnderWay::start(demo);
    let address = |line: String| line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let console = address(demo.line("console   http://"));
    let page = get(&console, "/");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("更夫"), "{page}");
    let app = address(demo.line("app       http://"));
    assert!(get(&app, "/login").starts_with("HTTP/1.1 200"));
    demo.line("walked");
    let secret = std::fs::metadata(data.join("secrets/linxt.password")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&secret.permissions()) & 0o777, 0o600);
    demo.signal(Signal::SIGTERM);
    assert_eq!(demo.end(Duration::from_secs(40)), Some(0));
}

fn get(authority: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_week_is_reported_into_a_file_and_complaints_are_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (config, complaints) = (path("gengfu.yaml"), path("complaints.csv"));
    std::fs::write(&config, "store: {file: ledger.db}\n").unwrap();
    let import = || gengfu(&["complaints", "import", &complaints, "--config", &config]);
    let report = |out: &str, more: &[&str]| {
        let out = path(out);
        gengfu(&[&["report", "--week", "2026-W47", "--out", &out, "--config", &config], more].concat())
    };
    check(import(), 2, "cannot be read");
    std::fs::write(&complaints, "week,page,reason,count\n2026-W47,/funds/000123,systems,3\n2026-W47,/x,weather,1\n")
        .unwrap();
    check(import(), 2, "complaints.csv:3");
    std::fs::write(&complaints, "week,page,reason,count\n2026-W47,/funds/000123,systems,3\n").unwrap();
    check(import(), 2, "there is no ledger");
    check(report("week.html", &[]), 2, "there is no ledger");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ledger = dir.path().join("ledger.db");
    runtime.block_on(async { gengfu::store::Store::open(&ledger).await.unwrap().close().await });
    check(import(), 0, "3 complaints in 1 rows, of 2026-W47");
    let shown = check(gengfu(&["audit", "show", "--config", &config]), 0, "complaints-imported").stdout;
    let shown = String::from_utf8(shown).unwrap();
    let digest = gengfu::config::digest_of(&std::fs::read_to_string(&complaints).unwrap());
    for fact in ["system:command-line", "complaints=3", "rows=1", "2026-W47", &format!("digest={digest}")] {
        assert!(shown.contains(fact), "{fact}: {shown}");
    }
    check(report("week.txt", &[]), 2, ".html, .pdf, .csv or .xlsx");
    check(gengfu(&["report", "--week", "47", "--out", "week.html"]), 2, "such as `2026-W47`");
    check(report("week.html", &["--owner", "walth-team"]), 2, "nobody is called `walth-team`");
    check(report("week.html", &["--owner", "default"]), 0, "the report of 2026-W47 is in");
    check(report("week.html", &["--lang", "en"]), 0, "the report of 2026-W47 is in");
    let page = std::fs::read_to_string(path("week.html")).unwrap();
    for shown in ["Weekly report 2026-W47", "&#x2f;funds&#x2f;:id", "missed", "<style>"] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("<script") && !page.contains("href=\"/"), "it needs nothing beside itself");
    check(report("week.csv", &[]), 0, "2026-W47");
    assert!(std::fs::read_to_string(path("week.csv")).unwrap().contains("/funds/:id,服务设施、设备、业务系统,3"));
    check(report("week.xlsx", &[]), 0, "2026-W47");
    assert!(std::fs::read(path("week.xlsx")).unwrap().starts_with(b"PK"));
}
