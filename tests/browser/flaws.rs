//! What an eye stumbles over, on real pages: each flaw raised where it is one, and silent where it is meant so.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::walk::FlawKind::{
    self, BlankCanvas, ClippedFigure, DeadMedia, HiddenLink, InvisibleText, OverlappingText, SplitFigure,
};

/// A page with styles: without them, what lies where is not judged.
macro_rules! page {
    ($body:literal) => {
        concat!("<style>p{margin:8px}</style>", $body)
    };
}

const PAGES: Pages = &[
    (
        "/chart-drawn",
        page!(
            "<canvas width=300 height=150></canvas><script>q('canvas').getContext('2d').fillRect(9,9,90,90)</script>"
        ),
    ),
    ("/chart-empty", page!("<canvas width=300 height=150></canvas><script>q('canvas').getContext('2d')</script>")),
    (
        "/chart-layers",
        page!(
            "<div style='position:relative;height:150px'><canvas id=lines width=300 height=150 style='position:absolute'></canvas><canvas width=300 height=150 style='position:absolute'></canvas></div><script>q('#lines').getContext('2d').fillRect(9,9,90,90)</script>"
        ),
    ),
    (
        "/chart-two",
        page!(
            "<canvas id=lines width=300 height=150></canvas><br><canvas width=300 height=150></canvas><script>q('#lines').getContext('2d').fillRect(9,9,90,90)</script>"
        ),
    ),
    (
        "/chart-late",
        page!(
            "<canvas width=300 height=150></canvas><script>setTimeout(()=>q('canvas').getContext('2d').fillRect(9,9,90,90),500)</script>"
        ),
    ),
    ("/figure-whole", page!("<p style='width:9em;overflow:hidden;white-space:nowrap'>1,234,567.89</p>")),
    ("/figure-cut", page!("<p style='width:3em;overflow:hidden;white-space:nowrap'>1,234,567.89</p>")),
    ("/figure-split", page!("<p style='width:4em;word-break:break-all'>1,234,567.89</p>")),
    ("/figure-unit", page!("<p style='width:5.5em'>1,234,567.89 元</p>")),
    ("/figure-and-words", page!("<p style='width:4em'>金额 1,234,567.89 元</p>")),
    ("/film-gone", page!("<video controls src=/_/gone.mp4 width=200 height=100></video>")),
    ("/film-sources-gone", page!("<video controls width=200 height=100><source src=/_/gone.webm></video>")),
    ("/film-of-no-known-kind", page!("<video controls width=200 height=100><source src=/x type=video/x-odd></video>")),
    ("/film-not-asked-for", page!("<video controls preload=none src=/_/gone.mp4 width=200 height=100></video>")),
    ("/pale", page!("<p style='color:#fefefe;background:#fff;font-size:16px'>本产品由银行代销，风险自负</p>")),
    ("/link-far", page!("<p>正文</p><a href=http://bet.test/ style='position:absolute;left:-9999px'>真人娱乐</a>")),
    (
        "/text-over-text",
        page!(
            "<p>七日年化收益率与万份收益</p><p style='margin-top:-28px'>单位净值与累计净值走势图</p><p>近一年涨幅与最大回撤幅度</p><p style='margin-top:-28px'>管理费与托管费按日计提</p>"
        ),
    ),
];

const CASES: &[(&str, &[FlawKind])] = &[
    ("/chart-drawn", &[]),
    ("/chart-empty", &[BlankCanvas]),
    ("/chart-layers", &[]),
    ("/chart-two", &[BlankCanvas]),
    ("/chart-late", &[]),
    ("/figure-whole", &[]),
    ("/figure-cut", &[ClippedFigure]),
    ("/figure-split", &[SplitFigure]),
    ("/figure-unit", &[]),
    ("/figure-and-words", &[]),
    ("/film-gone", &[DeadMedia]),
    ("/film-sources-gone", &[DeadMedia]),
    ("/film-of-no-known-kind", &[]),
    ("/film-not-asked-for", &[]),
    ("/pale", &[InvisibleText]),
    ("/link-far", &[HiddenLink]),
    ("/text-over-text", &[OverlappingText]),
];

async fn check(rig: &Rig, page: &str, expected: &[FlawKind]) {
    let record =
        rig.walk(&format!("  - open: {page}\n  - see: {{css: body}}\n  - wait: 900ms\n  - see: {{css: body}}")).await;
    let look = record.steps.last().and_then(|s| s.seen.page.clone());
    let mut found: Vec<FlawKind> =
        look.unwrap_or_else(|| panic!("{}", told(&record))).flaws.iter().map(|f| f.kind).collect();
    found.dedup();
    assert_eq!(found, expected, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn flaws_are_told_where_they_are_flaws() {
    let zoo = Zoo::open(PAGES).await;
    let rig = Rig::at(&zoo.base).await;
    for (page, expected) in CASES {
        check(&rig, page, expected).await;
    }
    rig.browsers.shutdown().await;
}
