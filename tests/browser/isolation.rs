//! Walks at once in shared browsers: each customer keeps cookies, storage and keys for itself.

use super::rig::{Rig, browser_options, told};
use super::walk::account;
use super::zoo::{Pages, Zoo};
use gengfu::browser::{BrowserOptions, Browsers};
use gengfu::demo::{Demo, DemoOptions};
use gengfu::walk::Verdict;
use gengfu::walk::run::walk;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Walks at once, over four browsers.
const WALKS: usize = 32;

const PAGES: Pages = &[(
    "/desk",
    "<label>口令 <input></label><button onclick=keep()>存</button><button onclick=tell()>报</button>\
     <script>const v=()=>q('input').value;\
     function keep(){document.cookie='own='+encodeURIComponent(v());localStorage.own=v();done('存好')}\
     function tell(){fetch('/_/echo?'+encodeURIComponent(localStorage.own),{method:'POST',body:v()}).then(()=>done('报了 '+localStorage.own))}</script>",
)];

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_customers_at_once_do_not_meet() {
    let demo = Demo::start(DemoOptions { churn: false, ..DemoOptions::default() }).await.unwrap();
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(demo.app_url()).await;
    let options = BrowserOptions { browsers_max: 4, lanes_per_browser_max: 8, ..browser_options(&rig.dir) };
    rig.browsers = Arc::new(Browsers::start(options).await.unwrap());
    let desk: Url = zoo.base.parse().unwrap();
    rig.hosts.push(format!("127.0.0.1:{}", desk.port().unwrap()));
    // The machine is asked for far more than it has: what counts here is who gets what, not when.
    rig.step_within = Duration::from_secs(60);
    let walks = (1..=WALKS).map(|number| {
        let text = format!(
            "journey: desk\ntitle: 柜台\napp: demo\naccount: retail\nbudget: 10m\nsteps:
  - open: /login
  - fill: {{label: 用户名, text: \"${{account.username}}\"}}
  - fill: {{label: 密码, secret: account.password}}
  - check: {{role: checkbox, name: 我已阅读并同意}}
  - tap: {{role: button, name: 登录}}
    see: {{role: heading, name: 总资产}}
  - assert: who == \"{name}\"
    where: {{who: {{testid: customer-name}}}}
  - open: {base}/desk
  - type: {{label: 口令, text: own-{number:02}-words}}
  - tap: {{role: button, name: 存, exact: true}}
    see: {{text: 存好}}
  - tap: {{role: button, name: 报, exact: true}}
    see: {{text: 报了 own-{number:02}-words}}
",
            base = zoo.base,
            name = demo.customers().iter().find(|c| c.username == format!("pool{number:02}")).unwrap().name,
        );
        let mut plan = rig.plan();
        plan.account = Some(account(&demo, &format!("pool{number:02}")));
        tokio::spawn(walk(rig.journey(&text), plan, rig.world(), rig.cancel.clone()))
    });
    for record in futures_util::future::join_all(walks).await {
        let record = record.unwrap();
        assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    }
    for number in 1..=WALKS {
        let own = format!("own-{number:02}-words");
        let mine: Vec<_> = zoo.visits().into_iter().filter(|v| v.body == own).collect();
        assert_eq!(mine.len(), 1, "{own}: {mine:?}");
        // Cookies know no ports: the demo's own come along. Of this page's there must be one, and it the walk's own.
        let kept: Vec<&str> = mine[0].cookie.split("; ").filter(|c| c.starts_with("own=")).collect();
        assert!(mine[0].path.ends_with(&own) && kept == [format!("own={own}")], "{mine:?}");
    }
    rig.browsers.shutdown().await;
}
