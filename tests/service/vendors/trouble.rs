//! What goes wrong with every vendor alike: nobody there, silence, redirects, endless and foreign answers.

use super::*;
use gengfu::channel::{
    Alertmanager, AlertmanagerServer, DingTalk, DingTalkRobot, Feishu, FeishuRobot, PagerDuty, PagerDutyService, Slack,
    SlackWebhook, Teams, TeamsWorkflow, Telegram, TelegramBot, WeCom, WeComRobot,
};

/// A channel of each vendor, all by the server at `url`.
fn everybody(url: &Url) -> Vec<Box<dyn Channel>> {
    let (base, token) = (Some(url.clone()), || secret("env:TOKEN", TOKEN));
    let (mobiles, users, groups) = (Vec::new(), Vec::new(), Vec::new());
    let ding = DingTalkRobot {
        webhook: token(),
        secret: Some(secret("env:SIGNING", SIGNING)),
        keyword: None,
        mobiles: mobiles.clone(),
        users: users.clone(),
        all: false,
        base: base.clone(),
    };
    let wecom =
        WeComRobot { webhook: token(), users: users.clone(), mobiles, all: false, pictures: false, base: base.clone() };
    let feishu = FeishuRobot {
        webhook: token(),
        secret: Some(secret("env:SIGNING", SIGNING)),
        keyword: None,
        app: None,
        users: users.clone(),
        all: false,
        base: base.clone(),
    };
    let path = secret("env:SLACK", "T0C4N4RY/B0C4N4RY/c4n4ry0123456789");
    let slack = SlackWebhook { webhook: path, users: users.clone(), groups, all: false, base: base.clone() };
    let address = format!("{url}workflows/c4n4ry/invoke?sig=c4n4ry-Sig_0123456789");
    let teams = TeamsWorkflow { webhook: secret("env:TEAMS", &address), users: Vec::new() };
    let key = secret("env:KEY", "c4n4ry00000000000000000000000000");
    let duty = PagerDutyService { routing_key: key, base: base.clone() };
    let am = AlertmanagerServer { url: url.clone(), sign_in: None, lasts: Duration::from_secs(60) };
    let bot = secret("env:BOT", "1234567890:c4n4ry_0123456789abcdef");
    let telegram = TelegramBot { token: bot, chat: "-1".into(), users, base };
    let shown = format!("{ding:?}{wecom:?}{feishu:?}{slack:?}{teams:?}{duty:?}{am:?}{telegram:?}");
    assert!(!shown.contains(CANARY) && shown.contains("‹secret env:TOKEN›"), "{shown}");
    vec![
        Box::new(DingTalk::new("ding", ding, clock()).unwrap()),
        Box::new(WeCom::new("wecom", wecom, clock()).unwrap()),
        Box::new(Feishu::new("feishu", feishu, clock()).unwrap()),
        Box::new(Slack::new("slack", slack, clock()).unwrap()),
        Box::new(Teams::new("teams", teams, clock()).unwrap()),
        Box::new(PagerDuty::new("duty", duty, clock()).unwrap()),
        Box::new(Alertmanager::new("am", &am, clock()).unwrap()),
        Box::new(Telegram::new("telegram", telegram, clock()).unwrap()),
    ]
}

fn text_only() -> Notice {
    Notice { picture: None, ..notice() }
}

#[tokio::test]
async fn no_foreign_answer_is_acceptance() {
    let check = async |says: Says, expected: Option<SendFailure>| {
        let vendor = Vendor::start(|_, _| Says::Nothing).await;
        for channel in everybody(&vendor.url) {
            vendor.next(says.clone());
            let error = channel.send(&text_only()).await.expect_err(channel.name());
            assert_eq!(Some(error.failure), expected, "{} {says:?}: {error}", channel.name());
            assert!(!error.said.contains(CANARY) && error.said.chars().count() < 700, "{error}");
        }
        assert_eq!(vendor.posted().len(), 8, "posted once each, no redirect followed: {says:?}");
    };
    check(Says::this(200, "<html>Please sign in to the proxy</html>"), again(0)).await;
    check(Says::this(202, "\u{0}\u{1b}[31m\u{202e}"), again(0)).await;
    check(Says::Endless(200), again(0)).await;
    check(Says::Endless(500), again(0)).await;
    check(Says::Elsewhere, ours()).await;
    check(Says::this(410, ""), GONE).await;
    check(Says::this(407, ""), ours()).await;
    check(Says::Later(503, String::new(), 11), again(11)).await;
    // An answer that repeats what was sent gives nothing away.
    let echo = format!("<html>{TOKEN} {SIGNING} c4n4ry-Sig_0123456789 c4n4ry00000000000000000000000000</html>");
    let known = ["env:TOKEN", "env:SIGNING"];
    let vendor = Vendor::start(|_, _| Says::Nothing).await;
    vendor.next(Says::This(200, echo));
    let said = everybody(&vendor.url)[0].send(&text_only()).await.unwrap_err().said;
    assert!(known.iter().all(|name| said.contains(&format!("‹{name}›"))), "{said}");
    assert!(!said.contains(TOKEN) && !said.contains(SIGNING), "{said}");
}

#[tokio::test]
async fn nobody_there_is_tried_again_and_no_address_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    for channel in everybody(&url) {
        let error = channel.send(&text_only()).await.expect_err(channel.name());
        assert_eq!(Some(error.failure), again(0), "{error}");
        assert!(error.said.contains("could not be reached") && !error.said.contains(CANARY), "{error}");
    }
}

/// The virtual clock goes on by itself whenever everybody waits: the twenty seconds pass at once.
#[tokio::test(start_paused = true)]
async fn silence_is_no_acceptance_and_ends() {
    let vendor = Vendor::start(|_, _| Says::Nothing).await;
    for channel in everybody(&vendor.url) {
        let error = channel.send(&text_only()).await.expect_err(channel.name());
        assert_eq!(Some(error.failure), again(0), "{error}");
        assert!(error.said.contains("did not answer in time"), "{error}");
    }
}

#[tokio::test]
async fn what_receivers_take_is_known() {
    let url: Url = "http://127.0.0.1:1/".parse().unwrap();
    for channel in everybody(&url) {
        let rates: Vec<_> = channel.rates().iter().map(|rate| (rate.at_most, rate.per.as_secs())).collect();
        let expected: &[(u32, u64)] = match channel.name() {
            "ding" | "wecom" => &[(20, 60)],
            "feishu" => &[(100, 60), (5, 1)],
            "slack" => &[(1, 1)],
            "teams" => &[(4, 1)],
            "duty" => &[(120, 60)],
            "telegram" => &[(1, 1), (20, 60)],
            _ => &[],
        };
        assert_eq!((rates.as_slice(), channel.sends(&text_only())), (expected, 1), "{}", channel.name());
    }
}
