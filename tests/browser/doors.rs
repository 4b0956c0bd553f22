//! Signing in with a real browser: it keeps the cookie, says whose page a form is of, and is led back to where it wanted
//! to go. What requests by hand may not do, `service/doors` shows.

use super::console::world::World;
use super::rig::{Rig, told};
use gengfu::actor::Actor;
use gengfu::config::SignIn;
use gengfu::moment::Clock as _;
use gengfu::people::{By, Offer, Pass, PassKind, Welcomes as _, fresh_bytes};
use gengfu::walk::Verdict;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_in_goes_and_comes_back() {
    let world = World::empty().await;
    let served = world.serve_with(SignIn::Required, &[], "127.0.0.1:0").await;
    let (code, now) = (Pass::of(PassKind::Welcome, fresh_bytes()), world.clock.now());
    world
        .store
        .offer(&Offer::First, &code.hash(), now.after(Duration::from_secs(60)), &By { actor: Actor::Robot, at: now })
        .await
        .unwrap()
        .unwrap();
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let record = rig
        .walk(&format!(
            "
  - open: /welcome
    see: {{role: heading, name: 用一次性口令开始}}
  - fill: {{css: 'input[name=code]', text: {code}}}
  - fill: {{css: 'input[name=name]', text: 王 芳}}
  - fill: {{css: 'input[name=password]', text: kettle under a red umbrella}}
  - fill: {{css: 'input[name=again]', text: kettle under a red umbrella}}
  - tap: {{role: button, name: 开始使用}}
    see: {{role: heading, name: 王 芳}}
  - open: /people
    see: {{role: heading, name: 角色与权限}}
  - fill: {{css: 'form[action=\"/people\"] input[name=name]', text: li.si}}
  - tap: {{role: button, name: 邀请}}
    see: {{text: 一次性口令，发给： li.si}}
  - open: /account
    see: {{text: 登录中的地方}}
  - tap: {{role: button, name: 退出登录}}
    see: {{role: heading, name: 请登录}}
  - open: /sign-in?next=%2Fincidents%3Fstate%3Dall
  - fill: {{css: 'input[name=name]', text: 王 芳}}
  - fill: {{css: 'input[name=password]', text: kettle under a red umbrella}}
  - press: Enter
    expect-url: /incidents?state=all
    see: {{role: heading, name: 事件}}",
            code = code.expose()
        ))
        .await;
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    for step in &record.steps {
        // A policy that had to step in would say so on the console.
        assert_eq!(step.seen.console, [], "{}", step.title);
        assert_eq!(step.seen.script_errors, [], "{}", step.title);
    }
    rig.browsers.shutdown().await;
}
