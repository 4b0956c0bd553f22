//! Frames: which one a target lives in, and what lies over it.

use super::super::agent;
use super::super::book::path_of;
use super::super::socket::CommandError;
use super::ask::{GRACE, Unanswered};
use super::fail::failure;
use super::{BidiLane, Deadline};
use crate::journey::glob::covers;
use crate::walk::FailureKind;
use crate::walk::port::{Mishap, Target};
use serde_json::{Value, json};
use std::time::Duration;

/// Frames in frames that are followed.
const DEPTH_MAX: usize = 32;

impl BidiLane {
    /// The context a target lives in: the page, or a frame of it. Waits for the frame.
    pub(super) async fn context_of(&mut self, target: &Target, deadline: Deadline) -> Result<String, Mishap> {
        let Some((how, wanted)) = target.frame.clone() else { return Ok(self.current.clone()) };
        let page = self.current.clone();
        loop {
            let found = if how == "url" {
                self.frame_by_url(&page, &wanted)
            } else {
                self.frame_by_name(&page, &wanted).await?
            };
            if let Some(context) = found {
                return Ok(context);
            }
            if deadline.over() {
                let said = format!("no frame with {how} `{wanted}` on the page");
                return Err(failure(FailureKind::Missing, said));
            }
            let pages = self.feed.lock().page_count;
            let pause = deadline.left().min(Duration::from_millis(200));
            self.feed.until(pause, |s| s.page_count != pages).await;
            self.watchful(&page)?;
        }
    }

    /// The frames of a page, frames in frames included, in the order they came.
    fn frames_of(&self, page: &str) -> Vec<(String, String)> {
        let state = self.feed.lock();
        let mut frames: Vec<_> = state.pages.iter().filter(|(c, f)| !f.gone && state.is_inside(c, page)).collect();
        frames.sort_by_key(|(_, f)| f.order);
        let found = frames.into_iter().map(|(c, f)| (c.clone(), f.url.clone())).collect();
        drop(state);
        found
    }

    fn frame_by_url(&self, page: &str, glob: &str) -> Option<String> {
        let fits = |url: &str| covers(glob, &path_of(url)) || covers(glob, url);
        self.frames_of(page).into_iter().find(|(_, url)| fits(url)).map(|(context, _)| context)
    }

    /// By the name, id or title of its element: in the page first, then in its frames.
    async fn frame_by_name(&mut self, page: &str, name: &str) -> Result<Option<String>, Mishap> {
        const WINDOW: &str = "(name) => [...document.querySelectorAll('iframe,frame')]\
            .find((f) => f.name === name || f.id === name || f.title === name)?.contentWindow ?? null";
        let mut holders = vec![page.to_owned()];
        holders.extend(self.frames_of(page).into_iter().map(|(context, _)| context));
        for holder in holders {
            let ask = json!({
                "functionDeclaration": WINDOW, "arguments": [{"type": "string", "value": name}],
                "target": {"context": holder, "sandbox": agent::SANDBOX}, "awaitPromise": false,
            });
            match self.watched(&holder, "script.callFunction", ask, GRACE).await {
                Ok(found) => {
                    if let Some(context) = found["result"]["value"]["context"].as_str() {
                        return Ok(Some(context.to_owned()));
                    }
                }
                Err(error) => match self.unanswered(&holder, &error) {
                    Unanswered::Moved => {}
                    Unanswered::Mishap(mishap) => return Err(mishap),
                },
            }
        }
        Ok(None)
    }

    /// What lies over the frame `context` at a point of it. The agent has asked the pages above as far as they are of
    /// one origin; the others are asked here: a tap on a frame lands on whatever its page has put over it.
    pub(super) async fn over_frame(&mut self, context: &str, above: &Value) -> Result<Option<String>, Mishap> {
        const OVER: &str = "(frame, x, y) => typeof globalThis.gengfuOver === 'function' \
            ? JSON.stringify(globalThis.gengfuOver(frame, x, y, 0)) : 'null'";
        let (mut child, mut above) = (context.to_owned(), above.clone());
        for _ in 0..DEPTH_MAX {
            if let Some(by) = above["by"].as_str() {
                return Ok(Some(by.to_owned()));
            }
            let Some(level) = above["level"].as_u64() else { return Ok(None) };
            let Some((holder, frame)) = self.holder_of(&child, level) else { return Ok(None) };
            let locator = json!({"type": "context", "value": {"context": frame}});
            let find = json!({"context": holder, "locator": locator});
            let found = self.watched(&holder, "browsingContext.locateNodes", find, GRACE).await;
            let number = |key: &str| json!({"type": "number", "value": above[key]});
            let ask = match found {
                Ok(found) => json!({
                    "functionDeclaration": OVER, "awaitPromise": false,
                    "arguments": [{"sharedId": found["nodes"][0]["sharedId"]}, number("x"), number("y")],
                    "target": {"context": holder, "sandbox": agent::SANDBOX},
                }),
                Err(error) => return self.not_asked(&holder, &error),
            };
            match self.watched(&holder, "script.callFunction", ask, GRACE).await {
                Ok(told) => {
                    let text = told["result"]["value"].as_str().unwrap_or_default();
                    above = serde_json::from_str(text).unwrap_or(Value::Null);
                }
                Err(error) => return self.not_asked(&holder, &error),
            }
            child = holder;
        }
        Ok(None)
    }

    /// A page above that goes away in the middle takes its frame with it: the tap will say so.
    fn not_asked(&self, holder: &str, error: &CommandError) -> Result<Option<String>, Mishap> {
        match self.unanswered(holder, error) {
            Unanswered::Moved => Ok(None),
            Unanswered::Mishap(mishap) => Err(mishap),
        }
    }

    /// The page that holds the frame `level` pages above `context`, and that frame.
    fn holder_of(&self, context: &str, level: u64) -> Option<(String, String)> {
        let state = self.feed.lock();
        let parent = |of: &str| state.pages.get(of).and_then(|p| p.parent.clone());
        let mut frame = context.to_owned();
        for _ in 0..level {
            frame = parent(&frame)?;
        }
        Some((parent(&frame)?, frame))
    }
}
