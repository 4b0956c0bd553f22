//! `gengfu notify`: what would be sent, what was sent, what the vendor said to it, and nothing secret in any of it.

use super::*;
use crate::store::{at, opening};
use gengfu::incident::Ledger as _;
use gengfu::store::Store;
use std::process::Output;

/// A config with a channel of each kind, by `vendor` where one is given.
fn config(vendor: Option<&Url>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let base = vendor.map(|url| format!(", base: \"{url}\"")).unwrap_or_default();
    let text = format!(
        "channels:
  mail: {{email: {{host: 127.0.0.1, port: 1, tls: none, from: gengfu@bank.test, to: [a@bank.test, b@bank.test]}}}}
  hook: {{webhook: {{url: \"https://hooks.bank.test/t0k3n\", secret: env:CANARY_HOOK}}}}
  ding: {{dingtalk: {{webhook: env:CANARY_TOKEN, secret: env:CANARY_SIGNING{base}}}}}
  wecom: {{wecom: {{webhook: env:CANARY_TOKEN, mention: {{users: [zhangsan]}}{base}}}}}
  feishu: {{feishu: {{webhook: env:CANARY_TOKEN, app: {{id: cli_1, secret: env:CANARY_SIGNING}}{base}}}}}
  slack: {{slack: {{webhook: env:CANARY_SLACK{base}}}}}
  teams: {{teams: {{webhook: env:CANARY_TEAMS}}}}
  duty: {{pagerduty: {{routing_key: env:CANARY_KEY{base}}}}}
  am: {{alertmanager: {{url: \"https://am.bank.test\", token: env:CANARY_SIGNING}}}}
  telegram: {{telegram: {{token: env:CANARY_BOT, chat: \"-100123\"{base}}}}}
console: {{public_url: https://gengfu.bank.test}}
store: {{file: ledger.db}}
"
    );
    std::fs::write(folder.path().join("gengfu.yaml"), text).unwrap();
    let path = folder.path().join("gengfu.yaml").to_str().unwrap().to_owned();
    (folder, path)
}

/// Runs `gengfu notify …`; it ends with `exit` and says each of `parts`, and no secret.
async fn check(arguments: &[&str], secrets: bool, exit: i32, parts: &[&str]) -> String {
    let mut command = crate::cli::gengfu(&[&["notify"], arguments].concat());
    if secrets {
        command
            .env("CANARY_TOKEN", TOKEN)
            .env("CANARY_SIGNING", SIGNING)
            .env("CANARY_SLACK", "T0C4N4RY/B0C4N4RY/c4n4ry0123456789")
            .env("CANARY_KEY", "c4n4ry00000000000000000000000000");
    }
    let output: Output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} in {arguments:?}\n{said}");
    }
    for secret in [CANARY, "t0k3n", "stand-in", "standinforasecret"] {
        assert!(!said.contains(secret), "{secret:?} in {arguments:?}\n{said}");
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_needs_no_secret_and_sends_nothing() {
    let (_folder, config) = config(None);
    let parts = [
        "channel mail · e-mail to a@bank.test",
        "channel mail · e-mail to b@bank.test",
        "POST https://hooks.bank.test/…",
        "POST https://oapi.dingtalk.com/robot/send?access_token=‹env:CANARY_TOKEN›&timestamp=",
        "POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=‹env:CANARY_TOKEN›",
        "\"md5\": \"",
        "POST https://open.feishu.cn/open-apis/bot/v2/hook/‹env:CANARY_TOKEN›",
        "POST https://hooks.slack.com/services/‹env:CANARY_SLACK›",
        "POST ‹env:CANARY_TEAMS›",
        "\"routing_key\": \"‹env:CANARY_KEY›\"",
        "POST https://am.bank.test/api/v2/alerts",
        "authorization: ‹env:CANARY_SIGNING›",
        "POST https://api.telegram.org/bot‹env:CANARY_BOT›/sendPhoto",
        "https://gengfu.bank.test/incidents/",
        "gengfu replay ",
    ];
    check(&["preview", "--config", &config], false, 0, &parts).await;
    let said = check(&["preview", "slack", "--config", &config], false, 0, &["channel slack · Slack"]).await;
    assert!(!said.contains("channel mail"), "{said}");
    check(&["preview", "nobody", "--config", &config], false, 2, &["no channel is named `nobody`", "ding"]).await;
    let id = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";
    check(&["preview", "--incident", id, "--config", &config], false, 2, &["no incident", id]).await;
    check(&["preview"], false, 2, &["there are no `channels:`"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_of_the_ledger_is_shown_as_it_would_be_told() {
    let (folder, path) = config(None);
    let store = Store::open(&folder.path().join("ledger.db")).await.unwrap();
    let filing = opening("v1:aa", at(0));
    store.file(&filing).await.unwrap();
    store.close().await;
    let id = filing.changes[0].after.id.to_string();
    let page = format!("https://gengfu.bank.test/incidents/{id}");
    let parts = ["【更夫 P1】", "找不到“申购”按钮", "客户无法继续办理", &page];
    check(&["preview", "slack", "--incident", &id, "--config", &path], false, 0, &parts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_shows_what_was_sent_and_what_the_vendor_answered() {
    let vendor = Vendor::start(wecom::rules).await;
    let (_folder, path) = config(Some(&vendor.url));
    let sent = ["【更夫 试发】", "\"msgtype\": \"markdown\"", "✓ accepted: 200 OK {\"errcode\":0,\"errmsg\":\"ok\"}"];
    check(&["test", "wecom", "--config", &path], true, 0, &sent).await;
    assert_eq!(vendor.posted().len(), 2);
    vendor.next(Says::this(200, r#"{"errcode":40058,"errmsg":"exceed max length"}"#));
    let refused = ["wecom did not accept it: 200 OK {\"errcode\":40058", "would be given up"];
    check(&["test", "wecom", "--config", &path], true, 2, &refused).await;
    vendor.next(Says::this(200, r#"{"errcode":310000,"errmsg":"description:sign not match"}"#));
    let ours = ["310000", "copy it from its security settings", "not before 900 s"];
    check(&["test", "ding", "--config", &path], true, 5, &ours).await;
    check(&["test", "wecom", "--config", &path], false, 2, &["`CANARY_TOKEN` is not set"]).await;
    check(&["test", "nobody", "--config", &path], true, 2, &["no channel is named `nobody`"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_leaves_nothing_open_at_who_is_on_call() {
    let vendor = Vendor::start(|_, _| Says::this(202, r#"{"status":"success","dedup_key":"x"}"#)).await;
    let (_folder, path) = config(Some(&vendor.url));
    check(&["test", "duty", "--config", &path], true, 0, &["\"severity\": \"info\"", "accepted"]).await;
    let actions: Vec<_> = vendor.posted().iter().map(|posted| posted.json()["event_action"].clone()).collect();
    assert_eq!(actions, ["trigger", "resolve"]);
}
