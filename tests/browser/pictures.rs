//! Pictures are of the customer's own screen, and taking one changes nothing on it.

use super::lane::outcome;
use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::evidence::Vault as _;
use gengfu::secret::Secret;
use gengfu::walk::Kept;
use gengfu::walk::port::Account;
use gengfu::walk::run::Pictures;
use std::collections::BTreeMap;

/// Watches itself from the tap on: a phone's page is laid out anew while it loads.
const PAGES: Pages = &[(
    "/watch",
    "<p>甲</p><button onclick='done();watch()'>下一步</button><p id=n>静止</p><script>const say=(t)=>q('#n').textContent=t;const size=()=>[innerWidth,innerHeight,devicePixelRatio]+'';function watch(){const was=size();for(const kind of ['resize','visibilitychange','scroll','blur'])addEventListener(kind,()=>say(kind),true);setInterval(()=>size()!==was&&say(size()),5)}</script>",
)];

/// Red where the customer is, blue where the tap is.
const LONG: Pages = &[(
    "/long",
    "<style>body{margin:0}</style><div style='height:3000px;background:#f00'>甲</div><div style='padding:2000px 0;background:#00f'><button onclick='done()'>下一步</button></div>",
)];

/// Says what is typed, and has a button that does nothing.
const DEAD: Pages = &[(
    "/dead",
    "<label>密码 <input oninput=\"q('#o').textContent=this.value\"></label><p id=o></p><button>下一步</button>",
)];

/// Devices, and the picture's width and height in the device's own pixels.
const CASES: &[(&str, (u32, u32))] = &[
    ("h5-iphone", (1170, 2532)),
    ("h5-android", (1082, 2402)),
    ("desktop", (1440, 900)),
    ("{viewport: {width: 800, height: 600}}", (800, 600)),
];

async fn check(rig: &Rig, (device, expected): (&str, (u32, u32))) {
    let steps = "  - open: /watch\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}\n  - see: {text: 甲}\n  - see: {text: 静止}\n";
    let record =
        rig.walk(&format!("journey: pictures\ntitle: 照相\napp: zoo\ndevice: {device}\nsteps:\n{steps}")).await;
    assert_eq!(outcome(&record), "passed", "{device}: {}", told(&record));
    for step in &record.steps {
        let Kept::At(key) = &step.picture else { panic!("{device}: {:?}", step.picture) };
        let picture = image::load_from_memory(&rig.vault.get(key).await.unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), expected, "{device}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_of_the_customers_screen_and_change_nothing_on_it() {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.pictures = Pictures::All;
    for case in CASES {
        check(&rig, *case).await;
    }
    // By the quick ways, both: else a change of the browser's would go unseen until somebody measures.
    let spent = rig.browsers.spent().await;
    let count = |name: &str| spent.get(name).map_or(0, |s| s.count);
    assert_eq!(count("Page.captureScreenshot"), 4 * CASES.len() as u64, "{spent:?}");
    assert_eq!((count("Input.dispatchMouseEvent"), count("Input.dispatchTouchEvent")), (2 * 3, 2 * 2), "{spent:?}");
    assert_eq!((count("browsingContext.captureScreenshot"), count("input.performActions")), (0, 0), "{spent:?}");
    rig.browsers.shutdown().await;
}

/// What the next step needs is looked for while a picture is taken; that must not be seen on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_of_the_page_before_the_next_step_scrolls_it() {
    let zoo = Zoo::open(LONG).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.pictures = Pictures::All;
    let steps =
        "  - open: /long\n  - see: {text: 甲}\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}\n";
    let record = rig.walk(&format!("journey: pictures\ntitle: 照相\napp: zoo\ndevice: desktop\nsteps:\n{steps}")).await;
    assert_eq!(outcome(&record), "passed", "{}", told(&record));
    let mut seen = Vec::new();
    for step in &record.steps {
        let Kept::At(key) = &step.picture else { panic!("{:?}", step.picture) };
        let picture = image::load_from_memory(&rig.vault.get(key).await.unwrap()).unwrap().to_rgb8();
        let [red, _, blue] = picture.get_pixel(picture.width() / 2, picture.height() / 2).0;
        seen.push(if red > blue { "red" } else { "blue" });
    }
    assert_eq!(seen, ["red", "red", "blue"]);
    rig.browsers.shutdown().await;
}

/// The covers of a picture go while a tap is prepared: that is no effect of the tap.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_button_is_dead_though_a_picture_is_uncovered_before_it() {
    let zoo = Zoo::open(DEAD).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.pictures = Pictures::All;
    let secrets = BTreeMap::from([("password".into(), Secret::new("account.password", "Cañary-Kanarie#73"))]);
    rig.account = Some(Account { name: "u-1".into(), fields: BTreeMap::new(), secrets });
    let steps = "  - open: /dead\n    see: {label: 密码}\n  - fill: {label: 密码, secret: account.password}\n  - tap: {role: button, name: 下一步}\n";
    let record = rig
        .walk(&format!("journey: dead\ntitle: 死\napp: zoo\naccount: retail\ndevice: desktop\nsteps:\n{steps}"))
        .await;
    assert!(outcome(&record).starts_with("no-effect"), "{}", told(&record));
    rig.browsers.shutdown().await;
}
