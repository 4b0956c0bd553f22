//! Asking the page: one call, its deadline, and what to do when the page moves on in the middle.

use super::super::agent;
use super::super::socket::CommandError;
use super::fail::failure;
use super::picture::{Cover, Covers};
use super::{BidiLane, Deadline};
use crate::walk::port::Mishap;
use crate::walk::{BrokenImage, FailureKind, Flaw, FlawKind, LoadingMark, PageLook, SheetLost};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

/// The longest a call waits inside the page before it comes back to be asked again.
pub(super) const SLICE: Duration = Duration::from_millis(1_500);
/// How long after the step's time an answer is still waited for.
const PATIENCE_OVER: Duration = Duration::from_secs(2);
/// How long a page may be silent before it is looked for a dialog that nobody told of.
const NUDGE_EVERY: Duration = Duration::from_secs(3);
/// How long the browser may take to say that it is there, from when on it is slow, and how long it is given to
/// recover before it is asked again: one hiccup is no overload.
const CONTROL_WITHIN: Duration = Duration::from_millis(900);
const CONTROL_SLOW: Duration = Duration::from_millis(500);
const CONTROL_PAUSE: Duration = Duration::from_millis(200);
/// How much longer than its own waiting a call may take before the page counts as hung.
pub(super) const GRACE: Duration = Duration::from_millis(3_500);

/// Why a call brought nothing.
pub(super) enum Unanswered {
    /// The document went away under it; ask the next one.
    Moved,
    /// It will not be answered.
    Mishap(Mishap),
}

impl Unanswered {
    pub(super) fn words(&self) -> String {
        match self {
            Unanswered::Moved => "the page went away".to_owned(),
            Unanswered::Mishap(Mishap::Failure(f)) => f.said.clone(),
            Unanswered::Mishap(Mishap::Trouble(t)) => t.said.clone(),
        }
    }
}

impl BidiLane {
    /// A command of this lane, counted.
    pub(super) async fn command(
        &mut self,
        method: &str,
        params: Value,
        within: Duration,
    ) -> Result<Value, CommandError> {
        self.trips += 1;
        self.host.socket.send(method, params, within).await
    }

    /// A command that a page may keep from being answered: it ends with the page, or with a storm of dialogs.
    pub(super) async fn watched(
        &mut self,
        context: &str,
        method: &str,
        params: Value,
        within: Duration,
    ) -> Result<Value, CommandError> {
        let mut answers = self.watched_at_once(context, method, vec![params], within).await?;
        answers.pop().unwrap_or_else(|| Ok(Value::Null))
    }

    /// Several of one kind, sent without waiting for each other's answers: one round trip. The browser takes them in
    /// the order in which they are sent. Gives each one's answer, or why none is waited for any more.
    pub(super) async fn watched_at_once(
        &mut self,
        context: &str,
        method: &str,
        all: Vec<Value>,
        within: Duration,
    ) -> Result<Vec<Result<Value, CommandError>>, CommandError> {
        self.trips += 1;
        let socket = self.host.socket.clone();
        // A slow answer is no missing one: as long as the step has time, the page has.
        let within = within.max(self.patience.left() + PATIENCE_OVER);
        let feed = self.feed.clone();
        let stop = feed.until(within, |state| {
            state.dialogs_total > super::super::router::DIALOGS_MAX
                || state.popups() > super::super::router::POPUPS_MAX
                || state.pages.get(context).is_some_and(|p| p.crashed || p.gone)
        });
        let answered = tokio::select! {
            answered = join_all(all.into_iter().map(|one| socket.send(method, one, within))) => answered,
            true = stop => {
                return Err(CommandError::Refused { code: "stopped".into(), message: "the page got in the way".into() });
            }
        };
        if answered.iter().any(|answer| matches!(answer, Err(CommandError::Late { .. })))
            && let Some(overloaded) = self.overloaded().await
        {
            return Err(overloaded);
        }
        Ok(answered)
    }

    /// Whether the browser itself is slow to answer what needs no page: then the machine has too much to do, and
    /// nothing is said of the app. Unless the lane's own pages keep it busy: that is their doing.
    pub(super) async fn overloaded(&mut self) -> Option<CommandError> {
        let mut took = self.control().await?;
        tokio::time::sleep(CONTROL_PAUSE).await;
        took += self.control().await?;
        if self.feed.lock().storms() {
            return None;
        }
        Some(CommandError::Overloaded { took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) })
    }

    /// How long the browser took to say that it is there, when that was long.
    async fn control(&mut self) -> Option<Duration> {
        let asked = std::time::Instant::now();
        let answer = self.command("session.status", json!({}), CONTROL_WITHIN).await;
        let took = asked.elapsed();
        let slow = matches!(answer, Err(CommandError::Late { .. })) || took > CONTROL_SLOW;
        slow.then_some(took)
    }

    /// One call of the agent in `context`.
    pub(super) async fn ask_once(
        &mut self,
        context: &str,
        verb: &str,
        args: Value,
        within: Duration,
    ) -> Result<Value, Unanswered> {
        self.watchful(context).map_err(Unanswered::Mishap)?;
        let call = json!({
            "functionDeclaration": agent::CALL,
            "arguments": [{"type": "string", "value": json!([verb, args]).to_string()}],
            "target": {"context": context, "sandbox": agent::SANDBOX},
            "awaitPromise": true,
            "resultOwnership": "none",
        });
        let nudge = self.nudge(context);
        let answered = tokio::select! {
            answered = self.watched(context, "script.callFunction", call, within + GRACE) => answered,
            () = nudge => Err(CommandError::Refused { code: "stopped".into(), message: "it was nudged".into() }),
        };
        match answered {
            Ok(result) if result["type"] == "exception" => Err(Unanswered::Moved),
            Ok(result) => self.unpack(context, &result["result"]["value"]).await,
            Err(error) => Err(self.unanswered(context, &error)),
        }
    }

    /// A page that is silent for long may stand behind a dialog of which the driver told nobody (seen in one of twelve
    /// walks of a page that alerts twice): it is closed as any other. Where there is none, the driver says so. Never ends.
    fn nudge(&self, context: &str) -> impl Future<Output = ()> + use<> {
        let (socket, feed) = (self.host.socket.clone(), self.feed.clone());
        let accept = feed.lock().policy.accept;
        let answer = json!({"context": context, "accept": accept});
        async move {
            loop {
                tokio::time::sleep(NUDGE_EVERY).await;
                if socket.send("browsingContext.handleUserPrompt", answer.clone(), GRACE).await.is_ok() {
                    feed.lock().dialog("unknown", "", accept);
                }
            }
        }
    }

    async fn unpack(&mut self, context: &str, value: &Value) -> Result<Value, Unanswered> {
        let text = value.as_str().unwrap_or_default();
        if text == "absent" {
            // A document that came to be before the agent was installed, such as a popup's first.
            let install = json!({"functionDeclaration": agent::INSTALL, "awaitPromise": false,
                "target": {"context": context, "sandbox": agent::SANDBOX}});
            let installed = self.command("script.callFunction", install, GRACE).await;
            return Err(installed.map_or_else(|e| self.unanswered(context, &e), |_| Unanswered::Moved));
        }
        let value: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        match value["thrown"].as_str() {
            Some(thrown) => {
                Err(Unanswered::Mishap(failure(FailureKind::Journey, format!("the page refused: {thrown}"))))
            }
            None => Ok(value),
        }
    }

    pub(super) fn unanswered(&self, context: &str, error: &CommandError) -> Unanswered {
        if let Err(mishap) = self.watchful(context) {
            return Unanswered::Mishap(mishap);
        }
        match error {
            CommandError::Late { waited_ms, .. } => {
                let said = format!("the page's script did not answer for {waited_ms} ms");
                Unanswered::Mishap(failure(FailureKind::Unresponsive, said))
            }
            CommandError::Dead(_) | CommandError::Overloaded { .. } => {
                Unanswered::Mishap(Mishap::Trouble(self.host.trouble(error)))
            }
            CommandError::Refused { .. } => Unanswered::Moved,
        }
    }

    /// Asks until the page answers: a navigation in the middle costs one call.
    pub(super) async fn ask(
        &mut self,
        context: &str,
        verb: &str,
        args: &Value,
        within: Duration,
        deadline: Deadline,
    ) -> Result<Value, Mishap> {
        loop {
            match self.ask_once(context, verb, args.clone(), within).await {
                Ok(value) => return Ok(value),
                // A page that is frozen for a while is slow, not hung: the step's own time decides.
                Err(Unanswered::Mishap(Mishap::Failure(f)))
                    if f.kind == FailureKind::Unresponsive && !deadline.over() => {}
                Err(Unanswered::Mishap(mishap)) => return Err(mishap),
                Err(Unanswered::Moved) if deadline.over() => {
                    let said = "the page never came to rest: it navigated again and again".to_owned();
                    return Err(failure(FailureKind::NotSeen, said));
                }
                Err(Unanswered::Moved) => {
                    let ready = self.feed.lock().pages.get(context).map_or(0, |p| p.ready);
                    let newer = |p: &super::super::feed::PageState| p.ready > ready || p.gone || p.crashed;
                    let pause = deadline.left().min(Duration::from_millis(50));
                    self.feed.until(pause, |s| s.pages.get(context).is_some_and(newer)).await;
                }
            }
        }
    }

    /// The slice of waiting that a call may do inside the page.
    pub(super) fn slice(deadline: Deadline) -> Duration {
        deadline.left().min(SLICE).max(Duration::from_millis(1))
    }

    /// What the last call of a step is told of the picture that follows: to cover the page at once.
    pub(super) fn cover_for_picture(&self, context: &str) -> Option<Value> {
        (self.picture_follows && context == self.current).then(|| Covers::of(&self.masker())).flatten().map(|c| c.0)
    }

    /// What a call that waits for something is asked beside it: a look at the page, unless it has not changed since.
    pub(super) fn look_asked(&self) -> Option<&'static str> {
        self.host.looks.then_some("fresh")
    }

    /// Keeps the look that came with an answer, and the cover. A look that failed is a loss, and nothing of the step's.
    pub(super) fn note_look(&mut self, told: &Value) {
        self.note_cover(told);
        if told["page"].is_object() {
            self.seen = Some(shortened(self.page_look(&told["page"])));
        } else if let Some(lost) = told["lost"].as_str() {
            let lost = self.masker().text(lost).into_owned();
            self.feed.lock().missed(format!("the page did not let itself be looked at: {lost}"));
        }
    }

    /// Keeps what an answer says of the cover for the picture that follows it.
    pub(super) fn note_cover(&mut self, told: &Value) {
        if let Some(id) = told["covered"].as_str() {
            self.covered = Some(Cover { page: self.current.clone(), id: id.to_owned() });
        }
        self.own_time +=
            Duration::try_from_secs_f64(told["cover_ms"].as_f64().unwrap_or(0.0) / 1e3).unwrap_or_default();
    }

    /// Looks at the page, once.
    pub(super) async fn look_at_page(&mut self) {
        let context = self.current.clone();
        let asked = self.ask_once(&context, "look", json!({"always": true}), Duration::from_millis(500)).await;
        if let Ok(page) = asked {
            self.seen = Some(shortened(self.page_look(&page)));
        }
    }

    /// The agent's look as the record has it, masked.
    pub(super) fn page_look(&self, page: &Value) -> PageLook {
        let masker = self.masker();
        let text = |key: &str| masker.text(page[key].as_str().unwrap_or_default()).into_owned();
        let count = |key: &str| u32::try_from(page[key].as_u64().unwrap_or(0)).unwrap_or(u32::MAX);
        let size = |v: &Value| u32::try_from(v.as_i64().unwrap_or(0)).unwrap_or(0);
        let each = |key: &str| page[key].as_array().cloned().unwrap_or_default();
        let masked = |v: &Value| masker.text(v.as_str().unwrap_or_default()).into_owned();
        let broken = |i: &Value| BrokenImage {
            src: masker.url(i["src"].as_str().unwrap_or_default()),
            alt: masked(&i["alt"]),
            width: size(&i["width"]),
            height: size(&i["height"]),
        };
        let mark = |m: &Value| LoadingMark {
            locus: masked(&m["locus"]),
            age: Duration::from_millis(m["age_ms"].as_u64().unwrap_or(0)),
        };
        PageLook {
            url: masker.url(page["url"].as_str().unwrap_or_default()),
            title: text("title"),
            ready_state: text("ready_state"),
            text: text("text"),
            text_chars: count("text_chars"),
            main_chars: count("main_chars"),
            main_elements: count("main_elements"),
            main_marked: page["main_marked"] == true,
            grid_empty: count("grid_empty"),
            grid_points: count("grid_points"),
            broken_images: each("broken_images").iter().map(broken).collect(),
            lost_sheets: each("lost_sheets")
                .iter()
                .map(|s| SheetLost { href: masker.url(s["href"].as_str().unwrap_or_default()) })
                .collect(),
            style_rules: count("style_rules"),
            loading: each("loading").iter().map(mark).collect(),
            overflow_x: i32::try_from(page["overflow_x"].as_i64().unwrap_or(0)).unwrap_or(0),
            flaws: each("flaws")
                .iter()
                .filter_map(|f| {
                    let kind = FlawKind::read(f["kind"].as_str().unwrap_or_default())?;
                    Some(Flaw { kind, locus: masked(&f["locus"]), words: masked(&f["words"]) })
                })
                .collect(),
            frozen: Duration::from_millis(page["frozen_ms"].as_u64().unwrap_or(0)),
            charset: text("charset"),
            visible: page["visible"] == true,
        }
    }
}

/// Characters kept of a title, a picture's alternative text and other short texts of a page.
const WORDS_CHARS_MAX: usize = 500;
/// Characters kept of an address.
const URL_CHARS_MAX: usize = 2_048;

/// A look whose texts are as long as a record keeps them. Cut only now: half a secret could not be masked.
fn shortened(mut look: PageLook) -> PageLook {
    fn cut(text: &mut String, chars: usize) {
        if let Some((at, _)) = text.char_indices().nth(chars) {
            text.truncate(at);
            text.push('…');
        }
    }
    cut(&mut look.title, WORDS_CHARS_MAX);
    cut(&mut look.url, URL_CHARS_MAX);
    for image in &mut look.broken_images {
        cut(&mut image.alt, WORDS_CHARS_MAX);
        cut(&mut image.src, URL_CHARS_MAX);
    }
    look.lost_sheets.iter_mut().for_each(|sheet| cut(&mut sheet.href, URL_CHARS_MAX));
    look
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_no_longer_than_a_record_keeps_it() {
        let check = |chars: usize, expected: usize| {
            let look = shortened(PageLook { title: "长".repeat(chars), ..PageLook::default() });
            assert_eq!(look.title.chars().count(), expected, "{chars}");
        };
        check(20, 20);
        check(500, 500);
        check(1_024, 501);
    }
}
