//! Walks with churn and without a fault: everything that is filed of the app is false.

use super::patrol::Patrol;
use super::stage;
use super::watch::TOLD;
use gengfu::demo::Rate;
use gengfu::incident::State;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a patrol of a healthy app filed.
#[derive(Default)]
pub struct Clean {
    /// Walks, those that confirm included.
    pub walks: usize,
    pub inconclusive: usize,
    /// Incidents that people would have been told of.
    pub incidents: Vec<String>,
    /// Suspicions that no other walk shared: nobody is told.
    pub suspicions: Vec<String>,
    pub took: Duration,
}

impl Patrol {
    /// Walks each of `journeys`, in their order, into one ledger.
    pub async fn clean(&self, journeys: &[&str]) -> Clean {
        let (began, mut watch) = (Instant::now(), self.begin(&[], Rate::Always).await);
        for name in journeys {
            watch.walk(stage::load(name)).await;
        }
        let mut clean = Clean { walks: watch.walks, inconclusive: watch.inconclusive, ..Clean::default() };
        for (states, into) in [(&TOLD[..], &mut clean.incidents), (&[State::Suspected], &mut clean.suspicions)] {
            let families = watch.families(states).await;
            into.extend(families.iter().map(|(i, _)| format!("{} {} {}", i.journey, i.detector, i.headline.zh)));
        }
        self.end(watch).await;
        Clean { took: began.elapsed(), ..clean }
    }
}

impl Clean {
    pub fn with(mut self, more: Clean) -> Clean {
        self.incidents.extend(more.incidents);
        self.suspicions.extend(more.suspicions);
        let (walks, inconclusive) = (self.walks + more.walks, self.inconclusive + more.inconclusive);
        Clean { walks, inconclusive, took: self.took.max(more.took), ..self }
    }

    pub fn to_json(&self) -> Value {
        json!({"walks": self.walks, "inconclusive": self.inconclusive, "incidents": self.incidents,
            "suspicions": self.suspicions, "seconds": self.took.as_secs()})
    }
}
