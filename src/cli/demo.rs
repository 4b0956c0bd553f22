//! `gengfu demo`: a demo wealth app with faults to switch, patrolled, with console and mailbox, in one process.

use super::exit::Exit;
use super::interrupt;
use super::serve;
use super::settings::Machine;
use super::terminal::{Terminal, Tone};
use crate::app::{DemoStage, Stage, Watch};
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// How long the browsers may take to end when the watch itself broke down.
const BUG_STOPS_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);

/// Shows everything on a demo wealth app: break it, and watch the incident and its mail arrive.
#[derive(Debug, clap::Args)]
pub struct Demo {
    #[command(flatten)]
    machine: Machine,
    /// The console's port; app, control page, third party and mailbox take the next four. 0 takes free ones.
    #[arg(long, env = "GENGFU_PORT", default_value_t = 4700, value_name = "PORT", value_parser = clap::value_parser!(u16).range(0..=65_000))]
    port: u16,
    /// The folder of everything the demo writes.
    #[arg(long, env = "GENGFU_DATA", default_value = "data/demo", value_name = "DIR")]
    data: PathBuf,
    /// Stops the app from changing by itself: ticking rates, banners, pop-ups.
    #[arg(long)]
    no_churn: bool,
}

impl Demo {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let stage = Stage { folder: self.data.clone(), port: self.port, churn: !self.no_churn };
        let mut stage = match DemoStage::set(&stage).await {
            Ok(stage) => stage,
            Err(error) => {
                terminal.complain(&format!("error: {error}"));
                return Exit::Usage;
            }
        };
        let mut config = stage.config();
        self.machine.lay_over(&mut config);
        let cancel = CancellationToken::new();
        let _listening = interrupt::cancels(terminal, cancel.clone());
        let (robot, watch) = match serve::begin(terminal, config).await {
            Ok(begun) => begun,
            Err(exit) => {
                stage.strike().await;
                return exit;
            }
        };
        welcome(terminal, &stage, &watch);
        let mut keeping = tokio::spawn(watch.keep(cancel.clone()));
        let kept = loop {
            tokio::select! {
                kept = &mut keeping => break kept,
                Some(mail) = stage.next_mail() => {
                    let file = mail.file.display().to_string();
                    terminal.line(&format!("✉ {} · {}\n  {}", mail.to.join(", "), mail.subject, terminal.paint(Tone::Faint, &file)));
                }
            }
        };
        let deadline = kept.as_ref().copied().unwrap_or_else(|_| tokio::time::Instant::now() + BUG_STOPS_WITHIN);
        serve::stop(&robot, deadline).await;
        stage.strike().await;
        match kept {
            Ok(_) => Exit::Passed,
            Err(error) => {
                terminal.complain(&format!("error: a defect of the robot: {error}"));
                Exit::Bug
            }
        }
    }
}

fn welcome(terminal: Terminal, stage: &DemoStage, watch: &Watch) {
    let (app, control, console) = (stage.app_url(), stage.control_url(), format!("http://{}", watch.console()));
    let journeys = watch.journeys();
    let folder = stage.config_file().parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let file = stage.config_file().display();
    let text = format!(
        "\n更夫 · Gengfu demo\n\
         \n  控制台     console   {console}\
         \n  演示应用   app       {app}      (linxt / Tingchao#2601)\
         \n  故障开关   faults    {control}\
         \n  邮件       mail      {folder}/mail\n\
         \n{journeys} 条旅程正在巡检，每条约半分钟一次。打开“故障开关”弄坏一处，一分钟内控制台出现一起事件，邮件随后送达；再关上，事件标为已恢复。\
         \n{journeys} journeys are on patrol, each about every half minute. Switch a fault on: within a minute the console shows one\
         \nincident and a mail arrives; switch it off and the incident is marked as recovered.\n\
         \n  gengfu walk --config {file} {folder}/journeys/fund-purchase.yaml\n\
         \nCtrl-C 结束 · ends it.\n"
    );
    terminal.line(&text);
}
