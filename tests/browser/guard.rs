//! What may leave a lane, walked: undeclared hosts, never rules over HTTP and inside TLS, and the demo's tripwire.

use super::lane::outcome;
use super::rig::{Rig, told};
use super::walk::account;
use super::zoo::{Pages, Zoo};
use gengfu::demo::{Demo, DemoOptions};
use gengfu::walk::{FailureKind, Verdict, WalkRecord};

const PAGES: Pages = &[
    (
        "/late",
        "<button onclick=\"done();fetch('/_/hang');setTimeout(()=>fetch('/api/orders',{method:'POST',body:'1'}),600)\">提交</button>",
    ),
    (
        "/shop",
        "<button onclick=\"fetch('/api/orders',{method:'POST',body:'1'}).then((r)=>done('下单'+r.status),()=>done('没成'))\">提交</button>\
     <button onclick=\"fetch('/_/api').then(()=>done('查到'))\">查询</button>",
    ),
];

fn guarded(record: &WalkRecord) -> bool {
    record.verdict == Verdict::Failed
        && record.failed_step().is_some_and(|s| match &s.outcome {
            gengfu::walk::Outcome::Failed(f) => {
                matches!(f.kind, FailureKind::Guarded { .. })
                    && f.kind.attribution() == gengfu::walk::Attribution::Robot
            }
            _ => false,
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_that_was_not_allowed() {
    let (zoo, stranger) = (Zoo::open(PAGES).await, Zoo::open(PAGES).await);
    let mut rig = Rig::at(&zoo.base).await;
    rig.never = vec![("POST".into(), "/api/orders/**".into()), ("POST".into(), "/api/orders".into())];
    let record = rig.walk("  - open: /shop\n  - tap: {role: button, name: 查询}\n    see: {text: 查到}").await;
    assert_eq!(outcome(&record), "passed");
    let record = rig.walk("  - open: /shop\n  - tap: {role: button, name: 提交}\n    see: {text: 提交}").await;
    assert!(guarded(&record), "{}", told(&record));
    assert_eq!(zoo.count("POST", "/api/orders"), 0);
    let away = format!("  - open: {}/shop\n  - see: {{text: 提交}}\n    within: 1s", stranger.base);
    let record = rig.walk(&away).await;
    assert_ne!(record.verdict, Verdict::Passed, "{}", told(&record));
    assert_eq!(stranger.visits().len(), 0);
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_late_or_softly_fails_the_walk_all_the_same() {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.never = vec![("POST".into(), "/api/orders".into())];
    for steps in [
        // After the last step has ended, while the page is still waited for.
        "  - open: /late\n  - tap: {role: button, name: 提交}\n    see: {text: 已完成}",
        "  - open: /shop\n  - tap: {role: button, name: 提交}\n    see: {text: 没成}\n    soft: true",
        "  - open: /shop\n  - open: \"https://undeclared.test/\"\n    soft: true\n  - see: {text: 提交}",
        "  - open: /shop\n  - see: {text: 提交}\nalways:\n  - tap: {role: button, name: 提交}",
    ] {
        let record = rig.walk(steps).await;
        assert!(guarded(&record), "{steps}\n{}", told(&record));
    }
    assert_eq!(zoo.count("POST", "/api/orders"), 0);
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_tapped_in_the_demo_never_arrives() {
    let demo = Demo::start(DemoOptions { churn: false, ..DemoOptions::default() }).await.unwrap();
    let mut rig = Rig::at(demo.app_url()).await;
    rig.account = Some(account(&demo, "linxt"));
    rig.never = vec![("POST".into(), "/api/orders".into()), ("POST".into(), "/api/transfers".into())];
    let journey = "journey: order\ntitle: 申购\napp: demo\naccount: retail\nsafety: money\nsteps:
  - open: /login
  - fill: {label: 用户名, text: \"${account.username}\"}
  - fill: {label: 密码, secret: account.password}
  - check: {role: checkbox, name: 我已阅读并同意}
  - tap: {role: button, name: 登录}
    see: {role: heading, name: 总资产}
  - open: /funds/000123/buy
  - fill: {label: 申购金额, text: \"100.00\"}
  - fill: {label: 交易密码, secret: account.trade_pin}
  - check: {role: checkbox, name: 我已阅读并同意}
  - tap: {role: button, name: 下一步}
    see: {role: heading, name: 确认申购}
  - tap: {role: button, name: 提交订单}
  - see: {role: heading, name: 确认申购}
";
    let record = rig.walk(journey).await;
    assert!(guarded(&record), "{}", told(&record));
    assert!(demo.tripwire().is_empty(), "{:?}", demo.tripwire());
    rig.browsers.shutdown().await;
}
