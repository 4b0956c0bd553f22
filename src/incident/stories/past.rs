//! Stories of walks that get past a trouble, and of those that only seem to.

use super::*;

/// What a look meets stands at the step that led there: a walk that fails at that look says nothing of it.
#[test]
fn a_walk_that_fails_at_the_look_behind_gets_not_past() {
    let mut story = Story::new();
    story.steps = vec!["open", "see-list", "buy"];
    let check = |story: &mut Story, shows: Shows, expected: &str| assert_eq!(story.walk(shows), expected, "{shows:?}");
    check(&mut story, Mar(0, "a"), "suspected open");
    check(&mut story, Mar(0, "a"), "opened open");
    check(&mut story, Shows::Fail(1, "outage"), "suspected list");
    check(&mut story, Shows::Fail(2, "outage"), "recovered open, suspected buy");
}

#[test]
fn a_suspicion_not_shared_is_kept_and_tells_nobody() {
    let story = check(&[
        (Fail(1, "a"), "suspected list"),
        (Pass, "unconfirmed list"),
        (Fail(1, "a"), "suspected list"),
        (Pass, "unconfirmed list"),
        (Fail(1, "a"), "suspected list"),
        (Fail(1, "a"), "opened list"),
    ]);
    let [incident] = &story.known.incidents[..] else { panic!("one incident") };
    assert_eq!((incident.sightings, incident.unconfirmed, incident.state), (4, 2, State::Open));
}
