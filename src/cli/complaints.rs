//! `gengfu complaints`: how many customers complained of what, as the bank counts it.

use super::exit::Exit;
use super::settings::Settings;
use super::terminal::Terminal;
use crate::app::reports::{self, ReportTrouble};
use crate::moment::{Clock as _, SystemClock};
use std::path::PathBuf;

/// Takes in complaint counts, so that reports tell how far ahead of them the robot was, and what it missed.
#[derive(Debug, clap::Args)]
pub struct Complaints {
    #[command(subcommand)]
    order: Order,
}

#[derive(Debug, clap::Subcommand)]
enum Order {
    Import(Import),
}

/// Reads a CSV with the head `week,page,reason,count`. What was known of its weeks is replaced.
#[derive(Debug, clap::Args)]
struct Import {
    #[command(flatten)]
    settings: Settings,
    /// The file.
    file: PathBuf,
}

impl Complaints {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let Order::Import(Import { settings, file }) = self.order;
        let config = match settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        match reports::import(&config, &file, SystemClock.now()).await {
            Ok(imported) => {
                let weeks: Vec<String> = imported.weeks.iter().map(ToString::to_string).collect();
                let (rows, complaints) = (imported.rows, imported.complaints);
                terminal.line(&format!("{complaints} complaints in {rows} rows, of {}", weeks.join(", ")));
                Exit::Passed
            }
            Err(ReportTrouble::Wrong(diagnostics)) => {
                for diagnostic in diagnostics {
                    terminal.complain(&diagnostic.render(terminal.colours_errors()));
                }
                Exit::Usage
            }
            Err(error) => {
                terminal.complain(&format!("error: {error}"));
                Exit::Usage
            }
        }
    }
}
