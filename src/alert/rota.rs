//! The hours of those whom alerts reach, for deadlines to wait for.

use super::{Reach, Routes};
use crate::incident::Rota;

impl Routes {
    /// When each of those who may answer for an incident is told of what can wait.
    pub fn rota(&self) -> Rota {
        let reaches = |reach: &Reach| reach.at_once.iter().chain(reach.otherwise.iter().flatten()).next().is_some();
        // For whom nothing reaches, the fallback hears it.
        let hours = |reach: &Reach| {
            let heard_by = if reaches(reach) { reach } else { &self.fallback };
            heard_by.hours.clone()
        };
        Rota {
            owners: self.owners.iter().map(|(name, reach)| (name.clone(), hours(reach))).collect(),
            fallback: self.fallback.hours.clone(),
            operator: hours(&self.operator),
        }
    }
}
