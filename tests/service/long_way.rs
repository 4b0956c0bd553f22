//! The long way of an incident, end to end: a fault of the demo app, `gengfu serve` with real browsers, DingTalk's
//! stand-in, and people who act on the console, walked there by a real browser too.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

use super::kills::night::robot::Robot;
use super::vendors::{CANARY, SIGNING, TOKEN, Vendor, dingtalk, texts};
use gengfu::app::{DemoStage, Stage};
use gengfu::demo::Rate;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each turn of the story may take, on a machine with much else to do.
const WITHIN: Duration = Duration::from_secs(240);
/// What happens is told to the second in this story.
const SWIFT: &str = "
queue:
  verify: {passes: 2, over: 1s, every: 5s}
";

/// A robot that patrols one journey of the demo, its owner's group in DingTalk, and its console.
struct Story {
    place: tempfile::TempDir,
    stage: DemoStage,
    ding: Vendor,
    robot: Robot,
    client: reqwest::Client,
}

impl Story {
    async fn begin() -> Self {
        let _first = rustls::crypto::ring::default_provider().install_default();
        // Short, because browsers put sockets far below it.
        let place = tempfile::Builder::new().prefix("w").rand_bytes(4).tempdir().unwrap();
        let (folder, tmp) = (place.path().join("demo"), place.path().join("t"));
        std::fs::create_dir(&tmp).unwrap();
        let stage = DemoStage::set(&Stage { folder, port: 0, churn: true }).await.unwrap();
        let ding = Vendor::start(dingtalk::rules_now).await;
        patrol_one(stage.config_file(), &ding);
        let robot = Robot::start(stage.config_file(), &tmp).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { place, stage, ding, robot, client }
    }

    /// The one incident there is, once there is one that `is`.
    async fn incident(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WITHIN;
        loop {
            let url = format!("{}/api/v1/incidents?state=all", self.robot.console);
            let list: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
            let all = list["incidents"].as_array().unwrap();
            assert!(all.len() < 2, "one fault, one incident: {all:#?}");
            match all.first() {
                Some(incident) if is(incident) => return incident.clone(),
                other => assert!(Instant::now() < deadline, "not {what}: {other:#?}\n{}", self.robot.told()),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until the group was sent a message about it with these words, and nothing was refused.
    async fn told(&self, words: &str) {
        let deadline = Instant::now() + WITHIN;
        loop {
            let sent: Vec<Value> = self.ding.posted().iter().map(|posted| posted.json()).collect();
            if sent.iter().any(|message| texts(message).iter().any(|text| text.contains(words))) {
                return;
            }
            assert!(Instant::now() < deadline, "nobody was told {words:?}: {sent:#?}\n{}", self.robot.told());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Walks the steps on the console as a person would, by `gengfu walk`.
    async fn on_the_console(&self, name: &str, steps: &str) {
        let file = self.place.path().join(format!("{name}.yaml"));
        let head = format!("journey: {name}\ntitle: {name}\napp: console\nsafety: reversible\nsteps:{steps}\n");
        std::fs::write(&file, head).unwrap();
        self.walk(&file, &[]).await;
    }

    async fn walk(&self, file: &Path, more: &[&str]) {
        let config = self.place.path().join("console.yaml");
        std::fs::write(&config, format!("apps:\n  console: {{base: \"{}\", locale: zh-CN}}\n", self.robot.console))
            .unwrap();
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_gengfu"));
        command.args(["walk", "--no-sandbox", "--no-confirm", "--config"]).arg(config).arg(file).args(more);
        command.arg("--evidence").arg(self.place.path().join("seen")).kill_on_drop(true);
        let done = command.output().await.unwrap();
        let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).join("\n");
        assert!(done.status.success(), "{}: {said}\n{}", file.display(), self.robot.told());
    }
}

/// One journey every few seconds, told to DingTalk, closed by two walks.
fn patrol_one(config: &Path, ding: &Vendor) {
    let folder = config.parent().unwrap();
    for (name, value) in [("ding.webhook", TOKEN), ("ding.secret", SIGNING)] {
        let file = folder.join("secrets").join(name);
        std::fs::write(&file, value).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let text = std::fs::read_to_string(config).unwrap();
    let channel = format!(
        "channels:\n  group:\n    dingtalk: {{webhook: \"file:secrets/ding.webhook\", secret: \"file:secrets/ding.secret\", base: \"{}\"}}\n",
        ding.url
    );
    let changed = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from:?} is no longer in the demo's config");
        text.replacen(from, to, 1)
    };
    let text = changed(&text, "journeys: [\"journeys/*.yaml\"]", "journeys: [journeys/fund-purchase.yaml]");
    let text = changed(&text, "every: 40s", "every: 15s");
    let text = changed(&text, "jitter: 39s", "jitter: 1s");
    let text = changed(&text, "channels:\n", &channel);
    let text = changed(&text, "{channels: [mailbox]}", "{channels: [group]}");
    let text = changed(&text, "alerts:\n", "alerts:\n  group_within: 1s\n");
    std::fs::write(config, text + SWIFT).unwrap();
}

fn is(standing: &'static str) -> impl Fn(&Value) -> bool {
    move |incident| incident["handling"]["standing"] == standing
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_goes_the_long_way_and_comes_back() {
    let story = Story::begin().await;
    assert!(story.stage.app().switch("PS02", Rate::Always));
    let opened = story.incident("opened", is("confirmed")).await;
    let id = opened["id"].as_str().unwrap().to_owned();
    story.told("首次发现").await;
    assert!(story.ding.posted()[0].json().to_string().contains(&id), "the message leads to it");

    // While the fault lasts.
    let tap = |name: &str, then: &str| {
        format!(
            "
  - open: /incidents/{id}
    see: {{role: heading, name: 逐步对照}}
  - tap: {{role: button, name: {name}}}
    see: {{css: '.way [aria-current=step]', has_text: {then}}}"
        )
    };
    let again = |says: &str| {
        format!(
            "
  - open: /incidents/{id}
    see: {{role: heading, name: 逐步对照}}
  - tap: {{role: button, name: 现在再走一遍}}
    see: {{css: '.wish'}}
  - see: {{css: '.wish .steps li:nth-child(2) img'}}
    within: 60s
  - see: {{css: '.wish [role=status]', has_text: {says}}}
    within: 90s"
        )
    };
    // Whoever doubts it has it walked again, and looks on.
    story.on_the_console("again", &again("故障还在")).await;
    story.on_the_console("acknowledge", &tap("受理", "已受理")).await;
    story.on_the_console("claim", &tap("报告已修复", "报告已修复")).await;
    let refused = story.incident("refused", |i| i["handling"]["claims_refused"] == 1).await;
    assert_eq!(refused["handling"]["standing"], "fixing", "nobody closes it by saying so: {refused}");
    story.told("修复未生效").await;

    // When it is gone.
    assert!(story.stage.app().switch("PS02", Rate::Off));
    story.on_the_console("claim-again", &tap("报告已修复", "报告已修复")).await;
    let closed = story.incident("closed", is("closed")).await;
    assert_eq!(closed["id"], id.as_str());
    story.told("已验证关闭").await;
    story.on_the_console("once-more", &again("走通了，但不计入关闭")).await;

    // And when it is back.
    assert!(story.stage.app().switch("PS02", Rate::Always));
    let back = story.incident("back", |i| i["reopened"] == 1).await;
    assert_eq!((back["id"].as_str(), &back["state"]), (Some(&*id), &Value::from("open")));
    story.told("复发").await;

    // The console's own journeys, with something in it.
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("journeys/console");
    story.walk(&journeys, &["--at-once", "2"]).await;

    for posted in story.ding.posted() {
        let said = posted.json().to_string();
        assert!(!said.contains(CANARY) && !said.contains(SIGNING), "{said}");
    }
    let refused: Vec<_> = story.ding.posted().into_iter().filter(|p| !p.answer.contains("\"errcode\":0")).collect();
    assert!(refused.is_empty(), "the vendor's rules were kept: {refused:#?}");
    assert!(story.stage.app().tripwire().is_empty(), "no order reached the app");
    let (exit, _) = story.robot.stop().await;
    assert_eq!(exit, Some(0));
}
