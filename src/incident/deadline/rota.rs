//! Whose hours an incident's deadlines wait for.

use super::Hours;
use crate::incident::{Incident, Kind};
use std::collections::BTreeMap;

/// When those who answer for incidents want to be told of them, by the owner map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rota {
    /// By owner; `None` for who is told at any hour.
    pub owners: BTreeMap<String, Option<Hours>>,
    /// Of who answers for what none of these does.
    pub fallback: Option<Hours>,
    /// Of who answers for the robot's own trouble.
    pub operator: Option<Hours>,
}

impl Rota {
    /// The hours of who answers for `incident`: who was named to see to it, where the owner map knows them, else its owner.
    pub fn of(&self, incident: &Incident) -> Option<&Hours> {
        match incident.kind {
            Kind::Robot => self.operator.as_ref(),
            Kind::App => self.first([incident.handling.assignee.as_deref(), incident.owner.as_deref()]),
        }
    }

    /// The hours of who answers for what is `owner`'s.
    pub fn of_owner(&self, owner: Option<&str>) -> Option<&Hours> {
        self.first([owner])
    }

    fn first<const N: usize>(&self, names: [Option<&str>; N]) -> Option<&Hours> {
        let known = names.into_iter().flatten().find_map(|name| self.owners.get(name));
        known.unwrap_or(&self.fallback).as_ref()
    }
}
