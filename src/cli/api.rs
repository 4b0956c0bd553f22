//! `gengfu api`: what other systems can ask of the console.

use super::exit::Exit;
use super::terminal::Terminal;

/// Describes the console's JSON API, for who builds on it.
#[derive(Debug, clap::Args)]
pub struct Api {
    /// Prints its OpenAPI 3.1 document, which a console serves at /api/v1/openapi.json.
    #[arg(long, required = true)]
    openapi: bool,
}

impl Api {
    pub(super) fn run(self, terminal: Terminal) -> Exit {
        if self.openapi {
            terminal.line(crate::console::document());
        }
        Exit::Passed
    }
}
