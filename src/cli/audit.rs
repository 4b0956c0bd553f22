//! `gengfu audit`: what was done, by whom, to what; and whether the log of it is what was written.

use super::exit::Exit;
use super::settings::Settings;
use super::terminal::{Terminal, Tone};
use crate::app::audit::{self, Proof, ProofError, Told};
use crate::audit::{Entry, ObjectKind, Standing};
use crate::config::Config;
use crate::config::value::Lasting;
use crate::diagnostic::printable;
use crate::id::IncidentId;
use crate::moment::{Clock as _, Moment, SystemClock};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

/// Shows the audit log, hands it out, and verifies that nobody tampered with it.
#[derive(Debug, clap::Args)]
pub struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Verify(Verify),
    Show(Show),
    Export(Export),
}

/// Holds the log to its own chain and to its signed checkpoints, and says what was done to it and where.
///
/// Ends with 0 when chain and checkpoints agree, 4 when it was tampered with, 5 when nothing vouches for it: there is no
/// checkpoint, no key to verify one by, or none but the one that lies in the checkpoints' own folder.
#[derive(Debug, clap::Args)]
struct Verify {
    #[command(flatten)]
    settings: Settings,
    /// An export in place of the ledger.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The checkpoints' folder in place of the config's.
    #[arg(long, value_name = "DIR")]
    checkpoints: Option<PathBuf>,
    /// A public key, or a file that holds one. The config's when none is given; more than one after a change of keys.
    #[arg(long, value_name = "PUBLIC")]
    key: Vec<String>,
}

/// Lists entries, oldest first.
#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    settings: Settings,
    /// Only what was done to this incident.
    #[arg(long, value_name = "ID")]
    incident: Option<IncidentId>,
    /// Only what was done since then: `24h`, `7d`, or a time such as 2026-11-21T08:00:00+08:00.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Moment>,
    /// How many, when neither is given.
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    last: u32,
}

/// Writes the whole log as JSON lines: `audit verify --file` takes it, on any machine.
#[derive(Debug, clap::Args)]
struct Export {
    #[command(flatten)]
    settings: Settings,
}

impl Audit {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        match self.what {
            What::Verify(verify) => verify.run(terminal).await,
            What::Show(show) => show.run(terminal).await,
            What::Export(export) => export.run(terminal).await,
        }
    }
}

impl Verify {
    async fn run(self, terminal: Terminal) -> Exit {
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        let proof = Proof { file: self.file, checkpoints: self.checkpoints, keys: self.key };
        match audit::prove(&config, &proof).await {
            Ok(told) => tell(terminal, &told),
            Err(error) => refuse(terminal, &error),
        }
    }
}

fn tell(terminal: Terminal, told: &Told) -> Exit {
    let report = &told.report;
    let newest =
        report.newest.map_or_else(|| "no entry".to_owned(), |head| format!("entry {}, {}", head.seq, head.hash));
    terminal.line(&format!("log          {} entries, the newest {newest}", report.entries));
    terminal.line(&format!("checkpoints  {} in {}", report.checkpoints, told.checkpoints.display()));
    for key in &told.keys {
        let whence = if told.unpinned { " (from that folder; give `--key` to be sure of it)" } else { "" };
        terminal.line(&format!("key          {key}{whence}"));
    }
    if let Some(first) = report.begins_at {
        terminal.line(&format!("note         checkpoints before number {first} are not there: the first one vouches for all entries up to its own"));
    }
    if report.torn > 0 {
        terminal
            .line(&format!("note         checkpoints cut short in writing, which vouch for nothing: {}", report.torn));
    }
    for finding in &report.findings {
        terminal.line(&format!("{}     {}", terminal.paint(Tone::Bad, "tampered"), printable(&finding.to_string())));
    }
    let (tone, said, exit) = match told.standing() {
        Standing::Tampered => (Tone::Bad, "the log is not what was written".to_owned(), Exit::Failed),
        Standing::Whole => (Tone::Good, vouched(report.unvouched()), Exit::Passed),
        Standing::Unvouched => {
            let why = if told.keys.is_empty() {
                "there is no key to verify checkpoints by"
            } else if report.checkpoints == 0 {
                "there is no checkpoint"
            } else {
                "the only key lies where the checkpoints do: give `--key`, from elsewhere"
            };
            let said = format!("the chain is whole, and {why}: a log cut off or written anew would look the same");
            (Tone::Worn, said, Exit::Inconclusive)
        }
    };
    terminal.line(&terminal.paint(tone, &said));
    exit
}

fn vouched(after: u64) -> String {
    match after {
        0 => "chain and checkpoints agree, up to the newest entry".to_owned(),
        1 => {
            "chain and checkpoints agree, up to the last one: cutting off the newest entry would not be seen".to_owned()
        }
        _ => format!(
            "chain and checkpoints agree, up to the last one: cutting off the newest {after} entries would not be seen"
        ),
    }
}

impl Show {
    async fn run(self, terminal: Terminal) -> Exit {
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        let object = self.incident.map(|id| format!("{}{id}", ObjectKind::Incident.prefix()));
        let mut shown = 0_u64;
        let mut list = |entry: &Entry| {
            shown += 1;
            terminal.line(&row(entry, &config));
        };
        let listed = audit::show(&config, object, self.since, self.last, &mut list).await;
        match listed {
            Ok(()) => {
                if shown == 0 {
                    terminal.line("no entry");
                }
                Exit::Passed
            }
            Err(error) => refuse(terminal, &error),
        }
    }
}

/// One line of the list.
fn row(entry: &Entry, config: &Config) -> String {
    let at = entry.at.timestamp().to_zoned(config.alerts.timezone.0.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let detail = facts(&entry.detail);
    let text = format!("{:>8}  {at}  {:<16} {:<24} {}  {detail}", entry.seq, entry.actor, entry.action, entry.object);
    printable(&text).replace('\n', " ").trim_end().to_owned()
}

/// `what=opened state=open`; what is no JSON of ours as it stands.
fn facts(detail: &str) -> String {
    let Ok(serde_json::Value::Object(facts)) = serde_json::from_str(detail) else { return detail.to_owned() };
    let fact = |(name, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    };
    facts.iter().map(fact).collect::<Vec<_>>().join(" ")
}

impl Export {
    async fn run(self, terminal: Terminal) -> Exit {
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        let mut output = BufWriter::new(std::io::stdout());
        let mut failed = None;
        let mut write = |line: &str| {
            if failed.is_none() {
                failed = writeln!(output, "{line}").err();
            }
        };
        let exported = audit::export(&config, &mut write).await;
        let failed = failed.or_else(|| output.flush().err());
        match (exported, failed) {
            (Err(error), _) => refuse(terminal, &error),
            (Ok(()), Some(error)) => {
                terminal.complain(&format!("error: the export was not written to its end: {error}"));
                Exit::Usage
            }
            (Ok(()), None) => Exit::Passed,
        }
    }
}

fn refuse(terminal: Terminal, error: &ProofError) -> Exit {
    terminal.complain(&format!("error: {error}"));
    match error {
        ProofError::Log(_) => Exit::Inconclusive,
        ProofError::Store(_) | ProofError::File { .. } | ProofError::Key { .. } => Exit::Usage,
    }
}

/// A time, or how long ago.
fn moment(text: &str) -> Result<Moment, String> {
    if let Ok(ago) = text.parse::<Lasting>() {
        let ago = i64::try_from(ago.0.as_millis()).unwrap_or(i64::MAX);
        return Ok(Moment::from_millis(SystemClock.now().as_millis().saturating_sub(ago)));
    }
    let at: Result<jiff::Timestamp, _> = text.parse();
    at.map(|at| Moment::from_millis(at.as_millisecond()))
        .map_err(|_| "write how long ago (`24h`, `7d`) or a time (`2026-11-21T08:00:00+08:00`)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let check = |text: &str, right: bool| assert_eq!(moment(text).is_ok(), right, "{text}");
        check("24h", true);
        check("2026-11-21T08:00:00+08:00", true);
        check("2026-11-21T08:00:00Z", true);
        check("yesterday", false);
        check("2026-11-21", false);
    }

    #[test]
    fn a_detail_is_shown_as_words_and_never_obeyed() {
        let check = |detail: &str, expected: &str| assert_eq!(facts(detail), expected);
        check(r#"{"state":"open","revision":3}"#, "state=open revision=3");
        check("{}", "");
        check("no json", "no json");
        let first = crate::id::LogId::fresh();
        let entry =
            Entry { detail: "{\"a\":\"b\\u001b[2J\\n\"}".into(), ..Entry::first(first, Moment::from_millis(0)) };
        let shown = row(&entry, &Config::default());
        assert!(!shown.contains(char::is_control) && shown.contains("1970-01-01 08:00:00"), "{shown}");
    }
}
