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
        ("loan", Fail(0, "a"), "sighted open"),
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
fn a_worse_part_makes_the_whole_worse() {
    let story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Worse(0, "a"), "suspected open"),
        ("loan", Worse(0, "a"), "opened open, worsened list"),
    ]);
    assert_eq!(wholes(&story)[0].severity, Severity::P1);
}

#[test]
fn who_comes_back_first_stands_for_the_others() {
    let story = check(&[
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "opened list"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "opened open"),
        ("fund", Pass, "narrowed list"),
        ("loan", Pass, "recovered list, recovered open"),
        ("loan", Fail(0, "a"), "suspected open"),
        ("loan", Fail(0, "a"), "reopened open"),
        ("fund", Fail(1, "a"), "suspected list"),
        ("fund", Fail(1, "a"), "reopened list"),
    ]);
    let [whole] = wholes(&story)[..] else { panic!("one whole") };
    assert_eq!(whole.journey.as_str(), "loan");
}
