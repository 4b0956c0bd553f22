//! Registries behind endpoints: what a walk is held to by the rows it came with, and what it says it was not held to.

use gengfu::detector::ALL;
use gengfu::incident::{COMPARES_DEVICES, MAY_BE_UNHELD};
use gengfu::journey::oracle::{RegistryAccounts, RegistryRows};
use gengfu::journey::{Expression, FileProblem, Files, Limits, Oracle, Value, load_oracle};
use gengfu::oracle::{Now, Page, Row, Rows, Supplied, SuppliedRows, Witness};
use std::sync::Arc;
use std::time::Duration;

struct File(&'static str);

impl Files for File {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(self.0.into())
    }
}

const FUNDS: &str = "\
oracle: products
app: bank
subjects:
  fund:
    title: 基金
    figures: {nav: {as: decimal}, fee: {as: decimal}, quote: {as: decimal, ticks: true}}
    places:
      - {on: /funds, each: {css: li}, key: {attribute: data-code}, complete: true, read: {nav: {css: .nav}, fee: {css: .fee}}}
      - {on: /hot, each: {css: li}, key: {attribute: data-code}, read: {nav: {css: .nav}, quote: {css: .quote}}}
    registry: {url: \"https://bank.test/funds\", key: code, listed: sale == 'yes', columns: [sale, base]}
    claims: [{that: fee <= base}, {that: fee <= nav}]
";

const OWNED: &str = "\
oracle: products
app: bank
subjects:
  assets:
    figures: {total: {as: money}}
    places: [{on: /home, read: {total: {testid: total}}}]
    registry: {url: \"https://bank.test/assets\", account: who}
";

fn oracle(text: &'static str) -> Vec<Arc<Oracle>> {
    let oracle = load_oracle("oracles/products.yaml", &File(text), &Limits::default());
    vec![Arc::new(oracle.unwrap_or_else(|problems| panic!("{}", problems[0].render(false))))]
}

/// A table of `key column=text …` rows.
fn table(rows: &[&str]) -> RegistryAccounts {
    let row = |row: &&str| {
        let (key, columns) = row.split_once(' ').unwrap_or((row, ""));
        let column = |text: &str| {
            let (column, text) = text.split_once('=').unwrap();
            let value = text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Figure);
            (column.to_owned(), value)
        };
        (key.to_owned(), columns.split_whitespace().map(column).collect())
    };
    RegistryAccounts::from([(String::new(), rows.iter().map(row).collect::<RegistryRows>())])
}

fn witness(text: &'static str, rows: Option<SuppliedRows>) -> Witness {
    let mut supplied = Supplied::default();
    rows.into_iter().for_each(|rows| supplied.add("products", "fund", rows));
    Witness::new(supplied.filled(&oracle(text)))
}

/// Comes to a list of these funds, `key nav fee`; the kinds and topics of what it tells.
fn come_to(witness: &mut Witness, path: &str, shown: &[&str]) -> Vec<String> {
    let page = Page::at(&format!("https://bank.test{path}"));
    let row = |row: &&str| {
        let mut texts = row.split(' ').map(str::to_owned);
        let key = texts.next().unwrap();
        Row { key, read: ["nav", "fee"].map(str::to_owned).into_iter().zip(texts).collect() }
    };
    let rows: Vec<Row> = shown.iter().map(row).collect();
    let asked: Vec<_> = witness.asked(&page).into_iter().map(|(asked, _)| asked).collect();
    let read: Vec<Rows> = asked.into_iter().map(|asked| Rows { asked, rows: rows.clone(), unkeyed: false }).collect();
    let now = Now { today: jiff::civil::date(2026, 11, 20), offset: Duration::from_secs(5) };
    let judgement = witness.judge(&page, &read, "基金", now);
    let breaches = judgement.breaches.clone();
    witness.keep(judgement, &breaches);
    breaches.iter().map(|breach| format!("{:?} {}", breach.kind, breach.topic)).collect()
}

#[test]
fn what_rests_on_a_registry_is_named_when_it_could_not_be_had() {
    let check = |rows: Option<SuppliedRows>, expected: &[&str]| {
        let mut witness = witness(FUNDS, rows);
        come_to(&mut witness, "/funds", &["A1 1.5 1"]);
        assert_eq!(witness.unheld(), expected);
    };
    let all = ["products/fund./funds", "products/fund.fee", "products/fund.fee <= base", "products/fund.nav"];
    let one = || Arc::new(table(&["A1 nav=1.5 sale=yes base=2"]));
    check(None, &all);
    check(Some(SuppliedRows::old(one())), &all);
    check(Some(SuppliedRows::sure(one())), &[]);
    // A claim that no page was come to for was not judged either way.
    let never = witness(FUNDS, None).unheld();
    assert!(never.contains(&"products/fund.fee <= nav".to_owned()), "{never:?}");
}

#[test]
fn what_pages_say_alone_needs_no_registry() {
    let mut witness = witness(FUNDS, None);
    assert_eq!(come_to(&mut witness, "/funds", &["A1 1.5 1", "A1 1.5 1"]), ["Repeated products/fund./funds"]);
    assert_eq!(come_to(&mut witness, "/hot", &["A1 1.7"]), ["Disagreement products/fund.nav"]);
    assert_eq!(witness.unheld(), ["products/fund./funds", "products/fund.fee", "products/fund.fee <= base"]);
}

#[test]
fn a_claim_is_judged_without_a_registry_where_pages_say_all_of_each_row() {
    let claim = "products/fund.fee <= nav";
    let check = |pages: &[(&str, &str)], told: bool, unheld: bool| {
        let old = table(&["A1 nav=9 fee=1 sale=yes", "B2 nav=1 fee=2 sale=yes"]);
        let mut witness = witness(FUNDS, Some(SuppliedRows::old(Arc::new(old))));
        let told_of: Vec<String> = pages.iter().flat_map(|(path, row)| come_to(&mut witness, path, &[row])).collect();
        let rests = witness.unheld().iter().any(|topic| topic == claim);
        assert_eq!((told_of.contains(&format!("Claim {claim}")), rests), (told, unheld), "{pages:?}: {told_of:?}");
    };
    check(&[("/funds", "A1 9 1")], false, false);
    check(&[("/funds", "A1 9 1"), ("/hot", "A1 9")], false, false);
    // Pages say the fee of one row: of another the old rows do, or would.
    check(&[("/funds", "A1 9 1"), ("/hot", "B2 1")], true, true);
    check(&[("/funds", "A1 9 1"), ("/hot", "C3 5")], false, true);
    // Whoever says it with pages alone needs no other row.
    check(&[("/funds", "A1 9 1"), ("/hot", "C3 5"), ("/funds", "D4 1 2")], true, false);
    // It is left out for a value that old rows alone call wrong.
    check(&[("/funds", "A1 1 2")], false, true);
}

#[test]
fn a_ledger_is_of_those_who_walk_with_an_account() {
    let unheld = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        witness(OWNED, None).made_as(names).unheld()
    };
    assert_eq!(unheld(&["lin"]), ["products/ledger"]);
    assert_eq!(unheld(&[]), Vec::<String>::new());
}

#[test]
fn of_two_tables_only_what_both_say_holds() {
    let check = |one: &[&str], other: &[&str], shown: &[&str], expected: &[&str]| {
        let listed = Expression::parse("sale == 'yes'").unwrap();
        let rows = SuppliedRows::agreed(&table(one), &table(other), Some(&listed));
        assert_eq!(come_to(&mut witness(FUNDS, Some(rows)), "/funds", shown), expected, "{one:?} {other:?} {shown:?}");
    };
    let (old, new) = (["A1 nav=1.5 sale=yes", "B2 nav=2 sale=yes", "C3 sale=yes"], ["A1 nav=1.5 sale=yes"]);
    check(&old, &new, &["A1 1.5 1"], &[]);
    check(&old, &new, &["A1 1.5 1", "B2 7 1"], &[]);
    check(&old, &new, &["A1 1.6 1"], &["Disagreement products/fund.nav"]);
    check(&old, &new, &["B2 2 1"], &["Missing products/fund./funds"]);
    check(&old, &new, &["A1 1.5 1", "X9 2 1"], &["Unlisted products/fund./funds"]);
    // A figure or a word that they do not say alike says nothing.
    check(&["A1 nav=1.5 sale=yes"], &["A1 nav=1.6 sale=yes"], &["A1 1.7 1"], &[]);
    check(&["A1 nav=1.5 sale=yes"], &["A1 nav=1.5 sale=no"], &["X9 1 1"], &["Unlisted products/fund./funds"]);
    check(&["A1 nav=1.5 sale=yes"], &["A1 nav=1.5 sale=no"], &["A1 1.5 1"], &[]);
}

#[test]
fn each_name_that_may_be_unheld_is_a_detectors() {
    for id in MAY_BE_UNHELD.into_iter().chain([COMPARES_DEVICES]) {
        assert!(ALL.iter().any(|detector| detector.id == id), "{id}");
    }
}
