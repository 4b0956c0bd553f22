//! What an oracle makes of what a walk reads: each case is a file as QA writes it, rows as pages gave them, and what is
//! said of them.

use gengfu::journey::{FileProblem, Files, Limits, load_oracle};
use gengfu::oracle::{Breach, Now, Page, Row, Rows, Witness};
use jiff::civil::date;
use std::sync::Arc;
use std::time::Duration;

const FUNDS: &str = r"
oracle: products
app: bank
holidays: [2026-11-19]
subjects:
  fund:
    title: 基金
    figures:
      nav: {as: decimal, title: 净值, min: 0.1, max: 20, tolerance: 0.0001, blank: [暂无], across: {settles: 5m}}
      risk: {title: 风险, among: [R1, R2, R3]}
      day: {as: date, title: 净值日期, trading_days: 1}
      fee: {as: percent, title: 费率}
      base: {as: percent, title: 原费率}
      quote: {as: decimal, title: 估值, ticks: true}
    places:
      - {on: /funds, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}, risk: {css: .risk}}}
      - {on: /funds/*, key: {from: url, pattern: '/funds/(\w+)'}, read: {nav: {testid: nav}, risk: {testid: risk}, day: {testid: day}, fee: {testid: fee}, base: {testid: base}, quote: {testid: quote}}}
      - {answer: /api/funds/*, key: $.code, read: {nav: $.nav, fee: {json: $.fee, times: 100}, quote: $.quote}}
    registry: {file: funds.csv, key: code, listed: sale == 'yes'}
    claims:
      - {that: fee <= base, message: 优惠后更贵}
      - {that: risk != 'R3' or sale == 'no', message: R3 已停售}
  rate:
    title: 外汇牌价
    figures:
      bid: {as: decimal, title: 买入价}
      ask: {as: decimal, title: 卖出价}
      quoted: {as: date, title: 报价日, trading_days: 0}
    places:
      - {on: /fx, each: {css: tr}, key: {attribute: data-code}, read: {bid: {css: .bid}, ask: {css: .ask}, quoted: {css: .day}}}
    claims:
      - {that: bid <= ask, message: 买入价高于卖出价}
phrases:
  - {never: 稳赚, message: 不得承诺收益}
  - {never: 保本, unless: [保本型存款], severity: P2}
  - {always: 投资须谨慎, on: /funds/*}
";
const TABLE: &str = "code,name,risk,sale\nＡ1,甲,R1,yes\nB2,乙,R2,yes\nC3,丙,R3,no\n";

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

/// What a walk reads at one page: its address, the rows of each place that is asked for, its text, and how long after what
/// it read before.
struct Met {
    page: Page,
    rows: Vec<Vec<Row>>,
    text: &'static str,
    later: Duration,
}

fn row(key: &str, read: &[(&str, &str)]) -> Row {
    Row { key: key.into(), read: read.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect() }
}

fn list(rows: &[Row]) -> Met {
    Met {
        page: Page::at("https://bank.test/funds"),
        rows: vec![rows.to_vec()],
        text: "基金",
        later: Duration::from_secs(5),
    }
}

fn detail(shown: Row, answered: Option<Row>) -> Met {
    let page = Page::at(&format!("https://bank.test/funds/{}", shown.key));
    let rows = vec![vec![shown], answered.into_iter().collect()];
    Met { page, rows, text: "投资须谨慎", later: Duration::from_secs(5) }
}

fn witness() -> Witness {
    let oracle = load_oracle("oracles/funds.yaml", &Folder, &Limits::default()).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n"))
    });
    Witness::new(vec![Arc::new(oracle)])
}

/// Walks over `met`; everything that is said on the way, in Chinese.
fn walked(witness: &mut Witness, met: Vec<Met>) -> Vec<String> {
    let (mut said, mut offset) = (Vec::new(), Duration::ZERO);
    for Met { page, rows, text, later } in met {
        offset += later;
        let asked: Vec<_> = witness.asked(&page).into_iter().map(|(asked, _)| asked).collect();
        let read = asked.into_iter().zip(rows).map(|(asked, rows)| Rows { asked, rows, unkeyed: false });
        let read: Vec<Rows> = read.collect();
        let judgement = witness.judge(&page, &read, text, Now { today: date(2026, 11, 20), offset });
        let breaches = judgement.breaches.clone();
        witness.keep(judgement, &breaches);
        said.extend(breaches.iter().map(|Breach { kind, zh, .. }| format!("{kind:?}: {zh}")));
    }
    said
}

fn check(met: Vec<Met>, expected: &[&str]) {
    assert_eq!(walked(&mut witness(), met), expected);
}

/// The language as README shows it is the language.
#[test]
fn the_example_of_the_readme_loads() {
    struct Readme(String);
    impl Files for Readme {
        fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
            let table = "code,nav,on_sale,account,name,sentinel\n000123,1.3862,yes,lin,林晓棠,PATROL-1A2B\n";
            Ok(if path.ends_with(".csv") { table.into() } else { self.0.clone().into() })
        }
    }
    let readme = include_str!("../../README.md");
    let example = readme.lines().skip_while(|line| *line != "    oracle: products");
    let example: Vec<&str> = example.map_while(|line| line.strip_prefix("    ")).collect();
    let oracle = load_oracle("oracles/products.yaml", &Readme(example.join("\n")), &Limits::default());
    let oracle = oracle.unwrap_or_else(|problems| panic!("{}", problems[0].render(false)));
    assert_eq!((oracle.subjects.len(), oracle.phrases.len()), (2, 2));
    assert_eq!(oracle.customers.map(|customers| customers.private.len()), Some(2));
}

/// The same of a registry that is asked for.
#[test]
fn the_endpoint_of_the_readme_loads() {
    struct Readme(String);
    impl Files for Readme {
        fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
            Ok(self.0.clone().into())
        }
    }
    let readme = include_str!("../../README.md").lines().skip_while(|line| *line != "    registry:");
    let example: Vec<&str> = readme.take_while(|line| line.starts_with("    ")).collect();
    let whole = format!(
        "oracle: products\napp: bank\nsubjects:\n  fund:\n    figures: {{nav: {{}}}}\n    places: [{{on: /, read: {{nav: {{css: b}}}}}}]\n{}\n",
        example.join("\n")
    );
    let oracle = load_oracle("oracles/products.yaml", &Readme(whole), &Limits::default());
    let oracle = oracle.unwrap_or_else(|problems| panic!("{}", problems[0].render(false)));
    let registry = oracle.subjects[0].registry.as_ref().expect("it has one");
    let endpoint = registry.endpoint.as_ref().expect("it is asked for");
    assert_eq!(endpoint.wanted(), ["code", "on_sale"]);
    assert_eq!((endpoint.every, endpoint.stale_after), (Duration::from_secs(600), Duration::from_secs(86_400)));
    assert!(registry.accounts.is_empty(), "nothing is fetched to read it");
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
    let expected = "Disagreement: 基金 A1 的费率在 /funds/* 是 0.15，在 /api/funds/* 是 0.51";
    check(vec![detail(row("A1", &[("fee", "0.15%")]), answered)], &[expected]);
    let expected = "Disagreement: 基金 A1 的风险在 /funds/* 是 R2，在 oracles/funds.csv 是 R1";
    check(vec![detail(row("A1", &[("risk", "R2")]), None)], &[expected]);
}

/// PS15: a bid above the ask, and a quote that stands still; on a day without trading it rightly does.
#[test]
fn quotes_that_cannot_be_are_told() {
    let quoted = |bid: &str, ask: &str, day: &str, expected: &[&str]| {
        let page = Page::at("https://bank.test/fx");
        // No answer of the funds has come.
        let rows = vec![Vec::new(), vec![row("USD", &[("bid", bid), ("ask", ask), ("quoted", day)])]];
        check(vec![Met { page, rows, text: "牌价", later: Duration::from_secs(5) }], expected);
    };
    quoted("7.0812", "7.1104", "2026-11-20", &[]);
    quoted(
        "7.0812",
        "7.1104",
        "2026-11-19",
        &["Stale: 外汇牌价 USD 的报价日是 2026-11-19，已过 1 个交易日，最多应为 0 个"],
    );
    let crossed = "Claim: 外汇牌价 USD：买入价高于卖出价（7.1104, 7.0812）";
    quoted("7.1104", "7.0812", "2026-11-20", &[crossed]);
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
    assert_eq!(walked(&mut witness, vec![detail(row("A1", &[("fee", "0.10%")]), None)]), Vec::<String>::new());
    assert_eq!(witness.unjudged().collect::<Vec<_>>(), ["products/fund: fee <= base (not seen: base)"]);
    assert!(
        witness.unread().any(|figure| figure == "products/fund.nav at /funds/*"),
        "a locator that finds nothing is told"
    );
}

/// What moves, or was changed meanwhile, contradicts nothing.
#[test]
fn figures_are_compared_with_what_they_can_be_compared_with() {
    let shows = |nav: &str| detail(row("A1", &[("nav", nav)]), Some(row("A1", &[("nav", nav)])));
    // The customer comes back, and page and answer have both changed.
    check(vec![shows("1.50"), shows("1.60")], &[]);
    // The list was read more than a minute ago.
    let later = Met { later: Duration::from_secs(61), ..detail(row("A1", &[("nav", "1.6")]), None) };
    check(vec![list(&both()), later], &[]);
    // What ticks is compared with the answer behind it, and with nothing that was read before.
    let quoted =
        |shown: &str, answered: &str| detail(row("A1", &[("quote", shown)]), Some(row("A1", &[("quote", answered)])));
    check(vec![quoted("1.51", "1.51"), quoted("1.52", "1.52")], &[]);
    check(vec![quoted("1.51", "1.53")], &["Disagreement: 基金 A1 的估值在 /funds/* 是 1.51，在 /api/funds/* 是 1.53"]);
    // A grade does not move.
    let graded = Met { later: Duration::from_secs(300), ..detail(row("B2", &[("risk", "R1")]), None) };
    check(vec![list(&both()), graded], &["Disagreement: 基金 B2 的风险在 /funds/* 是 R1，在 /funds 是 R2"]);
}

#[test]
fn one_row_that_is_wrong_hides_no_other() {
    let rows = [row("A1", &[("nav", "NaN")]), row("B2", &[("nav", "2")])];
    let expected = [
        "Unreadable: 基金 A1 的净值显示为「NaN」，不是数",
        "Disagreement: 基金 B2 的净值在 /funds/* 是 3，在 /funds 是 2",
    ];
    check(vec![list(&rows), detail(row("B2", &[("nav", "3")]), None)], &expected);
}

/// What all devices must show alike is handed on; what is wrong by itself is told already.
#[test]
fn what_all_devices_must_show_alike_is_handed_on() {
    let witness = witness();
    let page = Page::at("https://bank.test/funds");
    let rows = vec![row("A1", &[("nav", "1.50"), ("risk", "R1")]), row("B2", &[("nav", "0"), ("risk", "R2")])];
    let asked = witness.asked(&page)[0].0;
    let now = Now { today: date(2026, 11, 20), offset: Duration::from_secs(3) };
    let judgement = witness.judge(&page, &[Rows { asked, rows, unkeyed: false }], "基金", now);
    let alike = witness.alike(&judgement);
    let said: Vec<_> = alike.iter().map(|a| (a.topic.as_str(), a.zh.as_str(), a.value.plain(), a.read)).collect();
    assert_eq!(said, [("products/fund.nav", "基金 A1 的净值", "1.50".to_owned(), Duration::from_secs(3))]);
    assert_eq!((alike[0].across.within, alike[0].across.settles), (Duration::from_secs(900), Duration::from_secs(300)));
}

#[test]
fn what_is_masked_or_behind_the_page_is_no_figure_that_customers_see() {
    check(vec![detail(row("A1", &[("nav", "‹trade_pin›.50")]), None)], &[]);
    check(vec![detail(row("A1", &[]), Some(row("A1", &[("nav", "--")])))], &[]);
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
    filtered.page = Page::at("https://bank.test/funds?risk=R1");
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
