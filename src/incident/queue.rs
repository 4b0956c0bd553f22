//! The queue as people look through it: which incidents, in which order, and from where on.

use super::{Incident, Kind, Standing};
use crate::finding::Severity;
use crate::id::IncidentId;
use crate::walk::Class;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Words of a search text that count.
pub const FIND_WORDS_MAX: usize = 4;

/// Which incidents, beside where they stand. One that is part of another stands for the whole it is part of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this app.
    pub app: Option<String>,
    /// Only of this class.
    pub class: Option<Class>,
    /// Only as grave as this.
    pub severity: Option<Severity>,
    /// Only those that this one sees to.
    pub assignee: Option<String>,
    /// Only those that each of these stands in, in small letters; the first few count.
    pub words: Vec<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueOrder {
    /// The last seen first.
    #[default]
    Newest,
    /// The gravest first, of these the last seen.
    Worst,
    /// Those first that have been there longest.
    Longest,
}

impl QueueOrder {
    /// Every order.
    pub const ALL: [QueueOrder; 3] = [QueueOrder::Worst, QueueOrder::Newest, QueueOrder::Longest];

    /// The word in addresses and statements.
    pub fn word(self) -> &'static str {
        match self {
            QueueOrder::Newest => "newest",
            QueueOrder::Worst => "worst",
            QueueOrder::Longest => "longest",
        }
    }
}

/// A page of the queue: wholes only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueQuery {
    /// Which.
    pub filter: QueueFilter,
    /// Only those that stand so; all when empty.
    pub standings: Vec<Standing>,
    /// In which order.
    pub order: QueueOrder,
    /// Only what comes after this.
    pub after: Option<QueuePlace>,
    /// At most so many.
    pub limit: u32,
}

impl QueueQuery {
    /// Whether what stands so is asked for.
    pub fn wants(&self, standing: Standing) -> bool {
        self.standings.is_empty() || self.standings.contains(&standing)
    }
}

/// What a page of the queue holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueuePage {
    /// In order.
    pub incidents: Vec<Incident>,
    /// Where the next page begins, if there is one.
    pub next: Option<QueuePlace>,
    /// How many wholes the filter asks for, by where they stand, on whatever page.
    pub counts: BTreeMap<Standing, u64>,
}

/// A place in an order of the queue: the last incident of a page. What is seen again meanwhile moves; nothing that stays
/// where it is comes twice or is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePlace {
    /// The severity where the order asks for it, otherwise empty.
    pub rank: String,
    /// What the order goes by, the greater first.
    pub by: i64,
    /// The incident, which decides between equals.
    pub id: IncidentId,
}

impl QueuePlace {
    /// Where `incident` stands in `order`.
    pub fn of(incident: &Incident, order: QueueOrder) -> Self {
        let (rank, by) = match order {
            QueueOrder::Newest => ("", incident.last_seen.as_millis()),
            QueueOrder::Worst => (incident.severity.word(), incident.last_seen.as_millis()),
            QueueOrder::Longest => ("", -incident.first_seen.as_millis()),
        };
        Self { rank: rank.to_owned(), by, id: incident.id }
    }
}

impl std::fmt::Display for QueuePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}~{}", self.rank, self.by, self.id)
    }
}

/// No place of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for QueuePlace {
    type Err = NoPlace;
    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut parts = text.splitn(3, '~');
        let mut part = || parts.next().ok_or(NoPlace);
        let (rank, by, id) = (part()?, part()?, part()?);
        let known = rank.is_empty() || [Severity::P1, Severity::P2, Severity::P3].iter().any(|s| s.word() == rank);
        if !known {
            return Err(NoPlace);
        }
        let (by, id) = (by.parse().map_err(|_| NoPlace)?, id.parse().map_err(|_| NoPlace)?);
        Ok(Self { rank: rank.to_owned(), by, id })
    }
}

/// What a filter can choose among.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueChoices {
    /// The apps there are incidents of.
    pub apps: Vec<String>,
    /// Those who see to any.
    pub assignees: Vec<String>,
}

impl QueueFilter {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The characters of an incident that are looked through, at most.
const WORDS_CHARS_MAX: usize = 2_000;

impl Incident {
    /// What a search text is looked for in, in small letters.
    pub fn words(&self) -> String {
        let text = [
            self.headline.zh.as_str(),
            &self.headline.en,
            &self.title,
            self.journey.as_str(),
            &self.step_title,
            &self.route,
            &self.detector,
            self.handling.assignee.as_deref().unwrap_or_default(),
            &self.id.to_string(),
            self.cause.as_deref().unwrap_or_default(),
        ];
        text.join("\n").chars().take(WORDS_CHARS_MAX).collect::<String>().to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is() {
        let id = IncidentId::fresh();
        let check = |text: &str, expected: Option<(&str, i64)>| {
            let place = text.parse::<QueuePlace>().ok();
            assert_eq!(place.as_ref().map(|p| (p.rank.as_str(), p.by)), expected, "{text}");
            if let Some(place) = place {
                assert_eq!(place.to_string(), text);
            }
        };
        check(&format!("P1~1700~{id}"), Some(("P1", 1700)));
        check(&format!("~-5~{id}"), Some(("", -5)));
        check(&format!("P9~1~{id}"), None);
        check(&format!("~x~{id}"), None);
        check("~1~", None);
        check("", None);
    }
}
