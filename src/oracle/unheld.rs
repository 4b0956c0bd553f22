//! What a walk could not be held to, because a registry behind an endpoint could not be had, or not as it is now.

use super::judgement::topic;
use super::ledger;
use super::witness::Witness;
use crate::journey::oracle::{Oracle, Subject, TODAY};
use std::collections::BTreeSet;

impl Witness {
    /// The topics of breaches that rest on such a registry: that there are none says nothing, and one that there is may be
    /// the fault of old rows.
    pub fn unheld(&self) -> Vec<String> {
        let mut topics = BTreeSet::new();
        for (number, held) in self.oracles.iter().enumerate() {
            for (at, of) in held.subjects.iter().enumerate().filter(|(_, of)| self.is_unsure(of)) {
                topics.extend(self.topics((number, held), (at, of)));
            }
        }
        topics.into_iter().filter(|topic| !self.apart.contains(topic)).collect()
    }

    fn is_unsure(&self, of: &Subject) -> bool {
        let registry = of.registry.as_ref().filter(|registry| registry.endpoint.is_some());
        registry.is_some_and(|registry| {
            // Who walks without an account is held to no ledger, whatever it says.
            let wanted = !registry.ledger || !self.account.is_empty();
            wanted && (registry.unsure.is_some() || registry.rows(&self.account).is_none())
        })
    }

    fn topics(&self, (number, held): (usize, &Oracle), (at, of): (usize, &Subject)) -> Vec<String> {
        let ledger = of.registry.as_ref().is_some_and(|registry| registry.ledger);
        let figures = of.figures.iter().filter(|figure| !figure.ticks).map(|figure| figure.name.as_str());
        let lists = of.places.iter().filter(|place| place.complete).map(|place| place.source.shown());
        let mut topics: Vec<String> = match ledger {
            true => vec![ledger::topic_of(held)],
            false => figures.chain(lists).map(|what| topic(held, of, what)).collect(),
        };
        let read: BTreeSet<&str> =
            self.facts.keys().filter(|fact| (fact.0, fact.1) == (number, at)).map(|fact| fact.3.as_str()).collect();
        // What pages say alone is judged without a registry; one row of which they do not say all is enough to need it.
        let unread = |name: &&str| *name != TODAY && !read.contains(name);
        let claims = of.claims.iter().map(|claim| (claim, topic(held, of, claim.that.text())));
        let rests =
            claims.filter(|(claim, topic)| self.leaning.contains(topic) || claim.that.names().iter().any(unread));
        topics.extend(rests.map(|(_, topic)| topic));
        topics
    }
}
