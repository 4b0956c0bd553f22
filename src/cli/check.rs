//! `gengfu check FILE…`: whether journeys can be walked, without walking them.

use super::exit::Exit;
use super::scripts;
use super::terminal::{Terminal, Tone};
use std::path::PathBuf;

/// Reads journeys strictly and says what is wrong with them, and where.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Journey files, or folders of them.
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
        let mut worst = Exit::Passed;
        for file in &files {
            match scripts::load(file, self.script) {
                Ok(journey) => {
                    let steps = journey.steps.len() + journey.always.len();
                    let mark = terminal.paint(Tone::Good, "✓");
                    terminal.line(&format!("{mark} {} · {} · {steps} steps", file.display(), journey.title));
                }
                Err(wrong) => {
                    scripts::complain(terminal, &wrong);
                    worst = Exit::Unparsed;
                }
            }
        }
        worst
    }
}
