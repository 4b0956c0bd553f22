//! Walks through the demo app in a real browser.

use super::rig::{Rig, told};
use gengfu::demo::{Demo, DemoOptions};
use gengfu::secret::Secret;
use gengfu::walk::Verdict;
use gengfu::walk::port::Account;
use std::collections::BTreeMap;

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
