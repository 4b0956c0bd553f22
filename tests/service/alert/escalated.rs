//! What is let lie is told to who stands above those who let it.

use super::*;
use gengfu::alert::Reach;

/// An owner with one address, and who stands above them.
fn owner(name: &str, lead: Option<&str>) -> (String, Reach) {
    let at_once = vec![route("mail", Some(name))];
    (name.to_owned(), Reach { at_once, lead: lead.map(str::to_owned), ..Reach::default() })
}

fn plan() -> Plan {
    let owners = BTreeMap::from([
        owner("wealth", Some("wealth-lead")),
        owner("wealth-lead", Some("experience")),
        owner("experience", None),
        owner("loans", None),
        owner("default", None),
    ]);
    let fallback = owners["default"].clone();
    Plan { routes: Routes { owners, fallback, ..Routes::default() }, ..Plan::default() }
}

/// Whom a change of an incident reaches, and who is said to be told, too.
fn told(what: What, shape: impl Fn(&mut Incident)) -> (Vec<String>, Option<String>) {
    let change = changed(what, 300, |_, after| {
        after.owner = Some("wealth".into());
        shape(after);
    });
    let notices = plan().notices(&[change], at(300), &mut NoticeId::fresh);
    let said: Vec<Bulletin> = notices.iter().map(|notice| serde_json::from_str(&notice.body).unwrap()).collect();
    assert!(said.windows(2).all(|two| two[0].escalated_to == two[1].escalated_to), "everybody reads the same");
    (
        notices.into_iter().filter_map(|notice| notice.to).collect(),
        said.first().and_then(|one| one.escalated_to.clone()),
    )
}

#[test]
fn each_deadline_that_passes_is_told_one_step_further_up() {
    let check = |what: What, level: u32, owner: &str, expected: &[&str], to: Option<&str>| {
        let got = told(what, |after| {
            (after.handling.escalated, after.owner) = (level, Some(owner.into()));
        });
        let expected = expected.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        assert_eq!(got, (expected, to.map(str::to_owned)), "{what:?} {level} {owner}");
    };
    check(What::Escalated, 1, "wealth", &["wealth", "wealth-lead"], Some("wealth-lead"));
    check(What::Escalated, 2, "wealth", &["wealth", "experience"], Some("experience"));
    // Further up than there is anybody, the last is told again.
    check(What::Escalated, 2, "wealth-lead", &["wealth-lead", "experience"], Some("experience"));
    // Behind whom nobody stands, the owner that takes what no other does; behind that one, nobody.
    check(What::Escalated, 1, "loans", &["loans", "default"], Some("default"));
    check(What::Escalated, 1, "default", &["default"], None);
    check(What::Worsened, 1, "wealth", &["wealth"], None);
}

#[test]
fn what_keeps_coming_back_is_told_above_too_and_who_was_named_counts() {
    let back = |times: u32| told(What::Reopened, |after| after.reopened = times);
    assert_eq!(back(1), (vec!["wealth".to_owned()], None));
    assert_eq!(back(2), (vec!["wealth".to_owned(), "wealth-lead".to_owned()], Some("wealth-lead".to_owned())));
    let named = told(What::Escalated, |after| {
        (after.handling.escalated, after.handling.assignee) = (1, Some("loans".into()));
    });
    assert_eq!(named.0, ["loans", "default"]);
    let set_aside = told(What::Escalated, |after| after.handling.stage = Stage::WontFix);
    assert_eq!(set_aside, (vec![], None));
}

#[test]
fn a_notice_says_whom_else_it_reached() {
    let change = changed(What::Escalated, 300, |_, _| ());
    let bulletin = bulletin_of(&change, AlertReason::Escalated).escalated_to(Some("wealth-lead".into()));
    let check = |language: Language, expected: &str| {
        let words = render(&bulletin, &voice(language), Telling::default());
        assert!(words.text.contains(expected), "{expected} is not in\n{}", words.text);
    };
    check(Language::Zh, "已同时上报“wealth-lead”");
    check(Language::En, "`wealth-lead` is told, too");
}
