//! What a known customer owns, and what of others they may not see: one oracle, rows as pages gave them, one customer or
//! another.

use gengfu::journey::{FileProblem, Files, Limits, Oracle, load_oracle};
use gengfu::oracle::{Breach, Now, Page, Row, Rows, Witness};
use jiff::civil::date;
use std::sync::Arc;
use std::time::Duration;

const ORACLE: &str = r"
oracle: bank
app: bank
customers: {file: customers.csv, account: account, private: {name: 姓名, phone: 手机号, sentinel: 巡检附言}}
subjects:
  assets:
    title: 资产
    figures: {total: {as: money, title: 总资产, min: 0}, cash: {as: money, title: 现金}}
    places: [{on: /home, read: {total: {testid: total}, cash: {testid: cash}}}]
    registry: {file: assets.csv, account: account}
    claims: [{that: total >= cash, message: 总资产不应少于现金}]
  holding:
    title: 持仓
    figures: {shares: {as: decimal, title: 份额}}
    places: [{on: /home, each: {css: li}, key: {attribute: data-code}, complete: true, read: {shares: {css: b}}}]
    registry: {file: holdings.csv, account: account, key: code, listed: closed != 'yes'}
  entry:
    title: 流水
    figures: {amount: {as: money, title: 金额}}
    places: [{on: /entries, each: {css: li}, key: {css: .balance}, read: {amount: {css: .amount}}}]
    registry: {file: entries.csv, account: account, key: balance}
";
const TABLES: [(&str, &str); 4] = [
    (
        "oracles/customers.csv",
        "account,name,phone,sentinel\nlin,林晓棠,138****0001,PATROL-1A2B\nzhou,周慕青,138****0002,PATROL-3C4D\n\
         he,何其山,138****0001,\n",
    ),
    ("oracles/assets.csv", "account,total,cash\nlin,1500.00,1000\nzhou,90000,2\n"),
    ("oracles/holdings.csv", "account,code,shares,closed\nlin,A1,500,\nlin,C3,,yes\nzhou,B2,7,\nzhou,A1,9,\n"),
    ("oracles/entries.csv", "account,balance,amount\nlin,\"1,000.00\",300\nlin,700.00,-50.5\n"),
];

struct Folder;

impl Files for Folder {
    fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        let table = TABLES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
        let text = if path == "oracles/bank.yaml" { Some(ORACLE) } else { table };
        text.map(Into::into).ok_or(FileProblem::Missing)
    }
}

/// The same folder with another oracle.
struct Asked(String);

impl Files for Asked {
    fn read(&self, path: &str, bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        if path == "oracles/bank.yaml" { Ok(self.0.clone().into()) } else { Folder.read(path, bytes_max) }
    }
}

fn row(key: &str, read: &[(&str, &str)]) -> Row {
    Row { key: key.into(), read: read.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect() }
}

fn home(total: &str, cash: &str, holdings: &[(&str, &str)]) -> (&'static str, Vec<Vec<Row>>) {
    let holdings = holdings.iter().map(|(code, shares)| row(code, &[("shares", shares)])).collect();
    ("https://bank.test/home", vec![vec![row("", &[("total", total), ("cash", cash)])], holdings])
}

fn entries(shown: &[(&str, &str)]) -> (&'static str, Vec<Vec<Row>>) {
    let rows = shown.iter().map(|(balance, amount)| row(balance, &[("amount", amount)])).collect();
    ("https://bank.test/entries", vec![rows])
}

/// What is told to whoever walks as `account` over these pages, which all say `text`.
fn check(account: Option<&str>, met: &[(&str, Vec<Vec<Row>>)], text: &str, expected: &[&str]) -> Witness {
    let oracle = load_oracle("oracles/bank.yaml", &Folder, &Limits::default()).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n"))
    });
    walked(oracle, account, met, text, expected)
}

fn walked(
    oracle: Oracle,
    account: Option<&str>,
    met: &[(&str, Vec<Vec<Row>>)],
    text: &str,
    expected: &[&str],
) -> Witness {
    let mut witness = Witness::new(vec![Arc::new(oracle)]).made_as(account.into_iter().map(str::to_owned).collect());
    let mut said = Vec::new();
    for (step, (url, rows)) in (0..).zip(met) {
        let page = Page::at(url);
        let asked: Vec<_> = witness.asked(&page).into_iter().map(|(asked, _)| asked).collect();
        let rows = asked.into_iter().zip(rows.clone());
        let read: Vec<Rows> = rows.map(|(asked, rows)| Rows { asked, rows, unkeyed: false }).collect();
        let now = Now { today: date(2026, 11, 20), offset: Duration::from_secs(5 * step) };
        let judgement = witness.judge(&page, &read, text, now);
        let breaches = judgement.breaches.clone();
        witness.keep(judgement, &breaches);
        said.extend(breaches.iter().map(|Breach { kind, topic, zh, .. }| format!("{kind:?} {topic}: {zh}")));
    }
    assert_eq!(said, expected);
    witness
}

const OWNED: [(&str, &str); 1] = [("A1", "500.00")];

#[test]
fn each_customer_is_held_to_their_own() {
    let shown = [home("1,500.00", "¥1,000.00", &OWNED), entries(&[("1,000.00", "+300.00"), ("700.00", "-50.50")])];
    check(Some("lin"), &shown, "您好，林晓棠 PATROL-1A2B", &[]);
    check(Some("zhou"), &[home("90,000.00", "2.00", &[("A1", "9"), ("B2", "7")])], "您好，周慕青", &[]);
}

/// All that one backend lost is one trouble, and what a customer owns is never said in full.
#[test]
fn what_is_gone_is_told_once_and_veiled() {
    let said = "NotOwned bank/ledger: /home 上的现金是 0，客户台账里是 1***；还有 总资产、持仓 A*，共 3 处";
    check(Some("lin"), &[home("0.00", "0.00", &[]), home("0.00", "0.00", &[])], "", &[said]);
    let said = "NotOwned bank/ledger: /home 上的现金是 1******，客户台账里是 1***";
    check(Some("lin"), &[home("1500.00", "1,000.99", &OWNED)], "", &[said]);
    let said = "NotOwned bank/ledger: /home 上的总资产是 1******，客户台账里是 1******";
    let shown = [home("1300.00", "1000.00", &OWNED), home("1300.00", "1000.00", &OWNED)];
    check(Some("lin"), &shown, "", &[said]);
    // A claim that is false says more than the ledger.
    let said = "Claim bank/assets.total >= cash: 总资产不应少于现金（500.00, 1000.00）";
    check(Some("lin"), &[home("500.00", "1000.00", &OWNED)], "", &[said]);
}

#[test]
fn holdings_are_all_of_them_and_no_others() {
    let said = "NotOwned bank/ledger: /home 上有持仓 B*，客户台账里没有";
    check(Some("lin"), &[home("1500", "1000", &[("A1", "500"), ("B2", "7")])], "", &[said]);
    // What is closed need not be there.
    let said = "NotOwned bank/ledger: 客户台账里的持仓 B* 没有显示在 /home";
    check(Some("zhou"), &[home("90000", "2", &[("A1", "9")])], "", &[said]);
}

#[test]
fn an_entry_that_stands_twice_is_told_and_one_that_is_new_is_not() {
    let said = "NotOwned bank/ledger: /entries 上的流水 7***** 出现了不止一次";
    check(Some("lin"), &[entries(&[("1,000.00", "300"), ("700.00", "-50.5"), ("700.00", "-50.5")])], "", &[said]);
    check(Some("lin"), &[entries(&[("1,080.00", "80"), ("1,000.00", "300"), ("700.00", "-50.5")])], "", &[]);
    let said = "NotOwned bank/ledger: /entries 上的金额是 3***，客户台账里是 3**";
    check(Some("lin"), &[entries(&[("1,000.00", "30.9")])], "", &[said]);
}

#[test]
fn what_is_anothers_alone_is_told_once_whatever_the_page() {
    let home = || home("1500", "1000", &OWNED);
    let said =
        "Foreign bank/others: 页面上出现了别的客户的姓名：周**；还有 手机号 13******02、巡检附言 PA******4D，共 3 处";
    check(Some("lin"), &[home(), home()], "您好，周慕青 138****0002 转账（PATROL-3C4D）", &[said]);
    let said = "Foreign bank/others: 页面上出现了别的客户的姓名：何**";
    // A masked number that two customers share says nothing.
    check(Some("lin"), &[home()], "何其山 138****0001", &[said]);
    check(Some("lin"), &[home()], "何其", &[]);
}

#[test]
fn who_is_not_known_is_held_to_nothing_and_that_is_said() {
    let zeros = [home("0", "0", &[])];
    let witness = check(Some("su"), &zeros, "", &[]);
    let unjudged: Vec<String> = witness.unjudged().collect();
    assert!(
        unjudged.contains(&"bank/assets: ledger (oracles/assets.csv has no account su)".to_owned()),
        "{unjudged:?}"
    );
    // One that is asked for and was not had: the walk says that, too.
    let asked = ORACLE.replace("{file: assets.csv,", "{url: 'https://bank.test/assets',");
    let oracle = load_oracle("oracles/bank.yaml", &Asked(asked), &Limits::default()).expect("it is right");
    let witness =
        walked(oracle, Some("lin"), &zeros, "", &["NotOwned bank/ledger: 客户台账里的持仓 A* 没有显示在 /home"]);
    let unjudged: Vec<String> = witness.unjudged().collect();
    assert!(unjudged.contains(&"bank/assets: ledger (bank.test/assets could not be read)".to_owned()), "{unjudged:?}");
    let witness = check(None, &zeros, "周慕青", &[]);
    assert!(witness.unjudged().any(|said| said.contains("walked without an account")));
}
