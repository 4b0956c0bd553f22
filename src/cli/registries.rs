//! `gengfu check --fetch`: whether registries behind endpoints can be read, and what is in them.

use super::exit::Exit;
use super::terminal::{Terminal, Tone};
use crate::alert::one_line;
use crate::app::registry_fetch::{Answer, FetchProblem, Fetcher};
use crate::config::ReferenceSecrets;
use crate::journey::oracle::Subject;
use crate::journey::{Endpoint, Oracle, RegistryTable};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How many columns are named.
const COLUMNS_NAMED: usize = 12;
/// And in how many characters.
const COLUMNS_CHARS_MAX: usize = 200;

/// The endpoint of a subject's registry.
pub(super) fn endpoint(subject: &Subject) -> Option<&Endpoint> {
    subject.registry.as_ref()?.endpoint.as_ref()
}

/// Asks every endpoint of these oracles once, with secrets that lie relative to `folder`, and says what came.
pub(super) async fn look(terminal: Terminal, oracles: impl Iterator<Item = Arc<Oracle>>, folder: &Path) -> Exit {
    let fetcher = Fetcher::new(Arc::new(ReferenceSecrets { folder: folder.to_owned() }));
    let (mut worst, mut asked) = (Exit::Passed, 0);
    for oracle in oracles {
        for (subject, endpoint) in oracle.subjects.iter().filter_map(|subject| Some((subject, endpoint(subject)?))) {
            let (name, began) =
                (format!("registry {}/{} · {}", oracle.id, subject.id, endpoint.shown()), Instant::now());
            asked += 1;
            match fetcher.fetch(endpoint, &subject.figures).await {
                Ok((answer, table)) => {
                    let mark = terminal.paint(Tone::Good, "✓");
                    let took = began.elapsed().as_millis();
                    terminal.line(&format!("{mark} {name} · {} in {took} ms", extent(&answer, &table, endpoint)));
                    for figure in
                        subject.figures.iter().filter(|figure| !figure.ticks && !figure_of(&table, &figure.name))
                    {
                        let mark = terminal.paint(Tone::Faint, "·");
                        terminal.line(&format!("{mark} no column `{}`: pages are not held to it", figure.name));
                    }
                }
                Err(problem) => {
                    terminal.complain(&refusal(&name, endpoint, &problem));
                    worst = Exit::Inconclusive;
                }
            }
        }
    }
    if asked == 0 {
        terminal.line("no registry here has a `url`: there is nothing to fetch");
    }
    worst
}

fn figure_of(table: &RegistryTable, figure: &str) -> bool {
    table.columns.iter().any(|column| column == figure)
}

fn extent(answer: &Answer, table: &RegistryTable, endpoint: &Endpoint) -> String {
    let mut columns: Vec<&str> = table.columns.iter().take(COLUMNS_NAMED).map(String::as_str).collect();
    if table.columns.len() > COLUMNS_NAMED {
        columns.push("…");
    }
    let accounts = match endpoint.account {
        Some(_) => format!(" of {} customers", table.accounts.len()),
        None => String::new(),
    };
    let (rows, bytes) = (table.rows(), answer.text.len());
    let columns = one_line(&columns.join(", "), COLUMNS_CHARS_MAX);
    format!("{rows} rows{accounts} · columns {columns} · {bytes} bytes")
}

/// What went wrong, where, what was expected, and what to do.
fn refusal(name: &str, endpoint: &Endpoint, problem: &FetchProblem) -> String {
    let list = match &endpoint.rows {
        Some(_) => "JSON with a list of flat objects at `rows:`",
        None => "CSV with a head line, or a JSON list of flat objects",
    };
    let columns = endpoint.wanted().iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    format!(
        "error: {name}: {problem}\n  = expected: 200 and {list}, with the columns {columns}\n  = help: {}",
        problem.advice()
    )
}
