//! A stand-in of Jira Cloud and Data Center: sign-in, limits, search by label, a workflow, and Jira's own errors.

use super::*;
use gengfu::channel::tracker::{Jira, JiraEdition, JiraProject, JiraSignIn};
use gengfu::ticket::keep::Survey;
use serde_json::{Value, json};

fn project(vendor: &Vendor, edition: JiraEdition) -> JiraProject {
    let token = secret("env:JIRA_TOKEN");
    let sign_in = match edition {
        JiraEdition::Cloud => JiraSignIn::Basic("bot@bank.test".into(), token),
        JiraEdition::DataCenter => JiraSignIn::Bearer(token),
    };
    JiraProject { url: vendor.url.clone(), edition, sign_in, project: "EXP".into(), issue_type: "Bug".into() }
}

async fn story(rule: Rule) -> (Vendor, Story) {
    let vendor = Vendor::start(rules).await;
    let world = World::empty().await;
    let jira = Jira::new(SYSTEM, project(&vendor, JiraEdition::Cloud), rule.clone(), world.clock.clone()).unwrap();
    (vendor, Story::of(world, Arc::new(jira), rule))
}

/// The issues that were made, each with its labels.
fn issues(earlier: &[Posted]) -> Vec<Vec<String>> {
    let made = earlier.iter().filter(|posted| posted.method == "POST" && posted.path.ends_with("/issue"));
    let labels = |posted: &Posted| {
        let labels = posted.json()["fields"]["labels"].as_array().cloned().unwrap_or_default();
        labels.iter().filter_map(|label| label.as_str().map(str::to_owned)).collect()
    };
    made.map(labels).collect()
}

/// How an issue stands after all that came and all that people did by hand.
fn fields(key: &str, earlier: &[Posted]) -> Value {
    let (mut status, mut category, mut resolution) = ("To Do".to_owned(), "new".to_owned(), Value::Null);
    for posted in earlier {
        let body = posted.json();
        if posted.path.ends_with(&format!("/{key}/transitions")) && posted.method == "POST" {
            let (to, kind) = if body["transition"]["id"] == "31" { ("Done", "done") } else { ("To Do", "new") };
            (status, category, resolution) = (to.into(), kind.into(), Value::Null);
        } else if posted.path == format!("/hand/{key}") {
            let text = |name: &str| body[name].as_str().unwrap().to_owned();
            (status, category) = (text("status"), text("category"));
            resolution = body["resolution"].as_str().map_or(Value::Null, |name| json!({ "name": name }));
        }
    }
    json!({ "status": { "name": status, "statusCategory": { "key": category } }, "resolution": resolution,
        "resolutiondate": if category == "done" { json!("2026-11-21T06:03:20.000+0000") } else { Value::Null } })
}

fn refuse(status: u16, field: &str, text: &str) -> Says {
    Says::This(status, json!({ "errorMessages": [], "errors": { field: text } }).to_string())
}

pub fn rules(posted: &Posted, earlier: &[Posted]) -> Says {
    let switched = earlier.iter().rfind(|posted| ["/hand/down", "/hand/up"].contains(&posted.path.as_str()));
    if switched.is_some_and(|posted| posted.path == "/hand/down") {
        return Says::this(503, "Service Unavailable");
    }
    let cloud = posted.path.starts_with("/rest/api/3/");
    let authorization = posted.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let basic = "Basic Ym90QGJhbmsudGVzdDpjNG40cnktMDEyMzQ1Njc4OWFiY2RlZg==";
    let right = if cloud { basic.to_owned() } else { format!("Bearer {CANARY}-0123456789abcdef") };
    if authorization != right {
        return Says::this(401, "Client must be authenticated to access this resource.");
    }
    let Some((_, path)) = posted.path.split_once("/rest/api/").map(|(_, rest)| rest.split_once('/').unwrap()) else {
        return Says::this(404, "<html>Oops, you've found a dead link.</html>");
    };
    let body = posted.json();
    let known = |key: &str| {
        key.strip_prefix("EXP-").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n <= issues(earlier).len())
    };
    match (posted.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
        ("POST", ["search", "jql"]) if cloud => found(&body, earlier),
        ("POST", ["search"]) if !cloud => found(&body, earlier),
        ("POST", ["search"]) => Says::this(
            410,
            r#"{"errorMessages":["The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."],"errors":{}}"#,
        ),
        ("POST", ["issue"]) => made(&body, cloud, earlier),
        ("GET", ["issue", key]) if known(key).is_some() => {
            Says::This(200, json!({ "id": "10000", "key": key, "fields": fields(key, earlier) }).to_string())
        }
        ("GET", ["issue", key, "transitions"]) if known(key).is_some() => {
            let done = fields(key, earlier)["status"]["statusCategory"]["key"] == "done";
            let (id, name, to) = if done { ("41", "Reopen", "To Do") } else { ("31", "Done", "Done") };
            Says::This(
                200,
                json!({ "expand": "transitions", "transitions": [{ "id": id, "name": name, "to": { "name": to } }] })
                    .to_string(),
            )
        }
        ("POST", ["issue", key, "transitions"]) if known(key).is_some() => Says::this(204, ""),
        ("POST", ["issue", key, "comment"]) if known(key).is_some() => Says::this(201, r#"{"id":"10100"}"#),
        _ => Says::this(
            404,
            r#"{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}"#,
        ),
    }
}

fn found(body: &Value, earlier: &[Posted]) -> Says {
    let jql = body["jql"].as_str().unwrap_or_default();
    if !jql.contains("project = \"EXP\"") || jql.matches('"').count() % 2 == 1 {
        return refuse(400, "jql", "Error in the JQL Query");
    }
    let wanted = jql.split("labels = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    let hits = issues(earlier).into_iter().enumerate().filter(|(_, labels)| labels.contains(&wanted));
    let hits: Vec<Value> = hits
        .map(|(n, _)| format!("EXP-{}", n + 1))
        .map(|key| json!({ "id": "10000", "key": key, "fields": fields(&key, earlier) }))
        .collect();
    Says::This(200, json!({ "issues": hits, "isLast": true }).to_string())
}

fn made(body: &Value, cloud: bool, earlier: &[Posted]) -> Says {
    let fields = &body["fields"];
    let summary = fields["summary"].as_str().unwrap_or_default();
    if summary.is_empty() || summary.chars().count() > 255 || summary.contains('\n') {
        return refuse(400, "summary", "Summary must be less than 255 characters.");
    }
    let text = &fields["description"];
    let document = text["type"] == "doc" && text["version"] == 1 && text["content"].is_array();
    let short = text.as_str().is_some_and(|text| text.chars().count() <= 32_767);
    if cloud != document || !cloud && !short {
        return refuse(
            400,
            "description",
            "Operation value must be an Atlassian Document (see the Atlassian Document Format)",
        );
    }
    let labels = fields["labels"].as_array().cloned().unwrap_or_default();
    if labels.iter().any(|label| label.as_str().is_none_or(|label| label.contains(' '))) {
        return refuse(400, "labels", "The label contains spaces which is invalid.");
    }
    let key = format!("EXP-{}", issues(earlier).len() + 1);
    Says::This(
        201,
        json!({ "id": "10000", "key": key, "self": "https://bank.test/rest/api/3/issue/10000" }).to_string(),
    )
}

/// Somebody moves the ticket by hand.
fn by_hand(vendor: &Vendor, status: &str, category: &str, resolution: Option<&str>) {
    vendor.by_hand("/hand/EXP-1", &json!({ "status": status, "category": category, "resolution": resolution }));
}

fn comments(vendor: &Vendor) -> Vec<String> {
    let posted = vendor.posted();
    let comments = posted.iter().filter(|posted| posted.method == "POST" && posted.path.ends_with("/comment"));
    comments.map(|posted| crate::vendors::texts(&posted.json()["body"]).join(" ")).collect()
}

#[tokio::test]
async fn a_ticket_is_opened_once_and_a_page_writes_nothing_into_it() {
    let (vendor, story) = story(rule()).await;
    let id = story.opened().await.id;
    story.rounds(4, 10).await;
    assert_eq!(count(&vendor, "POST", "/issue"), 1);
    let ticket = story.ticket(id).await.unwrap();
    assert_eq!((ticket.key.as_deref(), ticket.status.as_deref(), ticket.said), (Some("EXP-1"), Some("To Do"), None));
    assert!(ticket.url.unwrap().ends_with("/browse/EXP-1"));
    let issue = vendor.posted().iter().find(|posted| posted.path.ends_with("/issue")).unwrap().json();
    let texts = crate::vendors::texts(&issue["fields"]["description"]);
    assert!(texts.contains(&format!("https://gengfu.bank.test/incidents/{id}")));
    let links = issue["fields"]["description"].to_string().matches("\"marks\"").count();
    assert_eq!(links, 1, "no address of the page's own becomes a link");
}

#[tokio::test]
async fn data_center_is_searched_and_written_its_own_way() {
    let vendor = Vendor::start(rules).await;
    let world = World::empty().await;
    let jira = Jira::new(SYSTEM, project(&vendor, JiraEdition::DataCenter), rule(), world.clock.clone()).unwrap();
    let story = Story::of(world, Arc::new(jira), rule());
    story.opened().await;
    story.round().await;
    let posted = vendor.posted();
    assert_eq!((posted[0].path.as_str(), count(&vendor, "POST", "/issue")), ("/rest/api/2/search", 1));
    let text = posted[1].json()["fields"]["description"].as_str().unwrap().to_owned();
    assert_eq!(text.matches("{noformat").count(), 2, "what a page says ends no markup of ours: {text}");
}

#[tokio::test]
async fn an_answer_that_gets_lost_makes_no_second_ticket() {
    let (vendor, story) = story(rule()).await;
    let id = story.opened().await.id;
    vendor.next(Says::this(200, r#"{"issues":[]}"#));
    // Made, and the answer never came.
    vendor.next(Says::this(502, "bad gateway"));
    story.round().await;
    let ticket = story.ticket(id).await.unwrap();
    assert!(ticket.key.is_none() && ticket.asked.is_some(), "{ticket:?}");
    // Whoever starts anew waits until a search would find it.
    let asked = vendor.posted().len();
    story.rounds(2, 15).await;
    assert_eq!(vendor.posted().len(), asked);
    story.rounds(3, 60).await;
    assert_eq!(count(&vendor, "POST", "/issue"), 1);
    assert_eq!(story.ticket(id).await.unwrap().key.as_deref(), Some("EXP-1"));
}

#[tokio::test]
async fn hours_without_the_vendor_lose_nothing_and_open_nothing_stale() {
    let (vendor, story) = story(rule()).await;
    let (lasting, over) = (story.opened().await.id, story.opened_at("tap-buy").await.id);
    vendor.by_hand("/hand/down", &json!({}));
    story.rounds(60, 360).await;
    story.closed(over).await;
    vendor.by_hand("/hand/up", &json!({}));
    story.rounds(3, 900).await;
    assert_eq!(count(&vendor, "POST", "/issue"), 1, "one for what lasts, none for what was over");
    assert!(story.ticket(lasting).await.unwrap().key.is_some());
    assert_eq!(story.ticket(over).await.unwrap().key, None);
    let tries = vendor.posted().iter().filter(|posted| posted.path.ends_with("/search/jql")).count();
    assert!(tries < 80, "{tries} tries in six hours of two tickets");
}

#[tokio::test]
async fn a_claim_is_verified_and_a_person_who_closed_it_is_told_once() {
    let (vendor, story) = story(rule()).await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    by_hand(&vendor, "In Progress", "indeterminate", None);
    story.rounds(1, 300).await;
    assert_eq!(story.standing(id).await, Standing::Fixing);
    by_hand(&vendor, "Done", "done", Some("Done"));
    story.rounds(2, 300).await;
    assert_eq!(story.standing(id).await, Standing::FixClaimed);
    let file = story.world.store.incident(id).await.unwrap().unwrap();
    assert_eq!(file.moves[0].by, Actor::system(SYSTEM).unwrap());
    assert_eq!(comments(&vendor), Vec::<String>::new(), "its own word is not told back");
    story.refused(id).await;
    story.rounds(8, 300).await;
    let told = comments(&vendor);
    assert!(told.len() == 1 && told[0].contains("said once"), "{told:?}");
    assert_eq!(count(&vendor, "POST", "/transitions"), 0, "nobody fights");
    assert_eq!(story.standing(id).await, Standing::Fixing);
}

#[tokio::test]
async fn whoever_opens_it_again_takes_the_claim_back_and_nobody_else() {
    let (vendor, story) = story(rule()).await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    let claim = |after: &mut Incident| after.handling.stage = Stage::FixClaimed;
    story.walked(id, What::FixClaimed, claim).await;
    by_hand(&vendor, "In Review", "indeterminate", None);
    story.rounds(2, 300).await;
    assert_eq!(story.standing(id).await, Standing::FixClaimed);
    by_hand(&vendor, "Done", "done", None);
    story.rounds(2, 300).await;
    assert_eq!(story.standing(id).await, Standing::FixClaimed);
    by_hand(&vendor, "In Progress", "indeterminate", None);
    story.rounds(2, 300).await;
    assert_eq!(story.standing(id).await, Standing::Fixing);
}

#[tokio::test]
async fn it_is_opened_again_once_where_that_is_wanted() {
    let (vendor, story) = story(Rule { closed_early: EarlyClosing::Reopen, ..rule() }).await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    for _ in 0..3 {
        by_hand(&vendor, "Done", "done", None);
        story.rounds(2, 300).await;
        if story.standing(id).await == Standing::FixClaimed {
            story.refused(id).await;
        }
        story.rounds(2, 300).await;
    }
    assert_eq!(count(&vendor, "POST", "/transitions"), 1);
    assert_eq!(story.ticket(id).await.unwrap().status.as_deref(), Some("Done"));
}

#[tokio::test]
async fn what_walks_closed_ends_its_ticket_and_opens_it_again_when_it_comes_back() {
    let (vendor, story) = story(rule()).await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    story.closed(id).await;
    story.rounds(3, 300).await;
    let told = comments(&vendor);
    assert!(told.len() == 1 && told[0].contains("3 walks in a row"), "{told:?}");
    let ticket = story.ticket(id).await.unwrap();
    assert_eq!((ticket.status.as_deref(), ticket.done, ticket.over), (Some("Done"), true, true));
    assert_eq!(story.standing(id).await, Standing::Closed, "what the robot did itself is nobody's claim");
    story.came_back(id).await;
    story.rounds(3, 300).await;
    assert_eq!((count(&vendor, "POST", "/transitions"), count(&vendor, "POST", "/issue")), (2, 1));
    assert!(!story.ticket(id).await.unwrap().done);
}

#[tokio::test]
async fn what_stays_as_it_is_or_was_no_fault_needs_an_approver() {
    let check = async |resolution: &str, approves: bool, expected: Standing| {
        let (vendor, story) = story(Rule { approves, ..rule() }).await;
        let id = story.opened().await.id;
        story.rounds(2, 10).await;
        by_hand(&vendor, "Done", "done", Some(resolution));
        story.rounds(3, 300).await;
        assert_eq!(story.standing(id).await, expected);
        let notes = story.world.store.incident(id).await.unwrap().unwrap().moves;
        let notes = notes.iter().filter(|moved| moved.what == What::Noted).count();
        assert_eq!(notes, usize::from(!approves), "it is asked for once");
    };
    check("Won't Do", true, Standing::WontFix).await;
    check("Won't Do", false, Standing::Confirmed).await;
    check("Cannot Reproduce", true, Standing::FalseAlarm).await;
    check("Cannot Reproduce", false, Standing::Confirmed).await;
}

#[tokio::test]
async fn a_pause_that_jira_asks_for_holds_for_all_tickets_and_an_hour_at_most() {
    let check = async |asks: u64, holds: u64| {
        let (vendor, story) = story(rule()).await;
        let id = story.opened().await.id;
        vendor.next(Says::Later(429, "Rate limit exceeded".into(), asks));
        story.round().await;
        let (due, now) = (story.ticket(id).await.unwrap().due.unwrap(), story.world.clock.now());
        assert_eq!(due, now.after(Duration::from_secs(holds)), "{asks}");
        let came = vendor.posted().len();
        // What moves, and what is new, waits with it.
        story.walked(id, What::Worsened, |_| {}).await;
        let other = story.opened_at("tap-buy").await.id;
        story.rounds(1, holds - 1).await;
        assert_eq!(vendor.posted().len(), came, "{asks}");
        story.rounds(2, 10).await;
        for id in [id, other] {
            assert!(story.ticket(id).await.unwrap().key.is_some(), "{asks}");
        }
    };
    check(900, 900).await;
    check(86_400, 3_600).await;
}

#[tokio::test]
async fn what_was_open_before_gets_its_ticket_one_after_another() {
    let (vendor, story) = story(rule()).await;
    let mut open = Vec::new();
    for step in ["tap-next", "tap-buy", "tap-sell"] {
        open.push(story.opened_at(step).await.id);
    }
    story.closed(open.remove(1)).await;
    // Everything that moved was looked at before there were tickets.
    let newest = story.keeper.chronicle.chapter(0, 1_000).await.unwrap().newest;
    story.keeper.book.gather(SYSTEM, &[], newest).await.unwrap();
    story.rounds(2, 10).await;
    assert_eq!(vendor.posted().len(), 0);
    let mut survey = Survey::default();
    while !survey.is_over() {
        story.keeper.survey(SYSTEM, &mut survey).await.unwrap();
    }
    story.round().await;
    assert_eq!(count(&vendor, "POST", "/issue"), 1, "the next one waits for its turn");
    story.rounds(2, 2).await;
    assert_eq!(count(&vendor, "POST", "/issue"), 2, "and what is over has none");
    for id in open {
        assert!(story.ticket(id).await.unwrap().key.is_some());
    }
    let mut again = Survey::default();
    story.keeper.survey(SYSTEM, &mut again).await.unwrap();
    story.rounds(2, 10).await;
    assert_eq!(count(&vendor, "POST", "/issue"), 2);
}

/// What a page makes a fact say is a text in a field of wiki markup, and nothing else.
#[tokio::test]
async fn wiki_markup_in_a_fact_stands_there_broken() {
    let vendor = Vendor::start(rules).await;
    let world = World::empty().await;
    let fields = json!({ "customfield_10010": "at {title}" }).as_object().unwrap().clone();
    let rule = Rule { mapping: Mapping { fields, ..rule().mapping }, ..rule() };
    let jira = Jira::new(SYSTEM, project(&vendor, JiraEdition::DataCenter), rule.clone(), world.clock.clone()).unwrap();
    let story = Story::of(world, Arc::new(jira), rule);
    let check = async |step: &str, title: &str, expected: &str| {
        let id = story.opened_as(step, |incident| incident.title = title.to_owned()).await.id;
        story.rounds(2, 10).await;
        assert!(story.ticket(id).await.unwrap().key.is_some());
        let made = vendor.posted().into_iter().rfind(|posted| posted.path.ends_with("/issue")).unwrap().json();
        assert_eq!(made["fields"]["customfield_10010"], format!("at {expected}"));
    };
    check("a", "基金 (fund)", "基金 (fund)").await;
    check("b", "{html}<b>{html}", "\\{html\\}<b>\\{html\\}").await;
    check("c", "[x|https://evil.test] !i.png!", "\\[x\\|https://evil.test\\] \\!i.png\\!").await;
    // A backslash before it would have taken the one that breaks it.
    check("d", "\\{html}", "＼\\{html\\}").await;
    check("e", "*_~^", "\\*\\_\\~\\^").await;
}

#[tokio::test]
async fn what_jira_refuses_is_said_without_its_secret() {
    let check = async |says: Says, part: &str, again: bool| {
        let (vendor, story) = story(rule()).await;
        let id = story.opened().await.id;
        vendor.next(Says::this(200, r#"{"issues":[]}"#));
        vendor.next(says.clone());
        story.round().await;
        let ticket = story.ticket(id).await.unwrap();
        let said = ticket.said.unwrap();
        assert!(said.contains(part) && !said.contains(CANARY) && !said.contains("Ym90"), "{says:?}: {said}");
        assert_eq!((ticket.key, ticket.due.is_some()), (None, again), "{said}");
    };
    check(refuse(400, "components", "Component name 'H5' is not valid"), "fields:", true).await;
    check(
        Says::this(401, "Basic Ym90QGJhbmsudGVzdDpjNG40cnktMDEyMzQ1Njc4OWFiY2RlZg== is wrong"),
        "let this robot in",
        true,
    )
    .await;
    check(Says::Later(429, "Rate limit exceeded".into(), 900), "too often", true).await;
    check(Says::this(200, "<html>Sign in</html>"), "no answer of the vendor", true).await;
    check(Says::Elsewhere, "another address", true).await;
}

#[tokio::test]
async fn a_ticket_that_was_taken_away_is_not_made_again() {
    let (vendor, story) = story(rule()).await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    vendor.next(Says::this(404, r#"{"errorMessages":["Issue does not exist"],"errors":{}}"#));
    story.rounds(4, 300).await;
    let ticket = story.ticket(id).await.unwrap();
    assert!(ticket.over && ticket.said.is_some(), "{ticket:?}");
    assert_eq!(count(&vendor, "POST", "/issue"), 1);
}
