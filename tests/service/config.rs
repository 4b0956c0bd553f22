//! Config files: the example is right, and what is wrong is said with its place and its remedy.

#[path = "config/maintenance.rs"]
mod maintenance;
#[path = "config/owners.rs"]
mod owners;
#[path = "config/tagging.rs"]
mod tagging;
#[path = "config/tickets.rs"]
mod tickets;

use gengfu::config::{self, Channel, Config, SignIn};
use gengfu::diagnostic::{Diagnostic, Source};
use gengfu::moment::Moment;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

fn read(text: &str) -> Result<Config, Vec<Diagnostic>> {
    config::parse(Source { name: "gengfu.yaml".into(), text: text.into() })
}

/// `text` is refused with exactly one diagnostic whose title, place and remaining words hold what is expected.
fn check(text: &str, place: (usize, usize), title: &str, says: &str) {
    let found = read(text).expect_err(&format!("refused: {text}"));
    let shown: String = found.iter().map(|d| d.render(false)).collect();
    assert_eq!(found.len(), 1, "{shown}");
    assert!(found[0].title.contains(title), "title {title:?} in:\n{shown}");
    assert!(shown.contains(says), "{says:?} in:\n{shown}");
    assert_eq!(found[0].line_column(), place, "{shown}");
}

#[test]
fn a_customer_is_in_one_pool_and_a_webhook_in_the_clear_only_here() {
    let pools = "accounts:\n  a: [{username: \"1\"}, {username: \"2\"}]\n  b: [{username: \"2\"}]\n";
    check(pools, (3, 6), "one customer stands twice in the pool `b`, and in `a`", "in one pool");
    let hook =
        |url: &str| format!("channels:\n  hook:\n    webhook: {{url: \"{url}\", secret: env:A, old_secret: env:B}}\n");
    check(&hook("http://hooks.bank.example/"), (3, 5), "a webhook in the clear", "this machine only");
    for right in ["https://hooks.bank.example/", "http://127.0.0.1:8080/x", "http://localhost/"] {
        read(&hook(right)).unwrap_or_else(|e| panic!("{right}: {e:?}"));
    }
}

#[test]
fn the_example_is_right() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/gengfu.example.yaml");
    let config = config::load(&example).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(config.patrols.len(), 2);
    let login = "login".parse().unwrap();
    let slots = [0, 300_000].map(|at| config.patrols[0].schedule.next(&login, Moment::from_millis(at)).unwrap());
    assert_eq!(slots[0].after(Duration::from_secs(300)), slots[1]);
    assert_eq!(config.apps["wealth-h5"].never.len(), 2);
    assert_eq!(config.accounts["retail"][0].references().count(), 3);
    assert!(matches!(config.channels["wealth-mail"], Channel::Email(_)));
    assert_eq!(config.resolve(&config.store.file), example.parent().unwrap().join("../data/gengfu.db"));
}

#[test]
fn nothing_is_a_config_of_defaults() {
    let config = read("").or_else(|_| read("{}")).expect("an empty file holds the defaults");
    assert_eq!(config.limits.walks_at_once, 4);
    assert!(config.console.listen.ip().is_loopback());
    assert!(!config.browser.no_sandbox);
}

#[test]
fn unknown_keys_and_wrong_values_say_where_and_what_is_right() {
    check("browsers: {}\n", (1, 1), "unknown key `browsers`", "did you mean `browser`?");
    check(
        "apps:\n  a: {base: \"http://a.example\", nevr: []}\n",
        (2, 33),
        "unknown key `nevr`",
        "did you mean `never`?",
    );
    check("apps:\n  a:\n    base: http://a.example/app\n", (3, 11), "wrong value", "scheme, host and port only");
    check("apps:\n  A: {base: \"http://a.example\"}\n", (2, 3), "wrong value", "`A` is not a name");
    check("apps:\n  a: {}\n", (2, 6), "`base` is missing", "add `base: …`");
    check(
        "browser:\n  step_within: 5\n",
        (2, 16),
        "wrong value",
        "`5` is not a duration: write a whole number and its unit",
    );
    check("browser:\n  headless: no\n", (2, 13), "wrong value", "boolean");
    check("browser:\n  pictures: some\n", (2, 13), "`some` is not one of the choices", "all, failures, none");
    check("browser:\n  lanes_per_browser: 0\n", (2, 3), "`lanes_per_browser` is out of range", "write 1 to 64");
    check("browser:\n  browsers: -1\n", (2, 13), "wrong value", "");
    check("limits:\n  drain_within: 5m\n", (2, 3), "`drain_within (seconds)` is out of range", "found 300");
    check(
        "browser: {headless: true}\nbrowser: {headless: true}\n",
        (2, 1),
        "the key `browser` stands twice",
        "keep one",
    );
    check("never:\n  - {method: post, path: /x}\n", (2, 14), "wrong value", "`post` is not a method");
    check("never:\n  - {path: orders}\n", (2, 12), "wrong value", "start with");
    check("apps: &x {}\naccounts: *x\n", (1, 10), "more than a config file may hold", "write the value out");
}

#[test]
fn secrets_in_the_clear_are_refused_and_not_repeated() {
    let text = "accounts:\n  retail:\n    - {username: u, password: hunter2hunter2}\n";
    check(text, (3, 31), "wrong value", "must be a reference, not the secret itself");
    let said = &read(text).unwrap_err()[0];
    assert!(!format!("{}{}", said.label, said.title).contains("hunter2"));
}

#[test]
fn patrols_need_one_time_and_its_zone() {
    let patrol = |rest: &str| format!("patrols:\n  - journeys: [a.yaml]\n{rest}");
    check(&patrol(""), (2, 5), "a patrol without a time", "every: 5m");
    check(&patrol("    every: 1s\n"), (3, 12), "not a period", "between 5 s");
    check(&patrol("    every: 5m\n    jitter: 5m\n"), (4, 13), "not a jitter", "must be shorter");
    check(&patrol("    cron: \"* * * * *\"\n"), (2, 5), "no time zone", "timezone: Asia/Shanghai");
    check(
        &patrol("    timezone: UTC\n    cron: \"61 * * * *\"\n"),
        (4, 11),
        "not a cron pattern",
        "write minute, hour, day",
    );
    check(
        &patrol("    timezone: UTC\n    cron: \"*/0 * * * *\"\n"),
        (4, 11),
        "not a cron pattern",
        "write minute, hour, day",
    );
    check(
        &patrol("    timezone: UTC\n    cron: \"0 0 0 * * *\"\n"),
        (4, 11),
        "not a cron pattern",
        "write minute, hour, day",
    );
    check(&patrol("    timezone: CST\n    every: 5m\n"), (3, 15), "wrong value", "`CST` is not a time zone");
    check(&patrol("    timezone: UTC\n    every: 5m\n    hours: \"8-20\"\n"), (5, 12), "not hours", "part of the day");
    check("patrols:\n  - {journeys: [], every: 5m}\n", (2, 16), "a patrol without journeys", "at least one");
}

#[test]
fn people_are_reached() {
    let mail = |rest: &str| {
        format!(
            "channels:\n  m:\n    email: {{host: smtp.bank.example, port: 25, from: a@b.example, to: [c@b.example]{rest}}}\n"
        )
    };
    check(&mail(", tls: none"), (3, 5), "mail in the clear", "this machine only");
    check(&mail(", username: u"), (3, 5), "half a sign-in", "go together");
    let owners = |rest: &str| format!("{}owners:\n{rest}", mail(""));
    check(&owners("  default: {channels: [n]}\n"), (5, 12), "no channel is named `n`", "`channels:` has m");
    check(&owners("  team: {channels: [m]}\n"), (5, 9), "no owner named `default`", "reach nobody");
    check(&owners("  default: {channels: []}\n"), (5, 12), "nothing reaches the owner `default`", "channels:");
}

#[test]
fn vendors_are_named_strictly_and_hold_references_only() {
    let channel = |text: &str| format!("channels:\n  c: {{{text}}}\n");
    for right in [
        "dingtalk: {webhook: env:A, secret: env:B, keyword: 巡检, mention: {mobiles: [\"13800138000\"], users: [a1], all: true}}",
        "wecom: {webhook: env:A, pictures: false, mention: {users: [zhang.san], mobiles: [\"+8613800138000\"], all: false}}",
        "feishu: {webhook: env:A, secret: env:B, app: {id: cli_1, secret: env:C}, mention: {users: [ou_1]}, base: \"https://open.larksuite.com\"}",
        "slack: {webhook: env:A, mention: {users: [U1], groups: [S1], all: true}, base: \"http://127.0.0.1:8080/slack\"}",
        "teams: {webhook: env:A, mention: {users: {王经理: wang@bank.example}}}",
        "pagerduty: {routing_key: env:A, base: \"https://events.eu.pagerduty.com\"}",
        "alertmanager: {url: \"https://am.bank.example/prefix\", username: u, password: env:A, lasts: 3d}",
        "telegram: {token: env:A, chat: \"-1001234567890\", mention: {users: [wang]}}",
    ] {
        let config = read(&channel(right)).unwrap_or_else(|e| panic!("{right}: {e:?}"));
        assert_eq!(config.channels.len(), 1);
    }
    let refused = |text: &str, title: &str, says: &str| {
        let found = read(&channel(text)).expect_err(text);
        let shown: String = found.iter().map(|d| d.render(false)).collect();
        assert!(found[0].title.contains(title) && shown.contains(says), "{title:?}, {says:?} in:\n{shown}");
        assert!(!found.iter().any(|d| format!("{}{}", d.title, d.label).contains("hunter2")), "{shown}");
    };
    refused("dingtalk: {webhook: hunter2hunter2}", "wrong value", "must be a reference");
    refused("dingtalk: {webhook: env:A, secrets: env:B}", "unknown key `secrets`", "did you mean `secret`?");
    refused("dingtalk: {webhook: env:A, mention: {phones: []}}", "unknown key `phones`", "mobiles");
    refused("dingtalk: {webhook: env:A, mention: {users: [\"<@all>\"]}}", "wrong value", "letters, digits");
    refused("dingtalk: {webhook: env:A, base: \"http://proxy.bank.example\"}", "in the clear", "this machine only");
    refused("wecom: {webhook: env:A, base: \"https://proxy.bank.example/?key=1\"}", "more than a path", "its secret");
    refused("wecom: {}", "`webhook` is missing", "add `webhook: …`");
    refused("wechat: {webhook: env:A}", "`wechat` is not one of the choices", "wecom");
    refused("teams: {webhook: env:A, mention: {users: {\"<at>\": a}}}", "cannot be called", "without `<`");
    refused("alertmanager: {url: \"http://am.bank.example\"}", "in the clear", "this machine only");
    refused("alertmanager: {url: \"https://a.test\", username: u}", "half a sign-in", "go together");
    refused("alertmanager: {url: \"https://a.test\", username: u, password: env:A, token: env:B}", "two ways", "keep");
    refused("alertmanager: {url: \"https://a.test\", lasts: 12h}", "would end before", "`alerts.remind_every`");
    refused("telegram: {token: env:A, chat: wang}", "not a chat", "-1001234567890");
    refused("telegram: {token: env:A, chat: \"1\", mention: {users: [\"@wang\"]}}", "begins with `@`", "without it");
}

#[test]
fn a_console_that_others_reach_asks_them_to_sign_in_under_tls() {
    check("console: {listen: \"0.0.0.0:4700\"}\n", (1, 19), "in the clear", "public_url: https://");
    let public = |rest: &str| format!("console: {{listen: \"0.0.0.0:4700\", public_url: {rest}}}\n");
    check(&public("\"http://gengfu.bank.example\""), (1, 19), "in the clear", "proxy with TLS");
    check(&public("\"https://127.0.0.1/\""), (1, 19), "in the clear", "proxy with TLS");
    let off = public("\"https://gengfu.bank.example\", sign_in: off");
    check(&off, (1, 87), "would be its administrator", "only this machine reaches");
    check("console: {public_url: \"http://gengfu.bank.example\"}\n", (1, 23), "in the clear", "https://");
    check(
        "console: {public_url: \"https://gengfu.bank.example\", sign_in: off}\n",
        (1, 63),
        "administrator",
        "loopback",
    );
    let asked = |text: &str| read(text).unwrap().console.sign_in;
    assert_eq!(asked("{}\n"), SignIn::Off, "only this machine reaches it");
    assert_eq!(asked("console: {sign_in: required}\n"), SignIn::Required);
    assert_eq!(asked("console: {public_url: \"http://localhost:4700\"}\n"), SignIn::Off);
    assert_eq!(asked("console: {public_url: \"https://gengfu.bank.example\"}\n"), SignIn::Required);
    assert_eq!(asked(&public("\"https://gengfu.bank.example\"")), SignIn::Required);
    for wrong in ["0", "257"] {
        let text = format!("console: {{connections_per_peer: {wrong}}}\n");
        check(&text, (1, 33), "not how many connections one address may hold", "write 1 to 256");
    }
    assert_eq!(read("console: {connections_per_peer: 32}\n").unwrap().console.connections_per_peer, 32);
    check("console: {listen: \"somewhere\"}\n", (1, 19), "not an address to listen on", "127.0.0.1:4700");
}

#[test]
fn files_that_are_no_text_or_too_long_are_refused() {
    let file = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    };
    let refused = |bytes: &[u8]| match config::load(file(bytes).path()) {
        Err(config::ConfigError::Unreadable { why, .. }) => why,
        other => panic!("expected a refusal, got {other:?}"),
    };
    assert!(refused(&[0xff, 0xfe, b'a', 0]).contains("UTF-8"));
    assert!(refused(&vec![b'#'; config::CONFIG_BYTES_MAX + 1]).contains("the most"));
    assert!(config::load(Path::new("/nonexistent/gengfu.yaml")).is_err());
    assert!(config::load(file(b"limits:\r\n  walks_at_once: 2\r\n").path()).is_ok(), "CRLF is only a newline");
    assert!(read("limits:\n\twalks_at_once: 2\n").is_err(), "a tab is no indentation");
    assert!(read(&"[".repeat(10_000)).is_err());
    assert!(read("\0").is_err());
}
