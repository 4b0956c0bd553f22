//! `gengfu serve`: patrols, alerts and the console, until told to stop.

use super::exit::Exit;
use super::interrupt;
use super::scripts;
use super::settings::Settings;
use super::terminal::Terminal;
use crate::app::{Manner, PostError, Robot, Watch, WatchError};
use crate::config::Config;
use crate::walk::port::Unwatched;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Patrols, alerts and the console, until told to stop.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        if self.settings.file().is_none() {
            terminal.complain(
                "error: nothing to patrol: name a config file with `--config FILE`, such as config/gengfu.example.yaml",
            );
            return Exit::Usage;
        }
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        let cancel = CancellationToken::new();
        let _listening = interrupt::cancels(terminal, cancel.clone());
        let (robot, watch) = match begin(terminal, config).await {
            Ok(begun) => begun,
            Err(exit) => return exit,
        };
        terminal.line(&format!("更夫值守中 · {} 条旅程 · 控制台 http://{}", watch.journeys(), watch.console()));
        terminal.line(&format!("keeping watch · {} journeys · console http://{}", watch.journeys(), watch.console()));
        if let Some(key) = watch.audit_key() {
            terminal.line(&format!("audit key · {key}"));
        }
        for warning in watch.warnings() {
            terminal.complain(&format!("warning: {warning}"));
        }
        if let Some(code) = watch.welcome() {
            let place = watch.place();
            let (zh, en) = (
                "首位管理员的一次性口令，半小时内有效",
                "one-time code of the first administrator, good for half an hour",
            );
            terminal.line(&format!("{zh} · {en}\n  {}\n  {place}/welcome", code.expose()));
        }
        let deadline = watch.keep(cancel).await;
        stop(&robot, deadline).await;
        Exit::Passed
    }
}

/// Ends the robot's browsers before `deadline`; what is left then is ended by their wardens.
pub(super) async fn stop(robot: &Robot, deadline: tokio::time::Instant) {
    if tokio::time::timeout_at(deadline, robot.stop()).await.is_err() {
        tracing::error!("the browsers did not end in time; their wardens end them");
    }
}

/// Starts the robot and begins the watch; complaints are already made.
pub(super) async fn begin(terminal: Terminal, config: Config) -> Result<(Arc<Robot>, Watch), Exit> {
    let manner = Manner { base: None, vars: BTreeMap::new(), headed: false, watcher: Arc::new(Unwatched) };
    let robot = Robot::start(config, manner).await.map_err(|error| {
        terminal.complain(&format!("error: {error}"));
        Exit::Usage
    })?;
    match Watch::begin(&robot).await {
        Ok(watch) => Ok((robot, watch)),
        Err(error) => {
            robot.stop().await;
            if let WatchError::Posts(PostError::Wrong(wrong)) = &error {
                scripts::Told::default().complain(terminal, wrong);
                return Err(Exit::Unparsed);
            }
            terminal.complain(&format!("error: {error}"));
            Err(Exit::Usage)
        }
    }
}
