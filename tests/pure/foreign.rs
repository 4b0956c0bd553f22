//! The file with which anyone brings faults of an app to `ci/bench foreign`: what is wrong with it is said.

#[path = "../../benches/foreign/faults.rs"]
#[expect(dead_code, reason = "the bench uses what the tests do not")]
mod faults;

use faults::{Change, parse, read};
use std::path::Path;

/// A file with one fault, and what is said of it: the first mistake has all of these words.
fn check(file: &str, said: &[&str]) {
    let found = parse(file).err().unwrap_or_default();
    let first = found.first().map(String::as_str).unwrap_or_default();
    assert_eq!(found.is_empty(), said.is_empty(), "{file}: {found:?}");
    assert!(said.iter().all(|word| first.contains(word)), "{file}: {first}");
}

fn fault(change: &str) -> String {
    let head = "{id: a, title: t, group: A, class: blocked, journeys: [j], steps: [s]";
    format!("app: x\njourneys: .\nfaults:\n  - {head}, change: [{change}]}}\n")
}

#[test]
fn mistakes_are_told_with_what_is_right() {
    check(&fault("{path: /a, status: 500}"), &[]);
    check(&fault("{path: a, status: 500}"), &["fault `a`", "path `a`", "begins with `/`"]);
    check(&fault("{path: /a}"), &["fault `a`", "nothing is changed"]);
    check(&fault("{path: /a, status: 99}"), &["status 99", "200 to 599"]);
    check(&fault("{path: /a, json: {rate: 1}}"), &["`rate`", "JSON pointer"]);
    check(&fault(""), &["`change` is empty"]);
    check(&fault("{path: /a, stauts: 500}"), &["stauts", "status"]);
    check(&fault("{path: /a, status: 500}").replace("blocked", "worse"), &["worse", "blocked"]);
    check(&fault("{path: /a, status: 500}").replace("group: A", "group: X"), &["`X`", "`A` to `G`"]);
    check("app: x\njourneys: .\nfaults: []\n", &["nothing to find"]);
    check(&fault("{path: /a, status: 500}").replace("app: x", "app: x\nnever: [orders]"), &["never `orders`"]);
    let one = fault("{path: /a, abort: true}");
    let twice = format!("{one}{}", one.lines().last().unwrap());
    check(&twice, &["fault `a` stands twice"]);
}

#[test]
fn a_change_is_about_its_path_and_method() {
    let change = Change { path: "/**/api/sheet*".into(), method: Some("get".into()), ..Change::default() };
    let check = |method, path, expected| assert_eq!(change.concerns(method, path), expected, "{method} {path}");
    check("GET", "/book/api/sheet", true);
    check("GET", "/book/api/sheet_2", true);
    check("POST", "/book/api/sheet", false);
    check("GET", "/book/api/sheet/2", false);
}

#[test]
fn the_example_is_right_and_a_lost_journey_is_told() {
    let app = read(Path::new("benches/foreign/fava.yaml")).unwrap();
    assert!(app.faults.len() >= 8);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.yaml");
    std::fs::write(&file, fault("{path: /a, abort: true}")).unwrap();
    let said = read(&file).err().unwrap().join("\n");
    assert!(said.contains("app.yaml: no journey `j`"), "{said}");
}
