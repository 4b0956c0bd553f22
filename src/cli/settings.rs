//! Settings several commands share. A flag overrides the environment, the environment the file.

use super::exit::Exit;
use super::terminal::Terminal;
use crate::config::{self, Config, ConfigError};
use std::path::PathBuf;

/// The config file, and what stands over it.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Settings {
    /// The config file.
    #[arg(long, short, env = "GENGFU_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    machine: Machine,
}

/// What differs from machine to machine.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Machine {
    /// The browser binary.
    #[arg(long, env = "GENGFU_BROWSER", value_name = "PATH")]
    browser: Option<PathBuf>,
    /// The chromedriver binary.
    #[arg(long, env = "GENGFU_DRIVER", value_name = "PATH")]
    driver: Option<PathBuf>,
    /// Switches Chromium's own sandbox off. Root needs it; nobody else should.
    #[arg(
        long,
        env = "GENGFU_NO_SANDBOX",
        value_parser = clap::builder::FalseyValueParser::new(),
        default_value = "false",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        hide_default_value = true,
        value_name = "BOOL"
    )]
    no_sandbox: bool,
}

impl Settings {
    /// The config with what flags and environment say over it; complaints are already made.
    pub(super) fn config(&self, terminal: Terminal) -> Result<Config, Exit> {
        let read = self.config.as_deref().map_or_else(|| Ok(Config::default()), config::load);
        let mut config = read.map_err(|error| complain(terminal, &error))?;
        self.machine.lay_over(&mut config);
        Ok(config)
    }

    /// The config file, if one was named.
    pub(super) fn file(&self) -> Option<&std::path::Path> {
        self.config.as_deref()
    }
}

impl Machine {
    /// Puts what flags and environment say over `config`.
    pub(super) fn lay_over(&self, config: &mut Config) {
        if let Some(browser) = &self.browser {
            config.browser.browser = Some(browser.clone());
        }
        if let Some(driver) = &self.driver {
            config.browser.driver = Some(driver.clone());
        }
        config.browser.no_sandbox |= self.no_sandbox;
    }
}

fn complain(terminal: Terminal, error: &ConfigError) -> Exit {
    match error {
        ConfigError::Unreadable { .. } => terminal.complain(&format!("error: {error}")),
        ConfigError::Wrong(diagnostics) => {
            for diagnostic in diagnostics {
                terminal.complain(&diagnostic.render(terminal.colours_errors()));
            }
        }
    }
    Exit::Usage
}
