//! One cause met by many journeys: kept as a whole and its parts, told once to everybody.

use crate::store::{at, fresh, opening};
use gengfu::alert::{Plan, Route, Routes};
use gengfu::finding::Kin;
use gengfu::id::NoticeId;
use gengfu::incident::{Archive, Gathering, IncidentQuery, Ledger};

#[tokio::test]
async fn parts_stand_under_their_whole_and_other_journeys_of_the_app_know_it() {
    let (_dir, store) = fresh().await;
    let whole = opening("v1:aa", at(0));
    let mut part = opening("v1:bb", at(60));
    part.changes[0].after.parent = Some(whole.changes[0].after.id);
    part.changes[0].after.past = Some(at(61));
    store.file(&whole).await.unwrap();
    store.file(&part).await.unwrap();
    let (whole, part) = (whole.changes[0].after.clone(), part.changes[0].after.clone());

    let listed = async |gathering| {
        let query = IncidentQuery { gathering, limit: 10, ..IncidentQuery::default() };
        store.incidents(&query).await.unwrap()
    };
    assert_eq!(listed(Gathering::Wholes).await, vec![whole.clone()]);
    assert_eq!(listed(Gathering::PartsOf(whole.id)).await, vec![part.clone()]);
    assert_eq!(listed(Gathering::Each).await, vec![part.clone(), whole]);
    let other = "loan-rate".parse().unwrap();
    // What it met is of the same cause as the part, only looks alike, or is something else.
    for (app, cause, looks, expected) in [
        ("wealth-h5", "v1:bb", "another", 2),
        ("wealth-h5", "another", "white", 2),
        ("wealth-h5", "another", "another", 0),
        ("another-app", "v1:bb", "white", 0),
    ] {
        let known = store.known(&other, app, &[&Kin::of(&[cause], &[looks])]).await.unwrap();
        assert_eq!(known.incidents.len(), expected, "{app} {cause} {looks}");
    }
    // Its own journey knows its family whatever it met.
    assert_eq!(store.known(&part.journey, "wealth-h5", &[]).await.unwrap().incidents.len(), 2);
}

#[test]
fn a_part_is_told_to_those_alone_whom_its_whole_does_not_reach() {
    let route = |channel: &str| Route { channel: channel.into(), to: None };
    let owners =
        [("wealth-team", vec![route("wealth"), route("duty")]), ("loan-team", vec![route("loan"), route("duty")])];
    let owners = owners.map(|(owner, routes)| (owner.to_owned(), routes.into())).into();
    let plan = Plan { routes: Routes { owners, ..Routes::default() }, ..Plan::default() };
    let check = |whole: Option<&str>, part: &str, expected: &[&str]| {
        let owned = |owner: &str| {
            let mut change = opening("v1:aa", at(0)).changes.remove(0);
            change.after.owner = Some(owner.into());
            change
        };
        let mut change = owned(part);
        change.whole = whole.map(|owner| Box::new(owned(owner).after));
        let notices = plan.notices(&[change], at(0), &mut NoticeId::fresh);
        assert_eq!(
            notices.iter().map(|notice| notice.channel.as_str()).collect::<Vec<_>>(),
            expected,
            "{whole:?} {part}"
        );
    };
    check(None, "loan-team", &["loan", "duty"]);
    check(Some("wealth-team"), "loan-team", &["loan"]);
    check(Some("wealth-team"), "wealth-team", &[]);
}
