//! `gengfu walk FILE…`: walks journeys now, and says what a customer would meet.

use super::exit::Exit;
use super::interrupt;
use super::report::{self, Language};
use super::scripts;
use super::settings::Settings;
use super::terminal::Terminal;
use super::watching::StepLines;
use crate::app::{Manner, Robot, baselines, recall};
use crate::baseline::Lesson;
use crate::config::value::{BaseUrl, Lasting};
use crate::config::{Config, PicturesKept};
use crate::evidence::EvidenceKey;
use crate::fleet::{CALL_OFF_WITHIN, Experience, Finished, Leases, Ticket, Walker};
use crate::journey::Journey;
use crate::walk::v1::WalkV1;
use crate::walk::{Purpose, TroubleKind, Verdict};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Walks journeys now, and says what a customer would meet.
#[derive(Debug, clap::Args)]
pub struct Walk {
    /// Journey files, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// The app's base address, in place of the config's.
    #[arg(long, env = "GENGFU_BASE", value_name = "URL")]
    base: Option<BaseUrl>,
    /// A journey's parameter; may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    vars: Vec<(String, String)>,
    /// Shows the window. Needs a display.
    #[arg(long)]
    headed: bool,
    /// A pause after each step, such as `500ms`.
    #[arg(long, value_name = "DURATION")]
    slow_mo: Option<Lasting>,
    /// Writes the walks as `walk.v1` JSON; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes one self-contained page with the filmstrip.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes JUnit XML, for build servers.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The folder evidence is kept in, in place of the config's.
    #[arg(long, env = "GENGFU_EVIDENCE", value_name = "DIR")]
    evidence: Option<PathBuf>,
    /// Which pictures are kept.
    #[arg(long, value_name = "WHICH", value_parser = ["all", "failures", "none"])]
    pictures: Option<String>,
    /// Compares with what clean walks have taught, kept in this folder, and lets these teach, too.
    #[arg(long, env = "GENGFU_BASELINE", value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// Takes the app as it is now: what walks that get through find is usual from now on, and what is missing is not
    /// missed.
    #[arg(long, requires = "baseline")]
    learn: bool,
    /// How many walks are made at once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    at_once: u16,
    /// How often each journey is walked.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    times: u16,
    /// Does not walk again when something was found.
    #[arg(long)]
    no_confirm: bool,
    /// The language of what is said.
    #[arg(long, env = "GENGFU_LANGUAGE", value_name = "zh|en", default_value = "zh", value_parser = language)]
    language: Language,
}

impl Walk {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let terminal = if self.json.as_deref() == Some(Path::new("-")) { terminal.beside_output() } else { terminal };
        match self.prepare(terminal).await {
            Ok((robot, journeys, experience)) => {
                let exit = self.walk_all(terminal, &robot, journeys, experience).await;
                robot.stop().await;
                exit
            }
            Err(exit) => exit,
        }
    }

    async fn prepare(&self, terminal: Terminal) -> Result<(Arc<Robot>, Vec<Arc<Journey>>, Option<Experience>), Exit> {
        let config = self.config(terminal)?;
        let journeys = self.journeys(terminal, &config)?;
        let usage = |said: String| {
            terminal.complain(&format!("error: {said}"));
            Exit::Usage
        };
        for (name, _) in &self.vars {
            if !journeys.iter().any(|journey| journey.vars.contains_key(name)) {
                return Err(usage(format!("no journey here has a parameter `{name}`: declare it in its `vars:`")));
            }
        }
        // Better told now than after an hour of walks.
        for path in [&self.json, &self.html, &self.junit].into_iter().flatten().filter(|path| *path != Path::new("-")) {
            let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(path);
            opened.map_err(|error| usage(format!("cannot write `{}`: {error}", path.display())))?;
        }
        let lines = self.at_once == 1;
        let pause = self.slow_mo.map(|lasting| lasting.0);
        let manner = Manner {
            base: self.base.clone(),
            vars: self.vars.iter().cloned().collect(),
            headed: self.headed,
            watcher: Arc::new(StepLines { terminal, language: self.language, lines, pause }),
        };
        let robot = Robot::start(config, manner).await.map_err(|error| usage(error.to_string()))?;
        for journey in &journeys {
            robot.plannable(journey).map_err(|unplanned| usage(unplanned.to_string()))?;
        }
        let experience = match &self.baseline {
            None => None,
            Some(folder) => {
                let lesson = if self.learn { Lesson::Vouched } else { Lesson::Clean };
                let known = baselines::experience(&robot, folder, lesson, journeys.iter().map(AsRef::as_ref)).await;
                Some(known.map_err(|error| usage(error.to_string()))?)
            }
        };
        Ok((robot, journeys, experience))
    }

    fn config(&self, terminal: Terminal) -> Result<Config, Exit> {
        let mut config = self.settings.config(terminal)?;
        if let Some(folder) = &self.evidence {
            config.evidence.folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        }
        match self.pictures.as_deref() {
            Some("all") => config.browser.pictures = PicturesKept::All,
            Some("failures") => config.browser.pictures = PicturesKept::Failures,
            Some(_) => config.browser.pictures = PicturesKept::None,
            None => {}
        }
        let seats = config.browser.browsers * config.browser.lanes_per_browser;
        if seats < usize::from(self.at_once) {
            config.browser.browsers = usize::from(self.at_once).div_ceil(config.browser.lanes_per_browser);
        }
        Ok(config)
    }

    fn journeys(&self, terminal: Terminal, config: &Config) -> Result<Vec<Arc<Journey>>, Exit> {
        let files = scripts::spread(&self.files).map_err(|error| {
            terminal.complain(&format!("error: {error}"));
            Exit::Usage
        })?;
        let script_allowed = config.apps.values().any(|app| app.script);
        let (mut journeys, mut told) = (Vec::new(), scripts::Told::default());
        let mut unparsed = false;
        for file in files {
            match scripts::load(&file, script_allowed) {
                Ok(journey) => journeys.push(Arc::new(journey)),
                Err(wrong) => {
                    told.complain(terminal, &wrong);
                    unparsed = true;
                }
            }
        }
        if unparsed { Err(Exit::Unparsed) } else { Ok(journeys) }
    }

    async fn walk_all(
        &self,
        terminal: Terminal,
        robot: &Arc<Robot>,
        journeys: Vec<Arc<Journey>>,
        experience: Option<Experience>,
    ) -> Exit {
        let walker = Walker {
            walks: robot.clone(),
            customers: robot.clone(),
            leases: Leases::beside(Arc::new(robot.customer_locks())),
            account_within: robot.config().limits.account_within.0,
            clock: robot.clock(),
            confirms: !self.no_confirm && !self.learn,
            call_off_within: CALL_OFF_WITHIN,
            experience,
            control: robot.control(),
        };
        let cancel = CancellationToken::new();
        let _watch = interrupt::cancels(terminal, cancel.clone());
        let total = journeys.len() * usize::from(self.times);
        let seats = Arc::new(Semaphore::new(usize::from(self.at_once)));
        let mut tasks: JoinSet<Vec<Finished>> = JoinSet::new();
        let teller = Teller {
            terminal,
            robot: robot.clone(),
            language: self.language,
            bar: self.bar(total),
            again: walker.confirms,
        };
        let mut walked = Walked { teller, all: Vec::new(), defects: 0 };
        let orders = (0..self.times).flat_map(|_| journeys.iter().cloned());
        for journey in orders {
            let Ok(seat) = seats.clone().acquire_owned().await else { break };
            // One at a time, what was walked is told before the next begins.
            while let Some(ended) = if self.at_once == 1 { tasks.join_next().await } else { tasks.try_join_next() } {
                walked.take(ended);
            }
            if cancel.is_cancelled() {
                break;
            }
            self.announce(terminal, &journey);
            let (walker, cancel, teller) = (walker.clone(), cancel.clone(), walked.teller.clone());
            tasks.spawn(async move {
                let ticket = Ticket::new(journey, Purpose::Manual);
                let told = |walk: &Finished| teller.tell(&ticket.journey, walk);
                let walks = walker.walk_and_confirm(&ticket, &told, &cancel).await;
                drop(seat);
                walks
            });
        }
        while let Some(ended) = tasks.join_next().await {
            walked.take(ended);
        }
        walked.teller.bar.finish_and_clear();
        let told = walked.exit();
        let written = self.write_reports(terminal, robot, &walked.all).await;
        // A report that is missing must not hide what the app did.
        if written || told != Exit::Passed { told } else { Exit::Usage }
    }

    fn announce(&self, terminal: Terminal, journey: &Journey) {
        if self.at_once == 1 {
            terminal.line(&format!("{} · {} · {}", journey.title, journey.id, journey.device.name()));
        }
    }

    fn bar(&self, total: usize) -> ProgressBar {
        if self.at_once == 1 {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} · {elapsed} · {msg}");
        ProgressBar::new(total as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }

    /// Writes what was asked for; whether all of it could be written.
    async fn write_reports(&self, terminal: Terminal, robot: &Robot, walks: &[Finished]) -> bool {
        let shapes: Vec<WalkV1> = walks.iter().map(|walk| WalkV1::from((&walk.record, &walk.judged))).collect();
        let mut failed = false;
        for walk in &shapes {
            if let Err(error) = recall::keep(robot.config(), walk) {
                tracing::warn!(%error, "a walk was not kept for `gengfu replay`");
            }
        }
        let mut write = |path: &Option<PathBuf>, text: &dyn Fn() -> String| {
            let Some(path) = path else { return };
            if path == Path::new("-") {
                return Terminal::own().line(&text());
            }
            if let Err(error) = std::fs::write(path, text()) {
                terminal.complain(&format!("error: cannot write `{}`: {error}", path.display()));
                failed = true;
            }
        };
        write(&self.json, &|| report::json(&shapes));
        write(&self.junit, &|| report::junit(&shapes));
        if self.html.is_some() {
            let pictures = pictures(robot, walks).await;
            write(&self.html, &|| report::html(&shapes, &|key| pictures.get(key).cloned(), self.language));
        }
        !failed
    }
}

/// Tells of walks as they end.
#[derive(Clone)]
struct Teller {
    terminal: Terminal,
    robot: Arc<Robot>,
    language: Language,
    bar: ProgressBar,
    /// Whether what was found is looked for again.
    again: bool,
}

impl Teller {
    fn tell(&self, journey: &Journey, walk: &Finished) {
        let shown = |key: &EvidenceKey| self.robot.evidence_path(key).display().to_string();
        let colour = self.terminal.colours();
        let text = report::summary(&walk.record, &walk.judged, journey, &shown, self.language, colour);
        self.bar.suspend(|| self.terminal.line(&format!("{}\n", text.trim_end())));
        let first = !matches!(walk.record.purpose, Purpose::Confirm { .. });
        if self.again && first && walk.judged.findings.iter().any(|finding| finding.failing) {
            let text = match self.language {
                Language::Zh => "再走一遍，看是否仍然如此",
                Language::En => "walking again, to see whether it is still so",
            };
            self.bar.suspend(|| self.terminal.line(&format!("{text} · {}", journey.id)));
        }
    }
}

/// What was walked.
struct Walked {
    teller: Teller,
    all: Vec<Finished>,
    /// Walkers that ended in a defect and left no walk.
    defects: usize,
}

impl Walked {
    fn take(&mut self, ended: Result<Vec<Finished>, tokio::task::JoinError>) {
        self.teller.bar.inc(1);
        match ended {
            Ok(walks) => self.all.extend(walks),
            Err(error) => {
                self.defects += 1;
                self.teller.terminal.complain(&format!("error: a defect of the robot: {error}"));
            }
        }
    }

    fn exit(&self) -> Exit {
        let broke = |walk: &&Finished| walk.record.trouble().is_some_and(|trouble| trouble.kind == TroubleKind::Defect);
        let defects = self.defects + self.all.iter().filter(broke).count();
        exit_of(self.all.iter().map(|walk| walk.judged.verdict), defects)
    }
}

/// A confirming walk that passes takes nothing back: the first one was met by a customer, too. The app's failure is
/// the news; without one, nothing that broke in the robot is ever told as passed.
fn exit_of(verdicts: impl Iterator<Item = Verdict>, defects: usize) -> Exit {
    let verdicts: Vec<Verdict> = verdicts.collect();
    if verdicts.contains(&Verdict::Failed) {
        Exit::Failed
    } else if defects > 0 {
        Exit::Bug
    } else if verdicts.is_empty() || verdicts.contains(&Verdict::Inconclusive) {
        Exit::Inconclusive
    } else {
        Exit::Passed
    }
}

async fn pictures(robot: &Robot, walks: &[Finished]) -> HashMap<EvidenceKey, Vec<u8>> {
    let vault = robot.vault();
    let steps = walks.iter().flat_map(|walk| &walk.record.steps);
    let keys: Vec<EvidenceKey> = steps
        .filter_map(|step| match &step.picture {
            crate::walk::Kept::At(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let mut found = HashMap::new();
    for key in keys {
        if let Ok(bytes) = vault.get(&key).await {
            found.insert(key, bytes);
        }
    }
    found
}

pub(super) fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    if crate::id::is_slug(name) { Ok((name.into(), value.into())) } else { Err(format!("`{name}` is not a name")) }
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    match text {
        "zh" => Ok(Language::Zh),
        "en" => Ok(Language::En),
        _ => Err("write `zh` or `en`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_never_hides_what_broke() {
        let check = |verdicts: &[Verdict], defects: usize, expected: Exit| {
            assert_eq!(exit_of(verdicts.iter().copied(), defects), expected, "{verdicts:?} {defects}");
        };
        check(&[Verdict::Passed, Verdict::Degraded], 0, Exit::Passed);
        check(&[Verdict::Passed], 1, Exit::Bug);
        check(&[], 1, Exit::Bug);
        check(&[Verdict::Failed, Verdict::Passed], 1, Exit::Failed);
        check(&[Verdict::Passed, Verdict::Inconclusive], 0, Exit::Inconclusive);
        check(&[], 0, Exit::Inconclusive);
    }
}
