//! The shape baselines are kept in: `baseline.v1`, JSON.

mod picture;

use super::{Baseline, Route, Usual};
use crate::finding::Fingerprint;
use crate::walk::Promise;
use picture::ApprovedV1;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SHAPE: &str = "baseline.v1";

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not JSON of this shape.
    #[error("it is not what gengfu wrote ({0}): restore it, or delete it and let the walks teach a new one")]
    Damaged(String),
    /// It is of another shape.
    #[error("its shape is `{0}`, this gengfu knows `baseline.v1`: use the newer gengfu again, or delete it")]
    Shape(String),
}

#[derive(Serialize, Deserialize)]
struct BaselineV1 {
    shape: String,
    /// Walks that taught it.
    walks: u32,
    routes: BTreeMap<String, RouteV1>,
    /// Fingerprints of what is no news, with what was said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    usual: BTreeMap<String, String>,
    /// How pages look, by the names of their pictures.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pictures: BTreeMap<String, ApprovedV1>,
}

#[derive(Serialize, Deserialize)]
struct RouteV1 {
    /// The last of the walks that met it.
    met: u32,
    /// Promises with the number of walks in a row that saw them held.
    held: BTreeMap<String, u32>,
}

impl Baseline {
    /// As it is kept.
    pub fn to_json(&self) -> String {
        let route = |route: &Route| RouteV1 {
            met: route.met,
            held: route.held.iter().map(|(promise, walks)| (promise.to_string(), *walks)).collect(),
        };
        let shape = BaselineV1 {
            shape: SHAPE.into(),
            walks: self.walks,
            routes: self.routes.iter().map(|(name, known)| (name.clone(), route(known))).collect(),
            usual: self.usual.iter().map(|(print, said)| (print.to_string(), said.clone())).collect(),
            pictures: self.pictures.iter().map(|(name, known)| (name.clone(), ApprovedV1::of(known))).collect(),
        };
        serde_json::to_string_pretty(&shape).expect("invariant: maps of texts and numbers")
    }

    /// From what is kept.
    ///
    /// # Errors
    /// When it is damaged, or of another shape.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let damaged = |said: String| BaselineError::Damaged(said);
        let value: serde_json::Value = serde_json::from_str(text).map_err(|e| damaged(e.to_string()))?;
        match value["shape"].as_str() {
            Some(SHAPE) => {}
            Some(other) => return Err(BaselineError::Shape(other.to_owned())),
            None => return Err(damaged("it has no `shape`".into())),
        }
        let shape: BaselineV1 = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
        let mut routes = BTreeMap::new();
        for (name, route) in shape.routes {
            let held = route.held.into_iter().map(|(promise, walks)| Ok((promise.parse::<Promise>()?, walks)));
            let held: Result<_, crate::walk::NoPromise> = held.collect();
            routes.insert(name, Route { met: route.met, held: held.map_err(|e| damaged(e.to_string()))? });
        }
        let usual: Usual = shape.usual.into_iter().map(|(print, said)| (Fingerprint::stored(print), said)).collect();
        let mut pictures = BTreeMap::new();
        for (name, picture) in shape.pictures {
            let picture = picture.read().ok_or_else(|| damaged(format!("the picture `{name}` cannot be read")))?;
            pictures.insert(name, picture);
        }
        Ok(Self { walks: shape.walks, routes, usual, pictures })
    }
}
