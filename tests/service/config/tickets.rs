//! Systems of tickets: exactly one vendor each, nothing in the clear, and mapping files read as strictly as the config.

use super::{check, read};
use gengfu::config::{self, ConfigError};
use gengfu::ticket::Meaning;

const JIRA: &str = "jira: {url: \"https://jira.bank.example\", project: EXP, token: env:A}";

fn system(rest: &str) -> String {
    format!("tickets:\n  tracker: {{{rest}}}\n")
}

#[test]
fn a_system_is_one_vendor_and_fits_the_rest_of_the_config() {
    let place = (2, 12);
    let hook = "webhook: {url: \"https://crm.bank.example/x\", secret: env:B}";
    read(&system(JIRA)).unwrap_or_else(|e| panic!("{e:?}"));
    check(&system(""), place, "names 0 systems of tickets", "exactly one of");
    check(&system(&format!("{JIRA}, {hook}")), place, "names 2 systems of tickets", "exactly one of");
    check(&system(&JIRA.replace("https", "http")), place, "tickets in the clear", "this machine only");
    check(&system(&format!("{JIRA}, apps: [wealth]")), place, "no app is named `wealth`", "name one of `apps:`");
    check(&system(&format!("{JIRA}, owners: [duty]")), place, "no owner is named `duty`", "name one of `owners:`");
    check(&system(&format!("{JIRA}, poll_every: 5s")), place, "asked for too often", "30 s or more");
    let both = format!("{}channels: {{tracker: {{{hook}}}}}\n", system(JIRA));
    check(&both, place, "a channel is named `tracker`, too", "call one of them otherwise");
    let found = read(&system(&JIRA.replace("env:A", "s3cr3t"))).unwrap_err();
    let shown = found[0].render(false);
    assert!(shown.contains("must be a reference"), "{shown}");
}

#[test]
fn a_mapping_is_read_with_the_config_and_its_mistakes_have_their_own_place() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gengfu.yaml");
    std::fs::write(&config, system(&format!("{JIRA}, mapping: jira.yaml"))).unwrap();
    let mapping = folder.path().join("jira.yaml");
    assert!(matches!(config::load(&config), Err(ConfigError::Unreadable { path, .. }) if path == mapping));
    let text = "states: {Done: nothing}\nmoves: {resolve: Done}\n";
    std::fs::write(&mapping, text).unwrap();
    let named = config::load(&config).unwrap().named;
    let digest = config::digest_of(text);
    assert_eq!(named.get(&mapping.display().to_string()), Some(&digest), "the audit log tells when it changes");
    let rule = config::load(&config).unwrap().tickets["tracker"].rule();
    assert_eq!(rule.mapping.states.get("done"), Some(&Meaning::Nothing));
    assert_eq!(rule.mapping.resolve.as_deref(), Some("Done"));
    std::fs::write(&mapping, "states: {Done: fixed}\n").unwrap();
    let Err(ConfigError::Wrong(found)) = config::load(&config) else { panic!("`fixed` means nothing") };
    assert!(found[0].source.name.ends_with("jira.yaml"), "{}", found[0].source.name);
}
