//! `gengfu notify` with a system of tickets: what would be sent, what was done, what the vendor said, and no secret in any of it.

use super::jira::rules;
use super::*;

async fn check(arguments: &[&str], exit: i32, parts: &[&str]) -> String {
    let mut command = crate::cli::gengfu(&[&["notify"], arguments].concat());
    command.env("CANARY_JIRA", format!("{CANARY}-0123456789abcdef"));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} in {arguments:?}\n{said}");
    }
    assert!(!said.contains(CANARY) && !said.contains("Ym90"), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_tried_out_step_by_step() {
    let vendor = Vendor::start(rules).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gengfu.yaml");
    let url = &vendor.url;
    let text = format!(
        "tickets:\n  jira: {{jira: {{url: \"{url}\", project: EXP, user: bot@bank.test, token: env:CANARY_JIRA}}, mapping: m.yaml}}\n"
    );
    std::fs::write(&file, text).unwrap();
    std::fs::write(folder.path().join("m.yaml"), "moves: {resolve: Done}\n").unwrap();
    let config = file.to_str().unwrap();
    check(&["preview", "jira", "--config", config], 0, &["tickets jira · Jira", "search/jql", "\"summary\""]).await;
    assert_eq!(vendor.posted().len(), 0, "a preview sends nothing");
    let steps = ["✓ look for one that is there: 0 found", "✓ make a ticket: EXP-1", "✓ leave a word", "✓ end it: Done"];
    check(&["test", "jira", "--config", config], 0, &steps).await;
    vendor.next(Says::this(401, "Client must be authenticated"));
    let refused = ["to look for one that is there", "let this robot in"];
    let said = check(&["test", "jira", "--config", config], 5, &refused).await;
    assert!(!said.contains("make a ticket"), "none follows one that failed: {said}");
}
