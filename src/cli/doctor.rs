//! `gengfu doctor`: what is missing on this machine, and how to get it.

use super::exit::Exit;
use super::settings::Settings;
use super::terminal::{Terminal, Tone};
use crate::app::doctor::{self, Need, NeedState};

/// Says what is missing on this machine, and how to get it.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    settings: Settings,
    /// Prints JSON instead of lines.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        let needs = doctor::examine(&config).await;
        if self.json {
            let needs: Vec<_> = needs.iter().map(as_json).collect();
            terminal.line(&serde_json::json!({ "format": "doctor.v1", "needs": needs }).to_string());
        } else {
            needs.iter().for_each(|need| show(terminal, need));
        }
        if needs.iter().any(|need| need.state == NeedState::Missing) { Exit::Usage } else { Exit::Passed }
    }
}

fn show(terminal: Terminal, need: &Need) {
    let (tone, mark) = match need.state {
        NeedState::Met => (Tone::Good, "✓"),
        NeedState::Short => (Tone::Worn, "!"),
        NeedState::Missing => (Tone::Bad, "✗"),
    };
    terminal.line(&format!("{} {:<15} {}", terminal.paint(tone, mark), need.name, need.found));
    if let Some(remedy) = &need.remedy {
        terminal.line(&format!("  {:<15} {}", "", terminal.paint(Tone::Faint, remedy)));
    }
}

fn as_json(need: &Need) -> serde_json::Value {
    serde_json::json!({ "name": need.name, "state": need.state.word(), "found": need.found, "remedy": need.remedy })
}
