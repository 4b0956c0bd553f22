//! `gengfu check FILE…`: whether journeys can be walked, without walking them.

use super::exit::Exit;
use super::terminal::{Terminal, Tone};
use super::{registries, scripts};
use crate::journey::Oracle;
use crate::journey::oracle::Subject;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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
    /// Asks the registries that oracles name by `url:` once, and says how many rows and which columns they have.
    #[arg(long, conflicts_with = "schema")]
    fetch: bool,
    /// The config file: `file:` secrets are relative to its folder.
    #[arg(long, short, env = "GENGFU_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Check {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
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
        if self.fetch {
            let folder = self.config.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
            let looked = registries::look(terminal, oracles.into_values(), folder).await;
            // Files that do not parse come first.
            return if worst == Exit::Passed { looked } else { worst };
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
    let fetched = match oracle.subjects.iter().filter_map(registries::endpoint).count() {
        0 => String::new(),
        1 => ", 1 registry by `url` (`--fetch` asks)".to_owned(),
        count => format!(", {count} registries by `url` (`--fetch` asks)"),
    };
    format!(
        "app {}: {} figures, {} claims, {} listed products, {} phrases{fetched}",
        oracle.app,
        sum(|subject| subject.figures.len()),
        sum(|subject| subject.claims.len()),
        sum(products),
        oracle.phrases.len()
    )
}
