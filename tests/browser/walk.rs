//! Walks through the demo app in a real browser.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::demo::{Demo, DemoOptions};
use gengfu::secret::Secret;
use gengfu::walk::Verdict;
use gengfu::walk::port::Account;
use std::collections::BTreeMap;
use std::time::Duration;

pub fn account(demo: &Demo, name: &str) -> Account {
    let customer = demo.customers().iter().find(|c| c.username == name).unwrap();
    let mut secrets = BTreeMap::from([
        ("password".to_owned(), Secret::new("account.password", &customer.password)),
        ("trade_pin".to_owned(), Secret::new("account.trade_pin", &customer.trade_pin)),
    ]);
    if let Some(totp) = &customer.totp_secret {
        secrets.insert("totp".to_owned(), Secret::new("account.totp", totp));
    }
    let fields = BTreeMap::from([("username".to_owned(), customer.username.clone())]);
    Account { name: name.to_owned(), fields, secrets }
}

const PURCHASE: &str = "
  - open: /login
  - fill: {label: 用户名, text: \"${account.username}\"}
  - fill: {label: 密码, secret: account.password}
  - check: {role: checkbox, name: 我已阅读并同意}
  - tap: {role: button, name: 登录}
    see: {role: heading, name: 总资产}
    expect-url: /home
  - tap: {role: link, name: 基金}
    see: {testid: fund-list}
  - capture:
      listed: {testid: nav-000123, as: decimal}
  - tap: {text: 稳健增长混合}
    see: {role: button, name: 查看招募说明书}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_up_to_the_confirmation() {
    let demo = Demo::start(DemoOptions { churn: false, ..DemoOptions::default() }).await.unwrap();
    let mut rig = Rig::at(demo.app_url()).await;
    rig.account = Some(account(&demo, "linxt"));
    let journey =
        format!("journey: purchase\ntitle: 申购\napp: demo\naccount: retail\ndevice: h5-iphone\nsteps:{PURCHASE}");
    for _ in 0..3 {
        let record = rig.walk(&journey).await;
        assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    }
    rig.browsers.shutdown().await;
}

/// Two spinners among what only looks like one by its class. The second is shown by a class of the body, long after the page came.
const LOADING: Pages = &[(
    "/",
    "<style>i { display: block; width: 40px; height: 40px; background: #ccc } #late { display: none } \
     .wait #late { display: block }</style><div class=infinite-loading-container><i></i>列表</div>\
     <div class=downloading-panel><i></i>下载</div><div class=page-loading-done><i></i>好了</div>\
     <div class=ant-spinner><i></i></div><div id=late class=van-loading__mask><i></i></div>\
     <script>setTimeout(() => document.body.classList.add('wait'), 2500)</script>",
)];

#[tokio::test(flavor = "multi_thread")]
async fn a_page_loads_where_its_classes_say_so_and_since_they_do() {
    let zoo = Zoo::open(LOADING).await;
    let rig = Rig::at(&zoo.base).await;
    let record = rig.walk("  - open: /\n  - wait: 3s\n  - see: {css: body.wait}\n").await;
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    let page = record.steps.iter().rev().find_map(|s| s.seen.page.as_ref()).expect("the last page was looked at");
    let mut marks: Vec<(bool, bool)> = page
        .loading
        .iter()
        .map(|mark| (mark.locus.contains("van-loading__mask"), mark.age > Duration::from_millis(2_400)))
        .collect();
    marks.sort_unstable();
    assert_eq!(marks.iter().map(|m| m.0).collect::<Vec<_>>(), [false, true], "{:?}", page.loading);
    assert!(!marks[1].1, "a spinner shown a moment ago is young: {:?}", page.loading);
    rig.browsers.shutdown().await;
}
