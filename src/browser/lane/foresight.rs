//! Finding out whether a tap's target is ready while the picture of the step before is being taken: a picture waits for
//! two frames, in which the page has nothing else to do.

use super::BidiLane;
use super::point::Place;
use crate::walk::port::Target;
use serde_json::json;
use std::time::{Duration, Instant};

/// How old what was foreseen may be.
const FRESH: Duration = Duration::from_millis(80);
/// How long the page may take to say it. Who asks gives up when the picture is taken, too.
const SAID_WITHIN: Duration = Duration::from_millis(200);

/// A target that was ready, with the guard on the real event armed for it.
pub(super) struct Foreseen {
    target: Target,
    place: Place,
    at: Instant,
    navigations: u64,
}

impl BidiLane {
    /// Looks, while a picture is being taken, whether what is tapped next is ready as it stands: nothing is scrolled for it.
    pub(super) async fn foresee(&mut self) {
        self.foreseen = None;
        let Some(target) = self.tap_follows.take().filter(|target| target.frame.is_none()) else { return };
        let Some(mut taken) = self.picture.clone().filter(|taken| !*taken.borrow()) else { return };
        let (context, at) = (self.current.clone(), Instant::now());
        let navigations = self.navigations_of(&context);
        let args = json!({"target": target, "need": "tap", "do": "tap", "slice": 0, "still": true});
        let told = tokio::select! {
            told = self.ask_once(&context, "act", args, SAID_WITHIN) => told,
            _ = taken.wait_for(|taken| *taken) => return,
            // A call waits for its answer as long as the step before had time.
            () = tokio::time::sleep(SAID_WITHIN) => return,
        };
        if let Ok(told) = told
            && told["state"] == "ready"
            && told["above"].is_null()
        {
            let place = Place::of(context, &told);
            self.foreseen = Some(Foreseen { target, place, at, navigations });
        }
    }

    /// Where `target` is to be tapped, if that was foreseen and cannot have changed since.
    pub(super) fn foreseen(&mut self, target: &Target) -> Option<Place> {
        let foreseen = self.foreseen.take()?;
        let same = foreseen.target == *target && foreseen.place.context == self.current;
        let still = foreseen.at.elapsed() < FRESH && foreseen.navigations == self.navigations_of(&self.current);
        if same && still {
            self.trips += 1;
            return Some(foreseen.place);
        }
        None
    }

    fn navigations_of(&self, context: &str) -> u64 {
        self.feed.lock().pages.get(context).map_or(0, |page| page.navigations)
    }
}
