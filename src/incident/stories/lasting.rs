//! What degrades walks and should not last: soft steps that fail, pages that are slow.

use super::*;

#[test]
fn what_customers_get_past_opens_when_it_lasts() {
    let soft = Last(1, "soft?");
    check(&[
        (soft, "suspected list"),
        (Pass, "unconfirmed list"),
        (soft, "suspected list"),
        (soft, "suspected list"),
        (soft, "opened list"),
        (soft, "sighted list"),
        (Weak(1), "recovered list"),
    ]);
}

/// A busy machine makes three walks in ten slow, and nobody is told of it; what is always slow is.
#[test]
fn slowness_now_and_then_is_nobodys_incident() {
    let mut story = Story::new();
    for walk in 0..60 {
        let told = story.walk(if walk % 10 < 2 || walk % 10 == 5 { Last(1, "slow?") } else { Pass });
        assert!(!told.contains("opened"), "{told}");
    }
    assert_eq!([(); 3].map(|()| story.walk(Last(1, "slow?"))), ["suspected list", "suspected list", "opened list"]);
}

/// Nobody is kept waiting: the next patrol is soon enough.
#[test]
fn what_customers_get_past_is_not_looked_at_again_at_once() {
    let mut story = Story::new();
    let (record, verdict, findings) = story.record(Last(1, "soft?"));
    let changes = story.file(&record, verdict, &findings);
    assert_eq!((changes.len(), confirmation_wanted(&record, &findings, &changes)), (1, false));
}
