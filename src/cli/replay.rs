//! `gengfu replay WALK|INCIDENT|FILE`: walks again in a visible window, step by step.

use super::exit::Exit;
use super::interrupt;
use super::report::{self, Language};
use super::scripts;
use super::settings::Settings;
use super::stepping::Stepping;
use super::terminal::Terminal;
use super::walk::language;
use crate::app::{Manner, Robot, recall};
use crate::config::value::{BaseUrl, Lasting};
use crate::config::{Config, PicturesKept};
use crate::evidence::EvidenceKey;
use crate::fleet::{CALL_OFF_WITHIN, Leases, Ticket, Walker};
use crate::id::WalkId;
use crate::journey::Journey;
use crate::walk::v1::WalkV1;
use crate::walk::{Purpose, Verdict};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Nobody hurries a person who looks.
const BUDGET: Duration = Duration::from_secs(24 * 3600);

/// Walks again in a visible window, step by step: Enter or n next, c continue, p pause, q quit.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// A walk's id, an incident's id, a `walk.v1` JSON file, or a journey file.
    #[arg(value_name = "WALK|INCIDENT|FILE")]
    what: String,
    #[command(flatten)]
    settings: Settings,
    /// The app's base address, in place of the config's and of the walk's.
    #[arg(long, env = "GENGFU_BASE", value_name = "URL")]
    base: Option<BaseUrl>,
    /// A journey's parameter; may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = super::walk::variable)]
    vars: Vec<(String, String)>,
    /// A pause after each step, such as `500ms`.
    #[arg(long, value_name = "DURATION")]
    slow_mo: Option<Lasting>,
    /// Begins without waiting at each step; `p` pauses.
    #[arg(long = "continue")]
    flows: bool,
    /// The language of what is said.
    #[arg(long, env = "GENGFU_LANGUAGE", value_name = "zh|en", default_value = "zh", value_parser = language)]
    language: Language,
}

impl Replay {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let usage = |said: String| {
            terminal.complain(&format!("error: {said}"));
            Exit::Usage
        };
        if !has_display() {
            let config = self.settings.file().map(|file| format!(" --config {}", file.display())).unwrap_or_default();
            let again = format!("xvfb-run -a gengfu replay {}{config}", self.what);
            return usage(format!(
                "a visible window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set; without one: `{again}`"
            ));
        }
        let mut config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        let (journey, base) = match self.find(terminal, &config).await {
            Ok(found) => found,
            Err(exit) => return exit,
        };
        let folder = match scratch() {
            Ok(folder) => folder,
            Err(error) => return usage(format!("no temporary folder: {error}")),
        };
        config.evidence.folder.clone_from(&folder);
        (config.browser.pictures, config.browser.network, config.browser.browsers) = (PicturesKept::Failures, false, 1);
        let declared = config.apps.contains_key(journey.app.as_str());
        let base = self.base.clone().or(base.filter(|_| !declared));
        let exit = self.walk(terminal, config, journey, base).await;
        let _ = std::fs::remove_dir_all(folder);
        exit
    }

    async fn walk(&self, terminal: Terminal, config: Config, journey: Journey, base: Option<BaseUrl>) -> Exit {
        let cancel = CancellationToken::new();
        let _listening = interrupt::cancels(terminal, cancel.clone());
        let pause = self.slow_mo.map(|lasting| lasting.0);
        let watcher = Stepping::new(terminal, self.language, pause, self.flows, cancel.clone());
        let vars = self.vars.iter().cloned().collect();
        let manner = Manner { base, vars, headed: true, watcher: Arc::new(watcher) };
        let robot = match Robot::start(config, manner).await {
            Ok(robot) => robot,
            Err(error) => {
                terminal.complain(&format!("error: {error}"));
                return Exit::Usage;
            }
        };
        if let Err(unplanned) = robot.plannable(&journey) {
            terminal.complain(&format!("error: {unplanned}"));
            return Exit::Usage;
        }
        let walker = Walker {
            walks: robot.clone(),
            customers: robot.clone(),
            leases: Leases::beside(Arc::new(robot.customer_locks())),
            account_within: robot.config().limits.account_within.0,
            clock: robot.clock(),
            confirms: false,
            call_off_within: CALL_OFF_WITHIN,
            experience: None,
            control: robot.control(),
        };
        terminal.line(&format!("{} · {} · {}", journey.title, journey.id, journey.device.name()));
        let ticket = Ticket::new(Arc::new(Journey { budget: BUDGET, ..journey }), Purpose::Manual);
        let walks = walker.walk_and_confirm(&ticket, &|_| {}, &cancel).await;
        robot.stop().await;
        let mut exit = Exit::Inconclusive;
        for walk in &walks {
            let nowhere = |_: &EvidenceKey| String::from("–");
            let colour = terminal.colours();
            let text = report::summary(&walk.record, &walk.judged, &ticket.journey, &nowhere, self.language, colour);
            terminal.line(text.trim_end());
            exit = match walk.judged.verdict {
                Verdict::Passed | Verdict::Degraded => Exit::Passed,
                Verdict::Failed => Exit::Failed,
                Verdict::Inconclusive => Exit::Inconclusive,
            };
        }
        exit
    }

    /// The journey to walk, and where the walk that is repeated was made.
    async fn find(&self, terminal: Terminal, config: &Config) -> Result<(Journey, Option<BaseUrl>), Exit> {
        let usage = |said: String| {
            terminal.complain(&format!("error: {said}"));
            Exit::Usage
        };
        let path = Path::new(&self.what);
        if path.extension().is_some_and(|ending| ending == "yaml") {
            if !path.is_file() {
                return Err(usage(format!("there is no file `{}`", self.what)));
            }
            let script_allowed = config.apps.values().any(|app| app.script);
            let loaded = scripts::load(path, script_allowed);
            return loaded.map(|journey| (journey, None)).map_err(|wrong| {
                scripts::Told::default().complain(terminal, &wrong);
                Exit::Unparsed
            });
        }
        let walk = match self.what.parse::<WalkId>() {
            Ok(id) => recall::walk(config, id).await.map_err(|error| usage(error.to_string()))?,
            Err(_) => read(path).map_err(usage)?,
        };
        let journey = recall::journey(config, &walk).map_err(|error| usage(error.to_string()))?;
        if journey.digest != walk.digest {
            terminal.complain("note: the journey was changed since that walk; it is walked as it is now");
        }
        let base = walk.base.parse::<BaseUrl>().ok();
        Ok((journey, base))
    }
}

/// One walk of a `walk.v1` file: the first that failed, or the first.
fn read(path: &Path) -> Result<WalkV1, String> {
    let shown = path.display();
    let wanted = "give a walk's or an incident's id, a journey file ending in `.yaml`, or a file written by `gengfu walk --json`";
    let text = std::fs::read_to_string(path).map_err(|error| format!("`{shown}` is no walk ({error}): {wanted}"))?;
    let whole: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| format!("`{shown}` is no walk ({e}): {wanted}"))?;
    let walks = match whole {
        serde_json::Value::Array(walks) => walks,
        one => vec![one],
    };
    let mut read = Vec::new();
    for walk in walks {
        read.push(WalkV1::parse(&walk.to_string()).map_err(|error| format!("`{shown}`: {error}"))?);
    }
    let at = read.iter().position(|walk| walk.failed_step().is_some()).unwrap_or(0);
    if read.is_empty() { Err(format!("`{shown}` holds no walk")) } else { Ok(read.swap_remove(at)) }
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// A replay is looked at, not kept.
fn scratch() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("gengfu-replay-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
