//! The robot's own log: one line an occurrence, on the error stream.
//!
//! Libraries that carry secrets (drivers, mail, HTTP, WebSocket) write them at DEBUG and TRACE. So everything
//! that is not Gengfu's own is capped at INFO by code, which no setting of the environment can lift.

use std::io::{self, IsTerminal as _};
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// The environment variable that says what is logged, such as `gengfu=debug`.
pub const FILTER_VARIABLE: &str = "GENGFU_LOG";

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Compact,
    /// One JSON object a line.
    Json,
}

/// Writes the log to the error stream from now on. A second call changes nothing.
pub fn start(format: LogFormat, default: LevelFilter) {
    let directives = std::env::var(FILTER_VARIABLE).unwrap_or_default();
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let _ = subscriber(format, default, &directives, colour, io::stderr).try_init();
}

fn subscriber<W>(
    format: LogFormat,
    default: LevelFilter,
    directives: &str,
    colour: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let asked = EnvFilter::builder().with_default_directive(default.into()).parse_lossy(directives);
    let filter = filter_fn(within_cap).and(asked);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colour);
    match format {
        LogFormat::Compact => Box::new(tracing_subscriber::registry().with(lines.compact().with_filter(filter))),
        LogFormat::Json => Box::new(tracing_subscriber::registry().with(lines.json().with_filter(filter))),
    }
}

/// Whether a line may be written at all: what is not our own stays at INFO or above.
fn within_cap(metadata: &Metadata<'_>) -> bool {
    let own = metadata.target() == "gengfu" || metadata.target().starts_with("gengfu::");
    own || *metadata.level() <= tracing::Level::INFO
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, directives: &str, speak: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(format, LevelFilter::INFO, directives, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, speak);
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn no_setting_lets_a_library_say_its_secrets() {
        const CANARY: &str = "canary-0d9f";
        let speak = || {
            tracing::debug!(target: "thirtyfour::session", "type {CANARY}");
            tracing::debug!(target: "lettre::transport::smtp", "AUTH PLAIN {CANARY}");
            tracing::trace!(target: "hyper::proto", "authorization: {CANARY}");
            tracing::trace!(target: "tungstenite::protocol", "{CANARY}");
            tracing::debug!(target: "log", "{CANARY}");
            tracing::debug!(target: "gengfully", "{CANARY}");
            tracing::info!(target: "hyper::server", "listening");
            tracing::debug!(target: "gengfu::fleet", "our own");
        };
        for directives in
            ["trace", "thirtyfour=trace,lettre=trace,hyper=trace,tungstenite=trace,log=trace,gengfu=debug"]
        {
            let text = logged(LogFormat::Compact, directives, speak);
            assert!(!text.contains(CANARY), "{directives}: {text}");
            assert!(text.contains("our own"), "{directives}: {text}");
        }
        assert!(logged(LogFormat::Compact, "trace", speak).contains("listening"));
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = logged(LogFormat::Json, "", || tracing::info!(target: "gengfu::fleet", walks = 3, "drained"));
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["fields"]["walks"], 3);
        assert!(!text.contains('\u{1b}'));
    }
}
