//! `gengfu check FILE…`: whether journeys can be walked, without walking them.

use super::exit::Exit;
use super::scripts;
use super::terminal::{Terminal, Tone};
use crate::journey::Oracle;
use crate::journey::oracle::Subject;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads journeys strictly and says what is wrong with them, and where.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Journey or oracle files, or folders of journeys.
    #[arg(required_unless_present = "schema", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Prints the JSON Schema of journey files, for editors.
    #[arg(long)]
    schema: bool,
    /// Accepts `script` steps, as an app with `script: true` does.
    #[arg(long)]
    script: bool,
}

impl Check {
    pub(super) fn run(self, terminal: Terminal) -> Exit {
        if self.schema {
            terminal.line(&crate::journey::schema());
            return Exit::Passed;
        }
        let files = match scripts::spread(&self.files) {
            Ok(files) => files,
            Err(error) => {
                terminal.complain(&format!("error: {error}"));
                return Exit::Usage;
            }
        };
        let (mut worst, mut told) = (Exit::Passed, scripts::Told::default());
        let mut oracles = BTreeMap::new();
        for file in &files {
            if let Some(oracle) = scripts::oracle(file) {
                match oracle {
                    Ok(oracle) => drop(oracles.insert(oracle.id.clone(), Arc::new(oracle))),
                    Err(wrong) => {
                        told.complain(terminal, &wrong);
                        worst = Exit::Unparsed;
                    }
                }
                continue;
            }
            match scripts::load(file, self.script) {
                Ok(journey) => {
                    oracles.extend(journey.oracles.iter().map(|oracle| (oracle.id.clone(), oracle.clone())));
                    let steps = journey.steps.len() + journey.always.len();
                    let mark = terminal.paint(Tone::Good, "✓");
                    terminal.line(&format!("{mark} {} · {} · {steps} steps", file.display(), journey.title));
                }
                Err(wrong) => {
                    told.complain(terminal, &wrong);
                    worst = Exit::Unparsed;
                }
            }
        }
        for idle in scripts::idle_oracles(&files, |id| oracles.contains_key(id)) {
            let mark = terminal.paint(Tone::Worn, "!");
            terminal.line(&format!("{mark} oracle {} · no journey here walks its app `{}`", idle.id, idle.app));
        }
        for oracle in oracles.values() {
            let mark = terminal.paint(Tone::Good, "✓");
            terminal.line(&format!("{mark} oracle {} · {} · {}", oracle.id, oracle.title, extent(oracle)));
        }
        worst
    }
}

/// How much an oracle says.
fn extent(oracle: &Oracle) -> String {
    let sum = |of: fn(&Subject) -> usize| oracle.subjects.iter().map(of).sum::<usize>();
    let products = |subject: &Subject| {
        let listing = subject.registry.as_ref().filter(|registry| !registry.ledger);
        listing.map_or(0, |registry| registry.accounts.values().map(BTreeMap::len).sum())
    };
    format!(
        "app {}: {} figures, {} claims, {} listed products, {} phrases",
        oracle.app,
        sum(|subject| subject.figures.len()),
        sum(|subject| subject.claims.len()),
        sum(products),
        oracle.phrases.len()
    )
}
