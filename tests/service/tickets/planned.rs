//! No ticket is made of what a maintenance window keeps quiet; behind it one is, where it is still there.

use super::*;
use async_trait::async_trait;
use gengfu::alert::{Draft, Happening, SendError};
use gengfu::maintenance::{Almanac, Asked, Covers};
use gengfu::ticket::{Category, Opened, Paper, Seen, Turn};

/// Takes every ticket and says nothing more of it.
struct Obliging;

fn new() -> Seen {
    Seen { status: "new".to_owned(), category: Category::New, resolution: None, ended: None }
}

#[async_trait]
impl TicketSystem for Obliging {
    fn name(&self) -> &str {
        SYSTEM
    }
    async fn find(&self, _: &Paper) -> Result<Vec<Opened>, SendError> {
        Ok(vec![])
    }
    fn is_searched(&self) -> bool {
        false
    }
    async fn open(&self, _: &Paper) -> Result<Opened, SendError> {
        Ok(Opened { ticket: "T-1".into(), url: None, seen: Some(new()) })
    }
    async fn comment(&self, _: &str, _: &Paper, _: &str) -> Result<(), SendError> {
        Ok(())
    }
    async fn turn(&self, _: &str, _: Turn, _: &Paper) -> Result<Seen, SendError> {
        Ok(new())
    }
    async fn look(&self, _: &str) -> Result<Option<Seen>, SendError> {
        Ok(Some(new()))
    }
    async fn pass(&self, _: &Happening) -> Result<(), SendError> {
        Ok(())
    }
    fn drafts(&self, _: &Paper) -> Vec<Draft> {
        vec![]
    }
}

async fn planned(hours: u64) -> (Story, Arc<Almanac>, gengfu::maintenance::Window) {
    let mut story = Story::of(World::empty().await, Arc::new(Obliging), rule());
    let almanac = Arc::new(Almanac::default());
    story.keeper.maintenance = almanac.clone();
    let now = story.world.clock.now();
    let until = now.after(Duration::from_secs(hours * 3600));
    let asked = Asked { name: "升级".into(), why: "换库".into(), covers: Covers::default(), from: None, until };
    let window = almanac.declare(story.world.store.as_ref(), asked, Actor::Robot, now).await.unwrap();
    (story, almanac, window)
}

/// An incident that opens now: the window keeps it quiet.
async fn opened(story: &Story) -> IncidentId {
    let now = story.world.clock.now();
    let shape = |incident: &mut Incident| {
        (incident.opened, incident.last_seen) = (Some(now), now);
        incident.handling.untold = [Untold::Opened].into();
    };
    story.opened_as("tap-next", shape).await.id
}

/// Whether the incident has a ticket after each of these pauses, in seconds.
async fn check(story: &Story, id: IncidentId, pauses: &[(u64, bool)]) {
    for (seconds, expected) in pauses {
        story.world.clock.advance(Duration::from_secs(*seconds));
        for _ in 0..3 {
            story.round().await;
        }
        let made = story.ticket(id).await.is_some_and(|ticket| ticket.key.is_some());
        assert_eq!(made, *expected, "after {seconds} s more");
    }
}

#[tokio::test]
async fn a_ticket_waits_for_the_end_of_the_window() {
    let (story, _, _) = planned(2).await;
    let id = opened(&story).await;
    check(&story, id, &[(0, false), (3600, false), (3599, false), (310, false), (3600, false)]).await;
    seen(&story, id).await;
    check(&story, id, &[(310, true)]).await;
}

/// A walk behind the window sees it, which is told.
async fn seen(story: &Story, id: IncidentId) {
    let now = story.world.clock.now();
    story
        .walked(id, What::Sighted, |after| {
            (after.last_seen, after.handling.untold) = (now, BTreeSet::new());
        })
        .await;
}

#[tokio::test]
async fn a_window_that_is_ended_early_holds_up_no_ticket() {
    let (story, almanac, window) = planned(48).await;
    let id = opened(&story).await;
    check(&story, id, &[(0, false), (3600, false)]).await;
    let (ledger, now) = (story.world.store.clone(), story.world.clock.now());
    almanac.end(ledger.as_ref(), window.declared.unwrap().id, Actor::Robot, now).await.unwrap();
    seen(&story, id).await;
    check(&story, id, &[(310, true)]).await;
}

/// No walk sees it behind the window, and then one gets past.
#[tokio::test]
async fn what_no_walk_sees_behind_the_window_has_none() {
    let (story, _, _) = planned(2).await;
    let id = opened(&story).await;
    check(&story, id, &[(0, false), (7300, false)]).await;
    story.closed(id).await;
    check(&story, id, &[(400, false)]).await;
    assert!(story.ticket(id).await.is_none_or(|ticket| ticket.over), "it is looked at for ever");
}

#[tokio::test]
async fn what_is_over_by_then_never_has_one() {
    let (story, _, _) = planned(2).await;
    let id = opened(&story).await;
    check(&story, id, &[(0, false)]).await;
    story.closed(id).await;
    check(&story, id, &[(7300, false), (400, false)]).await;
}
