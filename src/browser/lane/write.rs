//! Writing: filling, typing, choosing, giving files, taking files, calling, and the script hatch.

use super::super::agent;
use super::super::feed::FeedState;
use super::ask::{GRACE, Unanswered};
use super::fail::failure;
use super::keys::{KEYS_COMMAND_MAX, chord, presses};
use super::{BidiLane, Deadline};
use crate::journey::TapKind;
use crate::walk::FailureKind;
use crate::walk::port::{Acted, Answer, Arrived, FillText, Mishap, Sight, Target};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// How long the keys of one command may take where many lanes type at once: each is a round trip inside the browser.
const KEYS_WITHIN: Duration = Duration::from_secs(15);

impl BidiLane {
    /// Replaces a field's content by the browser's own insertion, in one call, and waits until it holds.
    pub(super) async fn fill(
        &mut self,
        target: &Target,
        value: &FillText,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let (text, secret) = match value {
            FillText::Plain(text) => (text.clone(), false),
            FillText::Secret(secret) => {
                self.feed.lock().masker.hide(std::slice::from_ref(secret));
                (secret.expose().to_owned(), true)
            }
        };
        let is_last = then.is_empty() && target.frame.is_none();
        let cover = is_last.then(|| self.cover_for_picture(&self.current)).flatten();
        let verb = json!({"do": "fill", "text": text, "secret": secret, "cover": cover});
        let (_, told) = self.ready(target, "fill", verb, deadline).await?;
        self.note_cover(&told);
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    pub(super) async fn choose(
        &mut self,
        target: &Target,
        option: &str,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        self.ready(target, "choose", json!({"do": "choose", "option": option}), deadline).await?;
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    /// Real keys, in commands short enough for their deadline.
    pub(super) async fn type_keys(
        &mut self,
        target: Option<&Target>,
        text: &str,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let context = self.focus(target, deadline).await?;
        let actions = presses(text);
        for part in actions.chunks(KEYS_COMMAND_MAX * 2) {
            self.keys(&context, part.to_vec()).await?;
        }
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    pub(super) async fn press(
        &mut self,
        target: Option<&Target>,
        keys: &str,
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let actions = chord(keys).map_err(|said| failure(FailureKind::Journey, said))?;
        let context = self.focus(target, deadline).await?;
        self.keys(&context, actions).await?;
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    async fn focus(&mut self, target: Option<&Target>, deadline: Deadline) -> Result<String, Mishap> {
        match target {
            Some(target) => Ok(self.ready(target, "focus", json!({"do": "focus"}), deadline).await?.0.context),
            None => Ok(self.current.clone()),
        }
    }

    async fn keys(&mut self, context: &str, actions: Vec<Value>) -> Result<(), Mishap> {
        let source = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.actions(context, json!([source]), KEYS_WITHIN).await
    }

    pub(super) async fn upload(
        &mut self,
        target: &Target,
        files: &[String],
        then: &[Sight],
        deadline: Deadline,
    ) -> Result<Acted, Mishap> {
        let (place, _) = self.ready(target, "upload", json!({"do": "mark"}), deadline).await?;
        let element = json!({
            "functionDeclaration": "() => globalThis.gengfuMarked()",
            "target": {"context": place.context, "sandbox": agent::SANDBOX},
            "awaitPromise": false,
        });
        let found = self.command("script.callFunction", element, GRACE).await;
        let id = found.ok().and_then(|r| r["result"]["sharedId"].as_str().map(str::to_owned));
        let Some(id) = id else {
            return Err(failure(FailureKind::Missing, format!("{} went away", target.words)));
        };
        let params = json!({"context": place.context, "element": {"sharedId": id}, "files": files});
        match self.command("input.setFiles", params, GRACE).await {
            Ok(_) => {}
            Err(super::super::socket::CommandError::Refused { message, .. }) => {
                return Err(failure(FailureKind::Journey, format!("{} takes no file: {message}", target.words)));
            }
            Err(super::super::socket::CommandError::Late { .. }) => {
                return Err(failure(FailureKind::Unresponsive, "the page did not take the file".into()));
            }
            Err(error) => return Err(Mishap::Trouble(self.host.trouble(&error))),
        }
        self.wait_for(then, deadline).await?;
        Ok(Acted::default())
    }

    /// Taps and waits for the file; reads its first bytes and removes it, and whatever else came, however that ends.
    pub(super) async fn fetch_file(&mut self, target: &Target, deadline: Deadline) -> Result<Arrived, Mishap> {
        // A folder of the lane's own: two lanes may be sent files of one name at once.
        let folder = Folder(self.host.downloads.join(&self.window.user_context));
        let arrived = self.take_file(target, &folder.0, deadline).await;
        // An empty list of contexts would mean all; a lane that has ended takes its behaviour with it.
        let denied = json!({"downloadBehavior": {"type": "denied"}, "userContexts": [self.window.user_context]});
        let told = self.command("browser.setDownloadBehavior", denied, GRACE).await;
        tracing::debug!(ok = told.is_ok(), "files are refused again");
        arrived
    }

    async fn take_file(
        &mut self,
        target: &Target,
        folder: &std::path::Path,
        deadline: Deadline,
    ) -> Result<Arrived, Mishap> {
        let behaviour = json!({"type": "allowed", "destinationFolder": folder});
        let own = json!({"downloadBehavior": behaviour, "userContexts": [self.window.user_context]});
        if let Err(error @ super::super::socket::CommandError::Dead(_)) =
            self.command("browser.setDownloadBehavior", own, GRACE).await
        {
            return Err(Mishap::Trouble(self.host.trouble(&error)));
        }
        self.tap(target, TapKind::Single, None, &[], deadline).await?;
        let feed = self.feed.clone();
        // The first that began after the tap: a page may send files by itself, too.
        let tapped = self.tapped_at_download;
        let own = |s: &FeedState| s.downloads.values().filter(|d| d.order >= tapped).min_by_key(|d| d.order).cloned();
        feed.until(deadline.left(), |s| own(s).is_some_and(|d| d.end.is_some())).await;
        let found = own(&feed.lock());
        let Some(download) = found.clone().filter(|d| d.end.is_some()) else {
            let said = if found.is_some() { "the file began to come and did not end" } else { "no file came" };
            return Err(failure(FailureKind::DownloadWrong, said.to_owned()));
        };
        let path = match download.end {
            Some(Ok(path)) => path,
            Some(Err(why)) => return Err(failure(FailureKind::DownloadWrong, why)),
            None => String::new(),
        };
        let (bytes, head) = head_of(&path).await.map_err(|e| failure(FailureKind::DownloadWrong, e.to_string()))?;
        Ok(Arrived { name: download.name, url: self.masker().url(&download.url), bytes, head })
    }

    /// `fetch` from the page, so that cookies, guard and origin are the page's own.
    pub(super) async fn call_from_page(
        &mut self,
        method: &str,
        url: &Url,
        body: Option<&str>,
        within: Duration,
    ) -> Result<Answer, Mishap> {
        let context = self.current.clone();
        let deadline = self.until(within);
        // Asked first, so that the call itself is made once: what was sent to a page that moves on may have arrived.
        self.ask(&context, "size", &json!({}), Duration::ZERO, deadline).await?;
        let args = json!({"method": method, "url": url.as_str(), "body": body});
        let told = match self.ask_once(&context, "call", args, deadline.left()).await {
            Ok(told) => told,
            Err(Unanswered::Moved) => json!({"error": "the page went on before its answer was there"}),
            Err(Unanswered::Mishap(mishap)) => return Err(mishap),
        };
        if let Some(error) = told["error"].as_str() {
            return Err(failure(
                FailureKind::WrongResponse { request: format!("{method} {}", url.path()), status: None, code: None },
                format!("{method} {} brought no answer: {error}", url.path()),
            ));
        }
        let status = told["status"].as_u64().and_then(|s| u16::try_from(s).ok()).unwrap_or(0);
        Ok(Answer { status, body: told["body"].as_str().unwrap_or_default().to_owned() })
    }

    /// Script in the page's own realm, as the configuration allows.
    pub(super) async fn evaluate_script(&mut self, script: &str, within: Duration) -> Result<bool, Mishap> {
        let params = json!({
            "expression": format!("(async () => Boolean(await ({script})))()"),
            "target": {"context": self.current}, "awaitPromise": true, "resultOwnership": "none",
        });
        match self.command("script.evaluate", params, within).await {
            Ok(result) if result["type"] == "exception" => {
                let text = result["exceptionDetails"]["text"].as_str().unwrap_or("the script threw").to_owned();
                Err(failure(FailureKind::Journey, text))
            }
            Ok(result) => Ok(result["result"]["value"] == true),
            Err(super::super::socket::CommandError::Late { .. }) => {
                Err(failure(FailureKind::Unresponsive, "the script did not end in time".into()))
            }
            Err(super::super::socket::CommandError::Refused { message, .. }) => {
                Err(failure(FailureKind::Journey, message))
            }
            Err(error) => Err(Mishap::Trouble(self.host.trouble(&error))),
        }
    }
}

/// A folder that goes with its value.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a folder of downloads could not be removed");
        }
    }
}

async fn head_of(path: &str) -> std::io::Result<(u64, Vec<u8>)> {
    use tokio::io::AsyncReadExt as _;
    let mut file = tokio::fs::File::open(path).await?;
    let bytes = file.metadata().await?.len();
    let mut head = vec![0; 16];
    let read = file.read(&mut head).await?;
    head.truncate(read);
    Ok((bytes, head))
}
