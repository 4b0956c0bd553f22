//! Rows read into domain types, and incidents written into rows.

use super::handling;
use super::trouble::{self, unreadable};
use super::word::{Worded, parse};
use crate::actor::Actor;
use crate::evidence::EvidenceKey;
use crate::finding::{Bilingual, Fingerprint, Kin};
use crate::id::StepId;
use crate::incident::{Incident, LedgerError, Odds, Sighting, StepCount, WalkRow};
use crate::moment::Moment;
use crate::walk::Purpose;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::str::FromStr;
use std::time::Duration;

/// A row and the words for what is wrong with it.
pub(super) struct Read<'a>(pub &'a AnyRow);

impl Read<'_> {
    pub fn text(&self, column: &str) -> Result<String, LedgerError> {
        self.0.try_get(column).map_err(|e| trouble::of(&e))
    }

    pub fn maybe_text(&self, column: &str) -> Result<Option<String>, LedgerError> {
        self.0.try_get(column).map_err(|e| trouble::of(&e))
    }

    pub fn number(&self, column: &str) -> Result<i64, LedgerError> {
        self.0.try_get(column).map_err(|e| trouble::of(&e))
    }

    pub fn count(&self, column: &str) -> Result<u32, LedgerError> {
        let number = self.number(column)?;
        u32::try_from(number).map_err(|_| unreadable(column, &number.to_string()))
    }

    pub fn moment(&self, column: &str) -> Result<Moment, LedgerError> {
        Ok(Moment::from_millis(self.number(column)?))
    }

    pub fn maybe_moment(&self, column: &str) -> Result<Option<Moment>, LedgerError> {
        let millis: Option<i64> = self.0.try_get(column).map_err(|e| trouble::of(&e))?;
        Ok(millis.map(Moment::from_millis))
    }

    pub fn id<T: FromStr>(&self, column: &str) -> Result<T, LedgerError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| unreadable(column, &text))
    }

    pub fn maybe_id<T: FromStr>(&self, column: &str) -> Result<Option<T>, LedgerError> {
        let text = self.maybe_text(column)?;
        text.map(|t| t.parse().map_err(|_| unreadable(column, &t))).transpose()
    }

    pub fn word<T: Worded>(&self, column: &str) -> Result<T, LedgerError> {
        parse(column, &self.text(column)?)
    }

    pub fn maybe_word<T: Worded>(&self, column: &str) -> Result<Option<T>, LedgerError> {
        self.maybe_text(column)?.map(|word| parse(column, &word)).transpose()
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, LedgerError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|_| unreadable(column, &text))
    }

    fn maybe_evidence(&self, column: &str) -> Result<Option<EvidenceKey>, LedgerError> {
        self.maybe_text(column)?.map(|name| evidence(column, &name)).transpose()
    }
}

fn evidence(column: &str, name: &str) -> Result<EvidenceKey, LedgerError> {
    EvidenceKey::parse(name).ok_or_else(|| unreadable(column, name))
}

/// Reads an incident.
pub(super) fn incident(row: &AnyRow) -> Result<Incident, LedgerError> {
    let row = Read(row);
    Ok(Incident {
        id: row.id("id")?,
        fingerprint: Fingerprint::stored(row.text("fingerprint")?),
        kind: row.word("kind")?,
        kin: row.maybe_text("kin")?.zip(row.maybe_text("looks")?).map(|(cause, looks)| Kin { cause, looks }),
        parent: row.maybe_id("parent")?,
        past: row.maybe_moment("past")?,
        app: row.text("app")?,
        journey: row.id("journey")?,
        title: row.text("title")?,
        step: row.maybe_text("step")?.map(StepId),
        step_title: row.text("step_title")?,
        route: row.text("route")?,
        devices: row.json("devices")?,
        detector: row.text("detector")?,
        class: row.maybe_word("class")?,
        severity: row.word("severity")?,
        attribution: row.word("attribution")?,
        headline: Bilingual::new(row.text("headline_zh")?, row.text("headline_en")?),
        cause: row.maybe_text("cause")?,
        state: row.word("state")?,
        suspicion: row.maybe_id("suspicion")?,
        first_seen: row.moment("first_seen")?,
        last_seen: row.moment("last_seen")?,
        opened: row.maybe_moment("opened")?,
        recovered: row.maybe_moment("recovered")?,
        sightings: row.count("sightings")?,
        unconfirmed: row.count("unconfirmed")?,
        reopened: row.count("reopened")?,
        flaps: row.count("flaps")?,
        odds: Odds {
            in_a_row: row.count("in_a_row")?,
            score: row.count("score")?,
            looks: row.count("looks_counted")?,
            met: row.count("looks_met")?,
            intermittent: row.count("intermittent")? != 0,
        },
        flapping: row.count("flapping")? != 0,
        digest: row.text("digest")?,
        good_walk: row.maybe_id("good_walk")?,
        failing_walk: row.id("failing_walk")?,
        picture: row.maybe_evidence("picture")?,
        owner: row.maybe_text("owner")?,
        tags: row.json("tags")?,
        previous: row.maybe_id("previous")?,
        judged: (row.moment("judged_at")?, row.id("judged_walk")?),
        handling: handling::read(&row.text("handling")?)?,
        revision: row.count("revision")?,
    })
}

fn actor(word: &str) -> Result<Actor, LedgerError> {
    Actor::parse(word).map_err(|_| unreadable("asked_by", word))
}

/// Reads a walk; `record` may be left out of the query.
pub(super) fn walk(row: &AnyRow) -> Result<WalkRow, LedgerError> {
    let json = row.try_get::<String, _>("record").unwrap_or_default();
    let row = Read(row);
    let purpose = match row.text("purpose")?.as_str() {
        "patrol" => Purpose::Patrol { slot: row.moment("slot")? },
        "confirm" => Purpose::Confirm { of: row.id("confirms")? },
        "verify" => Purpose::Verify { of: row.id("verifies")? },
        "asked" => Purpose::Asked { by: actor(&row.text("asked_by")?)?, of: row.maybe_id("verifies")? },
        "manual" => Purpose::Manual,
        other => return Err(unreadable("purpose", other)),
    };
    Ok(WalkRow {
        walk: row.id("id")?,
        journey: row.id("journey")?,
        title: row.text("title")?,
        app: row.text("app")?,
        device: row.text("device")?,
        purpose,
        started: row.moment("started")?,
        elapsed: Duration::from_millis(row.number("elapsed_ms")?.max(0).unsigned_abs()),
        verdict: row.word("verdict")?,
        class: row.maybe_word("class")?,
        attribution: row.maybe_word("attribution")?,
        steps: StepCount { walked: row.count("steps_walked")?, all: row.count("steps")? },
        json,
    })
}

/// Reads a sighting.
pub(super) fn sighting(row: &AnyRow) -> Result<Sighting, LedgerError> {
    let row = Read(row);
    let names: Vec<String> = row.json("evidence")?;
    Ok(Sighting {
        incident: row.id("incident")?,
        walk: row.id("walk")?,
        at: row.moment("at")?,
        role: row.word("role")?,
        device: row.text("device")?,
        cause: row.maybe_text("cause")?,
        evidence: names.iter().map(|name| evidence("evidence", name)).collect::<Result<_, _>>()?,
    })
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

/// Binds an incident's columns in the order of the statements in `ledger.rs`: $1 to $51.
pub(super) fn bind_incident<'q>(query: Query<'q>, i: &Incident) -> Query<'q> {
    let text = |value: &dyn std::fmt::Display| value.to_string();
    let json = |value: serde_json::Value| value.to_string();
    let maybe = |moment: Option<Moment>| moment.map(Moment::as_millis);
    query
        .bind(text(&i.id))
        .bind(i.fingerprint.as_str().to_owned())
        .bind(i.kind.word())
        .bind(i.app.clone())
        .bind(text(&i.journey))
        .bind(i.title.clone())
        .bind(i.step.as_ref().map(|s| s.0.clone()))
        .bind(i.step_title.clone())
        .bind(i.route.clone())
        .bind(json(serde_json::json!(i.devices)))
        .bind(i.detector.clone())
        .bind(i.class.map(|c| c.word()))
        .bind(i.severity.word())
        .bind(i.attribution.word())
        .bind(i.headline.zh.clone())
        .bind(i.headline.en.clone())
        .bind(i.cause.clone())
        .bind(i.state.word())
        .bind(i.suspicion.map(|w| w.to_string()))
        .bind(i.first_seen.as_millis())
        .bind(i.last_seen.as_millis())
        .bind(maybe(i.opened))
        .bind(maybe(i.recovered))
        .bind(i64::from(i.sightings))
        .bind(i64::from(i.unconfirmed))
        .bind(i64::from(i.reopened))
        .bind(i.good_walk.map(|w| w.to_string()))
        .bind(text(&i.failing_walk))
        .bind(i.picture.as_ref().map(|k| k.to_string()))
        .bind(i.owner.clone())
        .bind(json(serde_json::json!(i.tags)))
        .bind(i.previous.map(|p| p.to_string()))
        .bind(i.judged.0.as_millis())
        .bind(text(&i.judged.1))
        .bind(i64::from(i.revision))
        .bind(i64::from(i.flaps))
        .bind(i64::from(i.flapping))
        .bind(i.digest.clone())
        .bind(i.kin.as_ref().map(|kin| kin.cause.clone()))
        .bind(i.kin.as_ref().map(|kin| kin.looks.clone()))
        .bind(i.parent.map(|parent| parent.to_string()))
        .bind(maybe(i.past))
        .bind(i64::from(i.odds.in_a_row))
        .bind(i64::from(i.odds.score))
        .bind(i64::from(i.odds.looks))
        .bind(i64::from(i.odds.met))
        .bind(i64::from(i.odds.intermittent))
        .bind(i.standing().word())
        .bind(i.handling.assignee.clone())
        .bind(handling::written(&i.handling))
        .bind(i.words())
}
