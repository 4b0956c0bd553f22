//! `gengfu people`: who may use the console, said at the machine. A password is never written here: each new one is made
//! in the console with a one-time code.

use super::exit::Exit;
use super::settings::Settings;
use super::terminal::Terminal;
use crate::app::people::{PeopleTrouble, Registry};
use crate::config::Config;
use crate::moment::SystemClock;
use crate::people::{Pass, Person, PersonName, Role};
use std::sync::Arc;

/// Says who may use the console, also while it runs.
#[derive(Debug, clap::Args)]
pub struct People {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    order: Order,
}

#[derive(Debug, clap::Subcommand)]
enum Order {
    /// Lists everybody.
    List,
    /// Adds somebody and prints the one-time code that makes their password.
    Add {
        /// The name they sign in with.
        name: PersonName,
        /// viewer, operator, author, approver, administrator or auditor.
        #[arg(long, value_parser = role)]
        role: Role,
    },
    /// Gives somebody another role; their sessions end.
    Role {
        /// Whom.
        name: PersonName,
        /// viewer, operator, author, approver, administrator or auditor.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Takes password, second factor, sessions and tokens away and prints the code for a new password.
    Reset {
        /// Whose.
        name: PersonName,
    },
    /// Says who somebody is at the sign-in provider (`console: oidc:`); they come in by it from then on.
    Join {
        /// Whom.
        name: PersonName,
        /// Their name there, as the sign-in page tells who has no account (`sub`).
        subject: String,
    },
    /// Removes somebody.
    Remove {
        /// Whom.
        name: PersonName,
    },
}

fn role(word: &str) -> Result<Role, String> {
    let words = Role::ALL.map(Role::word).join(", ");
    Role::named(word).ok_or_else(|| format!("no role is called so; there are {words}"))
}

impl People {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let config = match self.settings.config(terminal) {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        match obey(terminal, &config, self.order).await {
            Ok(()) => Exit::Passed,
            Err(trouble) => {
                terminal.complain(&format!("error: {trouble}"));
                Exit::Usage
            }
        }
    }
}

async fn obey(terminal: Terminal, config: &Config, order: Order) -> Result<(), PeopleTrouble> {
    let registry = Registry::open(config, Arc::new(SystemClock)).await?;
    let done = async {
        match order {
            Order::List => list(terminal, &registry.everybody().await?),
            Order::Add { name, role } => {
                give(terminal, config, &name, &registry.add(&name, role).await?);
                if registry.was_anothers(&name).await? {
                    terminal.complain(&format!(
                        "warning: somebody who was removed was called {name}, and the audit log tells under it what either does: \
                         if this is somebody else, remove them and choose another name"
                    ));
                }
            }
            Order::Reset { name } => give(terminal, config, &name, &registry.reset(&name).await?),
            Order::Role { name, role } => registry.role(&name, role).await?,
            Order::Join { name, subject } => registry.join(config, &name, &subject).await?,
            Order::Remove { name } => registry.remove(&name).await?,
        }
        Ok(())
    };
    let done = done.await;
    registry.close().await;
    done
}

fn list(terminal: Terminal, everybody: &[Person]) {
    for person in everybody {
        let second = if person.second { " · second factor" } else { "" };
        let (name, role, standing) = (&person.name, person.role.word(), person.standing.word());
        let bond = person.bond.map(|bond| match bond.vouched {
            Some(vouched) => format!(" · vouched for {vouched}"),
            None => " · not vouched for yet".to_owned(),
        });
        let password = if person.bond.is_some_and(|bond| bond.password_too) { " · password, too" } else { "" };
        terminal.line(&format!("{name} · {role} · {standing}{second}{}{password}", bond.unwrap_or_default()));
    }
    if everybody.is_empty() {
        terminal.line("nobody yet: `gengfu people add NAME --role administrator`");
    }
}

fn give(terminal: Terminal, config: &Config, name: &PersonName, code: &Pass) {
    let place = config.console.public_url.as_ref().map(|url| url.0.as_str().trim_end_matches('/').to_owned());
    let place = place.unwrap_or_else(|| format!("http://{}", config.console.listen));
    terminal.line(&format!("{name} makes a password at {place}/welcome with this code, once, within three days:"));
    terminal.line(code.expose());
}
