//! What incidents are filed under: rules, and the customer's own codes in a file beside the config.

use super::{check, read};
use gengfu::config::{ConfigError, load};
use gengfu::tags::{Business, Channel, Dimension, Right};

const APPS: &str = "apps:\n  h5: {base: \"http://127.0.0.1:1\"}\n";

fn rule(rest: &str) -> String {
    format!("{APPS}tags:\n  rules:\n    - {rest}\n")
}

#[test]
fn rules_name_what_they_cover_and_what_they_say() {
    let text = rule(
        "{app: h5, journey: \"fund-*\", class: blocked, channel: 移动客户端, business: agency, rights: [知情权, fair-trade]}",
    );
    let config = read(&text).unwrap_or_else(|e| panic!("{e:?}"));
    let says = &config.tags.rules.rules[0].says;
    assert_eq!((says.channel, says.business, says.reason), (Some(Channel::MobileApp), Some(Business::Agency), None));
    assert_eq!(says.rights, Some([Right::Know, Right::FairTrade].into()));
}

#[test]
fn a_rule_that_says_nothing_or_what_is_no_tag_is_refused() {
    check(&rule("{app: h5}"), (5, 7), "a rule that says nothing", "write at least one of");
    check(&rule("{app: h6, reason: systems}"), (5, 7), "no app is named `h6`", "`apps:` has h5");
    check(&rule("{reason: 系统}"), (5, 16), "wrong value", "服务设施、设备、业务系统");
    check(&rule("{rights: [知情]}"), (5, 16), "wrong value", "知情权");
    check(&rule("{class: bad, reason: systems}"), (5, 15), "wrong value", "blocked, broken, abnormal or slow");
}

#[test]
fn the_customers_codes_stand_in_a_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gengfu.yaml");
    std::fs::write(&file, "tags: {codes: codes.csv}\n").unwrap();
    assert!(matches!(load(&file), Err(ConfigError::Unreadable { path, .. }) if path.ends_with("codes.csv")));
    let codes = folder.path().join("codes.csv");
    std::fs::write(&codes, "dimension,name,code\nchannel,移动客户端,0103\nchannel,mobile-app,0104\n").unwrap();
    let Err(ConfigError::Wrong(found)) = load(&file) else { panic!("a name with two codes") };
    assert_eq!((found[0].line_column().0, found[0].title.as_str()), (3, "`mobile-app` stands here twice"));
    assert!(found[0].render(false).contains("codes.csv:3"), "{}", found[0].render(false));
    std::fs::write(&codes, "dimension,name,code\nchannel,移动客户端,0103\n").unwrap();
    assert_eq!(load(&file).unwrap().tags.rules.codes.of(Dimension::Channel, "mobile-app"), Some("0103"));
}
