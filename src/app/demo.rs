//! The demo's stage: the demo app and a mailbox on loopback, and a folder with a config and journeys for them.

use super::embedded::{CONFIG, JOURNEYS};
use crate::config::{self, Config, ConfigError};
use crate::demo::{Demo, DemoOptions, Mail, Mailbox};
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Where the demo stands.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The folder of everything the demo writes.
    pub folder: PathBuf,
    /// The console's port; the app, its control page, its third party and the mailbox take the next ones. 0 takes free ones.
    pub port: u16,
    /// Whether benign churn is on.
    pub churn: bool,
}

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A port is taken.
    #[error("port {port} for {what} is not free ({why}): end what listens there, or choose others with `--port`")]
    Port {
        /// The port.
        port: u16,
        /// What for.
        what: &'static str,
        /// What the system said.
        why: io::Error,
    },
    /// The folder cannot be written.
    #[error("cannot write `{}`: {why}; choose another folder with `--data`", path.display())]
    Folder {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// A defect: the config it carries is wrong.
    #[error("the demo's own config is wrong: {0}")]
    Config(#[from] ConfigError),
}

/// A demo app that runs, and the config that patrols it.
pub struct DemoStage {
    demo: Demo,
    mails: mpsc::UnboundedReceiver<Mail>,
    mailbox: CancellationToken,
    config: Config,
    file: PathBuf,
}

impl DemoStage {
    /// Starts the demo app and the mailbox, and writes config, journeys and the invented customers' secrets.
    pub async fn set(stage: &Stage) -> Result<Self, DemoError> {
        let port = |offset: u16| if stage.port == 0 { 0 } else { stage.port.saturating_add(offset) };
        let options = DemoOptions {
            app_port: port(1),
            control_port: port(2),
            third_party_port: port(3),
            churn: stage.churn,
            ..DemoOptions::default()
        };
        let demo = Demo::start(options).await;
        let demo = demo.map_err(|why| DemoError::Port {
            port: port(1),
            what: "the demo app or one of the two after it",
            why,
        })?;
        let folder = std::path::absolute(&stage.folder).unwrap_or_else(|_| stage.folder.clone());
        let mail = folder.join("mail");
        make_folder(&folder)?;
        let mailbox = Mailbox::open(port(4), &mail).await;
        let mailbox = mailbox.map_err(|why| DemoError::Port { port: port(4), what: "the mailbox", why })?;
        let mail_port = mailbox.address().map(|address| address.port()).unwrap_or_default();
        let file = write_files(&folder, &demo, port(0), mail_port)?;
        let config = config::load(&file)?;
        let (tell, mails) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        tokio::spawn(mailbox.serve(tell, cancel.clone()));
        Ok(Self { demo, mails, mailbox: cancel, config, file })
    }

    /// The config that patrols the demo.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// Where that config lies.
    pub fn config_file(&self) -> &Path {
        &self.file
    }

    /// The app itself, for those who switch its faults and read its ledger.
    pub fn app(&self) -> &Demo {
        &self.demo
    }

    /// Where customers come in.
    pub fn app_url(&self) -> &str {
        self.demo.app_url()
    }

    /// Where faults are switched.
    pub fn control_url(&self) -> String {
        self.demo.control_url()
    }

    /// The next mail that arrives; `None` when the mailbox has closed.
    pub async fn next_mail(&mut self) -> Option<Mail> {
        self.mails.recv().await
    }

    /// Ends app and mailbox.
    pub async fn strike(self) {
        self.mailbox.cancel();
        self.demo.stop().await;
    }
}

fn write_files(folder: &Path, demo: &Demo, console_port: u16, mail_port: u16) -> Result<PathBuf, DemoError> {
    for (path, text) in JOURNEYS {
        write(&folder.join("journeys").join(path), text, 0o644)?;
    }
    for customer in demo.customers() {
        let secrets = folder.join("secrets");
        let secret =
            |field: &str, value: &str| write(&secrets.join(format!("{}.{field}", customer.username)), value, 0o600);
        secret("password", &customer.password)?;
        secret("trade_pin", &customer.trade_pin)?;
        if let Some(totp) = &customer.totp_secret {
            secret("totp", totp)?;
        }
    }
    let third_party = demo.third_party_url().trim_start_matches("http://");
    let text = CONFIG
        .replace("{app}", demo.app_url())
        .replace("{third_party}", third_party)
        .replace("{mail_port}", &mail_port.to_string())
        .replace("{console}", &format!("127.0.0.1:{console_port}"));
    let file = folder.join("gengfu.yaml");
    write(&file, &text, 0o644)?;
    Ok(file)
}

fn make_folder(path: &Path) -> Result<(), DemoError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o755).create(path);
    made.map_err(|why| DemoError::Folder { path: path.to_owned(), why })
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), DemoError> {
    use io::Write as _;
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let opened = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|why| DemoError::Folder { path: path.to_owned(), why })
}
