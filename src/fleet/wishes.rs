//! The walks that people asked for: one a journey at a time, few at once, and no more of one person's than are fair.
//!
//! They are kept in memory. Who asked is in the audit log before anything is walked, and what was walked is in the ledger; a
//! robot that is started anew knows of none, and says so.

use super::wish::{Onlooker, WishEnd, WishLook, WishStage};
use crate::actor::Actor;
use crate::audit::{Action, Detail, Draft, Log, Object};
use crate::id::{IncidentId, JourneyId, WishId};
use crate::journey::{Journey, Safety};
use crate::moment::{Clock, Moment};
use crate::people::{Allowance, Pace};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Wishes that are remembered, those that have ended among them.
const KEPT_MAX: usize = 64;
/// Wishes that have not ended.
const OPEN_MAX: usize = 16;
/// What one person may ask for within `ASKED_WITHIN`, wishes that they join among them.
pub const ASKED_MAX: usize = 6;
/// See `ASKED_MAX`.
pub const ASKED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How long the end of a wish is shown to who did not ask.
const SHOWN_FOR: Duration = Duration::from_secs(15 * 60);
const ALLOWED: &[Allowance] = &[Allowance { most: ASKED_MAX, within: ASKED_WITHIN }];

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The journey to walk.
    pub journey: JourneyId,
    /// The incident to see about.
    pub of: Option<IncidentId>,
    /// Who asks.
    pub by: Actor,
}

/// Why no walk is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// The journey is not on the watch: its file is gone, or no patrol names it.
    #[error("this journey is not on the watch")]
    NotWatched,
    /// It may leave something behind in the app.
    #[error("this journey may leave something behind in the app: its schedule alone has it walked")]
    LeavesTraces,
    /// The robot stops.
    #[error("the robot is stopping")]
    Stopping,
    /// Too many wait.
    #[error("too many walks that people asked for wait already")]
    Crowded,
    /// This person asked often enough.
    #[error("asked for too often: wait {} s", .0.as_secs())]
    TooOften(Duration),
    /// That they ask could not be written down.
    #[error("the audit log could not be written, and nothing is walked for whom it does not name")]
    Unrecorded,
}

impl NotAsked {
    /// The word on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            NotAsked::NotWatched => "not-watched",
            NotAsked::LeavesTraces => "leaves-traces",
            NotAsked::Stopping => "stopping",
            NotAsked::Crowded => "crowded",
            NotAsked::TooOften(_) => "too-often",
            NotAsked::Unrecorded => "unrecorded",
        }
    }
}

/// All wishes. Clones are the same.
#[derive(Clone)]
pub struct Wishes {
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    book: Arc<Mutex<Book>>,
    came: Arc<Notify>,
}

struct Book {
    watched: BTreeMap<JourneyId, Arc<Journey>>,
    /// The oldest first.
    wishes: VecDeque<Wish>,
    asked: Pace,
    stopping: bool,
}

struct Wish {
    shown: Arc<watch::Sender<WishLook>>,
    /// Whether somebody was sent.
    granted: bool,
}

impl Wish {
    fn look(&self) -> WishLook {
        self.shown.borrow().clone()
    }

    fn is_over(&self) -> bool {
        self.shown.borrow().is_over()
    }

    /// Who asks while it is walked wants to know how it is from then on.
    fn may_be_joined(&self) -> bool {
        matches!(self.shown.borrow().stage, WishStage::Waits | WishStage::Prepares)
    }
}

impl Wishes {
    /// None yet; who asks is written into `log`.
    pub fn new(log: Arc<dyn Log>, clock: Arc<dyn Clock>) -> Self {
        let (watched, wishes, asked) = (BTreeMap::new(), VecDeque::new(), Pace::new(ALLOWED));
        let book = Arc::new(Mutex::new(Book { watched, wishes, asked, stopping: false }));
        Self { log, clock, book, came: Arc::default() }
    }

    /// Takes a wish, or joins the one for this journey whose steps are not yet walked. Gives it, and whether it was joined.
    /// There is no wish before the audit log says who asked.
    ///
    /// # Errors
    /// When no walk is made.
    pub async fn ask(&self, ask: Ask) -> Result<(WishLook, bool), NotAsked> {
        let now = self.clock.now();
        self.lock().allows(&ask, now)?;
        let object = ask.of.map_or(Object::Watch, Object::Incident);
        let detail = Detail::default().with("journey", ask.journey.as_str());
        let draft = Draft { at: now, actor: ask.by.clone(), action: Action::WalkAsked, object, detail };
        // On a task of its own: whoever asks may go away meanwhile.
        let wishes = self.clone();
        let placed = tokio::spawn(async move {
            wishes.log.append(&[draft]).await.map_err(|error| {
                tracing::error!(%error, "who asks for a walk cannot be written down");
                NotAsked::Unrecorded
            })?;
            wishes.place(&ask, now)
        });
        placed.await.unwrap_or(Err(NotAsked::Unrecorded))
    }

    /// A wish as it is now; `None` when this robot knows of none by that name.
    pub fn look(&self, id: WishId) -> Option<WishLook> {
        self.lock().wishes.iter().find(|wish| wish.shown.borrow().id == id).map(Wish::look)
    }

    /// The wish for a journey that has not ended, or the one that ended last and not long ago.
    pub fn latest_of(&self, journey: &JourneyId) -> Option<WishLook> {
        let now = self.clock.now();
        let book = self.lock();
        let of_it = || book.wishes.iter().filter(|wish| wish.shown.borrow().journey == *journey);
        let ended = |wish: &Wish| wish.shown.borrow().ended;
        let lately = |wish: &&Wish| ended(wish).is_some_and(|at| now.since(at) < SHOWN_FOR);
        let open = of_it().find(|wish| !wish.is_over());
        open.or_else(|| of_it().filter(lately).max_by_key(|wish| ended(wish))).map(Wish::look)
    }

    /// The same, as it changes: who looks away sees only how it is then.
    pub fn follow(&self, id: WishId) -> Option<watch::Receiver<WishLook>> {
        let book = self.lock();
        let wish = book.wishes.iter().find(|wish| wish.shown.borrow().id == id)?;
        Some(wish.shown.subscribe())
    }

    /// How many pages look on at a wish now.
    pub fn followers(&self, id: WishId) -> usize {
        let book = self.lock();
        book.wishes.iter().find(|wish| wish.shown.borrow().id == id).map_or(0, |wish| wish.shown.receiver_count())
    }

    /// The journey that would be walked, were it asked for.
    ///
    /// # Errors
    /// When it cannot be: why.
    pub fn possible(&self, journey: &JourneyId) -> Result<Arc<Journey>, NotAsked> {
        self.lock().possible(journey)
    }

    /// These journeys are on the watch.
    pub fn opened(&self, journeys: impl Iterator<Item = Arc<Journey>>) {
        self.lock().watched = journeys.map(|journey| (journey.id.clone(), journey)).collect();
    }

    /// Nothing new is walked; what waits has ended with that.
    pub(super) fn stops(&self) {
        let now = self.clock.now();
        let mut book = self.lock();
        book.stopping = true;
        for wish in book.wishes.iter().filter(|wish| !wish.granted) {
            end(wish, WishEnd::Stopped, now);
        }
    }

    /// Ends what has waited for a seat longer than `within`.
    pub(super) fn expire(&self, within: Duration) {
        let now = self.clock.now();
        let book = self.lock();
        for wish in book.wishes.iter().filter(|wish| !wish.granted && now.since(wish.shown.borrow().asked) > within) {
            end(wish, WishEnd::NoRoom, now);
        }
    }

    /// Takes the wish that waits longest of those whose journey can be walked now, if fewer than `most` are being walked.
    pub fn take(&self, most: usize, mut can: impl FnMut(&JourneyId) -> bool) -> Option<(WishLook, Onlooker)> {
        let mut book = self.lock();
        if book.wishes.iter().filter(|wish| wish.granted && !wish.is_over()).count() >= most {
            return None;
        }
        let mut waits = book.wishes.iter_mut().filter(|wish| !wish.granted && !wish.is_over());
        let wish = waits.find(|wish| can(&wish.shown.borrow().journey))?;
        wish.granted = true;
        Some((wish.look(), Onlooker::new(wish.shown.clone(), self.clock.clone())))
    }

    /// Until a wish has come.
    pub(super) async fn came(&self) {
        self.came.notified().await;
    }

    fn place(&self, ask: &Ask, now: Moment) -> Result<(WishLook, bool), NotAsked> {
        let mut book = self.lock();
        // It may have changed while the audit log was written.
        let journey = book.possible(&ask.journey)?;
        if let Some(wish) = book.joinable(&ask.journey) {
            wish.shown.send_modify(|look| look.joined(&ask.by, ask.of));
            return Ok((wish.look(), true));
        }
        book.has_room()?;
        let look = WishLook {
            id: WishId::fresh(),
            journey: journey.id.clone(),
            title: journey.title.clone(),
            device: journey.device.name(),
            pool: journey.account.clone(),
            of: ask.of.into_iter().collect(),
            by: vec![ask.by.clone()],
            asked: now,
            stage: WishStage::Waits,
            walk: None,
            steps: Vec::new(),
            ended: None,
        };
        let shown = Arc::new(watch::Sender::new(look.clone()));
        book.wishes.push_back(Wish { shown, granted: false });
        if book.wishes.len() > KEPT_MAX
            && let Some(old) = book.wishes.iter().position(Wish::is_over)
        {
            book.wishes.remove(old);
        }
        self.came.notify_one();
        Ok((look, false))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Whether `ask` may be taken; counts it, if so.
    fn allows(&mut self, ask: &Ask, now: Moment) -> Result<(), NotAsked> {
        self.possible(&ask.journey)?;
        if self.joinable(&ask.journey).is_none() {
            self.has_room()?;
        }
        self.asked.take(&ask.by, now).map_err(NotAsked::TooOften)
    }

    /// The wish that one for this journey would join.
    fn joinable(&self, journey: &JourneyId) -> Option<&Wish> {
        self.wishes.iter().find(|wish| wish.may_be_joined() && wish.shown.borrow().journey == *journey)
    }

    fn has_room(&self) -> Result<(), NotAsked> {
        let open = self.wishes.iter().filter(|wish| !wish.is_over()).count();
        if open < OPEN_MAX { Ok(()) } else { Err(NotAsked::Crowded) }
    }

    fn possible(&self, journey: &JourneyId) -> Result<Arc<Journey>, NotAsked> {
        if self.stopping {
            return Err(NotAsked::Stopping);
        }
        let journey = self.watched.get(journey).ok_or(NotAsked::NotWatched)?;
        // As of walks that nobody's schedule asks for: what leaves something behind is not walked oftener for anybody.
        if journey.safety != Safety::ReadOnly {
            return Err(NotAsked::LeavesTraces);
        }
        Ok(journey.clone())
    }
}

fn end(wish: &Wish, how: WishEnd, now: Moment) {
    wish.shown.send_if_modified(|look| {
        let lasts = !look.is_over();
        if lasts {
            (look.stage, look.ended) = (WishStage::Ended(how), Some(now));
        }
        lasts
    });
}
