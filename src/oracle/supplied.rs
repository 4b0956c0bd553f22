//! What registries behind endpoints had to say, for one walk. It comes with the walk's plan: the journey stays the same
//! journey when a product is added.

use crate::journey::Oracle;
use crate::journey::oracle::RegistryAccounts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of registries behind endpoints, and what could not be had.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Supplied {
    /// By oracle and subject.
    tables: BTreeMap<(String, String), Arc<RegistryAccounts>>,
    /// What could not be had as it should, a sentence each.
    pub losses: Vec<String>,
}

impl Supplied {
    /// The rows of a subject of an oracle.
    pub fn add(&mut self, oracle: &str, subject: &str, rows: Arc<RegistryAccounts>) {
        self.tables.insert((oracle.to_owned(), subject.to_owned()), rows);
    }

    /// The oracles with these rows. A registry of which there are none says nothing.
    pub fn filled(&self, oracles: &[Arc<Oracle>]) -> Vec<Arc<Oracle>> {
        oracles.iter().map(|oracle| self.one_filled(oracle)).collect()
    }

    fn one_filled(&self, oracle: &Arc<Oracle>) -> Arc<Oracle> {
        let mut filled = oracle.clone();
        for (at, subject) in oracle.subjects.iter().enumerate() {
            let Some(rows) = self.tables.get(&(oracle.id.clone(), subject.id.clone())) else { continue };
            let own = &mut Arc::make_mut(&mut filled).subjects[at].registry;
            if let Some(registry) = own.as_mut().filter(|registry| registry.endpoint.is_some()) {
                registry.accounts = rows.clone();
            }
        }
        filled
    }
}
