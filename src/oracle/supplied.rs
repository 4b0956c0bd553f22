//! What registries behind endpoints had to say, for one walk. It comes with the walk's plan: the journey stays the same
//! journey when a product is added.

use crate::journey::oracle::{RegistryAccounts, RegistryRows};
use crate::journey::{Expression, Oracle};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rows of registries behind endpoints, and what could not be had.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Supplied {
    /// By oracle and subject.
    tables: BTreeMap<(String, String), SuppliedRows>,
    /// What could not be had as it should, a sentence each.
    pub losses: Vec<String>,
}

/// The rows of one registry.
#[derive(Debug, Clone, PartialEq)]
pub struct SuppliedRows {
    /// By account and key.
    pub accounts: Arc<RegistryAccounts>,
    /// Where they are not what it says now, the keys of which nothing is known.
    pub unsure: Option<Arc<BTreeSet<String>>>,
}

impl SuppliedRows {
    /// Rows as the registry has just said them.
    pub fn sure(accounts: Arc<RegistryAccounts>) -> Self {
        Self { accounts, unsure: None }
    }

    /// Rows of before, in place of which none came.
    pub fn old(accounts: Arc<RegistryAccounts>) -> Self {
        Self { accounts, unsure: Some(Arc::default()) }
    }

    /// What two tables say alike, where nobody knows which of them is right; nothing is known of keys that one of them has
    /// alone, or that they do not list alike.
    pub fn agreed(one: &RegistryAccounts, other: &RegistryAccounts, listed: Option<&Expression>) -> Self {
        let (none, names) = (RegistryRows::new(), listed.map(Expression::names).unwrap_or_default());
        let (one, other) = (one.get("").unwrap_or(&none), other.get("").unwrap_or(&none));
        let mut rows = RegistryRows::new();
        for (key, row) in one {
            let Some(theirs) =
                other.get(key).filter(|theirs| names.iter().all(|name| row.get(*name) == theirs.get(*name)))
            else {
                continue;
            };
            let alike = row.iter().filter(|(column, value)| theirs.get(*column) == Some(*value));
            rows.insert(key.clone(), alike.map(|(column, value)| (column.clone(), value.clone())).collect());
        }
        let open = one.keys().chain(other.keys()).filter(|key| !rows.contains_key(*key)).cloned().collect();
        Self { accounts: Arc::new([(String::new(), rows)].into()), unsure: Some(Arc::new(open)) }
    }
}

impl Supplied {
    /// The rows of a subject of an oracle.
    pub fn add(&mut self, oracle: &str, subject: &str, rows: SuppliedRows) {
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
                (registry.accounts, registry.unsure) = (rows.accounts.clone(), rows.unsure.clone());
            }
        }
        filled
    }
}
