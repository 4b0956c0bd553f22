//! The pages that are drawn: a list of wealth products as a phone shows it, the faults of `detection.md` section 0 on it, and
//! what changes on an honest page.

/// What is done to the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing that a person sees.
    Honest,
    /// Its layout is broken.
    Layout,
    /// A figure is wrong: that is read, not looked at.
    Figure,
}

/// A page as it may be, beside the approved one.
pub struct Variant {
    pub name: &'static str,
    pub kind: Kind,
    /// Replaced in the approved page: what, by what.
    edits: &'static [(&'static str, &'static str)],
}

const CARD: &str = r#"<section class="card" id="p3">"#;
const STYLE: &str = "</style>";

pub const VARIANTS: &[Variant] = &[
    Variant { name: "equal", kind: Kind::Honest, edits: &[] },
    Variant {
        name: "sub-pixel shift of 0.3",
        kind: Kind::Honest,
        edits: &[(STYLE, "main{transform:translateX(.3px)}</style>")],
    },
    Variant {
        name: "a pixel of a shadow",
        kind: Kind::Honest,
        edits: &[(STYLE, ".card{box-shadow:0 1px 3px #0000000f}</style>")],
    },
    Variant { name: "yield 3.85 % to 3.86 %", kind: Kind::Figure, edits: &[("3.85%", "3.86%")] },
    Variant { name: "yield ten times", kind: Kind::Figure, edits: &[("3.85%", "38.50%")] },
    Variant { name: "total 0.00", kind: Kind::Figure, edits: &[("¥1,286,430.52", "¥0.00")] },
    Variant { name: "NaN%", kind: Kind::Figure, edits: &[("3.12%", "NaN%")] },
    Variant { name: "undefined", kind: Kind::Figure, edits: &[("2.71%", "undefined")] },
    Variant { name: "minus sign", kind: Kind::Figure, edits: &[("3.40%", "-3.40%")] },
    Variant { name: "a card missing", kind: Kind::Layout, edits: &[(STYLE, "#p3>*{visibility:hidden}</style>")] },
    Variant {
        name: "a card gone, the rest moved",
        kind: Kind::Layout,
        edits: &[(CARD, r#"<section class="card" id="p3" hidden>"#)],
    },
    Variant { name: "cards overlap", kind: Kind::Layout, edits: &[(STYLE, "#p3{margin-top:-90px}</style>")] },
    Variant {
        name: "a button clipped",
        kind: Kind::Layout,
        edits: &[(STYLE, "#p2{height:70px;overflow:hidden}</style>")],
    },
    Variant {
        name: "a mask over it",
        kind: Kind::Layout,
        edits: &[("</main>", r#"</main><div style="position:fixed;inset:0;background:#000a"></div>"#)],
    },
    Variant { name: "no stylesheet", kind: Kind::Layout, edits: &[("<style>", r#"<style media="none">"#)] },
    Variant { name: "white", kind: Kind::Layout, edits: &[("<main>", "<main hidden>")] },
    Variant {
        name: "banner came in",
        kind: Kind::Layout,
        edits: &[("<main>", r#"<main><p class="banner">活动公告：新客专享</p>"#)],
    },
];

/// The page with a variant's edits.
pub fn page(variant: &Variant) -> String {
    let mut html = approved();
    for (what, by) in variant.edits {
        assert!(html.contains(what), "`{what}` is in the page");
        html = html.replacen(what, by, 1);
    }
    html
}

/// What each product yields, as its bank publishes it.
const YIELDS: [&str; 12] =
    ["3.85%", "3.12%", "2.71%", "3.40%", "2.95%", "4.05%", "3.33%", "2.10%", "3.71%", "2.88%", "3.05%", "3.64%"];

/// The registry of the products.
pub fn rates() -> String {
    let rows = YIELDS.iter().enumerate().map(|(number, rate)| format!("p{number},{rate}\n"));
    std::iter::once("id,rate\n".to_owned()).chain(rows).collect()
}

fn approved() -> String {
    let cards: String = YIELDS.iter().enumerate().map(|(number, rate)| card(number, rate)).collect();
    format!(
        r#"<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>理财</title><style>
body{{margin:0;font:16px/1.5 sans-serif;background:#f5f5f7;color:#222}}main{{padding:12px}}
.total{{background:#c62828;color:#fff;border-radius:12px;padding:20px;font-size:28px}}
.card{{background:#fff;border-radius:12px;margin-top:12px;padding:16px;min-height:96px}}
h2{{font-size:18px;margin:0 0 8px}}b{{color:#c62828;font-size:24px}}button{{float:right;background:#c62828;color:#fff;border:0;border-radius:20px;padding:10px 24px;font-size:16px}}
.banner{{background:#fff3e0;padding:14px;margin:0 0 12px}}</style>
<main><div class="total">总资产（元）<br><span class="figure">¥1,286,430.52</span></div>{cards}</main></html>"#
    )
}

fn card(number: usize, rate: &str) -> String {
    let names = ["听潮稳利90天A", "听潮固收增强", "听潮安心盈", "听潮月月宝"];
    let name = names[number % names.len()];
    let days = 30 + number * 15;
    format!(
        r#"<section class="card" id="p{number}"><h2>{name}·{number}号</h2><button>购买</button><b>{rate}</b><div>业绩比较基准 · 期限{days}天 · 风险等级R2</div><small>过往业绩不代表其未来表现，不等于理财产品实际收益，投资须谨慎</small></section>"#
    )
}

/// A page of many colours and words: 3446 × 10728 pixels, as the page is that others publish figures of. With `changed`, one
/// block in forty has another colour.
pub fn large(changed: bool) -> String {
    let mut html = String::from(
        r#"<!doctype html><meta charset="utf-8"><style>body{margin:0;font:15px sans-serif;width:3446px}div{float:left;width:190px;height:106px;margin:1px;padding:4px;box-sizing:border-box;overflow:hidden}</style>"#,
    );
    for number in 0..17 * 99 {
        let hue = number * 47 % 360;
        let hue = if changed && number % 40 == 7 { (hue + 120) % 360 } else { hue };
        html.push_str(&format!(
            r#"<div style="background:linear-gradient({hue}deg,hsl({hue},60%,80%),hsl({hue},70%,60%))">{number} 稳健增长混合 A 类份额 业绩比较基准 {}.{:02}%</div>"#,
            number % 9,
            number % 100
        ));
    }
    html
}
