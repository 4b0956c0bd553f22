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

#[test]
fn walks_made_at_once_for_another_reason_do_not_make_it_last() {
    let mut story = Story::new();
    assert_eq!(story.walk(Last(1, "slow?")), "suspected list");
    let again = || Purpose::Confirm { of: id::<WalkId>(1, 1) };
    assert_eq!([(); 3].map(|()| story.walk_for(again(), Last(1, "slow?"))), ["suspected list"; 3]);
    assert_eq!([(); 2].map(|()| story.walk(Last(1, "slow?"))), ["suspected list", "opened list"]);
}

/// It became slower, and another detector tells of it.
#[test]
fn slowness_told_by_another_name_is_not_over() {
    let mut story = Story::new();
    (0..3).for_each(|_| _ = story.walk(Last(1, "slow?")));
    let (record, verdict, findings) = story.record(Last(1, "slow?"));
    let other = findings.into_iter().map(|f| Finding { detector: "step-over-budget", ..f }).collect::<Vec<_>>();
    let told: Vec<What> = story.file(&record, verdict, &other).iter().map(|c| c.what).collect();
    assert_eq!(told, [What::Suspected]);
}

#[test]
fn one_quick_answer_is_no_recovery() {
    let mut story = Story::new();
    (0..3).for_each(|_| _ = story.walk(Last(1, "slow?")));
    assert_eq!([(); 2].map(|()| story.walk(Pass)), ["", ""]);
    assert_eq!(story.walk(Last(1, "slow?")), "sighted list");
    assert_eq!([(); 3].map(|()| story.walk(Pass)), ["", "", "recovered list"]);
}
