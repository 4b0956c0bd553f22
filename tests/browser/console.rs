//! The console in a real browser: hostile page text does nothing, keys and addresses lead where they say, altered
//! evidence is drawn as altered. The console is walked as any app is.

#[expect(dead_code, reason = "the service's tests look at more of it")]
#[path = "../service/console/fault.rs"]
mod fault;
#[path = "../service/console/record.rs"]
mod record;
#[expect(dead_code, reason = "the service's tests do more to it")]
#[path = "../service/console/world.rs"]
pub mod world;

use super::rig::{Rig, told};
use fault::one_fault;
use gengfu::actor::Actor;
use gengfu::audit::{Action, Detail, Draft, Log as _, Object};
use gengfu::fleet::WishEnd;
use gengfu::incident::Meaning;
use gengfu::moment::Clock as _;
use gengfu::walk::Verdict;
use gengfu::walk::port::Watcher as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What an app under attack, or an attacker with an account there, may have put on its pages.
const HOSTILE: &str = r##""'><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)><svg/onload=alert(4)//
<iframe src="javascript:alert(5)"></iframe><a href="javascript:alert(6)">x</a></title></textarea></pre></style></script>
<img src=https://evil.invalid/a.png><link rel=stylesheet href=https://evil.invalid/a.css><base href=https://evil.invalid/>
<meta http-equiv=refresh content="0;url=https://evil.invalid/"><style>@import 'https://evil.invalid/b.css';</style>
<form action=https://evil.invalid/><input name=q autofocus onfocus=alert(7)></form><!-- --><![CDATA[ x ]]>{{7*7}}{%raw%}${7*7}
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(8)&gt;"><details open ontoggle=alert(9)>"##;

#[tokio::test(flavor = "multi_thread")]
async fn hostile_page_text_does_nothing() {
    let (world, names) = one_fault(HOSTILE).await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let record = rig
        .walk(&format!(
            "
  - open: /
    see: {{text: 1 条旅程有故障}}
  - open: /incidents?state=all&q=%22%3E%3Cscript%3Ealert(10)%3C/script%3E
    see: {{text: 没有符合条件的事件}}
  - open: /incidents
    see: {{text: 客户找不到}}
  - open: /incidents/{}
    see: {{role: heading, name: 逐步对照}}
  - open: /walks/{}
    see: {{text: 系统繁忙}}
  - press: ArrowLeft
  - press: Home
  - wait: 500ms",
            names.incident, names.failing
        ))
        .await;
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    for step in &record.steps {
        let seen = &step.seen;
        assert_eq!(seen.dialogs, [], "{}", step.title);
        assert_eq!(seen.script_errors, [], "{}", step.title);
        assert_eq!(seen.guarded, Vec::<String>::new(), "{}", step.title);
        let foreign: Vec<_> = seen.exchanges.iter().filter(|e| !e.own).collect();
        assert!(foreign.is_empty(), "{}: {foreign:?}", step.title);
        // A policy that had to step in would say so on the console: nothing even tried.
        assert_eq!(seen.console, [], "{}", step.title);
    }
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_addresses_lead_where_they_say() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let record = rig
        .walk(&format!(
            "
  - open: /incidents
  - press: /
  - type: nowhere
  - press: Enter
    see: {{text: 没有符合条件的事件}}
  - open: /incidents
  - press: j
  - press: Enter
    expect-url: /incidents/*
    see: {{text: 断在这里}}
  - open: /walks/{}
    see: {{role: heading, name: 点“申购”}}
  - press: ArrowLeft
    see: {{role: heading, name: 点“稳健增长混合”}}
  - press: Home
    see: {{role: heading, name: 打开首页}}
  - open: /walks/{}#step-4
    see: {{role: heading, name: 退出登录}}",
            names.failing, names.failing
        ))
        .await;
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_of_what_changed() {
    let world = world::World::empty().await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let late = async {
        let row = world.row(&fault::fund(), world.ago(1), Verdict::Failed, "{}".into());
        // Filed once the page has been looked at while it was empty: it holds the live stream by then.
        until("the page listens", || served.feed.listeners() > 0).await;
        world.patrolled(row).await;
        served.feed.tell(gengfu::console::Changed::Walk);
    };
    let steps = "
  - open: /
    see: {text: 还没有走查}
  - see: {text: 1 条旅程有故障}
    within: 10s";
    let (record, ()) = tokio::join!(rig.walk(steps), late);
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    rig.browsers.shutdown().await;
}

/// Another page has its place: it takes nobody else's for it, and asks by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_lost_its_place_is_brought_up_to_date_and_displaces_nobody() {
    const PLACES: usize = 64;
    let world = world::World::empty().await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let crowd = async {
        until("the page listens", || served.feed.listeners() > 0).await;
        let mut others = Vec::new();
        for _ in 0..PLACES {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            stream.write_all(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            heard(&mut stream, "text/event-stream").await;
            others.push(stream);
        }
        until("the page has lost its place", || served.feed.listeners() == PLACES).await;
        // Nobody tells of it.
        world.patrolled(world.row(&fault::fund(), world.ago(1), Verdict::Failed, "{}".into())).await;
        others
    };
    // Longer than a browser waits before it listens anew to what has ended.
    let steps = "
  - open: /
    see: {text: 还没有走查}
  - see: {text: 1 条旅程有故障}
    within: 40s
  - wait: 6s";
    let (record, others) = tokio::join!(rig.walk(steps), crowd);
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    served.feed.tell(gengfu::console::Changed::Walk);
    for mut other in others {
        let told = heard(&mut other, "data: walk").await;
        assert!(!told.contains("displaced"), "{told}");
    }
    rig.browsers.shutdown().await;
}

/// What `stream` says until it says `word`.
async fn heard(stream: &mut TcpStream, word: &str) -> String {
    let (mut told, mut some) = (String::new(), [0; 4096]);
    while !told.contains(word) {
        let read = stream.read(&mut some).await.unwrap();
        assert_ne!(read, 0, "it ended without `{word}`: {told}");
        told.push_str(&String::from_utf8_lossy(&some[..read]));
    }
    told
}

/// What comes in between a key and the next moves the list: Enter opens what was chosen, not what stands there now.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_stays_chosen_when_the_list_moves() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let newer = async {
        let row = world.row(&fault::fund(), world.ago(1), Verdict::Failed, "{}".into());
        let found = world::incident(&row, "open", "打开首页", "首页打不开", "no home page");
        until("the page listens", || served.feed.listeners() > 0).await;
        world.opened(found, row).await;
        served.feed.tell(gengfu::console::Changed::Walk);
    };
    let steps = format!(
        "
  - open: /incidents
    see: {{text: 客户找不到}}
  - press: j
    see: {{css: '.queue > .selected', has_text: 客户找不到}}
  - see: {{text: 首页打不开}}
    within: 10s
  - see: {{css: '.queue > li:first-child h2', has_text: 首页打不开}}
  - press: Enter
    expect-url: /incidents/{}",
        names.incident
    );
    let (record, ()) = tokio::join!(rig.walk(&steps), newer);
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    rig.browsers.shutdown().await;
}

/// What somebody has begun to write is theirs, whatever changes meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_outlives_what_changes() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let changes = async {
        let mut pace = tokio::time::interval(std::time::Duration::from_millis(200));
        loop {
            pace.tick().await;
            served.feed.tell(gengfu::console::Changed::Walk);
        }
    };
    let steps = format!(
        "
  - open: /incidents/{}
    see: {{role: heading, name: 逐步对照}}
  - tap: {{css: summary, has_text: 备注}}
    see: {{css: 'details[open] input[name=why]'}}
  - fill: {{css: 'details[open] input[name=why]', text: 已联系前端}}
  - tap: {{role: heading, name: 逐步对照}}
    see: {{role: heading, name: 逐步对照}}
  - wait: 4s
  - script: document.querySelector('details[open] input[name=why]').value === '已联系前端'",
        names.incident
    );
    let record = tokio::select! { record = rig.walk(&steps) => record, () = changes => unreachable!("they go on") };
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    rig.browsers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_picture_is_drawn_as_altered() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let wide = |pixels: u32| {
        format!(
            "
  - open: /incidents/{}
    see: {{role: heading, name: 逐步对照}}
  - wait: 300ms
  - script: document.querySelector('.versus .bad img').naturalWidth === {pixels}",
            names.incident
        )
    };
    let record = rig.walk(&wide(39)).await;
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    world.vault.alter(&names.picture);
    let record = rig.walk(&wide(390)).await;
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    rig.browsers.shutdown().await;
}

/// Who asks for a walk sees its steps come in without doing anything, and the same again after a reload.
#[tokio::test(flavor = "multi_thread")]
async fn an_asked_walk_is_shown_as_it_comes() {
    let (world, names) = one_fault("x").await;
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let of = names.incident.parse().unwrap();
    let walked = async {
        let mut taken = None;
        until("somebody asked", || {
            taken = taken.take().or_else(|| world.wishes.take(1, |_| true));
            taken.is_some()
        })
        .await;
        let (wish, onlooker) = taken.expect("it was awaited");
        // The page is there, and shows that it waits, before anything comes.
        until("the page listens", || world.wishes.followers(wish.id) > 0).await;
        onlooker.seated();
        onlooker.step_begins(0, "打开首页").await;
        onlooker.picture_kept(0, &names.picture);
        onlooker.step_begins(1, "点“申购”").await;
        (wish.id, onlooker)
    };
    let steps = format!(
        "
  - open: /incidents/{}
    see: {{role: button, name: 现在再走一遍}}
  - tap: {{role: button, name: 现在再走一遍}}
    expect-url: /incidents/*
    see: {{css: '.wish'}}
  - see: {{css: '.wish li:nth-child(2)', has_text: 点“申购”}}
    within: 15s
  - see: {{css: '.wish [role=status]', has_text: 正在走}}",
        names.incident
    );
    let (record, (wish, onlooker)) = tokio::join!(rig.walk(&steps), walked);
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    for step in &record.steps {
        assert_eq!((&step.seen.script_errors[..], &step.seen.console[..]), (&[][..], &[][..]), "{}", step.title);
    }
    // Another page, as somebody else's: it has all that came before, and hears the end. The first page's connection outlives
    // the page by a moment, and must not be taken for the second one's.
    until("the first page hung up", || world.wishes.followers(wish) == 0).await;
    let end = async {
        until("the second page listens", || world.wishes.followers(wish) > 0).await;
        onlooker.ended(WishEnd::Filed { verdict: Verdict::Failed, meanings: vec![(of, Meaning::Still)] });
    };
    let steps = format!(
        "
  - open: /incidents/{}
    see: {{css: '.wish li:nth-child(2)', has_text: 点“申购”}}
  - see: {{css: '.wish.failed [role=status]', has_text: 故障还在}}
    within: 15s",
        names.incident
    );
    let (record, ()) = tokio::join!(rig.walk(&steps), end);
    assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
    rig.browsers.shutdown().await;
}

/// Waits for a condition; says which one did not come.
async fn until(what: &str, mut met: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !met() {
        assert!(std::time::Instant::now() < deadline, "it never came that {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The audit log by keys, on a phone too: no entry is wider than the screen, whatever its names are.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_read_by_keys_and_on_a_phone() {
    let (world, names) = one_fault(HOSTILE).await;
    let long = "ä".repeat(80);
    let detail = Detail::default().with("why", format!("{HOSTILE}{}", "x".repeat(300)));
    let draft = Draft {
        at: world.clock.now(),
        actor: Actor::person(&long).unwrap(),
        action: Action::ConfigChanged,
        object: Object::File("f".repeat(300)),
        detail,
    };
    world.store.append(&[draft]).await.unwrap();
    let served = world.serve(&[]).await;
    let rig = Rig::at(&format!("http://{}", served.address)).await;
    let fits = "script: document.documentElement.scrollWidth <= innerWidth";
    let steps = format!(
        "
  - open: /audit?action=config-changed
    see: {{text: {long}}}
  - {fits}
  - open: /audit?lang=en&object=incident/{incident}
    see: {{role: heading, name: Audit log}}
  - {fits}
  - press: j
  - press: Enter
    expect-url: /incidents/{incident}
  - open: /audit?lang=zh
    see: {{role: heading, name: 审计}}
  - press: /
  - type: file/nothing
  - press: Enter
    see: {{text: 没有这样的记录}}",
        incident = names.incident
    );
    for device in ["desktop", "h5-iphone"] {
        let record =
            rig.walk(&format!("journey: audit\ntitle: 审计\napp: test\ndevice: {device}\nsteps:{steps}")).await;
        assert_eq!(record.verdict, Verdict::Passed, "{device}: {}", told(&record));
        for step in &record.steps {
            assert_eq!(
                (&step.seen.dialogs[..], &step.seen.script_errors[..]),
                (&[][..], &[][..]),
                "{device}: {}",
                step.title
            );
        }
    }
    rig.browsers.shutdown().await;
}
