//! The shape baselines are kept in: `baseline.v2`, JSON. `baseline.v1` is the same without paces and pictures, and read as such.

mod picture;

use super::pace::{Look, Pace};
use super::paces::{Paces, Way};
use super::season::{Hour, Season, Told};
use super::{Baseline, Route, Usual};
use crate::finding::Fingerprint;
use crate::id::StepId;
use crate::walk::Promise;
use picture::KnownPictureV2;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

const SHAPE: &str = "baseline.v2";
/// What is still read.
const BEFORE: &str = "baseline.v1";

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not JSON of this shape.
    #[error("it is not what gengfu wrote ({0}): restore it, or delete it and let the walks teach a new one")]
    Damaged(String),
    /// It is of another shape.
    #[error("its shape is `{0}`, this gengfu knows `baseline.v2`: use the newer gengfu again, or delete it")]
    Shape(String),
}

#[derive(Serialize, Deserialize)]
struct BaselineV2 {
    shape: String,
    /// Walks that taught it.
    walks: u32,
    routes: BTreeMap<String, RouteV2>,
    /// Fingerprints of what is no news, with what was said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    usual: BTreeMap<String, String>,
    /// How long steps take, by their names and those of the steps before them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    paces: BTreeMap<String, PaceV2>,
    /// How pages look, by the names of their pictures.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pictures: BTreeMap<String, KnownPictureV2>,
}

#[derive(Serialize, Deserialize)]
struct PaceV2 {
    /// The step before it.
    after: String,
    /// The last of the walks that met it.
    met: u32,
    /// How far it is suspected of having become slower.
    score: u32,
    /// When the newest look was made, in milliseconds since 1970.
    newest: i64,
    /// Looks, the oldest first: the hour, and a thousand times the logarithm of the milliseconds it took. `9:6802 9:6731`;
    /// hours of weekends begin at 24.
    looks: String,
    /// Looks that wait until it is no longer suspected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    waiting: String,
    /// What the hours add: the hour, how many looks, and the sum of what they were off in thousandths. `9:12:310`.
    hours: String,
}

#[derive(Serialize, Deserialize)]
struct RouteV2 {
    /// The last of the walks that met it.
    met: u32,
    /// Promises with the number of walks in a row that saw them held.
    held: BTreeMap<String, u32>,
}

impl Baseline {
    /// As it is kept.
    pub fn to_json(&self) -> String {
        let route = |route: &Route| RouteV2 {
            met: route.met,
            held: route.held.iter().map(|(promise, walks)| (promise.to_string(), *walks)).collect(),
        };
        let shape = BaselineV2 {
            shape: SHAPE.into(),
            walks: self.walks,
            routes: self.routes.iter().map(|(name, known)| (name.clone(), route(known))).collect(),
            usual: self.usual.iter().map(|(print, said)| (print.to_string(), said.clone())).collect(),
            paces: self.paces.0.iter().map(|(way, pace)| (named(way), PaceV2::of(way, pace))).collect(),
            pictures: self.pictures.iter().map(|(name, known)| (name.clone(), KnownPictureV2::of(known))).collect(),
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
            Some(SHAPE | BEFORE) => {}
            Some(other) => return Err(BaselineError::Shape(other.to_owned())),
            None => return Err(damaged("it has no `shape`".into())),
        }
        let shape: BaselineV2 = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
        let mut routes = BTreeMap::new();
        for (name, route) in shape.routes {
            let held = route.held.into_iter().map(|(promise, walks)| Ok((promise.parse::<Promise>()?, walks)));
            let held: Result<_, crate::walk::NoPromise> = held.collect();
            routes.insert(name, Route { met: route.met, held: held.map_err(|e| damaged(e.to_string()))? });
        }
        let usual: Usual = shape.usual.into_iter().map(|(print, said)| (Fingerprint::stored(print), said)).collect();
        let paces = shape.paces.into_iter().map(|(name, pace)| Ok((way_of(name, &pace.after), pace.read()?)));
        let paces: Result<_, String> = paces.collect();
        let mut pictures = BTreeMap::new();
        for (name, picture) in shape.pictures {
            let picture = picture.read().ok_or_else(|| damaged(format!("the picture `{name}` cannot be read")))?;
            pictures.insert(name, picture);
        }
        Ok(Self { walks: shape.walks, routes, paces: Paces(paces.map_err(damaged)?), usual, pictures })
    }
}

/// A step by its name and that of the one before it: `tap-login ← fill-password`.
fn named(way: &Way) -> String {
    if way.after.is_empty() { way.step.0.clone() } else { format!("{} ← {}", way.step.0, way.after) }
}

/// The step of a name. Files of before have the step alone.
fn way_of(name: String, after: &str) -> Way {
    let step = name.strip_suffix(after).and_then(|rest| rest.strip_suffix(" ← ")).map(str::to_owned);
    Way { step: StepId(step.unwrap_or(name)), after: after.to_owned() }
}

impl PaceV2 {
    fn of(way: &Way, pace: &Pace) -> Self {
        let looks = |looks: &VecDeque<Look>| {
            let words = looks.iter().map(|look| format!("{}:{}", look.hour.number(), look.took));
            words.collect::<Vec<_>>().join(" ")
        };
        let told = pace.season.0.iter().enumerate().filter(|(_, told)| told.looks > 0);
        let hours: Vec<String> = told.map(|(hour, told)| format!("{hour}:{}:{}", told.looks, told.off)).collect();
        Self {
            after: way.after.clone(),
            met: pace.met,
            score: pace.score,
            newest: pace.newest,
            looks: looks(&pace.looks),
            waiting: looks(&pace.waiting),
            hours: hours.join(" "),
        }
    }

    fn read(self) -> Result<Pace, String> {
        let look = |text: &str| {
            let (hour, took) = text.split_once(':')?;
            Some(Look { hour: hour_of(hour)?, took: took.parse().ok()? })
        };
        let told = |text: &str| {
            let (hour, told) = text.split_once(':')?;
            let (looks, off) = told.split_once(':')?;
            Some((hour_of(hour)?, Told { looks: looks.parse().ok()?, off: off.parse().ok()? }))
        };
        let mut season = Season::default();
        for (hour, told) in words::<_, Vec<_>>(&self.hours, told)? {
            season.0[hour.number()] = told;
        }
        Ok(Pace {
            looks: words(&self.looks, look)?,
            waiting: words(&self.waiting, look)?,
            season,
            met: self.met,
            newest: self.newest,
            score: self.score,
        })
    }
}

fn hour_of(text: &str) -> Option<Hour> {
    text.parse().ok().and_then(Hour::numbered)
}

/// All words of a text, as `read` reads them.
fn words<T, C: FromIterator<T>>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<C, String> {
    text.split_whitespace().map(|word| read(word).ok_or_else(|| format!("`{word}` is no time of a step"))).collect()
}
