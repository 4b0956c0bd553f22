//! `gengfu report`: a week in figures, as a page, on paper, or as tables.

use super::exit::Exit;
use super::settings::Settings;
use super::terminal::Terminal;
use crate::app::reports::{self, ReportTrouble};
use crate::config::{Config, Tongue};
use crate::console::{Lang, NotWritten, Sheet};
use crate::measure::Week;
use crate::moment::{Clock as _, SystemClock};
use std::path::{Path, PathBuf};

/// Writes the report of a week: how often customers got through, how soon trouble was found and mended, what came back.
#[derive(Debug, clap::Args)]
pub struct Weekly {
    #[command(flatten)]
    settings: Settings,
    /// The week by ISO 8601, such as 2026-W47; the last that is over when none is given.
    #[arg(long, value_name = "WEEK")]
    week: Option<Week>,
    /// Only what this owner answers for.
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// The file; its ending says what becomes of it: .html, .pdf, .csv or .xlsx.
    #[arg(long, short, value_name = "FILE", value_parser = wanted)]
    out: Wanted,
    /// The language; that of `alerts.language` when none is given.
    #[arg(long, value_name = "zh|en", value_parser = tongue)]
    lang: Option<Lang>,
}

/// A file and what it is to be.
#[derive(Debug, Clone)]
struct Wanted {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Pdf,
    Csv,
    Xlsx,
}

fn wanted(path: &str) -> Result<Wanted, String> {
    let path = PathBuf::from(path);
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let kind = match ending.as_str() {
        "html" => Kind::Html,
        "pdf" => Kind::Pdf,
        "csv" => Kind::Csv,
        "xlsx" => Kind::Xlsx,
        _ => return Err("its ending says what becomes of it: .html, .pdf, .csv or .xlsx".into()),
    };
    Ok(Wanted { path, kind })
}

fn tongue(word: &str) -> Result<Lang, String> {
    match word {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err("write zh or en".into()),
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum NoReport {
    #[error(transparent)]
    Trouble(#[from] ReportTrouble),
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    #[error("`{}` cannot be written: {why}", path.display())]
    File { path: PathBuf, why: std::io::Error },
}

impl Weekly {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        match self.write(&config).await {
            Ok(week) => {
                terminal.line(&format!("the report of {week} is in `{}`", self.out.path.display()));
                Exit::Passed
            }
            Err(error) => {
                terminal.complain(&format!("error: {error}"));
                let lost = matches!(error, NoReport::Trouble(ReportTrouble::Browser(_)));
                if lost { Exit::Inconclusive } else { Exit::Usage }
            }
        }
    }

    async fn write(&self, config: &Config) -> Result<Week, NoReport> {
        let (made, zone) = (SystemClock.now(), config.alerts.timezone.0.clone());
        let week = self.week.unwrap_or_else(|| Week::holding(made, &zone).previous());
        let report = reports::report(config, week, self.owner.clone(), made).await?;
        let lang = self.lang.unwrap_or(match config.alerts.language {
            Tongue::Zh => Lang::Zh,
            Tongue::En => Lang::En,
        });
        let sheet = Sheet { report: &report, lang, zone: &zone, made };
        let bytes = match self.out.kind {
            Kind::Html => sheet.html()?.into_bytes(),
            Kind::Pdf => reports::pdf(config, &sheet.html()?).await?,
            Kind::Csv => sheet.csv()?.into_bytes(),
            Kind::Xlsx => sheet.xlsx()?,
        };
        put(&self.out.path, &bytes)?;
        Ok(week)
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), NoReport> {
    std::fs::write(path, bytes).map_err(|why| NoReport::File { path: path.to_owned(), why })
}
