//! What a report is made of, read from the ledger: the week, and of it what lies in maintenance windows.

use super::{Asked, DEFAULT_OWNER, Gathered, Records, WalkCounts, Window};
use crate::id::JourneyId;
use crate::incident::LedgerError;
use crate::maintenance::Window as Work;
use crate::moment::Moment;
use crate::tags::Rules;
use std::collections::{BTreeMap, BTreeSet};

/// Whether the owner whose report is asked for answers for anything, or ever did: nobody's week of zeros is not told of a misspelt
/// name. `named` are those of the configuration.
///
/// # Errors
/// When the ledger fails.
pub async fn is_of_somebody(
    records: &dyn Records,
    asked: &Asked,
    named: impl IntoIterator<Item = &str>,
) -> Result<bool, LedgerError> {
    let Some(owner) = asked.owner.as_deref() else { return Ok(true) };
    let known = owner == DEFAULT_OWNER
        || named.into_iter().any(|name| name == owner)
        || asked.roster.iter().any(|line| line.owner.as_deref() == Some(owner));
    Ok(known || records.is_owner(owner).await?)
}

/// Reads what `asked` is made of; `rules` say what incidents are filed under.
///
/// # Errors
/// When the ledger fails.
pub async fn gather(records: &dyn Records, asked: &Asked, rules: &Rules) -> Result<Gathered, LedgerError> {
    let window = asked.window();
    let gathered = records.gathered(&window, asked.weeks(), rules).await?;
    let apps: BTreeMap<&JourneyId, &str> = gathered
        .titles
        .iter()
        .map(|(journey, _, app)| (journey, app.as_str()))
        .chain(asked.roster.iter().map(|line| (&line.journey, line.app.as_str())))
        .collect();
    let mut amid: BTreeMap<JourneyId, WalkCounts> = BTreeMap::new();
    for (from, to, works) in stretches(asked.windows.all(), &window) {
        for (journey, counts) in records.walked(&Window::between(from, to)).await? {
            let app = apps.get(&journey).copied().unwrap_or_default();
            if works.iter().any(|work| work.covers.holds(app, &journey)) {
                amid.entry(journey).or_default().add(counts);
            }
        }
    }
    Ok(Gathered { amid: amid.into_iter().collect(), ..gathered })
}

/// The stretches of `window` in which something is planned, each with what: all of it, from its beginning to its end.
fn stretches<'w>(works: &'w [Work], window: &Window) -> Vec<(Moment, Moment, Vec<&'w Work>)> {
    let (from, to) = (window.from(), window.to());
    let met: Vec<&Work> = works.iter().filter(|work| work.from < to && from < work.over()).collect();
    let bounds: BTreeSet<Moment> = met.iter().flat_map(|work| [work.from.max(from), work.over().min(to)]).collect();
    let bounds: Vec<Moment> = bounds.into_iter().collect();
    let stretch = |pair: &[Moment]| {
        let within: Vec<&Work> = met.iter().copied().filter(|work| work.holds(pair[0])).collect();
        (!within.is_empty()).then_some((pair[0], pair[1], within))
    };
    bounds.windows(2).filter_map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::maintenance::Covers;

    #[test]
    fn what_overlaps_is_parted_where_something_begins_or_ends() {
        let at = |seconds: i64| Moment::from_millis(seconds * 1000);
        let work = |name: &str, from: i64, until: i64| {
            let (why, by, covers) = (String::new(), Actor::Robot, Covers::default());
            Work { name: name.into(), why, by, covers, from: at(from), until: at(until), declared: None }
        };
        let works = [work("a", 0, 20), work("b", 15, 40), work("c", 60, 120), work("d", 200, 300)];
        let told: Vec<(i64, i64, String)> = stretches(&works, &Window::between(at(10), at(100)))
            .into_iter()
            .map(|(from, to, works)| {
                let names: Vec<&str> = works.iter().map(|work| work.name.as_str()).collect();
                (from.as_millis() / 1000, to.as_millis() / 1000, names.concat())
            })
            .collect();
        let expected = [(10, 15, "a"), (15, 20, "ab"), (20, 40, "b"), (60, 100, "c")];
        assert_eq!(told, expected.map(|(from, to, names)| (from, to, names.to_owned())));
    }
}
