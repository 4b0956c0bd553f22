//! A stand-in of a Teams workflow's trigger: 202 for a card of the right shape and size, else an error as JSON.

use super::*;
use gengfu::channel::{AddressError, Teams, TeamsWorkflow};

const REST: &str =
    "workflows/c4n4ry0123456789/triggers/manual/paths/invoke?api-version=2016-06-01&sig=c4n4ry-Sig_0123456789";

fn workflow(vendor: &Vendor) -> TeamsWorkflow {
    TeamsWorkflow { webhook: secret("env:TEAMS", &format!("{}{REST}", vendor.url)), users: Vec::new() }
}

fn open(workflow: TeamsWorkflow) -> Teams {
    Teams::new("teams", workflow, clock()).unwrap()
}

pub fn rules(posted: &Posted, _: &[Posted]) -> Says {
    let says = |status: u16, code: &str| {
        Says::This(status, format!(r#"{{"error":{{"code":"{code}","message":"the workflow says why"}}}}"#))
    };
    if posted.query.get("sig").map(String::as_str) != Some("c4n4ry-Sig_0123456789") {
        return says(401, "DirectApiAuthorizationRequired");
    }
    if posted.body.len() > 28 * 1024 {
        return says(413, "RequestEntityTooLarge");
    }
    let body = posted.json();
    let attachment = &body["attachments"][0];
    let card = &attachment["content"];
    let right = body["type"] == "message"
        && attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["type"] == "AdaptiveCard"
        && card["version"] == "1.2"
        && card["body"].as_array().is_some_and(|body| !body.is_empty());
    if right { Says::this(202, "") } else { says(400, "TriggerInputSchemaMismatch") }
}

#[tokio::test]
async fn a_card_is_accepted_by_202_without_a_complaint_inside() {
    let vendor = Vendor::start(rules).await;
    let channel = open(workflow(&vendor));
    assert_eq!(channel.send(&notice()).await.unwrap().0, "202 Accepted");
    channel.send(&endless()).await.expect("cut to what Teams takes");
    let check = async |says: Says, expected, part: &str| answered(&vendor, &channel, says, expected, part).await;
    let error = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"the workflow says why"}}}}"#);
    check(Says::This(404, error("WorkflowNotFound")), ours(), "no such workflow").await;
    check(Says::This(400, error("WorkflowTriggerIsNotEnabled")), ours(), "switched off").await;
    check(Says::This(401, error("DirectApiAuthorizationRequired")), ours(), "`sig=`").await;
    check(Says::This(400, error("TriggerInputSchemaMismatch")), REFUSED, "webhook request").await;
    check(Says::This(413, error("RequestEntityTooLarge")), REFUSED, "too large").await;
    check(Says::Later(429, error("Throttled"), 9), again(9), "too many").await;
    check(Says::This(400, error("News")), again(0), "News is no code that gengfu knows").await;
    check(Says::This(502, error("NoResponse")), again(0), "did not take it").await;
    let inside =
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x";
    check(Says::this(200, inside), again(60), "too many").await;
    check(Says::this(200, &inside.replace("429", "413")), REFUSED, "too large").await;
    check(Says::this(200, "<html>Please sign in</html>"), again(0), "not the vendor's word").await;
}

#[tokio::test]
async fn people_are_called_while_it_lasts_and_not_when_it_is_over() {
    let vendor = Vendor::start(rules).await;
    let users = vec![("王经理".to_owned(), "wang@bank.test".to_owned())];
    let channel = open(TeamsWorkflow { users, ..workflow(&vendor) });
    channel.send(&notice()).await.unwrap();
    channel.send(&recovered()).await.unwrap();
    let card = |at: usize| vendor.posted()[at].json()["attachments"][0]["content"].clone();
    assert_eq!(card(0)["msteams"]["entities"][0]["mentioned"]["id"], "wang@bank.test");
    assert!(texts(&card(0)["body"]).contains(&"<at>王经理</at>".to_owned()));
    assert!(card(1)["msteams"]["entities"].is_null() && !card(1).to_string().contains("<at>"));
}

#[tokio::test]
async fn what_a_page_says_calls_nobody_and_leads_nowhere() {
    let vendor = Vendor::start(rules).await;
    let users = vec![("王经理".to_owned(), "wang@bank.test".to_owned())];
    open(TeamsWorkflow { users, ..workflow(&vendor) }).send(&hostile()).await.unwrap();
    let body = vendor.posted()[0].json()["attachments"][0]["content"]["body"].clone();
    harmless(&texts(&body), &["evil.test", "@all"]);
    // Markdown and mentions are read in text blocks only: the one there is ours.
    let blocks = body.as_array().unwrap().iter().filter(|block| block["type"] == "TextBlock");
    assert_eq!(blocks.map(|block| block["text"].clone()).collect::<Vec<_>>(), ["<at>王经理</at>"]);
}

#[test]
fn an_address_in_the_clear_or_without_a_path_is_refused() {
    let check = |address: &str, expected: &str| {
        let workflow = TeamsWorkflow { webhook: secret("env:TEAMS", address), users: Vec::new() };
        let error: AddressError = Teams::new("teams", workflow, clock()).err().expect(address);
        assert!(error.to_string().contains(expected) && !error.to_string().contains(CANARY), "{error}");
    };
    check("c4n4ry-0123456789", "the whole address");
    check("https://c4n4ry.example", "the whole address");
    check("http://c4n4ry.example/workflows/1?sig=1", "no https address");
}

#[tokio::test]
async fn how_it_looks() {
    let vendor = Vendor::start(rules).await;
    let channel = open(workflow(&vendor));
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
