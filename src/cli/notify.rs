//! `gengfu notify test CHANNEL` and `gengfu notify preview [CHANNEL]`: channels tried out, and looked at.

use super::exit::Exit;
use super::settings::Settings;
use super::terminal::{Terminal, Tone};
use crate::alert::{Draft, SendError, SendFailure};
use crate::app::notify::{Look, Trial, preview, try_out};
use crate::app::ticket_trial::{TicketLook, TicketTrial, preview_ticket, try_ticket};
use crate::diagnostic::printable;
use crate::id::IncidentId;

/// Tries channels out, or shows what they would send.
#[derive(Debug, clap::Args)]
pub struct Notify {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Sends an invented incident by a channel, or makes a ticket of it, and shows what is answered, and what that means.
    Test {
        /// The channel's name in the config, or that of a system of `tickets:`.
        channel: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Shows what a channel would send, without sending it or asking for its secrets.
    Preview {
        /// The channel's name in the config, or that of a system of `tickets:`; all channels when it is left out.
        channel: Option<String>,
        /// An incident of the ledger, in place of an invented one.
        #[arg(long, value_name = "ID")]
        incident: Option<IncidentId>,
        #[command(flatten)]
        settings: Settings,
    },
}

impl Notify {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        match self.what {
            What::Test { channel, settings } => {
                let config = match settings.config(terminal) {
                    Ok(config) => config,
                    Err(exit) => return exit,
                };
                match try_ticket(&config, &channel).await {
                    Some(Ok(trial)) => return tell_ticket(terminal, &channel, &trial),
                    Some(Err(error)) => return complain(terminal, &error),
                    None => {}
                }
                match try_out(&config, &channel).await {
                    Ok(trials) => trials.iter().map(|trial| tell(terminal, trial)).max().unwrap_or(Exit::Passed),
                    Err(error) => complain(terminal, &error),
                }
            }
            What::Preview { channel, incident, settings } => {
                let config = match settings.config(terminal) {
                    Ok(config) => config,
                    Err(exit) => return exit,
                };
                match channel.as_deref().and_then(|name| preview_ticket(&config, name)) {
                    Some(Ok(look)) => return show_ticket(terminal, channel.as_deref().unwrap_or_default(), &look),
                    Some(Err(error)) => return complain(terminal, &error),
                    None => {}
                }
                match preview(&config, channel.as_deref(), incident).await {
                    Ok(looks) => looks.iter().map(|look| show(terminal, look)).max().unwrap_or(Exit::Passed),
                    Err(error) => complain(terminal, &error),
                }
            }
        }
    }
}

fn complain(terminal: Terminal, error: &dyn std::fmt::Display) -> Exit {
    terminal.complain(&format!("error: {error}"));
    Exit::Usage
}

/// What is sent, in full.
fn show(terminal: Terminal, look: &Look) -> Exit {
    let to = look.to.as_ref().map(|to| format!(" to {}", printable(to))).unwrap_or_default();
    terminal.line(&format!("channel {} · {}{to}", look.channel, look.kind));
    match &look.drafts {
        Ok(drafts) => {
            drafts.iter().for_each(|draft| show_draft(terminal, draft));
            Exit::Passed
        }
        Err(error) => {
            terminal.complain(&format!("error: {}: {}", look.channel, printable(&error.said)));
            Exit::Usage
        }
    }
}

fn show_draft(terminal: Terminal, draft: &Draft) {
    for line in &draft.head {
        terminal.line(&format!("  {}", terminal.paint(Tone::Faint, &printable(line))));
    }
    for line in draft.body.lines() {
        terminal.line(&format!("    {}", printable(line)));
    }
    terminal.line("");
}

/// What was sent, and what the receiver said to it.
fn tell(terminal: Terminal, trial: &Trial) -> Exit {
    let shown = show(terminal, &trial.look);
    match &trial.outcome {
        Ok(receipt) => {
            let mark = terminal.paint(Tone::Good, "✓");
            terminal.line(&format!("{mark} accepted: {}", printable(&receipt.0)));
            shown
        }
        Err(error) => {
            terminal.complain(&format!("error: {} did not accept it: {}", trial.look.channel, printable(&error.said)));
            terminal.complain(&format!("  = {}", outlook(error)));
            if matches!(error.failure, SendFailure::Temporary { .. }) { Exit::Inconclusive } else { Exit::Usage }
        }
    }
}

/// What is sent to make a ticket, in full.
fn show_ticket(terminal: Terminal, name: &str, look: &TicketLook) -> Exit {
    terminal.line(&format!("tickets {name} · {}", look.kind));
    look.drafts.iter().for_each(|draft| show_draft(terminal, draft));
    Exit::Passed
}

/// What was done with a ticket, step by step, and what the vendor said to it.
fn tell_ticket(terminal: Terminal, name: &str, trial: &TicketTrial) -> Exit {
    let mut exit = show_ticket(terminal, name, &trial.look);
    for (step, outcome) in &trial.steps {
        match outcome {
            Ok(told) => {
                let mark = terminal.paint(Tone::Good, "✓");
                terminal.line(&format!("{mark} {step}: {}", printable(told)));
            }
            Err(error) => {
                terminal.complain(&format!("error: {name}: to {step}: {}", printable(&error.said)));
                let temporary = matches!(error.failure, SendFailure::Temporary { .. });
                exit = if temporary { Exit::Inconclusive } else { Exit::Usage };
            }
        }
    }
    exit
}

/// What would become of a true notice.
fn outlook(error: &SendError) -> String {
    match error.failure {
        SendFailure::Temporary { after: None } => "a notice would be tried again".to_owned(),
        SendFailure::Temporary { after: Some(after) } => {
            format!("a notice would be tried again, not before {} s have passed", after.as_secs())
        }
        SendFailure::Refused => "a notice would be given up and shown as undelivered".to_owned(),
        SendFailure::Gone => {
            "a notice would be given up, and nothing more be sent by this channel until gengfu starts anew".to_owned()
        }
    }
}
