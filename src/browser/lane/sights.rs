//! Waiting for what must show, and reading values.

use super::super::answers::{Judged, WrongAnswer, judge, newest_value};
use super::super::book::Unread;
use super::fail::{failure, seconds, unready};
use super::{BidiLane, Deadline};
use crate::walk::port::{Mishap, Read, ResponseSight, Sight, Target};
use crate::walk::{Failure, FailureKind, Trouble, TroubleKind};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

impl BidiLane {
    /// A sight as the agent takes it. Responses are seen from the events instead, and patterns are for Rust's engine:
    /// the page's own reads them differently.
    pub(super) fn wire(sight: &Sight) -> Value {
        match sight {
            Sight::See { target, count } => json!({"kind": "see", "target": target, "count": count}),
            Sight::NotSee(target) => json!({"kind": "not_see", "target": target}),
            Sight::Path(glob) => json!({"kind": "path", "pattern": crate::journey::glob::regex(glob)}),
            Sight::UrlMatches(_) => json!({"kind": "url"}),
            Sight::Response(_) => json!({"kind": "response"}),
        }
    }

    /// Sights that the page in `context` can answer itself, and the rest.
    pub(super) fn split<'a>(&self, context: &str, sights: &'a [Sight]) -> (Vec<&'a Sight>, Vec<&'a Sight>) {
        let here = context == self.current;
        sights.iter().partition(|s| match s {
            Sight::See { target, .. } | Sight::NotSee(target) => here && target.frame.is_none(),
            Sight::Path(_) => here,
            Sight::UrlMatches(_) | Sight::Response(_) => false,
        })
    }

    /// Waits until all of `sights` holds.
    pub(super) async fn wait_for(&mut self, sights: &[Sight], deadline: Deadline) -> Result<(), Mishap> {
        if sights.is_empty() {
            return Ok(());
        }
        let started = Instant::now();
        let page = self.current.clone();
        let (mine, others) = self.split(&page, sights);
        // Answers first: they explain why the page does not show what it should.
        for sight in &others {
            if let Sight::Response(rule) = sight {
                self.wait_for_answer(rule, deadline).await?;
            }
        }
        let is_last = others.iter().all(|sight| matches!(sight, Sight::Response(_)));
        let cover = is_last.then(|| self.cover_for_picture(&page)).flatten();
        self.wait_in(&page, &mine, cover, started, deadline).await?;
        for sight in others {
            if let Sight::UrlMatches(pattern) = sight {
                self.wait_for_url(sight, pattern, started, deadline).await?;
            }
            if let Sight::See { target, .. } | Sight::NotSee(target) = sight {
                // What is not to be seen is not to be seen in a frame that is not there, either.
                let patience =
                    if matches!(sight, Sight::NotSee(_)) { Deadline::after(Duration::ZERO) } else { deadline };
                let context = match self.context_of(target, patience).await {
                    Err(Mishap::Failure(_)) if matches!(sight, Sight::NotSee(_)) => continue,
                    found => found?,
                };
                self.wait_in(&context, &[sight], None, started, deadline).await?;
            }
        }
        Ok(())
    }

    async fn wait_in(
        &mut self,
        context: &str,
        sights: &[&Sight],
        cover: Option<Value>,
        started: Instant,
        deadline: Deadline,
    ) -> Result<(), Mishap> {
        if sights.is_empty() {
            return Ok(());
        }
        let wired: Vec<Value> = sights.iter().map(|s| Self::wire(s)).collect();
        loop {
            let slice = Self::slice(deadline);
            let args = json!({"sights": wired, "slice": slice.as_millis(), "look": self.look_asked(), "cover": cover});
            let told = self.ask(context, "settle", &args, slice, deadline).await?;
            if context == self.current {
                self.note_look(&told);
            }
            let held: Vec<bool> = told["held"].as_array().into_iter().flatten().map(|h| h == true).collect();
            match sights.iter().zip(0..).find(|(_, i)| !held.get(*i).copied().unwrap_or(false)) {
                None => return Ok(()),
                Some((sight, index)) if deadline.over() => {
                    return Err(self.not_seen(sight, &told["why"][index], started.elapsed(), &told["url"]));
                }
                Some(_) => {}
            }
        }
    }

    /// Waits until the page is at a URL that matches; asked again whenever it has gone elsewhere.
    async fn wait_for_url(
        &mut self,
        sight: &Sight,
        pattern: &str,
        started: Instant,
        deadline: Deadline,
    ) -> Result<(), Mishap> {
        let pattern = compiled(pattern)?;
        let context = self.current.clone();
        let mut seen = Value::Null;
        loop {
            let slice = Self::slice(deadline);
            let left = json!([{"kind": "left", "url": seen}]);
            let args = json!({"sights": left, "slice": slice.as_millis(), "look": self.look_asked()});
            let told = self.ask(&context, "settle", &args, slice, deadline).await?;
            self.note_look(&told);
            if pattern.is_match(told["url"].as_str().unwrap_or_default()) {
                return Ok(());
            }
            if deadline.over() {
                return Err(self.not_seen(sight, &Value::Null, started.elapsed(), &told["url"]));
            }
            seen = told["url"].clone();
        }
    }

    /// Which of `sights` hold now.
    pub(super) async fn hold_now(&mut self, sights: &[Sight], deadline: Deadline) -> Result<Vec<bool>, Mishap> {
        let mut held = Vec::with_capacity(sights.len());
        for sight in sights {
            let context = match sight {
                Sight::See { target, .. } | Sight::NotSee(target) if target.frame.is_some() => {
                    match self.context_of(target, Deadline::after(Duration::ZERO)).await {
                        Ok(context) => context,
                        Err(Mishap::Failure(_)) => {
                            held.push(matches!(sight, Sight::NotSee(_)));
                            continue;
                        }
                        Err(trouble) => return Err(trouble),
                    }
                }
                _ => self.current.clone(),
            };
            if let Sight::Response(rule) = sight {
                held.push(self.answer_now(rule).is_ok());
                continue;
            }
            if let Sight::UrlMatches(pattern) = sight {
                let pattern = compiled(pattern)?;
                let url = self.read_in(&context, &Read::Url, None, deadline).await?;
                held.push(pattern.is_match(&url));
                continue;
            }
            let args = json!({"sights": [Self::wire(sight)]});
            let told = self.ask(&context, "holds", &args, Duration::ZERO, deadline).await?;
            held.push(told[0] == true);
        }
        Ok(held)
    }

    fn not_seen(&self, sight: &Sight, why: &Value, waited: Duration, url: &Value) -> Mishap {
        let url = url.as_str().unwrap_or_default();
        let path = self.masker().text(&super::super::book::path_of(url)).into_owned();
        let waited_on = format!("waited {} on {path}", seconds(waited));
        let list = |key: &str| -> String {
            let texts = why[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            self.masker().text(&texts.collect::<Vec<_>>().join(", ")).into_owned()
        };
        if let (Some(matches), Sight::See { target, .. } | Sight::NotSee(target)) =
            (why["doubt"]["matches"].as_u64(), sight)
        {
            let told =
                json!({"state": "ambiguous", "scope": true, "matches": matches, "listed": why["doubt"]["listed"]});
            return unready(target, &told, waited, url);
        }
        let (near, found) = (list("near"), list("found"));
        let (kind, said, locus) = match sight {
            Sight::See { target, count: Some(count) } => {
                let said = format!("{count} × {} did not show: {waited_on}; found: {found}", target.words);
                (FailureKind::NotSeen, said, Some(target.written.clone()))
            }
            Sight::See { target, .. } => {
                let nearest = if near.is_empty() { String::new() } else { format!("; nearest: {near}") };
                let hidden = if found.is_empty() { String::new() } else { format!("; hidden: {found}") };
                (
                    FailureKind::NotSeen,
                    format!("{} did not show: {waited_on}{nearest}{hidden}", target.words),
                    Some(target.written.clone()),
                )
            }
            Sight::NotSee(target) => {
                let said = format!("{} still shows: {waited_on}; found: {found}", target.words);
                (FailureKind::StillSeen, said, Some(target.written.clone()))
            }
            Sight::Path(expected) => {
                let said = format!("the page should be at `{expected}` and is at `{path}` ({})", seconds(waited));
                (FailureKind::WrongRoute { expected: expected.clone(), actual: path.clone() }, said, None)
            }
            Sight::UrlMatches(expected) => {
                let said = format!("the URL should match `{expected}` and is `{}`", self.masker().url(url));
                (FailureKind::WrongRoute { expected: expected.clone(), actual: path.clone() }, said, None)
            }
            Sight::Response(_) => (FailureKind::NotSeen, waited_on.clone(), None),
        };
        Mishap::Failure(Failure { kind, said, detail: None, locus })
    }

    /// Waits for an answer that fits. A wrong one may be followed by a right one, as with polling, so the step's own
    /// time decides.
    async fn wait_for_answer(&mut self, rule: &ResponseSight, deadline: Deadline) -> Result<(), Mishap> {
        while let Err((mishap, _)) = self.answer_now(rule) {
            if deadline.over() {
                return Err(mishap);
            }
            self.watchful(&self.current.clone())?;
            let feed = self.feed.clone();
            let seen = feed.lock().book.started;
            let pause = deadline.left().min(Duration::from_millis(50));
            feed.until(pause, |s| s.book.started != seen).await;
        }
        Ok(())
    }

    /// Whether an answer to a request of this step fits; otherwise what is wrong, and whether none has come yet that
    /// could be read.
    fn answer_now(&self, rule: &ResponseSight) -> Result<(), (Mishap, bool)> {
        let state = self.feed.lock();
        let (wrong, nothing) = match judge(&state.book, rule, self.step_order, state.business.as_ref()) {
            Judged::Fits => return Ok(()),
            Judged::Unread(unread) => return Err((not_read(&rule.path, &unread), true)),
            Judged::Nothing(wrong) => (wrong, true),
            Judged::Wrong(wrong) => (wrong, false),
        };
        let WrongAnswer { request, status, code, said } = wrong;
        let said = state.masker.text(&said).into_owned();
        Err((failure(FailureKind::WrongResponse { request, status, code }, said), nothing))
    }

    /// Reads values, waiting until each can be read.
    pub(super) async fn read_values(&mut self, reads: &[Read], deadline: Deadline) -> Result<Vec<String>, Mishap> {
        let mut values = Vec::with_capacity(reads.len());
        for read in reads {
            values.push(match read {
                Read::Response { path, json } => self.read_answer(path, json, deadline).await?,
                Read::Element { target, .. } | Read::Count(target) => {
                    let context = self.context_of(target, deadline).await?;
                    self.read_in(&context, read, Some(target), deadline).await?
                }
                Read::Url | Read::Title => self.read_in(&self.current.clone(), read, None, deadline).await?,
            });
        }
        Ok(values)
    }

    async fn read_in(
        &mut self,
        context: &str,
        read: &Read,
        target: Option<&Target>,
        deadline: Deadline,
    ) -> Result<String, Mishap> {
        let started = Instant::now();
        let wired = match read {
            Read::Element { target, attribute } => json!({"kind": "element", "target": target, "attribute": attribute}),
            Read::Count(target) => json!({"kind": "count", "target": target}),
            Read::Url => json!({"kind": "url"}),
            _ => json!({"kind": "title"}),
        };
        loop {
            let slice = Self::slice(deadline);
            let args = json!({"reads": [wired], "slice": slice.as_millis()});
            let told = self.ask(context, "read", &args, slice, deadline).await?;
            if let Some(value) = told["told"][0]["value"].as_str() {
                return Ok(value.to_owned());
            }
            if deadline.over() {
                let url = self.feed.lock().pages.get(context).map(|p| p.url.clone()).unwrap_or_default();
                let nothing = Target::default();
                return Err(unready(target.unwrap_or(&nothing), &told["told"][0], started.elapsed(), &url));
            }
        }
    }

    async fn read_answer(&mut self, path: &str, json: &str, deadline: Deadline) -> Result<String, Mishap> {
        let feed = self.feed.clone();
        feed.until(deadline.left(), |s| newest_value(&s.book, path, json).is_ok()).await;
        let found = newest_value(&feed.lock().book, path, json);
        found.map_err(|unread| match unread {
            Some(unread) => not_read(path, &unread),
            None => failure(FailureKind::Unreadable, format!("no JSON answer of {path} has a value at {json}")),
        })
    }
}

/// The answer came and its body was not read: nothing is said of the app.
fn not_read(path: &str, unread: &Unread) -> Mishap {
    let kind = if unread.busy { TroubleKind::Overloaded } else { TroubleKind::Defect };
    Mishap::Trouble(Trouble { kind, said: format!("the answer of {path} could not be read: {}", unread.why) })
}

/// A pattern that the journey's reader has compiled before.
fn compiled(pattern: &str) -> Result<regex::Regex, Mishap> {
    crate::journey::pattern::compile(pattern).map_err(|said| failure(FailureKind::Journey, said))
}
