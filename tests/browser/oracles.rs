//! Oracles on real pages: what is read, when it is sure, and at which step it is told.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::detector::judge;
use gengfu::walk::{Verdict, WalkRecord};

const PAGES: Pages = &[
    (
        "/home",
        "<h1>首页</h1><a href=/funds>基金</a><a href=/late>慢的</a><a href=/short>少的</a><a href=/shadow>影子</a>",
    ),
    // Rows that come after the page, and a search that takes some away.
    (
        "/funds",
        "<h1>基金</h1><p>这里列出本行代销的全部公募基金，点开可以看到净值和费率，按代码或名称搜索</p><input aria-label=搜索 oninput=\"for(const l of document.querySelectorAll('li'))l.hidden=!l.textContent.includes(this.value)\"><ul></ul><script>setTimeout(()=>q('ul').innerHTML='<li data-code=A1><a href=/funds/A1>甲</a> <b class=nav>1.50</b></li><li data-code=B2><a href=/funds/B2>乙</a> <b class=nav>2.00</b></li>',700)</script>",
    ),
    (
        "/short",
        "<h1>基金</h1><p>这里列出本行代销的全部公募基金，点开可以看到净值和费率，按代码或名称搜索</p><ul><li data-code=A1>甲 <b class=nav>1.50</b></li></ul>",
    ),
    // What keeps the place of rows to come is waited for; a row that says there are none stays.
    (
        "/skeleton",
        "<h1>基金</h1><p>这里列出本行代销的全部公募基金，点开可以看到净值和费率，按代码或名称搜索</p><button onclick=done()>下一步</button><ul><li>&nbsp;</li></ul><script>setTimeout(()=>q('ul').innerHTML='<li data-code=A1>甲 <b class=nav>1.50</b></li>',300)</script>",
    ),
    (
        "/bare",
        "<h1>基金</h1><p>这里列出本行代销的全部公募基金，点开可以看到净值和费率，按代码或名称搜索</p><button onclick=done()>下一步</button><ul><li>暂无产品</li></ul>",
    ),
    // The figure comes late, and so does the right one after the wrong.
    (
        "/funds/A1",
        "<h1>甲</h1><p>净值 <b data-testid=nav>--</b></p><script>setTimeout(()=>q('b').textContent='0.00',300);setTimeout(()=>q('b').textContent='1.50',900)</script>",
    ),
    (
        "/funds/B2",
        "<h1>乙</h1><p>净值 <b data-testid=nav>2.05</b></p><p>稳赚</p><button onclick=done()>下一步</button>",
    ),
    (
        "/odd",
        "<h1>基金</h1><ul><li data-code=A1>甲 <b class=nav>1.50</b></li></ul><ul><li data-code=B2>乙 <b class=nav>2.00</b></li></ul><p>稳赚</p>",
    ),
    ("/spa", "<h1>利率</h1><p>净值 <b data-testid=nav>99</b></p>"),
    (
        "/shadow",
        "<h1>影子</h1><div id=host></div><script>q('#host').attachShadow({mode:'open'}).innerHTML='<p>净值 <b data-testid=nav>99</b></p>'</script>",
    ),
];

const ORACLES: &[(&str, &str)] = &[
    (
        "oracles/funds.yaml",
        "
oracle: funds
app: test
subjects:
  fund:
    title: 基金
    figures: {nav: {as: decimal, title: 净值, min: 0.1, max: 20, across: devices}, rate: {as: percent}}
    places:
      - {on: /funds, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}}}
      - {on: /short, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}}}
      - {on: /skeleton, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}}}
      - {on: /bare, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}}}
      - {on: /funds/*, key: {from: url, pattern: '/funds/([A-Z0-9]+)$'}, read: {nav: {testid: nav}}}
      - {on: /shadow, read: {nav: {testid: nav}}}
      - {on: /odd, each: {css: li, in: {css: ul}}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}}}
      - {on: /odd, each: {xpath: '//li[nope()]'}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}}}
      - {on: '/spa#/rates', read: {nav: {testid: nav}, rate: {testid: rate}}}
    registry: {file: funds.csv, key: code}
phrases:
  - {never: 稳赚}
",
    ),
    ("oracles/funds.csv", "code,name\nA1,甲\nB2,乙\n"),
    // Another app's: nobody here is held to it.
    ("oracles/other.yaml", "oracle: other\napp: other\nphrases: [{never: 首页}]"),
];

/// Every finding as `detector @ step: headline`.
fn check(record: &WalkRecord, expected: &[&str]) {
    let judged = judge(record);
    let said = |f: &gengfu::finding::Finding| format!("{} @ {}: {}", f.detector, f.step, f.headline.zh);
    let found: Vec<String> = judged.findings.iter().map(said).collect();
    let causes: Vec<_> = judged.findings.iter().filter_map(|f| f.cause.as_deref()).collect();
    assert_eq!(found, expected, "{}\n{causes:?}", told(record));
    let verdict = if expected.is_empty() { Verdict::Passed } else { Verdict::Failed };
    assert_eq!(judged.verdict, verdict, "{}", told(record));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_told_at_the_step_that_led_to_it() {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    rig.oracles = ORACLES;
    // The rows, and the right figure, are waited for.
    let right = "  - open: /home\n  - tap: {role: link, name: 基金}\n    see: {role: heading, name: 基金}\n  - open: /funds/A1\n    see: {text: 净值}";
    check(&rig.walk(right).await, &[]);
    let walked = rig.walk(right).await;
    // What other devices must show alike is handed on once, with what led there; what a figure was before it is not.
    let alike = walked.steps.iter().flat_map(|step| &step.seen.alike);
    let alike: Vec<_> = alike.map(|a| format!("{} {} {}", a.led_by, a.figure.key, a.figure.value.plain())).collect();
    assert_eq!(alike, ["tap-基金 A1 1.50", "tap-基金 B2 2.00"]);
    let held = walked.oracles.expect("the app has oracles");
    assert_eq!((held.figures, held.unread.len()), (2, 0), "{held:?}");
    let gone = |page: &str| {
        format!(
            "  - open: {page}\n    see: {{role: heading, name: 基金}}\n    id: list\n  - tap: {{role: button, name: 下一步}}\n    see: {{text: 已完成}}"
        )
    };
    check(
        &rig.walk(&gone("/skeleton")).await,
        &[
            "product-missing @ list: 「打开“/skeleton”」后台账里的产品不见了：/skeleton 上没有基金 B2，而台账 oracles/funds.csv 里有",
        ],
    );
    // So it is when the page was still coming, and a step that only looks had it judged.
    let looked = gone("/skeleton").replacen("  - tap:", "  - see: {text: 甲}\n  - tap:", 1);
    check(
        &rig.walk(&looked).await,
        &[
            "product-missing @ list: 「打开“/skeleton”」后台账里的产品不见了：/skeleton 上没有基金 B2，而台账 oracles/funds.csv 里有",
        ],
    );
    check(&rig.walk(&gone("/bare")).await, &[]);
    // A search takes rows away, and that is right.
    let searched = "  - open: /funds\n    see: {text: 乙}\n  - fill: {label: 搜索, text: 甲}\n  - not_see: {text: 乙}";
    check(&rig.walk(searched).await, &[]);
    // The list that the customer comes back to may be filtered still.
    let back = format!(
        "{searched}\n  - tap: {{role: link, name: 甲}}\n    see: {{text: 净值}}\n  - back:\n    see: {{role: heading, name: 基金}}"
    );
    check(&rig.walk(&back).await, &[]);
    // Nobody knows which of two lists is meant, and what the browser refuses is no empty list: both are told as lost.
    let odd = rig.walk("  - open: /odd\n    see: {role: heading, name: 基金}").await;
    check(&odd, &["phrase-forbidden @ open-odd: 「打开“/odd”」后出现了不得使用的宣传用语：页面上写着「稳赚」"]);
    let lost: Vec<&String> = odd.losses.iter().filter(|loss| loss.contains("could not be read")).collect();
    assert_eq!(lost.len(), 2, "{:?}", odd.losses);
    // Routes behind `#`, and a locator that finds nothing.
    let routed = rig.walk("  - open: /spa#/rates\n    see: {text: 利率}").await;
    check(
        &routed,
        &["figure-implausible @ open-spa-rates: 「打开“/spa#/rates”」后数值不合常理：净值是 99，不应大于 20"],
    );
    let unread = routed.oracles.map(|held| held.unread).unwrap_or_default();
    assert_eq!(unread, ["funds/fund.rate at /spa#/rates"]);
    // Which look sees it first is chance; what led there is not.
    let wrong = "  - open: /funds\n    see: {text: 乙}\n    id: list\n  - tap: {role: link, name: 乙}\n    id: detail\n  - see: {role: heading, name: 乙}\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}";
    check(
        &rig.walk(wrong).await,
        &[
            "figures-disagree @ detail: 「点击“乙”」后同一数据各处不一致：基金 B2 的净值在 /funds/* 是 2.05，在 /funds 是 2.00",
            "phrase-forbidden @ detail: 「点击“乙”」后出现了不得使用的宣传用语：页面上写着「稳赚」",
        ],
    );
    let short = "  - open: /short\n    see: {text: 甲}";
    let missing = "product-missing @ open-short: 「打开“/short”」后台账里的产品不见了：/short 上没有基金 B2，而台账 oracles/funds.csv 里有";
    check(&rig.walk(short).await, &[missing]);
    let shadow = "  - open: /shadow\n    see: {text: 影子}";
    check(
        &rig.walk(shadow).await,
        &["figure-implausible @ open-shadow: 「打开“/shadow”」后数值不合常理：净值是 99，不应大于 20"],
    );
    rig.browsers.shutdown().await;
}
