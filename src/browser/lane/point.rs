//! Pointing: the verified tap, and its relatives.

use super::super::socket::CommandError;
use super::ask::GRACE;
use super::fail::{failure, seconds, unready};
use super::{BidiLane, Deadline};
use crate::journey::{Direction, TapKind};
use crate::walk::port::{Acted, Mishap, Sight, Target};
use crate::walk::{Failure, FailureKind, TapTrace, Trouble, TroubleKind};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a tap may stay without any effect before it is made once more, as a customer would.
const EFFECT_WITHIN: Duration = Duration::from_millis(1_000);
/// How often a tap may land beside a target that moves, or that something slides over.
const MISSES_MAX: u32 = 20;
/// How long what lies over a frame is left alone before it is looked at again.
const COVERED_AGAIN: Duration = Duration::from_millis(100);
/// How long a drag takes.
const DRAG: Duration = Duration::from_millis(300);
/// How long a long tap is held.
const LONG_TAP: Duration = Duration::from_millis(800);

/// Where a target can be pointed at.
pub(super) struct Place {
    pub context: String,
    pub x: i64,
    pub y: i64,
    /// It was already as wanted.
    pub done: bool,
}

impl Place {
    /// As the agent told it.
    pub(super) fn of(context: String, told: &Value) -> Self {
        let number = |key: &str| told[key].as_i64().unwrap_or(0);
        Self { context, x: number("x"), y: number("y"), done: told["done"] == true }
    }
}

/// Counters of a page and its network, to see what an act set in motion.
struct Before {
    navigations: u64,
    requests: u64,
    pages: u64,
    dialogs: u32,
    downloads: usize,
}

impl BidiLane {
    /// Waits until `target` is ready for `need`, then does `verb` to it inside the page.
    pub(super) async fn ready(
        &mut self,
        target: &Target,
        need: &str,
        verb: Value,
        deadline: Deadline,
    ) -> Result<(Place, Value), Mishap> {
        let started = Instant::now();
        let context = self.context_of(target, deadline).await?;
        let mut attempt = 0;
        loop {
            let slice = Self::slice(deadline);
            let mut args = json!({"target": target, "need": need, "slice": slice.as_millis(), "attempt": attempt,
                "last": slice >= deadline.left()});
            if let (Some(args), Some(verb)) = (args.as_object_mut(), verb.as_object()) {
                args.extend(verb.clone());
            }
            let mut told = self.ask(&context, "act", &args, slice, deadline).await?;
            if let Some(by) = self.over_frame(&context, &told["above"]).await? {
                self.feed.until(deadline.left().min(COVERED_AGAIN), |_| false).await;
                told = json!({"state": "covered", "by": by, "attempt": attempt});
            }
            if told["state"] == "ready" {
                return Ok((Place::of(context, &told), told));
            }
            attempt = told["attempt"].as_u64().unwrap_or(0);
            if deadline.over() || told["final"] == true || told["state"] == "unfit" {
                let url = self.feed.lock().pages.get(&context).map(|p| p.url.clone()).unwrap_or_default();
                return Err(unready(target, &told, started.elapsed(), &url));
            }
        }
    }

    /// Taps, sees that the tap landed and had an effect, and waits until all of `then` holds.
    pub(super) async fn tap(
        &mut self,
        target: &Target,
        kind: TapKind,
        checked: Option<bool>,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let mut trace = TapTrace::default();
        let (mut misses, mut checks) = (0, None);
        // A second tap that both arrive is two orders: only a journey that changes nothing makes one.
        let taps_max = if self.spec.retap { 2 } else { 1 };
        let mut seen_already = false;
        loop {
            let verb = checked.map_or_else(
                || json!({"do": "tap", "long": kind == TapKind::Long}),
                |c| json!({"do": "check", "checked": c}),
            );
            let foreseen = self.foreseen(target).filter(|_| kind == TapKind::Single && checked.is_none());
            let place = match foreseen {
                Some(place) => place,
                None => match self.ready(target, "tap", verb, deadline).await {
                    Ok((place, _)) => place,
                    // After one tap the target may be gone because the tap worked, late.
                    Err(_) if trace.taps > 0 => break,
                    Err(mishap) => return Err(mishap),
                },
            };
            if place.done {
                trace.effect = true;
                break;
            }
            let before = self.before(&place.context);
            self.tapped_at_download = before.downloads;
            self.pointer(&place, kind).await?;
            trace.taps += 1;
            let told = self.after_tap(&place.context, checked, then, &before, deadline).await?;
            if told["guard"] == "miss" {
                trace.taps -= 1;
                misses += 1;
                // Outside the frame nobody guards: what lies there may have been tapped.
                let misses_max = if told["outside"] == true { 1 } else { MISSES_MAX };
                if deadline.over() || misses > misses_max {
                    return Err(covered(target, told["by"].as_str().unwrap_or("something else")));
                }
                continue;
            }
            trace.effect = told["effect"] == true || self.moved(&place.context, &before);
            seen_already = self.all_held(&place.context, then, &told);
            checks = told["checked"].as_bool();
            if told["open"] == true {
                let state = self.feed.lock();
                let call = state.book.under_way(before.requests);
                let call = call.map(|e| format!("{} {}", e.method, crate::finding::route_of(&e.url)));
                trace.left_open = call.map(|call| state.masker.text(&call).into_owned());
            }
            if trace.effect || seen_already || trace.taps >= taps_max {
                break;
            }
        }
        trace.round_trips = self.trips;
        if let (Some(checked), Some(false)) = (checked, checks) {
            self.still_unchecked(target, checked, deadline).await?;
        }
        let seen = if seen_already { Ok(()) } else { self.wait_for(then, deadline).await };
        match seen {
            Ok(()) if trace.effect || !then.is_empty() => Ok(Acted { tap: Some(trace) }),
            Err(Mishap::Failure(missed)) if trace.effect || !matches!(missed.kind, FailureKind::NotSeen) => {
                Err(Mishap::Failure(missed))
            }
            Err(Mishap::Trouble(trouble)) => Err(Mishap::Trouble(trouble)),
            _ => Err(no_effect(target, trace.taps)),
        }
    }

    /// Reads the guard out and waits for the tap's first effect; when `then` can be seen in the same page, for that.
    async fn after_tap(
        &mut self,
        context: &str,
        checked: Option<bool>,
        then: &[Sight],
        before: &Before,
        deadline: Deadline,
    ) -> Result<Value, Mishap> {
        let (mine, others) = self.split(context, then);
        let cover = others.is_empty().then(|| self.cover_for_picture(context)).flatten();
        // Where no second tap may follow, the first is given the time of both.
        let effect_within = if self.spec.retap { EFFECT_WITHIN } else { EFFECT_WITHIN * 2 };
        let slice = effect_within.min(deadline.left()).max(Duration::from_millis(1));
        let sights: Vec<Value> = mine.iter().map(|s| Self::wire(s)).collect();
        // Where something else is waited for afterwards, the page is looked at then: now it may be on its way out.
        let looked_at_later = !others.is_empty()
            && (!mine.is_empty() || others.iter().any(|sight| matches!(sight, Sight::UrlMatches(_))));
        let look = if looked_at_later { None } else { self.look_asked() };
        let args = json!({"sights": sights, "slice": slice.as_millis(), "effect": 300, "checked": checked, "look": look,
                "cover": cover});
        loop {
            match self.ask_once(context, "settle", args.clone(), slice).await {
                Ok(told) => {
                    self.note_look(&told);
                    return Ok(told);
                }
                // The page went away under the tap: that is an effect, and the next page is asked by `wait_for`.
                Err(super::ask::Unanswered::Moved) => {
                    let feed = self.feed.clone();
                    let count = before.navigations;
                    let come = |s: &super::super::feed::FeedState| {
                        s.pages.get(context).is_some_and(|p| p.navigations > count || p.gone)
                    };
                    let moved = feed.until(Duration::from_millis(500), come).await;
                    if moved || deadline.over() {
                        return Ok(json!({"effect": true}));
                    }
                }
                Err(super::ask::Unanswered::Mishap(_))
                    if self.feed.lock().pages.get(context).is_some_and(|p| p.gone) =>
                {
                    // A popup that its own button closes.
                    if self.current == context && context != self.main {
                        self.current = self.main.clone();
                    }
                    return Ok(json!({"effect": true}));
                }
                Err(super::ask::Unanswered::Mishap(mishap)) => return Err(mishap),
            }
        }
    }

    /// Whether the look for the tap's effect has seen all of `then` at the same time.
    fn all_held(&self, context: &str, then: &[Sight], told: &Value) -> bool {
        let (_, others) = self.split(context, then);
        let held = told["held"].as_array().map(Vec::as_slice).unwrap_or_default();
        !then.is_empty() && others.is_empty() && held.len() == then.len() && held.iter().all(|h| *h == true)
    }

    fn before(&self, context: &str) -> Before {
        let state = self.feed.lock();
        Before {
            navigations: state.pages.get(context).map_or(0, |p| p.navigations),
            requests: state.book.started,
            pages: state.page_count,
            dialogs: state.dialogs_total,
            downloads: state.downloads.len(),
        }
    }

    /// Whether anything outside the document moved since.
    fn moved(&self, context: &str, before: &Before) -> bool {
        let now = self.before(context);
        now.navigations != before.navigations
            || now.requests != before.requests
            || now.pages != before.pages
            || now.dialogs != before.dialogs
            || now.downloads != before.downloads
    }

    /// The pointer's own actions at a place.
    async fn pointer(&mut self, place: &Place, kind: TapKind) -> Result<(), Mishap> {
        if kind == TapKind::Single
            && let Some(session) = self.host.router.cdp_session_of(&place.context)
        {
            return self.at_once(place, &session).await;
        }
        let press = json!({"type": "pointerDown", "button": 0});
        let lift = json!({"type": "pointerUp", "button": 0});
        let to = json!({"type": "pointerMove", "x": place.x, "y": place.y});
        let actions = match kind {
            TapKind::Single => vec![to, press, lift],
            TapKind::Double => vec![to, press.clone(), lift.clone(), press, lift],
            TapKind::Long => vec![to, press, json!({"type": "pause", "duration": LONG_TAP.as_millis()}), lift],
        };
        self.actions(&place.context, json!([self.pointer_source(actions)]), LONG_TAP).await
    }

    /// A single tap in a window's own page. `input.performActions` waits for the page after each of its parts, which
    /// takes a frame for each; the parts sent at once come in the same order.
    async fn at_once(&mut self, place: &Place, session: &str) -> Result<(), Mishap> {
        let (x, y) = (place.x, place.y);
        let button = json!({"x": x, "y": y, "button": "left", "clickCount": 1});
        let mouse = |kind: &str, buttons: u8| {
            let mut event = button.clone();
            event["type"] = kind.into();
            event["buttons"] = buttons.into();
            ("Input.dispatchMouseEvent", event)
        };
        let touch =
            |kind: &str, points: Value| ("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": points}));
        let parts = if self.metrics.mobile {
            vec![touch("touchStart", json!([{"x": x, "y": y}])), touch("touchEnd", json!([]))]
        } else {
            let to = ("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "x": x, "y": y}));
            vec![to, mouse("mousePressed", 1), mouse("mouseReleased", 0)]
        };
        let parts =
            parts.into_iter().map(|(method, params)| json!({"method": method, "params": params, "session": session}));
        let documents = |lane: &Self| lane.feed.lock().pages.get(&place.context).map_or(0, |p| p.committed);
        let before = documents(self);
        let answers = self.watched_at_once(&place.context, "goog:cdp.sendCommand", parts.collect(), GRACE).await;
        let taken = match answers {
            // Not one was taken, and it is the same page: nothing was pressed, and that is no doing of the app's.
            Ok(all)
                if all.iter().all(|a| matches!(a, Err(CommandError::Refused { .. }))) && documents(self) == before =>
            {
                self.watchful(&place.context)?;
                let said = all.into_iter().find_map(Result::err).map(|e| e.to_string()).unwrap_or_default();
                let said = format!("the browser refused the tap: {said}");
                return Err(Mishap::Trouble(Trouble { kind: TroubleKind::Defect, said }));
            }
            Ok(all) => all.into_iter().find_map(Result::err).map_or(Ok(()), Err),
            Err(error) => Err(error),
        };
        self.taken(&place.context, taken)
    }

    pub(super) fn pointer_source(&self, actions: Vec<Value>) -> Value {
        let kind = if self.metrics.mobile { "touch" } else { "mouse" };
        json!({"type": "pointer", "id": kind, "parameters": {"pointerType": kind}, "actions": actions})
    }

    /// Performs input actions. What the page makes of them is looked at afterwards, so a page that goes away in
    /// the middle is no error here.
    pub(super) async fn actions(&mut self, context: &str, sources: Value, takes: Duration) -> Result<(), Mishap> {
        let params = json!({"context": context, "actions": sources});
        let taken = self.watched(context, "input.performActions", params, takes + GRACE).await;
        self.taken(context, taken.map(drop))
    }

    fn taken(&self, context: &str, taken: Result<(), CommandError>) -> Result<(), Mishap> {
        match taken {
            Ok(()) => Ok(()),
            Err(CommandError::Refused { .. }) => self.watchful(context).or_else(|m| match m {
                Mishap::Failure(f) if f.kind == FailureKind::NotSeen => Ok(()),
                other => Err(other),
            }),
            Err(CommandError::Late { .. }) => {
                self.watchful(context)?;
                Err(failure(FailureKind::Unresponsive, "the page did not take the input".to_owned()))
            }
            Err(error) => Err(Mishap::Trouble(self.host.trouble(&error))),
        }
    }

    /// Sets a checkbox, radio or switch by tapping it, and sees that it is set.
    pub(super) async fn check(
        &mut self,
        target: &Target,
        checked: bool,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        self.tap(target, TapKind::Single, Some(checked), then, deadline).await
    }

    /// After a tap that did not set the box in the time of its effect: one more look.
    async fn still_unchecked(&mut self, target: &Target, checked: bool, deadline: Deadline) -> Result<(), Mishap> {
        let settled = Deadline::after(deadline.left().min(Duration::from_millis(500)));
        match self.ready(target, "focus", json!({"do": "check", "checked": checked}), settled).await {
            Ok((place, _)) if !place.done => {
                let word = if checked { "checked" } else { "cleared" };
                Err(failure(FailureKind::NoEffect, format!("{} was tapped and is still not {word}", target.words)))
            }
            // It went away with the tap, as a consent box does.
            _ => Ok(()),
        }
    }

    pub(super) async fn hover(&mut self, target: &Target, then: &[Sight], deadline: Deadline) -> Result<Acted, Mishap> {
        let (place, _) = self.ready(target, "hover", json!({"do": "point"}), deadline).await?;
        // From beside it: the driver sends no move to where it believes the pointer is, and taps go past the driver.
        let to = |x: i64| json!({"type": "pointerMove", "x": x, "y": place.y});
        let moves = [to(if place.x > 0 { place.x - 1 } else { 1 }), to(place.x)];
        let source =
            json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves});
        self.actions(&place.context, json!([source]), Duration::ZERO).await?;
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    pub(super) async fn drag(
        &mut self,
        from: &Target,
        to: Option<&Target>,
        by: Option<(i32, i32)>,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let (start, _) = self.ready(from, "hover", json!({"do": "point"}), deadline).await?;
        let at = (start.x, start.y);
        let Some(to) = to else {
            let (dx, dy) = by.unwrap_or((0, 0));
            let end = (start.x + i64::from(dx), start.y + i64::from(dy));
            self.stroke(&start.context, Self::held_at(at), at, end, DRAG).await?;
            self.wait_for(then, deadline).await?;
            return Ok(Acted::default());
        };
        // Held first and then brought there: to look for the goal may scroll the page from under the start.
        let press = self.pointer_source(Self::held_at(at));
        self.actions(&start.context, json!([press]), Duration::ZERO).await?;
        let goal = match self.ready(to, "hover", json!({"do": "point"}), deadline).await {
            Ok((goal, _)) if goal.context == start.context => Ok((goal.x, goal.y)),
            Ok(_) => Err(failure(FailureKind::Journey, format!("{} and {} are not in one page", from.words, to.words))),
            Err(mishap) => Err(mishap),
        };
        // Whatever came of it, the pointer is let go.
        let end = *goal.as_ref().unwrap_or(&at);
        self.stroke(&start.context, Vec::new(), at, end, DRAG).await?;
        goal?;
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    fn held_at((x, y): (i64, i64)) -> Vec<Value> {
        vec![json!({"type": "pointerMove", "x": x, "y": y}), json!({"type": "pointerDown", "button": 0})]
    }

    /// A stroke of the pointer with steps between, as sliders and sortable lists need it, after what comes `before`.
    async fn stroke(
        &mut self,
        context: &str,
        before: Vec<Value>,
        from: (i64, i64),
        to: (i64, i64),
        takes: Duration,
    ) -> Result<(), Mishap> {
        const STEPS: i64 = 8;
        let mut actions = before;
        let pause = takes.as_millis() / STEPS as u128;
        for step in 1..=STEPS {
            let x = from.0 + (to.0 - from.0) * step / STEPS;
            let y = from.1 + (to.1 - from.1) * step / STEPS;
            actions.push(json!({"type": "pointerMove", "x": x, "y": y, "duration": pause}));
        }
        actions.push(json!({"type": "pointerUp", "button": 0}));
        self.actions(context, json!([self.pointer_source(actions)]), takes).await
    }

    pub(super) async fn swipe(
        &mut self,
        target: Option<&Target>,
        direction: Direction,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let (context, x, y) = match target {
            Some(target) => {
                let (place, _) = self.ready(target, "hover", json!({"do": "point"}), deadline).await?;
                (place.context, place.x, place.y)
            }
            None => {
                let (width, height) = (i64::from(self.metrics.width), i64::from(self.metrics.height));
                (self.current.clone(), width / 2, height / 2)
            }
        };
        let reach = |size: u32| i64::from(size) * 2 / 5;
        let (dx, dy) = match direction {
            Direction::Up => (0, -reach(self.metrics.height)),
            Direction::Down => (0, reach(self.metrics.height)),
            Direction::Left => (-reach(self.metrics.width), 0),
            Direction::Right => (reach(self.metrics.width), 0),
        };
        let end = (
            (x + dx).clamp(1, i64::from(self.metrics.width) - 1),
            (y + dy).clamp(1, i64::from(self.metrics.height) - 1),
        );
        if self.metrics.mobile {
            self.stroke(&context, Self::held_at((x, y)), (x, y), end, Duration::from_millis(200)).await?;
        } else {
            let wheel = json!({"type": "wheel", "id": "wheel", "actions":
                [{"type": "scroll", "x": x, "y": y, "deltaX": -dx, "deltaY": -dy}]});
            self.actions(&context, json!([wheel]), Duration::ZERO).await?;
        }
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    pub(super) async fn scroll(
        &mut self,
        target: Option<&Target>,
        by: (i32, i32),
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        match target {
            Some(target) => {
                self.ready(target, "scroll", json!({"do": "point"}), deadline).await?;
            }
            None => {
                let context = self.current.clone();
                let (x, y) = (i64::from(self.metrics.width) / 2, i64::from(self.metrics.height) / 2);
                let wheel = json!({"type": "wheel", "id": "wheel", "actions":
                    [{"type": "scroll", "x": x, "y": y, "deltaX": by.0, "deltaY": by.1}]});
                self.actions(&context, json!([wheel]), Duration::ZERO).await?;
            }
        }
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }
}

fn covered(target: &Target, by: &str) -> Mishap {
    let said = format!("the tap on {} landed on {by}", target.words);
    let kind = FailureKind::Covered { by: by.to_owned() };
    Mishap::Failure(Failure { kind, said, detail: None, locus: Some(target.written.clone()) })
}

fn no_effect(target: &Target, taps: u32) -> Mishap {
    let waited = if taps > 1 {
        format!("{taps} times and nothing happened within {} each", seconds(EFFECT_WITHIN))
    } else {
        format!("once and nothing happened within {}", seconds(EFFECT_WITHIN * 2))
    };
    let said = format!("{} was tapped {waited}: no change of the page, no request, no navigation", target.words);
    Mishap::Failure(Failure { kind: FailureKind::NoEffect, said, detail: None, locus: Some(target.written.clone()) })
}
