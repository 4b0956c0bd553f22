//! A system that calls before it answers, and one whose call is cut off: what it says is taken once, whichever comes first.

use super::*;
use async_trait::async_trait;
use gengfu::alert::{Draft, Happening, SendError};
use gengfu::incident::LedgerError;
use gengfu::moment::Moment;
use gengfu::ticket::keep::CallError;
use gengfu::ticket::{Category, Opened, Paper, Said, Seen, TicketBook, Turn};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{OnceLock, Weak};

fn said(state: &str, ticket: &str) -> Said {
    let seen = Seen { status: state.to_owned(), category: Category::Doing, resolution: None, ended: None };
    Said { ticket: Some(ticket.to_owned()), url: None, seen, why: String::new() }
}

/// Calls back from within the request, and answers when its call was answered.
#[derive(Default)]
struct Eager {
    keeper: OnceLock<Weak<Keeper>>,
    calls: AtomicU32,
}

impl Eager {
    async fn calls_back(&self, incident: IncidentId, state: &str) {
        let keeper = self.keeper.get().and_then(Weak::upgrade).unwrap();
        let id = format!("msg_{}", self.calls.fetch_add(1, Ordering::SeqCst));
        keeper.called(SYSTEM, incident, &id, &said(state, "CRM-7")).await.unwrap();
    }
}

#[async_trait]
impl TicketSystem for Eager {
    fn name(&self) -> &str {
        SYSTEM
    }
    async fn find(&self, _: &Paper) -> Result<Vec<Opened>, SendError> {
        Ok(vec![])
    }
    fn is_searched(&self) -> bool {
        false
    }
    async fn open(&self, paper: &Paper) -> Result<Opened, SendError> {
        self.calls_back(paper.incident, "taken").await;
        Ok(Opened { ticket: "unnamed".into(), url: None, seen: None })
    }
    async fn comment(&self, _: &str, _: &Paper, _: &str) -> Result<(), SendError> {
        Ok(())
    }
    async fn turn(&self, _: &str, _: Turn, _: &Paper) -> Result<Seen, SendError> {
        Err(SendError::refused("it turns by itself"))
    }
    async fn look(&self, _: &str) -> Result<Option<Seen>, SendError> {
        Ok(None)
    }
    fn follows(&self) -> bool {
        true
    }
    async fn pass(&self, happening: &Happening) -> Result<(), SendError> {
        self.calls_back(happening.facts.incident_id.parse().unwrap(), "in work").await;
        Ok(())
    }
    fn drafts(&self, _: &Paper) -> Vec<Draft> {
        vec![]
    }
}

#[tokio::test]
async fn a_system_may_call_before_it_answers() {
    let eager = Arc::new(Eager::default());
    let Story { world, keeper } = Story::of(World::empty().await, eager.clone(), rule());
    let keeper = Arc::new(keeper);
    eager.keeper.set(Arc::downgrade(&keeper)).unwrap();
    let story = Story { world, keeper: again(&keeper) };
    let id = story.opened().await.id;
    for _ in 0..3 {
        story.world.clock.advance(Duration::from_secs(10));
        // Far below the time that one try may take.
        tokio::time::timeout(Duration::from_secs(20), story.round()).await.expect("it waits for itself");
    }
    let ticket = story.ticket(id).await.unwrap();
    assert_eq!((ticket.key.as_deref(), ticket.status.as_deref()), (Some("CRM-7"), Some("in work")));
    assert_eq!((ticket.tries, ticket.due, ticket.said), (0, None, None));
    assert_eq!(story.standing(id).await, Standing::Fixing);
    assert_eq!(eager.calls.load(Ordering::SeqCst), 2, "made once, and told its one move once");
}

/// The same keeper once more, over the same ledger.
fn again(keeper: &Keeper) -> Keeper {
    Keeper {
        book: keeper.book.clone(),
        chronicle: keeper.chronicle.clone(),
        archive: keeper.archive.clone(),
        deeds: keeper.deeds.clone(),
        clock: keeper.clock.clone(),
        voice: keeper.voice.clone(),
        place: keeper.place.clone(),
        tags: keeper.tags.clone(),
        maintenance: Arc::default(),
        systems: keeper.systems.clone(),
        limits: keeper.limits,
    }
}

/// Dies before it takes down that a call came, once.
struct CutOff(Arc<gengfu::store::Store>, AtomicBool);

#[async_trait]
impl TicketBook for CutOff {
    async fn cursor(&self, system: &str) -> Result<u64, LedgerError> {
        self.0.cursor(system).await
    }
    async fn gather(&self, system: &str, tickets: &[Ticket], cursor: u64) -> Result<(), LedgerError> {
        self.0.gather(system, tickets, cursor).await
    }
    async fn ticket(&self, system: &str, incident: IncidentId) -> Result<Option<Ticket>, LedgerError> {
        self.0.ticket(system, incident).await
    }
    async fn save(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        self.0.save(ticket).await
    }
    async fn due(&self, system: &str, now: Moment, limit: u32) -> Result<Vec<Ticket>, LedgerError> {
        self.0.due(system, now, limit).await
    }
    async fn unseen(&self, system: &str, before: Moment, limit: u32) -> Result<Vec<Ticket>, LedgerError> {
        self.0.unseen(system, before, limit).await
    }
    async fn tickets(&self, incident: IncidentId) -> Result<Vec<Ticket>, LedgerError> {
        self.0.tickets(incident).await
    }
    async fn news(&self, incident: IncidentId, after: u64) -> Result<Vec<(u64, Happening)>, LedgerError> {
        self.0.news(incident, after).await
    }
    async fn came_before(&self, system: &str, id: &str) -> Result<bool, LedgerError> {
        self.0.came_before(system, id).await
    }
    async fn call_came(&self, system: &str, id: &str, now: Moment, within: Duration) -> Result<(), LedgerError> {
        if self.1.swap(false, Ordering::SeqCst) {
            return Err(LedgerError::Failed("cut off".into()));
        }
        self.0.call_came(system, id, now, within).await
    }
}

#[tokio::test]
async fn a_call_that_was_cut_off_is_taken_when_it_comes_again_and_does_nothing_twice() {
    let mut story = Story::of(World::empty().await, Arc::new(Eager::default()), rule());
    story.keeper.book = Arc::new(CutOff(story.world.store.clone(), AtomicBool::new(true)));
    let id = story.opened().await.id;
    story.keeper.book.gather(SYSTEM, &[wanted(&story, id).await], 0).await.unwrap();
    let word = said("in work", "CRM-7");
    let call = async || story.keeper.called(SYSTEM, id, "msg_1", &word).await;
    assert!(matches!(call().await, Err(CallError::Ledger(_))));
    assert!(call().await.is_ok(), "its sender was not told that it was taken");
    assert!(matches!(call().await, Err(CallError::Replayed)));
    let moves = story.world.store.incident(id).await.unwrap().unwrap().moves;
    let by = Actor::system(SYSTEM).unwrap();
    assert_eq!(moves.iter().filter(|moved| moved.by == by).count(), 1, "{moves:?}");
    // It is remembered for as long as its signature holds, and longer.
    story.world.clock.advance(gengfu::ticket::SIGNATURE_WITHIN);
    assert!(matches!(call().await, Err(CallError::Replayed)));
}

async fn wanted(story: &Story, id: IncidentId) -> Ticket {
    let incident = story.now(id).await;
    Ticket::wanted(SYSTEM, id, incident.fingerprint, story.world.clock.now())
}
