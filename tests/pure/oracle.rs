//! What an oracle makes of what a walk reads: each case is a file as QA writes it, rows as pages gave them, and what is
//! said of them.

use gengfu::journey::{FileProblem, Files, Limits, load_oracle};
use gengfu::oracle::{Breach, Page, Row, Rows, Witness};
use jiff::civil::date;
use std::sync::Arc;

const FUNDS: &str = r"
oracle: products
app: bank
holidays: [2026-11-19]
subjects:
  fund:
    title: 基金
    figures:
      nav: {as: decimal, title: 净值, min: 0.1, max: 20, tolerance: 0.0001, blank: [暂无]}
      risk: {title: 风险, among: [R1, R2, R3]}
      day: {as: date, title: 净值日期, trading_days: 1}
      fee: {as: percent, title: 费率}
      base: {as: percent, title: 原费率}
    places:
      - {on: /funds, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}, risk: {css: .risk}}}
      - {on: /funds/*, key: {from: url, pattern: '/funds/(\w+)'}, read: {nav: {testid: nav}, risk: {testid: risk}, day: {testid: day}, fee: {testid: fee}, base: {testid: base}}}
      - {answer: /api/funds/*, key: $.code, read: {nav: $.nav, fee: $.fee}}
    registry: {file: funds.csv, key: code, listed: sale == 'yes'}
    claims:
      - {that: fee <= base, message: 优惠后更贵}
      - {that: risk != 'R3' or sale == 'no', message: R3 已停售}
phrases:
  - {never: 稳赚, message: 不得承诺收益}
  - {never: 保本, unless: [保本型存款], severity: P2}
  - {always: 投资须谨慎, on: /funds/*}
";
const TABLE: &str = "code,name,risk,sale\nA1,甲,R1,yes\nB2,乙,R2,yes\nC3,丙,R3,no\n";

struct Folder;

impl Files for Folder {
    fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        match path {
            "oracles/funds.yaml" => Ok(FUNDS.into()),
            "oracles/funds.csv" => Ok(TABLE.into()),
            _ => Err(FileProblem::Missing),
        }
    }
}

/// What a walk reads at one page: its address, the rows of each place that is asked for, and its text.
struct Met {
    page: Page,
    rows: Vec<Vec<Row>>,
    text: &'static str,
}

fn row(key: &str, read: &[(&str, &str)]) -> Row {
    Row { key: key.into(), read: read.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect() }
}

fn list(rows: &[Row]) -> Met {
    let page = Page { path: "/funds".into(), ..Page::default() };
    Met { page, rows: vec![rows.to_vec()], text: "基金" }
}

fn detail(shown: Row, answered: Option<Row>) -> Met {
    let page = Page { path: format!("/funds/{}", shown.key), ..Page::default() };
    Met { page, rows: vec![vec![shown], answered.into_iter().collect()], text: "投资须谨慎" }
}

fn witness() -> Witness {
    let oracle = load_oracle("oracles/funds.yaml", &Folder, &Limits::default()).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n"))
    });
    Witness::new(vec![Arc::new(oracle)], date(2026, 11, 20))
}

/// Walks over `met` and compares everything that is said on the way.
fn check(met: Vec<Met>, expected: &[&str]) {
    let mut witness = witness();
    let mut said = Vec::new();
    for Met { page, rows, text } in met {
        let asked: Vec<_> = witness.asked(&page).into_iter().map(|(asked, _)| asked).collect();
        let read: Vec<Rows> = asked.into_iter().zip(rows).map(|(asked, rows)| Rows { asked, rows }).collect();
        let breaches = witness.judge(&page, &read, text);
        witness.keep(&page, &read, &breaches);
        said.extend(breaches.iter().map(|Breach { kind, zh, .. }| format!("{kind:?}: {zh}")));
    }
    assert_eq!(said, expected);
}

/// The language as README shows it is the language.
#[test]
fn the_example_of_the_readme_loads() {
    struct Readme(String);
    impl Files for Readme {
        fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
            let table = "code,nav,on_sale\n000123,1.3862,yes\n";
            Ok(if path.ends_with(".csv") { table.into() } else { self.0.clone().into() })
        }
    }
    let readme = include_str!("../../README.md");
    let example = readme.lines().skip_while(|line| *line != "    oracle: products");
    let example: Vec<&str> = example.map_while(|line| line.strip_prefix("    ")).collect();
    let oracle = load_oracle("oracles/products.yaml", &Readme(example.join("\n")), &Limits::default());
    let oracle = oracle.unwrap_or_else(|problems| panic!("{}", problems[0].render(false)));
    assert_eq!((oracle.subjects.len(), oracle.phrases.len()), (1, 2));
}

fn both() -> [Row; 2] {
    [row("A1", &[("nav", "1.5"), ("risk", "R1")]), row("B2", &[("nav", "2"), ("risk", "R2")])]
}

#[test]
fn an_app_that_is_right_is_silent() {
    let day = ("day", "2026-11-20");
    let shown = row("A1", &[("nav", "1.5000"), ("risk", "R1"), day, ("fee", "0.15%"), ("base", "1.50%")]);
    check(vec![list(&both()), detail(shown, Some(row("A1", &[("nav", "1.50"), ("fee", "0.15")])))], &[]);
    // What has no figure rightly, and what is not on the page, says nothing.
    check(vec![detail(row("A1", &[("nav", "暂无")]), None)], &[]);
    // The exchange was closed on the 19th: the 18th is one trading day ago.
    check(vec![detail(row("A1", &[("day", "2026年11月18日")]), None)], &[]);
}

#[test]
fn a_figure_that_cannot_be_is_told() {
    let one = |name: &str, text: &str, expected: &str| {
        check(vec![detail(row("A1", &[(name, text)]), None)], &[expected]);
    };
    one("nav", "0.00", "Implausible: 基金 A1 的净值是 0.00，不应小于 0.1");
    one("nav", "138.62", "Implausible: 基金 A1 的净值是 138.62，不应大于 20");
    one("nav", "NaN", "Unreadable: 基金 A1 的净值显示为「NaN」，不是数");
    one("nav", "", "Unreadable: 基金 A1 的净值显示为「」，不是数");
    one("day", "2026-11-17", "Stale: 基金 A1 的净值日期是 2026-11-17，已过 2 个交易日，最多应为 1 个");
    one("day", "2026-12-01", "Stale: 基金 A1 的净值日期是 2026-12-01，是未来的日期");
    one("fee", "0.15", "Unreadable: 基金 A1 的费率显示为「0.15」，不是百分数");
}

#[test]
fn places_that_disagree_are_told_once_a_walk() {
    let changed = || detail(row("A1", &[("nav", "1.51")]), None);
    let expected = "Disagreement: 基金 A1 的净值在 /funds/* 是 1.51，在 /funds 是 1.5";
    check(vec![list(&both()), changed(), changed()], &[expected]);
    check(vec![list(&both()), detail(row("A1", &[("nav", "1.5001")]), None)], &[]);
    // Off the answer behind the page, written without its mark.
    let answered = Some(row("A1", &[("fee", "0.51")]));
    let expected = "Disagreement: 基金 A1 的费率在 /api/funds/* 是 0.51，在 /funds/* 是 0.15";
    check(vec![detail(row("A1", &[("fee", "0.15%")]), answered)], &[expected]);
    let expected = "Disagreement: 基金 A1 的风险在 /funds/* 是 R2，在 oracles/funds.csv 是 R1";
    check(vec![detail(row("A1", &[("risk", "R2")]), None)], &[expected]);
}

#[test]
fn what_follows_from_a_wrong_figure_is_not_told_beside_it() {
    // Out of its bounds, and therefore not what the list said.
    let zero = detail(row("A1", &[("nav", "0.00")]), None);
    check(vec![list(&both()), zero], &["Implausible: 基金 A1 的净值是 0.00，不应小于 0.1"]);
    // Another grade than the table's, and therefore one that is not for sale.
    let graded = detail(row("A1", &[("risk", "R3")]), None);
    check(vec![graded], &["Disagreement: 基金 A1 的风险在 /funds/* 是 R3，在 oracles/funds.csv 是 R1"]);
}

#[test]
fn claims_reach_over_pages_and_into_the_table() {
    let dear = detail(row("A1", &[("fee", "2.00%"), ("base", "1.50%")]), None);
    check(vec![dear], &["Claim: 基金 A1：优惠后更贵（2.00, 1.50）"]);
    // The one figure stands in the answer alone, the other on the page.
    let (shown, answered) = (row("A1", &[("base", "1.50%")]), row("A1", &[("fee", "2.00")]));
    check(vec![detail(shown, Some(answered))], &["Claim: 基金 A1：优惠后更贵（2.00, 1.50）"]);
    let mut witness = witness();
    let Met { page, rows, text } = detail(row("A1", &[("fee", "0.10%")]), None);
    let asked: Vec<_> = witness.asked(&page).into_iter().map(|(asked, _)| asked).collect();
    let read: Vec<Rows> = asked.into_iter().zip(rows).map(|(asked, rows)| Rows { asked, rows }).collect();
    assert_eq!(witness.judge(&page, &read, text), []);
    witness.keep(&page, &read, &[]);
    assert_eq!(witness.unjudged().collect::<Vec<_>>(), ["products/fund: fee <= base"]);
}

#[test]
fn complete_lists_are_held_to_the_table() {
    let [a, b] = both();
    let missing = "Missing: /funds 上没有基金 B2，而台账 oracles/funds.csv 里有";
    check(vec![list(std::slice::from_ref(&a))], &[missing]);
    let leaked = "Unlisted: /funds 上有基金 T9，而台账 oracles/funds.csv 里没有";
    check(vec![list(&[a.clone(), b.clone(), row("T9", &[])])], &[leaked]);
    let ended = "Unlisted: /funds 上有基金 C3，而台账 oracles/funds.csv 说它不应上架";
    check(vec![list(&[a.clone(), b.clone(), row("C3", &[])])], &[ended]);
    check(vec![list(&[a.clone(), b.clone(), a.clone()])], &["Repeated: /funds 上的基金 A1 出现了不止一次"]);
    let none = "Missing: /funds 上没有基金 A1，而台账 oracles/funds.csv 里有；还有 B2，共 2 处";
    check(vec![list(&[])], &[none]);
    // The customer has searched, or came by a link that filters.
    let mut searched = list(std::slice::from_ref(&a));
    searched.page.touched = true;
    let mut filtered = list(&[a]);
    filtered.page.query = "risk=R1".into();
    check(vec![searched, filtered], &[]);
}

#[test]
fn phrases_are_told_once_a_message() {
    let says = |text: &'static str| Met { text, ..list(&both()) };
    check(vec![says("本基金稳赚"), says("稳赚")], &["Forbidden: 不得承诺收益：页面上写着「本基金稳赚」"]);
    check(vec![says("买保本型存款"), says("本产品不保本")], &[]);
    let silent = Met { text: "基金", ..detail(row("A1", &[]), None) };
    check(vec![silent], &["Unsaid: 页面上没有「投资须谨慎」"]);
}
