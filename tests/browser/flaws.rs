//! What an eye stumbles over, on real pages: each flaw raised where it is one, and silent where it is meant so.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::walk::FlawKind::{
    self, BlankCanvas, BlankKeypad, ClippedFigure, ContraryColour, DeadMedia, DoubledBlock, HiddenLink, InvisibleText,
    MissingGlyph, OverlappingText, SplitFigure, TickedConsent,
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
    // BF22: a keypad with its digits, and one without.
    (
        "/keypad-drawn",
        page!(
            "<div class=secure-keypad><canvas width=300 height=150></canvas></div><script>q('canvas').getContext('2d').fillText('7',9,9)</script>"
        ),
    ),
    (
        "/keypad-empty",
        page!(
            "<div role=dialog aria-label=安全键盘><canvas width=300 height=150></canvas></div><script>q('canvas').getContext('2d')</script>"
        ),
    ),
    // PS07: what rises is red in mainland China; elsewhere a page need only agree with itself.
    ("/rates-red-up", page!("<p style='color:#d23c2f'>+1.20%</p><p style='color:#1f9d6b'>-0.42%</p>")),
    (
        "/rates-green-up",
        page!(
            "<script>document.documentElement.lang='zh-CN'</script><p style='color:#1f9d6b'>+1.20%</p><p style='color:#d23c2f'>-0.42%</p>"
        ),
    ),
    (
        "/rates-green-up-abroad",
        page!(
            "<script>document.documentElement.lang='en'</script><p style='color:#1f9d6b'>+1.20%</p><p style='color:#d23c2f'>-0.42%</p>"
        ),
    ),
    (
        "/rates-mixed-abroad",
        page!(
            "<script>document.documentElement.lang='en'</script><p style='color:#1f9d6b'>+1.20%</p><p style='color:#1f9d6b'>+2.10%</p><p style='color:#d23c2f'>+0.42%</p>"
        ),
    ),
    (
        "/amounts-spent-and-got",
        page!(
            "<script>document.documentElement.lang='zh-CN'</script><p style='color:#1f9d6b'>+1,200.00</p><p style='color:#d23c2f'>-42.00</p>"
        ),
    ),
    (
        "/rates-of-nothing",
        page!(
            "<script>document.documentElement.lang='zh-CN'</script><p style='color:#1f9d6b'>+0.00%</p><p style='color:#888'>+3.00%</p>"
        ),
    ),
    (
        "/discounts",
        page!(
            "<script>document.documentElement.lang='zh-CN'</script><p style='color:#d23c2f'>-10%</p><p style='color:#d23c2f'>-20%</p>"
        ),
    ),
    // SC14: a consent that is ticked as the page comes.
    ("/consent-open", page!("<label><input type=checkbox>我已阅读并同意《用户协议》</label>")),
    ("/consent-ticked", page!("<label><input type=checkbox checked>我已阅读并同意《用户协议》</label>")),
    (
        "/consent-ticked-drawn",
        page!(
            "<span role=checkbox aria-checked=true aria-label='同意授权查询征信' style='display:inline-block;width:20px;height:20px'></span>"
        ),
    ),
    ("/login-remembered", page!("<label><input type=checkbox checked>记住用户名</label>")),
    // CT08: a character of the private area without a font; one that a font has is told by the fonts' own state.
    ("/boxed", page!("<p>收款人 李&#xE6A1;</p>")),
    ("/rare-but-known", page!("<p>收款人 李喆、王堃</p>")),
    // BP14: drawn by the server and by the script.
    (
        "/doubled",
        page!(
            "<section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section>"
        ),
    ),
    // The whole page once more: each block stands in a neighbour of the other's.
    (
        "/doubled-whole",
        page!(
            "<h1>首页</h1><div><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section></div><h1>首页</h1><div><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section></div>"
        ),
    ),
    (
        "/runs-through-a-window",
        page!(
            "<div style='height:90px;overflow:hidden'><div><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section></div><div><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section></div></div>"
        ),
    ),
    (
        "/same-block-in-two",
        page!(
            "<div><p>手机</p><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section></div><div><p>电脑</p><section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section></div>"
        ),
    ),
    (
        "/cards-of-a-kind",
        page!(
            "<section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section><section><h2>我的持仓</h2><p>潮平活期宝货币 345.67 元，听潮短债A 8,000.00 元，昨日收益 0.30 元</p></section><ul><li>同一条滚动公告：理财非存款，产品有风险，投资须谨慎，购买前请阅读说明书</li><li>同一条滚动公告：理财非存款，产品有风险，投资须谨慎，购买前请阅读说明书</li></ul>"
        ),
    ),
    (
        "/doubled-and-hidden",
        page!(
            "<section><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section><section hidden><h2>我的持仓</h2><p>稳健增长混合 12,345.67 元，听潮短债A 8,000.00 元，昨日收益 12.30 元</p></section>"
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
    ("/keypad-drawn", &[]),
    ("/keypad-empty", &[BlankKeypad]),
    ("/rates-red-up", &[]),
    ("/rates-green-up", &[ContraryColour]),
    ("/rates-green-up-abroad", &[]),
    ("/rates-mixed-abroad", &[ContraryColour]),
    ("/amounts-spent-and-got", &[]),
    ("/rates-of-nothing", &[]),
    ("/discounts", &[]),
    ("/consent-open", &[]),
    ("/consent-ticked", &[TickedConsent]),
    ("/consent-ticked-drawn", &[TickedConsent]),
    ("/login-remembered", &[]),
    ("/boxed", &[MissingGlyph]),
    ("/rare-but-known", &[]),
    ("/doubled", &[DoubledBlock]),
    ("/doubled-whole", &[DoubledBlock]),
    ("/runs-through-a-window", &[]),
    ("/same-block-in-two", &[]),
    ("/cards-of-a-kind", &[]),
    ("/doubled-and-hidden", &[]),
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

/// VB01, VB04, VB05, VB14, BP14, BP16, BP17, BF22, PS07, SC10, SC14 and CT08: what each is, and what only looks like it.
#[tokio::test(flavor = "multi_thread")]
async fn flaws_are_told_where_they_are_flaws() {
    let zoo = Zoo::open(PAGES).await;
    let rig = Rig::at(&zoo.base).await;
    for (page, expected) in CASES {
        check(&rig, page, expected).await;
    }
    rig.browsers.shutdown().await;
}
