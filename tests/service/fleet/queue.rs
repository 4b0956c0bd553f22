//! What people have in hand: walks that nobody's schedule asks for, and a word to those who let it lie.

use super::*;
use gengfu::alert::{Plan, Reach, Routes};
use gengfu::finding::Severity;
use gengfu::id::NoticeId;
use gengfu::incident::{Deadline, Hours, Stage, Standing};

/// One journey every hour; its first walks fail, as many as said.
fn story(failing: usize) -> Story {
    let plan = move |_: &str, n: usize| if n <= failing { Deed::Fail } else { Deed::Pass };
    let mut story = Story::of(&[journey("buy", None)], 4, plan);
    story.posts[0].schedule = Schedule::every(Duration::from_secs(3600)).unwrap();
    story
}

async fn pass(minutes: u64) {
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(minutes * 60)).await;
}

/// Somebody says that it is mended.
fn claim(story: &Story) {
    let mut memory = story.ledger.0.lock().unwrap();
    let incident = &mut memory.incidents[0];
    assert_eq!(incident.state, State::Open);
    incident.handling.stage = Stage::FixClaimed;
    incident.handling.claimed = Some(story.clock.now());
    incident.revision += 1;
}

fn standing(story: &Story) -> Standing {
    story.ledger.0.lock().unwrap().incidents[0].standing()
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_looked_into_at_once_and_only_walks_close() {
    let story = story(4);
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    pass(2).await;
    assert_eq!((standing(&story), story.filed("buy").len()), (Standing::Confirmed, 3));
    claim(&story);
    pass(1).await;
    // The fourth walk was made for it, and met it all the same.
    assert_eq!((standing(&story), story.filed("buy").len()), (Standing::Fixing, 4));
    claim(&story);
    pass(1).await;
    assert_eq!(standing(&story), Standing::Verifying);
    pass(20).await;
    assert_eq!(standing(&story), Standing::Closed);
    let filed = story.filed("buy");
    let made_for_it = |f: &&Filing| matches!(f.walk.purpose, Purpose::Verify { .. });
    assert!(filed.iter().filter(made_for_it).count() >= 3);
    let handling = story.ledger.0.lock().unwrap().incidents[0].handling.clone();
    let took = handling.closed.unwrap().since(handling.passes.first.unwrap());
    assert!(handling.passes.count >= 3 && took >= Duration::from_secs(15 * 60), "{handling:?}");
    assert!(filed.iter().all(|f| f.epoch.is_none() || !made_for_it(&f)), "no slot is used up");
    let walked = filed.len();
    pass(25).await;
    assert_eq!(story.filed("buy").len(), walked, "what is closed is looked at by patrols alone");
    cancel.cancel();
    watching.await.unwrap();
    assert_eq!(story.ledger.0.lock().unwrap().missed, []);
}

#[tokio::test(start_paused = true)]
async fn no_walk_of_its_own_stands_in_the_way_of_a_patrol() {
    let mut story = story(3);
    story.posts[0].schedule = Schedule::every(Duration::from_secs(60)).unwrap();
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    pass(25).await;
    cancel.cancel();
    watching.await.unwrap();
    assert_eq!(standing(&story), Standing::Closed);
    let filed = story.filed("buy");
    assert!(filed.iter().all(|f| !matches!(f.walk.purpose, Purpose::Verify { .. })), "patrols come often enough");
    assert_eq!(story.ledger.0.lock().unwrap().missed, []);
}

/// A walk of a journey that moves money moves it once more: its schedule alone decides how often.
#[tokio::test(start_paused = true)]
async fn nobody_makes_a_journey_walk_that_leaves_something_behind() {
    let mut story = story(3);
    let read_only = &story.posts[0].journey;
    let moves_money = Journey { safety: gengfu::journey::Safety::Money, ..Journey::clone(read_only) };
    story.posts[0].journey = Arc::new(moves_money);
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    pass(2).await;
    claim(&story);
    pass(30).await;
    cancel.cancel();
    watching.await.unwrap();
    let made_for_it = |f: &Filing| matches!(f.walk.purpose, Purpose::Verify { .. });
    assert!(!story.filed("buy").iter().any(made_for_it));
    assert!(matches!(standing(&story), Standing::FixClaimed | Standing::Verifying));
}

#[tokio::test(start_paused = true)]
async fn what_lies_too_long_is_escalated_once_a_step() {
    let mut story = story(usize::MAX);
    let minute = Duration::from_secs(60);
    story.limits.deadlines.p2 = gengfu::incident::Deadline { acknowledge: minute * 5, fix: minute * 20 };
    story.limits.deadlines.p1 = story.limits.deadlines.p2;
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    let escalated = || story.ledger.0.lock().unwrap().amended.iter().filter(|what| **what == What::Escalated).count();
    for (minutes, expected) in [(4, 0), (4, 1), (10, 1), (5, 2), (20, 2)] {
        pass(minutes).await;
        assert_eq!(escalated(), expected);
    }
    cancel.cancel();
    watching.await.unwrap();
}

/// Walks go on and file what they see; only nobody is told that it lies.
#[tokio::test(start_paused = true)]
async fn what_lies_while_work_is_planned_is_late_when_its_own_clock_says_so() {
    use gengfu::actor::Actor;
    use gengfu::maintenance::{Almanac, Covers, Window};
    let mut story = story(usize::MAX);
    let minute = Duration::from_secs(60);
    story.limits.deadlines.p2 = gengfu::incident::Deadline { acknowledge: minute * 5, fix: minute * 20 };
    story.limits.deadlines.p1 = story.limits.deadlines.p2;
    let begins = story.clock.now().after(minute * 3);
    let (name, why, by) = ("升级".to_owned(), "换库".to_owned(), Actor::Robot);
    let upgrade = Window {
        name,
        why,
        by,
        covers: Covers::default(),
        from: begins,
        until: begins.after(minute * 60),
        declared: None,
    };
    story.almanac = Arc::new(Almanac::of(Vec::new(), vec![upgrade]));
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    let escalated = || story.ledger.0.lock().unwrap().amended.iter().filter(|what| **what == What::Escalated).count();
    // Opened in the first minute; of five minutes, somewhat less than three have gone by when work begins.
    for (minutes, expected) in [(62, 0), (2, 0), (4, 1), (20, 2)] {
        pass(minutes).await;
        assert_eq!(escalated(), expected);
    }
    assert_eq!(standing(&story), Standing::Confirmed, "it was seen and opened as ever");
    assert!(story.filed("buy").len() >= 4, "walks went on");
    cancel.cancel();
    watching.await.unwrap();
}

/// Whoever is told on Monday morning of what opened on Friday evening has been late with it for no moment of the weekend.
#[tokio::test(start_paused = true)]
async fn what_opens_before_a_weekend_is_late_when_its_owner_has_had_their_time() {
    let days = jiff::civil::Weekday::Monday.cycle_forward().take(5).collect::<Vec<_>>().into();
    let office = Hours { days, from: 9 * 60, to: 18 * 60, zone: jiff::tz::TimeZone::UTC };
    let check = async |severity: Severity, hours: Option<Hours>, expected: [usize; 4]| {
        let mut story = story(usize::MAX);
        // It is Friday, 20:47, and walked once until that is so again.
        let friday: jiff::Timestamp = "2001-09-14T20:47:00Z".parse().unwrap();
        let ahead = Moment::from_millis(friday.as_millisecond()).since(story.clock.now());
        story.clock.1.store(i64::try_from(ahead.as_millis()).unwrap(), Ordering::Relaxed);
        story.posts[0].schedule = Schedule::cron("50 20 * * fri", jiff::tz::TimeZone::UTC).unwrap();
        let hour = Duration::from_secs(3600);
        story.limits.deadlines.p1 = Deadline { acknowledge: hour * 5, fix: hour * 24 };
        story.limits.deadlines.p2 = story.limits.deadlines.p1;
        let fallback = Reach { hours: hours.clone(), ..Reach::default() };
        let plan = Plan { routes: Routes { fallback, ..Routes::default() }, ..Plan::default() };
        story.limits.deadlines.rota = plan.routes.rota();
        let cancel = CancellationToken::new();
        let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
        pass(5).await;
        {
            let mut memory = story.ledger.0.lock().unwrap();
            assert_eq!(memory.incidents[0].state, State::Open);
            // As if it had opened so, and been told.
            let opened = Incident { severity, ..memory.incidents[0].clone() };
            let mut changes = [Change::told_now(&opened, What::Opened, story.clock.now())];
            plan.tell(&mut changes, story.clock.now(), &mut NoticeId::fresh);
            memory.incidents[0] = changes[0].after.clone();
        }
        // Saturday 02:02, Monday 13:52 and 14:12, Tuesday 09:12.
        let mut escalated = Vec::new();
        for minutes in [310, 3590, 20, 19 * 60] {
            pass(minutes).await;
            let memory = story.ledger.0.lock().unwrap();
            escalated.push(memory.amended.iter().filter(|what| **what == What::Escalated).count());
        }
        cancel.cancel();
        watching.await.unwrap();
        assert_eq!(escalated, expected, "{severity:?} {}", hours.is_some());
    };
    check(Severity::P2, Some(office.clone()), [0, 0, 1, 2]).await;
    check(Severity::P1, Some(office), [1, 2, 2, 2]).await;
    check(Severity::P2, None, [1, 2, 2, 2]).await;
}

/// What opened in a window is nobody's delay before a walk has seen it behind that.
#[tokio::test(start_paused = true)]
async fn what_opened_while_work_is_planned_is_late_once_it_is_seen_behind_it() {
    let mut story = story(usize::MAX);
    let minute = Duration::from_secs(60);
    story.limits.deadlines.p2 = gengfu::incident::Deadline { acknowledge: minute * 5, fix: minute * 600 };
    story.limits.deadlines.p1 = story.limits.deadlines.p2;
    let from = story.clock.now();
    let (name, why, by) = ("升级".to_owned(), "换库".to_owned(), gengfu::actor::Actor::Robot);
    let covers = gengfu::maintenance::Covers::default();
    let upgrade =
        gengfu::maintenance::Window { name, why, by, covers, from, until: from.after(minute * 30), declared: None };
    story.almanac = Arc::new(Almanac::of(Vec::new(), vec![upgrade]));
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    let escalated = || story.ledger.0.lock().unwrap().amended.iter().filter(|what| **what == What::Escalated).count();
    pass(50).await;
    let ended = from.after(minute * 30);
    assert!(story.filed("buy").iter().all(|filed| filed.walk.started < ended), "a walk has looked behind it");
    assert_eq!((standing(&story), escalated()), (Standing::Confirmed, 0));
    pass(70).await;
    assert_eq!(escalated(), 1);
    cancel.cancel();
    watching.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_left_to_another_is_taken_up_when_that_is_over_and_walks_still_meet_it() {
    let story = story(usize::MAX);
    let cancel = CancellationToken::new();
    let watching = tokio::spawn(story.open().await.unwrap().watch(cancel.clone()));
    pass(2).await;
    let taken_up = || story.ledger.0.lock().unwrap().amended.iter().filter(|what| **what == What::TakenUp).count();
    {
        let mut memory = story.ledger.0.lock().unwrap();
        let mut original = memory.incidents[0].clone();
        (original.id, original.state) = (IncidentId::fresh(), State::Recovered);
        original.fingerprint = gengfu::finding::Fingerprint::stored("another");
        original.journey = "sell".parse().unwrap();
        original.handling.closed = Some(story.clock.now());
        let duplicate = &mut memory.incidents[0];
        (duplicate.handling.stage, duplicate.handling.duplicate_of) = (Stage::Duplicate, Some(original.id));
        duplicate.revision += 1;
        memory.incidents.push(original);
    }
    // Its next due time is behind that.
    pass(10).await;
    assert_eq!(taken_up(), 0, "no walk has met it since");
    pass(60).await;
    let stage =
        story.ledger.0.lock().unwrap().incidents.iter().find(|i| i.journey.as_str() == "buy").map(|i| i.handling.stage);
    assert_eq!((taken_up(), stage), (1, Some(Stage::New)));
    cancel.cancel();
    watching.await.unwrap();
}
