//! Figures that all devices must show alike, as a walk read them.

use super::judgement::Judgement;
use super::tell::{brief, of_figure};
use super::witness::Witness;
use crate::journey::Value;
use crate::journey::oracle::{Across, PlaceSource, Tolerance};
use std::time::Duration;

/// A figure that walks on other devices must read the same of.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// Which part of which oracle: `products/fund.nav`.
    pub topic: String,
    /// Whose; empty where there is one row only.
    pub key: String,
    /// What people call it, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Whether it is P1 that devices differ.
    pub urgent: bool,
    /// What the walk read.
    pub value: Value,
    /// When, since the walk's start.
    pub read: Duration,
    /// By how much two devices may differ.
    pub tolerance: Tolerance,
    /// How they are compared.
    pub across: Across,
}

impl Alike {
    /// Whether another reading of it says the same.
    pub fn agrees(&self, other: &Value) -> bool {
        super::judgement::agree(&self.value, other, self.tolerance)
    }
}

/// A value, as a sentence has it.
pub fn shown(value: &Value) -> String {
    brief(&value.plain())
}

impl Witness {
    /// All figures that all devices must show alike, as findings have them: none is compared before the walk is over.
    pub fn to_compare(&self) -> Vec<String> {
        let subjects = self.oracles.iter().flat_map(|held| held.subjects.iter().map(move |of| (held, of)));
        let figures = subjects.flat_map(|(held, of)| of.figures.iter().map(move |figure| (held, of, figure)));
        let compared = figures.filter(|(_, _, figure)| figure.across.is_some());
        compared.map(|(held, of, figure)| format!("{}/{}.{}", held.id, of.id, figure.name)).collect()
    }

    /// What was read at one look of figures that all devices must show alike. What is wrong by itself is left out.
    pub fn alike(&self, judgement: &Judgement) -> Vec<Alike> {
        let mut all = Vec::new();
        for ((oracle, subject, key, name), said) in &judgement.facts {
            let Some(held) = self.oracles.get(*oracle) else { continue };
            let Some(of) = held.subjects.get(*subject) else { continue };
            let Some((figure, across)) = of.figure(name).and_then(|f| Some((f, f.across?))) else { continue };
            // What the customer sees before the answer behind it.
            let seen = |place: usize| matches!(of.places.get(place).map(|p| &p.source), Some(PlaceSource::Page { .. }));
            let Some((_, fact)) = said.iter().min_by_key(|(place, _)| !seen(**place)) else { continue };
            let topic = format!("{}/{}.{name}", held.id, of.id);
            let row = (topic.clone(), key.clone());
            if judgement.wrong.contains(&row) || self.wrong.contains(&row) {
                continue;
            }
            let (zh, en) = of_figure(of, key, figure);
            let (value, read, tolerance) = (fact.value.clone(), fact.read, figure.tolerance);
            all.push(Alike { topic, key: key.clone(), zh, en, urgent: of.urgent, value, read, tolerance, across });
        }
        all
    }
}
