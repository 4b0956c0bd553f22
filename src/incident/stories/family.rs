//! Stories of one trouble that many journeys meet.

use super::*;

/// Tells a story of `(journey, what the walk shows, what changed)`.
fn check(story: &[(&'static str, Shows, &str)]) -> Story {
    let mut told = Story::new();
    for (at, (journey, shows, expected)) in story.iter().enumerate() {
        told.journey = journey;
        assert_eq!(told.walk(*shows), *expected, "walk {at}: {journey} {shows:?}");
    }
    told
}

fn wholes(story: &Story) -> Vec<&Incident> {
    story.known.incidents.iter().filter(|i| i.parent.is_none()).collect()
}

#[test]
fn the_same_cause_on_other_journeys_is_part_of_the_first() {
    let story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(0, "a"), "opened open"),
        // Its own journey gets past it: it is not over yet.
        ("fund", Pass, "narrowed list"),
        ("fund", Pass, ""),
        ("loan", Fail(0, "a"), "sighted list, sighted open"),
        ("loan", Pass, "recovered list, recovered open"),
    ]);
    assert_eq!(story.known.incidents.len(), 2);
    let [whole] = wholes(&story)[..] else { panic!("one whole") };
    assert_eq!((whole.journey.as_str(), whole.state, whole.past), ("fund", State::Recovered, None));
}

#[test]
fn it_recovers_with_its_own_journey_when_that_is_last() {
    check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
        ("fund", Pass, "narrowed list"),
        ("fund", Fail(1, "a"), "sighted list"),
        ("loan", Pass, "recovered open"),
        ("fund", Pass, "recovered list"),
    ]);
}

#[test]
fn another_cause_is_another_incident() {
    let story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(1, "b"), "suspected list"),
        ("loan", Fail(1, "b"), "opened list"),
    ]);
    assert_eq!(wholes(&story).len(), 2);
}

#[test]
fn what_only_looks_alike_is_one_while_it_is_young() {
    let meet = |pause: i64| {
        let mut story =
            check(&[("fund", Fail(1, "white~a"), "suspected list"), ("fund", Fail(1, "white~a"), "opened list")]);
        (story.now, story.journey) = (story.now + pause, "loan");
        assert_eq!(story.walk(Fail(0, "white~b")), "suspected open");
        assert_eq!(story.walk(Fail(0, "white~b")), "opened open");
        wholes(&story).len()
    };
    assert_eq!(meet(0), 1);
    assert_eq!(meet(HOUR), 2);
}

#[test]
fn of_what_opens_at_once_the_worst_is_the_whole() {
    for (one, other) in
        [("white~a!", "white~b"), ("white~a", "white~b!"), ("white~b", "white~a!"), ("white~b!", "white~a")]
    {
        let mut story = Story::new();
        story.walk(Shows::Two((0, one), (1, other)));
        story.walk(Shows::Two((0, one), (1, other)));
        let [whole] = wholes(&story)[..] else { panic!("{one} {other}: one whole") };
        assert_eq!(whole.severity, Severity::P1, "{one} {other}");
    }
}

#[test]
fn what_is_worse_is_told_for_itself() {
    let mut story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Worse(0, "a"), "suspected open"),
        ("loan", Worse(0, "a"), "opened open"),
        ("wealth", Fail(2, "a"), "suspected buy"),
        ("wealth", Fail(2, "a"), "opened buy"),
    ]);
    assert_eq!(wholes(&story).len(), 2);
    story.journey = "wealth";
    assert_eq!(story.walk(Worse(2, "a")), "worsened buy");
    assert_eq!(wholes(&story).len(), 3);
}

#[test]
fn who_comes_back_first_brings_the_whole_back() {
    let story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
        ("fund", Pass, "narrowed list"),
        ("loan", Pass, "recovered list, recovered open"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "reopened list, reopened open"),
        ("fund", Fail(1, "a"), "sighted list"),
    ]);
    let [whole] = wholes(&story)[..] else { panic!("one whole") };
    assert_eq!((whole.journey.as_str(), whole.reopened, whole.past), ("fund", 1, None));
}

#[test]
fn what_was_told_for_itself_stays_so() {
    let story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("fund", Pass, "recovered list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "reopened list"),
    ]);
    assert_eq!(wholes(&story).len(), 2);
}

#[test]
fn what_nobody_looks_at_any_more_neither_takes_in_nor_keeps_open() {
    let mut story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
    ]);
    (story.now, story.journey) = (story.now + 72 * HOUR, "fund");
    assert_eq!(story.walk(Pass), "recovered list, sighted open");
    story.journey = "wealth";
    assert_eq!(story.walk(Fail(2, "a")), "suspected buy");
    assert_eq!(story.walk(Fail(2, "a")), "opened buy");
    assert_eq!(wholes(&story).len(), 3);
}

#[test]
fn one_walk_that_changes_part_and_whole_is_filed() {
    let story = check(&[
        ("fund", Fail(0, "a"), "suspected open"),
        ("fund", Fail(0, "a"), "opened open"),
        ("fund", Shows::Two((0, "a"), (1, "a")), "sighted open, suspected list"),
        ("fund", Shows::Two((0, "a"), (1, "a")), "opened list, sighted open"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
        ("fund", Fail(1, "a"), "narrowed open, sighted list, sighted open"),
        ("fund", Pass, "recovered list"),
        ("loan", Pass, "recovered open, recovered open"),
    ]);
    assert_eq!(wholes(&story).len(), 1);
}

#[test]
fn who_wants_to_hear_nothing_of_the_one_has_not_heard_of_the_other() {
    let mut story = check(&[("fund", Fail(1, "a"), "suspected list"), ("fund", Fail(1, "a"), "opened list")]);
    story.known.incidents[0].handling.stage = Stage::FalseAlarm;
    story.journey = "loan";
    story.walk(Fail(0, "a"));
    story.walk(Fail(0, "a"));
    assert_eq!(wholes(&story).len(), 2);
}

/// The whole's own journey is past it: what others meet says all the same that it is not mended.
#[test]
fn a_part_refuses_the_claim_on_its_whole() {
    let mut story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
        ("fund", Pass, "narrowed list"),
    ]);
    let now = Moment::from_millis(story.now);
    let whole = story.known.incidents.iter_mut().find(|i| i.parent.is_none()).unwrap();
    (whole.handling.stage, whole.handling.claimed) = (Stage::FixClaimed, Some(now));
    story.journey = "loan";
    assert_eq!(story.walk(Fail(0, "a")), "claim-refused list, sighted open");
    assert_eq!(wholes(&story)[0].standing(), Standing::Fixing);
}
