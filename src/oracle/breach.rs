//! What an oracle found that cannot be.

use super::tell::brief;
use std::collections::{BTreeMap, BTreeSet};

/// Something shown that cannot be true, or something missing that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What is wrong.
    pub kind: BreachKind,
    /// Which part of which oracle: `products/fund.nav`. The same at every walk, whatever the rows.
    pub topic: String,
    /// Whether it is P1; otherwise P2.
    pub urgent: bool,
    /// In Chinese: the first row in full, some others by name.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// The kinds of breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreachKind {
    /// A figure's text is none.
    Unreadable,
    /// A figure that cannot be: out of its bounds, not among its words.
    Implausible,
    /// A date too far back, or to come.
    Stale,
    /// Two places say different things of one figure.
    Disagreement,
    /// A claim is false.
    Claim,
    /// What the registry lists is not there.
    Missing,
    /// What the registry does not list is there.
    Unlisted,
    /// One key stands in two rows.
    Repeated,
    /// A phrase that may not be shown.
    Forbidden,
    /// A phrase that must be shown and is not.
    Unsaid,
    /// A customer sees something else than what is known to be theirs.
    NotOwned,
    /// A customer sees what is another's alone.
    Foreign,
    /// A socket that must speak is silent.
    Unheard,
}

/// How many more rows a breach names.
const ROWS_NAMED: usize = 5;

/// Breaches by what they are about: one for all rows.
#[derive(Debug, Default)]
pub(super) struct Gathered(BTreeMap<(BreachKind, String), OfOne>);

/// What is said of one part of an oracle.
#[derive(Debug, Default)]
struct OfOne {
    urgent: bool,
    rows: Vec<Said>,
    keys: BTreeSet<String>,
}

/// What is said of a row.
#[derive(Debug)]
pub(super) struct Said {
    /// What tells it from others; empty where there is one row only.
    pub key: String,
    pub zh: String,
    pub en: String,
}

impl Gathered {
    pub(super) fn add(&mut self, kind: BreachKind, topic: String, urgent: bool, said: Said) {
        let one = self.0.entry((kind, topic)).or_default();
        one.urgent = urgent;
        // A page and the answer behind it show the same row.
        if one.keys.insert(said.key.clone()) {
            one.rows.push(said);
        }
    }

    pub(super) fn breaches(self) -> Vec<Breach> {
        self.0.into_iter().filter_map(|((kind, topic), one)| breach(kind, topic, one.urgent, &one.rows)).collect()
    }
}

/// The first row in full, and the names of some more.
fn breach(kind: BreachKind, topic: String, urgent: bool, said: &[Said]) -> Option<Breach> {
    let (first, more) = said.split_first()?;
    let (mut zh, mut en) = (first.zh.clone(), first.en.clone());
    if !more.is_empty() {
        let named: Vec<String> = more.iter().take(ROWS_NAMED).map(|row| brief(&row.key)).collect();
        zh += &format!(
            "；还有 {}{}，共 {} 处",
            named.join("、"),
            if more.len() > ROWS_NAMED { " 等" } else { "" },
            said.len()
        );
        en += &format!(
            "; also {}{}: {} in all",
            named.join(", "),
            if more.len() > ROWS_NAMED { ", …" } else { "" },
            said.len()
        );
    }
    Some(Breach { kind, topic, urgent, zh, en })
}
