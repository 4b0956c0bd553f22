//! Every route for every kind of visitor. The table is written here by hand and compared with the console's own list: a
//! route that is not in it fails the test, and so does one that answers otherwise than it says.

use super::house::{Browser, House, Reply, by, exchange};
use gengfu::console::routes;
use gengfu::people::{Amendment, May, Role, Roll as _, Stage};

const NOBODY: &str = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";

/// A route that lets in who signs what they say, and nobody for who they are (`tests/service/tickets/hook.rs`).
const SIGNED: &str = "signed";

/// Whom each route lets in: `anybody`, or of **v**iewer, **o**perator, **a**uthor, ap**p**rover, a**d**ministrator and
/// a**u**ditor those named.
const TABLE: &[(&str, &str, &str)] = &[
    ("GET", "/", "voapdu"),
    ("GET", "/incidents", "voapdu"),
    ("GET", "/incidents/{id}", "voapdu"),
    ("POST", "/incidents/{id}/deeds", "oapd"),
    ("POST", "/incidents/{id}/again", "oapd"),
    ("GET", "/walks/{id}", "voapdu"),
    ("POST", "/walks/{id}/again", "oapd"),
    ("GET", "/journeys", "voapdu"),
    ("GET", "/journeys/{id}", "voapdu"),
    ("GET", "/maintenance", "voapdu"),
    ("POST", "/maintenance", "oapd"),
    ("POST", "/maintenance/{id}/end", "oapd"),
    ("GET", "/fleet", "voapdu"),
    ("GET", "/notices", "voapdu"),
    ("GET", "/audit", "du"),
    ("GET", "/evidence/{name}", "voapdu"),
    ("GET", "/evidence/{name}/against/{other}", "voapdu"),
    ("GET", "/reports", "voapdu"),
    ("GET", "/reports/print", "voapdu"),
    ("GET", "/reports/table.csv", "voapdu"),
    ("GET", "/reports/table.xlsx", "voapdu"),
    ("GET", "/live", "voapdu"),
    ("GET", "/api/v1/today", "voapdu"),
    ("GET", "/api/v1/incidents", "voapdu"),
    ("GET", "/api/v1/incidents/{id}", "voapdu"),
    ("POST", "/api/v1/incidents/{id}/deeds", "oapd"),
    ("POST", "/api/v1/incidents/{id}/again", "oapd"),
    ("GET", "/api/v1/walks/{id}", "voapdu"),
    ("POST", "/api/v1/walks/{id}/again", "oapd"),
    ("GET", "/api/v1/again/{id}", "voapdu"),
    ("GET", "/api/v1/events", "voapdu"),
    ("POST", "/api/v1/tickets/{system}", SIGNED),
    ("GET", "/api/v1/reports", "voapdu"),
    ("GET", "/api/v1/journeys", "voapdu"),
    ("GET", "/api/v1/journeys/{id}", "voapdu"),
    ("GET", "/api/v1/maintenance", "voapdu"),
    ("POST", "/api/v1/maintenance", "oapd"),
    ("POST", "/api/v1/maintenance/{id}/end", "oapd"),
    ("GET", "/api/v1/fleet", "voapdu"),
    ("GET", "/api/v1/notices", "voapdu"),
    ("GET", "/api/v1/journeys/{id}/source", "ad"),
    ("GET", "/api/v1/audit", "du"),
    ("GET", "/api/v1/openapi.json", "voapdu"),
    ("GET", "/metrics", "voapdu"),
    ("GET", "/sign-in", "anybody"),
    ("POST", "/sign-in", "anybody"),
    ("GET", "/sign-in/second", "anybody"),
    ("POST", "/sign-in/second", "anybody"),
    ("GET", "/sign-in/provider", "anybody"),
    ("GET", "/sign-in/provider/back", "anybody"),
    ("GET", "/welcome", "anybody"),
    ("POST", "/welcome", "anybody"),
    ("POST", "/sign-out", "voapdu"),
    ("GET", "/account", "voapdu"),
    ("GET", "/account/anew", "voapdu"),
    ("POST", "/account/password", "voapdu"),
    ("POST", "/account/second/offer", "voapdu"),
    ("POST", "/account/second/confirm", "voapdu"),
    ("POST", "/account/second/off", "voapdu"),
    ("POST", "/account/recovery", "voapdu"),
    ("POST", "/account/sessions/{id}/end", "voapdu"),
    ("POST", "/account/tokens", "voapdu"),
    ("POST", "/account/tokens/{id}/end", "voapdu"),
    ("GET", "/people", "d"),
    ("POST", "/people", "d"),
    ("POST", "/people/{id}/role", "d"),
    ("POST", "/people/{id}/disable", "d"),
    ("POST", "/people/{id}/enable", "d"),
    ("POST", "/people/{id}/reset", "d"),
    ("POST", "/people/{id}/password/grant", "d"),
    ("POST", "/people/{id}/password/withdraw", "d"),
    ("POST", "/people/{id}/remove", "d"),
    ("GET", "/healthz", "anybody"),
    ("GET", "/assets/{name}", "anybody"),
    ("GET", "/favicon.ico", "anybody"),
];

fn letter(role: Role) -> char {
    match role {
        Role::Viewer => 'v',
        Role::Operator => 'o',
        Role::Author => 'a',
        Role::Approver => 'p',
        Role::Administrator => 'd',
        Role::Auditor => 'u',
    }
}

/// The path with something that is there in the place of its names.
fn there(house: &House, path: &str) -> String {
    let (incident, walk, wish) = (&house.names.incident, &house.names.failing, house.wish.to_string());
    let id = if path.contains("/incidents/") {
        incident
    } else if path.contains("/walks/") {
        walk
    } else if path.contains("/journeys/") {
        "fund-purchase"
    } else if path.contains("/again/") {
        &wish
    } else {
        // Nobody and nothing: whoever is let in finds that out, and changes nothing.
        NOBODY
    };
    let name = if path.starts_with("/evidence") { house.names.picture.to_string() } else { "console.css".into() };
    path.replace("{id}", id)
        .replace("{name}", &name)
        .replace("{system}", "jira")
        .replace("{other}", &house.names.picture.to_string())
}

async fn visit(browser: &mut Browser, method: &str, path: &str) -> Reply {
    if method == "POST" {
        browser.post(path, &[("role", "viewer"), ("name", "")]).await
    } else {
        browser.get(path).await
    }
}

#[test]
fn every_route_stands_in_the_table() {
    let listed: Vec<(String, &str)> = routes().into_iter().map(|route| (route.method, route.path)).collect();
    let written: Vec<(String, &str)> = TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), *path)).collect();
    for route in &listed {
        assert!(written.contains(route), "{route:?} is a route of the console: say in TABLE who may come to it");
    }
    for route in &written {
        assert!(listed.contains(route), "{route:?} is no route of the console any more: take it out of TABLE");
    }
    for route in routes() {
        let row = TABLE.iter().find(|(method, path, _)| route.method == *method && route.path == *path).unwrap();
        let granted: String = match route.asks {
            None if route.signed => SIGNED.into(),
            None => "anybody".into(),
            Some(may) => Role::ALL.into_iter().filter(|role| role.may(may)).map(letter).collect(),
        };
        let sorted = |text: &str| {
            let mut letters: Vec<char> = text.chars().collect();
            letters.sort_unstable();
            letters
        };
        assert_eq!(sorted(&granted), sorted(row.2), "{} {}", route.method, route.path);
    }
}

/// A router that is added to elsewhere would have routes that the list does not know.
#[test]
fn nothing_else_adds_a_route() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 30);
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "rs") && !file.ends_with("routes.rs"))
    {
        let text = std::fs::read_to_string(file).unwrap();
        for adds in [".route(", ".route_service(", ".nest(", ".nest_service(", ".merge(", ".fallback("] {
            assert!(!text.contains(adds), "{} has {adds:?}: add the route to the table of routes.rs", file.display());
        }
    }
}

#[tokio::test]
async fn each_role_comes_where_the_table_says_and_nowhere_else() {
    let house = House::open().await;
    for role in Role::ALL {
        let person = house.person(role.word(), role).await;
        for (method, path, who) in TABLE {
            // A new one each time: some routes end the session.
            let mut browser = house.browser(&person, Stage::In).await;
            let reply = visit(&mut browser, method, &there(&house, path)).await;
            let allowed = *who == "anybody" || who.contains(letter(role));
            let refused = matches!(reply.status, 401 | 403);
            if *who == SIGNED {
                assert_eq!(reply.status, 401, "{method} {path} as {}", role.word());
                continue;
            }
            let open = *who == "anybody" && *method == "POST"; // signing in wrongly is a 401 of its own
            assert!(
                refused != allowed || (open && reply.status == 401),
                "{method} {path} as {}: {}",
                role.word(),
                reply.status
            );
            assert!(
                !matches!(reply.status, 405 | 421 | 500..=599),
                "{method} {path} as {}: {}",
                role.word(),
                reply.status
            );
            if !allowed {
                assert_eq!(reply.status, 403, "{method} {path} as {}", role.word());
                // Its own address stands on it, for the way to the other language.
                let named = path.contains("/incidents/");
                assert!(named || !reply.body.contains(&house.names.incident), "{path}");
            }
        }
    }
}

/// What a page shows to some of those whom it lets in.
#[tokio::test]
async fn the_script_of_a_journey_is_for_who_writes_journeys() {
    let house = House::open().await;
    let reads = |role: Role| "ad".contains(letter(role));
    for role in Role::ALL {
        let person = house.person(role.word(), role).await;
        let mut browser = house.browser(&person, Stage::In).await;
        for path in ["/journeys/fund-purchase?lang=en", "/api/v1/journeys/fund-purchase"] {
            let mut reply = browser.get(path).await;
            reply.body = reply.body.replace("&#x2f;", "/");
            // A line of the script, and a mistake that quotes one.
            let told = reply.body.contains("opne:") || reply.body.contains("no such verb");
            assert_eq!((reply.status, told), (200, reads(role)), "{path} as {}", role.word());
            assert!(reply.body.contains("journeys/fund-purchase.yaml"), "{path} as {}", role.word());
            let broken = reply.body.contains("The file is broken now") || reply.body.contains("\"wrong\":1");
            assert!(broken, "everybody is told that it is broken: {path} as {}", role.word());
        }
    }
    // A token carries no more than it says, whoever made it.
    let boss = house.person("boss", Role::Administrator).await;
    let check = async |scopes: &[May], told: bool| {
        let token = house.token(&boss, scopes).await;
        let head = house.stranger().head("GET", "/api/v1/journeys/fund-purchase");
        let reply = exchange(house.served.address, &format!("{head}Authorization: Bearer {token}\r\n\r\n")).await;
        assert_eq!((reply.status, reply.body.contains("no such verb")), (200, told), "{scopes:?}");
    };
    check(&[May::SeeIncidents], false).await;
    check(&[May::SeeIncidents, May::AuthorJourneys], true).await;
}

/// The way to a page is shown to those alone who may go it.
#[tokio::test]
async fn the_audit_log_and_people_are_named_to_who_may_see_them() {
    let house = House::open().await;
    for role in Role::ALL {
        let person = house.person(role.word(), role).await;
        let body = house.browser(&person, Stage::In).await.get("/incidents").await.body;
        for (path, who) in [("/audit", "du"), ("/people", "d")] {
            let shown = body.replace("&#x2f;", "/").contains(&format!("href=\"{path}\""));
            assert_eq!(shown, who.contains(letter(role)), "{path} to {}", role.word());
        }
    }
}

#[tokio::test]
async fn whoever_reads_the_audit_log_stands_in_it() {
    let house = House::open().await;
    let person = house.person("auditor", Role::Auditor).await;
    let mut browser = house.browser(&person, Stage::In).await;
    let deadline = std::time::Instant::now() + super::house::DEADLINE;
    loop {
        let (mut after, mut seen) = ("0".to_owned(), Vec::new());
        loop {
            let reply = browser.get(&format!("/api/v1/audit?limit=2&after={after}")).await;
            let page: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
            seen.extend(page["entries"].as_array().unwrap().clone());
            after = page["next"].as_str().unwrap().to_owned();
            if page["more"] == false {
                break;
            }
        }
        let numbers: Vec<u64> = seen.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        let log = seen[0]["object"].as_str().unwrap();
        let read = |entry: &&serde_json::Value| entry["action"] == "evidence-seen" && entry["object"] == log;
        if let Some(entry) = seen.iter().find(read) {
            assert_eq!(entry["actor"], "person:auditor");
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{seen:?}");
    }
}

#[tokio::test]
async fn nobody_comes_in_without_signing_in() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let gone = house.person("gone", Role::Administrator).await;
    let disabled = house.browser(&gone, Stage::In).await;
    house.world.store.amend(gone.id, &Amendment::Disabled, &by(&house.world)).await.unwrap().unwrap();
    let halfway = house.browser(&boss, Stage::Halfway).await;
    let mut forged = house.stranger();
    forged.cookies.insert("gengfu_session".into(), "A".repeat(43));
    for (kind, browser) in
        [("a stranger", house.stranger()), ("disabled", disabled), ("halfway", halfway), ("forged", forged)]
    {
        for (method, path, who) in TABLE.iter().filter(|(_, _, who)| !["anybody", SIGNED].contains(who)) {
            let path = there(&house, path);
            let reply = visit(&mut browser.clone(), method, &path).await;
            assert_eq!(reply.status, 401, "{method} {path} as {kind}, which is for {who}");
            assert!(!reply.body.contains(&house.names.incident) || path.contains(&house.names.incident), "{path}");
            if path.starts_with("/api/") {
                // The same whoever comes, and wherever to.
                let said = "show a token that is good still (`Authorization: Bearer …`): /account makes them";
                assert_eq!(reply.body, format!("{{\"error\":\"signed-out\",\"said\":\"{said}\"}}"));
                assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
            }
        }
    }
}

#[tokio::test]
async fn only_a_page_of_the_console_changes_anything() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let other = house.browser(&boss, Stage::In).await.stamp();
    for (_, path, who) in TABLE.iter().filter(|(method, _, who)| *method == "POST" && *who != SIGNED) {
        let browser = house.browser(&boss, Stage::In).await;
        let (path, stamp) = (there(&house, path), browser.stamp());
        let own = format!("Origin: {}\r\n", browser.origin);
        let check = async |what: &str, fields: &[(&str, &str)], headers: &str, refused: bool| {
            let reply = exchange(browser.address, &browser.form(&path, fields, headers)).await;
            assert_eq!(reply.status == 403, refused, "{path}, {what}: {}", reply.status);
        };
        let stamped = [("csrf", stamp.as_str())];
        check("no origin", &stamped, "", true).await;
        check("a foreign origin", &stamped, "Origin: https://evil.test\r\n", true).await;
        check("no page's origin", &stamped, "Origin: null\r\n", true).await;
        check("our name on another port", &stamped, "Origin: http://127.0.0.1:1\r\n", true).await;
        check("our name by https", &stamped, &own.replace("http:", "https:"), true).await;
        check("two origins", &stamped, &format!("{own}{own}"), true).await;
        check("another site", &stamped, &format!("{own}Sec-Fetch-Site: cross-site\r\n"), true).await;
        check("a sister site", &stamped, &format!("{own}Sec-Fetch-Site: same-site\r\n"), true).await;
        if *who != "anybody" {
            check("no stamp", &[], &own, true).await;
            check("an empty stamp", &[("csrf", "")], &own, true).await;
            check("another session's stamp", &[("csrf", other.as_str())], &own, true).await;
            let plain = browser.form(&path, &stamped, &own).replace("application/x-www-form-urlencoded", "text/plain");
            assert_eq!(exchange(browser.address, &plain).await.status, 403, "{path}, a form in disguise");
            check("its stamp in the header", &[], &format!("{own}X-Csrf-Token: {stamp}\r\n"), false).await;
        }
        // The header above may have ended the session.
        let browser = house.browser(&boss, Stage::In).await;
        let stamp = browser.stamp();
        let form = browser.form(&path, &[("csrf", stamp.as_str())], &format!("{own}Sec-Fetch-Site: same-origin\r\n"));
        assert_ne!(exchange(browser.address, &form).await.status, 403, "{path}, rightly");
    }
}

#[tokio::test]
async fn no_other_method_and_no_other_host_is_answered() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let browser = house.browser(&boss, Stage::In).await;
    for (_, path, _) in TABLE {
        let methods: Vec<&str> =
            TABLE.iter().filter(|(_, other, _)| other == path).map(|(method, _, _)| *method).collect();
        let there = there(&house, path);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let evil = Browser { host: "evil.test".into(), ..browser.clone() };
            let reply = exchange(browser.address, &format!("{}\r\n", evil.head(method, &there))).await;
            assert_eq!(reply.status, 421, "{method} {path} for another host");
            if !methods.contains(&method) {
                let reply = exchange(browser.address, &format!("{}\r\n", browser.head(method, &there))).await;
                assert_eq!(reply.status, 405, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_opens_what_it_carries_and_no_page() {
    let house = House::open().await;
    let (boss, viewer) = (house.person("boss", Role::Administrator).await, house.person("v", Role::Viewer).await);
    let all: Vec<May> = May::ALL.into_iter().filter(|may| may.is_scope()).collect();
    let whole = house.token(&boss, &all).await;
    let small = house.token(&viewer, &[May::SeeEvidence]).await;
    for (method, path, who) in TABLE.iter().filter(|(_, _, who)| !["anybody", SIGNED].contains(who)) {
        let figures = *path == "/metrics";
        let for_programs = path.starts_with("/api/") || path.starts_with("/evidence/") || figures;
        let check = async |token: &str, expected: Option<u16>| {
            let request =
                format!("{}Authorization: {token}\r\n\r\n", house.stranger().head(method, &there(&house, path)));
            let status = exchange(house.served.address, &request).await.status;
            let refused = if *method == "GET" { status != 200 } else { matches!(status, 401 | 403) };
            assert_eq!(refused.then_some(status), expected, "{method} {path} for {who} with {token:.12}");
        };
        check(&format!("Bearer {whole}"), (!for_programs).then_some(401)).await;
        let refused = if !for_programs {
            Some(401)
        } else if path.starts_with("/api/") || figures {
            Some(403)
        } else {
            None
        };
        check(&format!("Bearer {small}"), refused).await;
        check(&format!("Bearer {whole}x"), Some(401)).await;
        check(&format!("Basic {whole}"), Some(401)).await;
    }
    // A token says who comes, whatever the cookie says.
    let signed_in = house.browser(&boss, Stage::In).await;
    let both = format!("{}Authorization: Bearer wrong\r\n\r\n", signed_in.head("GET", "/api/v1/today"));
    assert_eq!(exchange(house.served.address, &both).await.status, 401);
    house.person("deputy", Role::Administrator).await;
    house.world.store.amend(boss.id, &Amendment::Role(Role::Viewer), &by(&house.world)).await.unwrap().unwrap();
    house.world.store.amend(viewer.id, &Amendment::Disabled, &by(&house.world)).await.unwrap().unwrap();
    let late = format!("{}Authorization: Bearer {small}\r\n\r\n", house.stranger().head("GET", "/evidence/x"));
    assert_eq!(exchange(house.served.address, &late).await.status, 401, "its person may not come any more");
}

#[tokio::test]
async fn foreign_pages_put_nothing_of_ours_into_themselves() {
    let house = House::open().await;
    let boss = house.person("boss", Role::Administrator).await;
    let browser = house.browser(&boss, Stage::In).await;
    let check = async |path: &str, fetch: &str, expected: u16| {
        let request = format!("{}{fetch}\r\n", browser.head("GET", path));
        assert_eq!(exchange(browser.address, &request).await.status, expected, "{path} {fetch:?}");
    };
    let picture = format!("/evidence/{}", house.names.picture);
    check(&picture, "", 200).await;
    check(&picture, "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n", 200).await;
    check(&picture, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n", 403).await;
    check("/live", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n", 403).await;
    check("/live", "Origin: https://evil.test\r\n", 403).await;
    check("/live", &format!("Origin: {}\r\n", browser.origin), 200).await;
    check("/", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", 403).await;
    check("/", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n", 200).await;
}
