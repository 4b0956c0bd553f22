//! What the address asks of the queue, and what the ledger says to it.

use super::serve::Console;
use super::shape;
use crate::finding::Severity;
use crate::incident::{
    FIND_WORDS_MAX, Incident, Kind, LedgerError, QueueChoices, QueueFilter, QueueOrder, QueuePage, QueuePlace,
    QueueQuery, Standing,
};
use crate::walk::Class;
use serde::Deserialize;

/// Incidents on one page.
const LISTED_MAX: u32 = 100;
/// Characters of a search text that count.
const FIND_CHARS_MAX: usize = 100;

/// The filters, as they stand in the address.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub(super) struct Filters {
    /// The tab; `open` where none is asked for.
    #[schemars(schema_with = "shape::queue_tab")]
    pub state: Option<String>,
    /// The app.
    pub app: Option<String>,
    /// What a customer suffers, or `robot` for the robot's own trouble.
    #[schemars(schema_with = "shape::class_or_robot")]
    pub class: Option<String>,
    /// How bad it is.
    #[schemars(schema_with = "shape::severity")]
    pub severity: Option<String>,
    /// Who sees to it.
    pub assignee: Option<String>,
    /// The order; what is open begins with the worst, all else with the newest.
    #[schemars(schema_with = "shape::queue_order")]
    pub sort: Option<String>,
    /// Words that all stand in it.
    #[schemars(length(max = FIND_CHARS_MAX))]
    pub q: Option<String>,
    /// Where the page before ended: its `next`.
    pub after: Option<String>,
}

/// A tab of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Open,
    Verifying,
    Closed,
    Suspected,
    Aside,
    All,
}

impl Tab {
    pub const ALL: [Tab; 6] = [Tab::Open, Tab::Verifying, Tab::Closed, Tab::Suspected, Tab::Aside, Tab::All];

    pub fn word(self) -> &'static str {
        match self {
            Tab::Open => "open",
            Tab::Verifying => "verifying",
            Tab::Closed => "closed",
            Tab::Suspected => "suspected",
            Tab::Aside => "aside",
            Tab::All => "all",
        }
    }

    fn standings(self) -> &'static [Standing] {
        match self {
            Tab::Open => &Standing::OPEN,
            Tab::Verifying => &[Standing::Verifying],
            Tab::Closed => &[Standing::Closed],
            Tab::Suspected => &[Standing::Suspected],
            Tab::Aside => &Standing::ASIDE,
            Tab::All => &Standing::ALL,
        }
    }
}

/// A filter that is left out, or empty, asks for nothing.
fn given(filter: &Option<String>) -> Option<&str> {
    filter.as_deref().filter(|text| !text.is_empty())
}

impl Filters {
    pub fn tab(&self) -> Tab {
        // Links in older notices say `recovered`.
        let word = self.state.as_deref().map(|word| if word == "recovered" { Tab::Verifying.word() } else { word });
        Tab::ALL.into_iter().find(|t| Some(t.word()) == word).unwrap_or(Tab::Open)
    }

    /// The order asked for; what people have to do now begins with the worst.
    pub fn order(&self) -> QueueOrder {
        let asked = QueueOrder::ALL.into_iter().find(|order| Some(order.word()) == self.sort.as_deref());
        asked.unwrap_or(if self.tab() == Tab::Open { QueueOrder::Worst } else { QueueOrder::Newest })
    }

    pub fn any(&self) -> bool {
        [&self.app, &self.class, &self.severity, &self.assignee, &self.q].into_iter().any(|f| given(f).is_some())
    }

    /// Where the page begins; a place that is none is the beginning.
    pub fn after(&self) -> Option<QueuePlace> {
        self.after.as_deref()?.parse().ok()
    }

    /// The filter; `None` when it asks for what there cannot be.
    fn read(&self) -> Option<QueueFilter> {
        let class = |word: &str| {
            [Class::Blocked, Class::Broken, Class::Abnormal, Class::Slow].into_iter().find(|c| c.word() == word)
        };
        let severity = |word: &str| [Severity::P1, Severity::P2, Severity::P3].into_iter().find(|s| s.word() == word);
        let robot = given(&self.class) == Some(Kind::Robot.word());
        let asked = given(&self.class).filter(|_| !robot);
        let q: String = given(&self.q).unwrap_or_default().chars().take(FIND_CHARS_MAX).collect();
        Some(QueueFilter {
            kind: robot.then_some(Kind::Robot),
            app: given(&self.app).map(str::to_owned),
            class: asked.map(|word| class(word).ok_or(())).transpose().ok()?,
            severity: given(&self.severity).map(|word| severity(word).ok_or(())).transpose().ok()?,
            assignee: given(&self.assignee).map(str::to_owned),
            words: q.to_lowercase().split_whitespace().take(FIND_WORDS_MAX).map(str::to_owned).collect(),
        })
    }

    /// The address of `page` with these filters, of another tab, from `after` on.
    pub fn address(&self, page: &str, tab: Tab, after: Option<&QueuePlace>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", tab.word());
        let rest = [
            ("app", &self.app),
            ("class", &self.class),
            ("severity", &self.severity),
            ("assignee", &self.assignee),
            ("sort", &self.sort),
            ("q", &self.q),
        ];
        for (name, value) in rest {
            if let Some(value) = given(value) {
                query.append_pair(name, value);
            }
        }
        if let Some(after) = after {
            query.append_pair("after", &after.to_string());
        }
        format!("{page}?{}", query.finish())
    }
}

/// The class word, or `robot` for the robot's own trouble.
pub(super) fn class_or_robot(incident: &Incident) -> &'static str {
    incident.class.map_or(Kind::Robot.word(), Class::word)
}

/// What is asked for, and what came of it.
pub(super) struct Queue {
    pub tab: Tab,
    pub page: QueuePage,
    pub choices: QueueChoices,
}

impl Queue {
    /// Reads what `filters` ask for. A part that matches shows its whole.
    pub async fn read(console: &Console, filters: &Filters) -> Result<Self, LedgerError> {
        let tab = filters.tab();
        let choices = console.archive.queue_choices().await?;
        let Some(filter) = filters.read() else {
            return Ok(Self { tab, page: QueuePage::default(), choices });
        };
        let query = QueueQuery {
            filter,
            standings: tab.standings().to_vec(),
            order: filters.order(),
            after: filters.after(),
            limit: LISTED_MAX,
        };
        Ok(Self { tab, page: console.archive.queue(&query).await?, choices })
    }

    pub fn count(&self, tab: Tab) -> u64 {
        tab.standings().iter().filter_map(|standing| self.page.counts.get(standing)).sum()
    }
}
