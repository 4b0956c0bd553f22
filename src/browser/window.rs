//! A customer's window: a user context of its own, one blank page in it, and the only way out of both.
//!
//! Opening one takes a tenth of a short walk and asks nothing of the journey, so a browser keeps one ready for
//! the next lane. It is blank, was never lent, and its guard lets nothing through until the lane adopts it.

use super::egress::{Egress, EgressOptions};
use super::host::{Host, KEEP_WITHIN};
use super::socket::{CommandError, Socket};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long a page that is told to close may take; on an idle machine it is 20 ms.
const CLOSES_WITHIN: Duration = Duration::from_millis(500);

/// Gone from the browser when dropped, however far its opening came.
pub(crate) struct Window {
    host: Weak<Host>,
    pub user_context: String,
    /// The page.
    pub context: String,
    /// The page's CDP session, which crashes are told by.
    pub cdp: String,
    /// The page's own socket, past the driver.
    pub direct: Option<Socket>,
    pub egress: Egress,
    /// Collects bodies of answers, once the lane asks for it.
    pub collector: Option<String>,
}

impl Window {
    /// Opens a window that may reach nothing yet.
    pub(crate) async fn open(host: &Arc<Host>) -> Result<Self, CommandError> {
        let options = EgressOptions { seal: host.seal.clone(), ..EgressOptions::default() };
        let egress = Egress::start(Arc::default(), host.names.clone(), options).await;
        let egress = egress.map_err(|e| CommandError::Dead(format!("its guard has no port to listen on: {e}")))?;
        let send = |method: &'static str, params: Value| host.socket.send(method, params, KEEP_WITHIN);
        let wanted = json!({"acceptInsecureCerts": false, "proxy": egress.proxy_capability()});
        let created = send("browser.createUserContext", wanted).await?;
        let mut window = Self {
            host: Arc::downgrade(host),
            user_context: text(&created, "userContext"),
            context: String::new(),
            cdp: String::new(),
            direct: None,
            egress,
            collector: None,
        };
        let page = json!({"type": "window", "userContext": window.user_context});
        window.context = text(&send("browsingContext.create", page).await?, "context");
        let session = send("goog:cdp.getSession", json!({"context": window.context}));
        let (session, direct) = tokio::join!(session, host.attach(&window.context));
        (window.cdp, window.direct) = (text(&session?, "session"), direct);
        Ok(window)
    }
}

impl Drop for Window {
    /// A user context that does not go spoils its browser, which is then killed.
    fn drop(&mut self) {
        let (Some(host), Ok(runtime)) = (self.host.upgrade(), tokio::runtime::Handle::try_current()) else { return };
        let user_context = std::mem::take(&mut self.user_context);
        let collector = self.collector.take();
        runtime.spawn(async move {
            if let Some(collector) = collector {
                // Collectors outlive their user contexts, and each later answer would be asked about.
                let params = json!({"collector": collector});
                let _gone_with_the_browser = host.socket.send("network.removeDataCollector", params, KEEP_WITHIN).await;
            }
            let removed = remove(&host, &user_context).await;
            host.router.remove(&user_context);
            if removed.is_err() {
                host.spoiled.store(true, Ordering::Relaxed);
            }
        });
    }
}

/// Chromium forgets to close a page whose next one is about to come: the page comes, and its user context stays. So
/// what is still there is closed again, until the removal is answered.
async fn remove(host: &Host, user_context: &str) -> Result<Value, CommandError> {
    let params = json!({"userContext": user_context});
    let mut removed = pin!(host.socket.send("browser.removeUserContext", params, KEEP_WITHIN));
    loop {
        if let Ok(removed) = tokio::time::timeout(CLOSES_WITHIN, &mut removed).await {
            return removed;
        }
        let Ok(tree) = host.socket.send("browsingContext.getTree", json!({"maxDepth": 0}), CLOSES_WITHIN).await else {
            continue;
        };
        let pages = tree["contexts"].as_array().into_iter().flatten();
        let left = pages
            .filter(|page| page["userContext"] == user_context)
            .map(|page| host.socket.send("browsingContext.close", json!({"context": page["context"]}), CLOSES_WITHIN));
        let _asked_again_if_it_stays = futures_util::future::join_all(left).await;
    }
}

fn text(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap_or_default().to_owned()
}
