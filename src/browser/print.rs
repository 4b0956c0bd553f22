//! A page of our own, put on paper: a window that may reach nothing, and the browser's own print.

use super::host::KEEP_WITHIN;
use super::pool::Browsers;
use super::socket::CommandError;
use super::window::Window;
use crate::walk::{Trouble, TroubleKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::time::Duration;

/// How long a page may take to be laid out and printed.
const PRINT_WITHIN: Duration = Duration::from_secs(60);
/// The largest page that is printed, in bytes: a browser takes no longer address.
const PAGE_BYTES_MAX: usize = 8 << 20;

impl Browsers {
    /// Prints `html`, which needs nothing beside itself: the window has no way out. A4, as its `@page` says.
    ///
    /// # Errors
    /// When the browser cannot be had, or does not print.
    pub async fn print(&self, html: &str) -> Result<Vec<u8>, Trouble> {
        let lost = |said: String| Trouble { kind: TroubleKind::BrowserLost, said };
        if html.len() > PAGE_BYTES_MAX {
            return Err(lost(format!("the page has {} bytes, and {PAGE_BYTES_MAX} are printed at most", html.len())));
        }
        let (host, _seat) = self.host().await?;
        let failed = |error: CommandError| host.trouble(&error);
        let window = Window::open(&host).await.map_err(failed)?;
        let address = format!("data:text/html;charset=utf-8;base64,{}", STANDARD.encode(html));
        let open = json!({"context": window.context, "url": address, "wait": "complete"});
        host.socket.send("browsingContext.navigate", open, KEEP_WITHIN).await.map_err(failed)?;
        let paper = json!({
            "context": window.context,
            "background": true,
            "shrinkToFit": true,
            "page": {"width": 21.0, "height": 29.7},
            "margin": {"top": 1.4, "bottom": 1.4, "left": 1.2, "right": 1.2},
        });
        let printed = host.socket.send("browsingContext.print", paper, PRINT_WITHIN).await.map_err(failed)?;
        let data = printed["data"].as_str().unwrap_or_default();
        let bytes = STANDARD.decode(data).map_err(|e| lost(format!("what was printed cannot be read: {e}")))?;
        if bytes.starts_with(b"%PDF") { Ok(bytes) } else { Err(lost("what was printed is no PDF".into())) }
    }
}
