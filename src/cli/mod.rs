//! The command line; one command, one file.

mod api;
mod audit;
mod check;
mod complaints;
mod demo;
mod doctor;
mod exit;
mod interrupt;
mod notify;
mod people;
mod pictures;
mod registries;
mod replay;
pub mod report;
mod scripts;
mod serve;
mod settings;
mod stepping;
mod terminal;
mod walk;
mod watching;
mod weekly;

pub use exit::Exit;

use crate::telemetry::{self, LogFormat};
use clap::Parser as _;
use std::panic::AssertUnwindSafe;
use terminal::Terminal;
use tracing::level_filters::LevelFilter;

/// 更夫 · Gengfu walks customer journeys in real browsers, day and night, and files what a customer would suffer.
#[derive(Debug, clap::Parser)]
#[command(name = "gengfu", version, propagate_version = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Writes the robot's own log as JSON lines; GENGFU_LOG says what is logged, such as `gengfu=debug`.
    #[arg(long, global = true, env = "GENGFU_LOG_JSON", value_parser = clap::builder::FalseyValueParser::new(), default_value = "false", default_missing_value = "true", num_args = 0..=1, require_equals = true, hide_default_value = true, value_name = "BOOL")]
    log_json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Api(api::Api),
    Audit(audit::Audit),
    Check(check::Check),
    Complaints(complaints::Complaints),
    Demo(demo::Demo),
    Doctor(doctor::Doctor),
    Notify(notify::Notify),
    People(people::People),
    Pictures(pictures::Pictures),
    Replay(Box<replay::Replay>),
    #[command(name = "report")]
    Weekly(weekly::Weekly),
    Serve(serve::Serve),
    Walk(Box<walk::Walk>),
}

impl Command {
    /// A server says what it does; a command at a terminal only what went wrong.
    fn log_level(&self) -> LevelFilter {
        match self {
            Command::Demo(_) | Command::Serve(_) => LevelFilter::INFO,
            Command::Api(_)
            | Command::Audit(_)
            | Command::Check(_)
            | Command::Complaints(_)
            | Command::Doctor(_)
            | Command::Notify(_)
            | Command::People(_)
            | Command::Pictures(_)
            | Command::Replay(_)
            | Command::Walk(_)
            | Command::Weekly(_) => LevelFilter::WARN,
        }
    }
}

/// Reads the command line and does what it says.
pub fn start() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(wrong) => {
            let _ = wrong.print();
            return if wrong.use_stderr() { Exit::Usage } else { Exit::Passed };
        }
    };
    let format = if cli.log_json { LogFormat::Json } else { LogFormat::Compact };
    telemetry::start(format, cli.command.log_level());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            Terminal::own().complain(&format!("error: no runtime: {error}"));
            return Exit::Bug;
        }
    };
    // A panic was told by its hook; what the exit code says must still be true.
    let command = AssertUnwindSafe(|| runtime.block_on(run(cli.command)));
    let exit = std::panic::catch_unwind(command).unwrap_or(Exit::Bug);
    // Not waiting for a thread that hangs in a secret's command or on a dead disk.
    runtime.shutdown_background();
    exit
}

async fn run(command: Command) -> Exit {
    let terminal = Terminal::own();
    match command {
        Command::Api(api) => api.run(terminal),
        Command::Audit(audit) => audit.run(terminal).await,
        Command::Check(check) => check.run(terminal).await,
        Command::Complaints(complaints) => complaints.run(terminal).await,
        Command::Demo(demo) => demo.run(terminal).await,
        Command::Doctor(doctor) => doctor.run(terminal).await,
        Command::Notify(notify) => notify.run(terminal).await,
        Command::People(people) => people.run(terminal).await,
        Command::Pictures(pictures) => pictures.run(terminal).await,
        Command::Replay(replay) => replay.run(terminal).await,
        Command::Serve(serve) => serve.run(terminal).await,
        Command::Walk(walk) => walk.run(terminal).await,
        Command::Weekly(weekly) => weekly.run(terminal).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
