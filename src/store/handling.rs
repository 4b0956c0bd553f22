//! What people make of an incident, as it is kept: one JSON text, each field left out while it says nothing.

use super::trouble::unreadable;
use super::word;
use crate::actor::Actor;
use crate::id::IncidentId;
use crate::incident::{Handling, LedgerError, Mute, Passes, Stage, Way};
use crate::moment::Moment;
use crate::tags::{Business, Channel, Correction, Reason, Right, Unknown};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const COLUMN: &str = "handling";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<i64>,
    #[serde(skip_serializing_if = "is_none")]
    refused: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    mute: Option<KeptMute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    #[serde(skip_serializing_if = "is_none")]
    passes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_first: Option<i64>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    passed_by: BTreeSet<(String, Option<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<i64>,
    #[serde(skip_serializing_if = "is_none")]
    escalated: u32,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    untold: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<KeptTags>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct KeptTags {
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    business: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<BTreeSet<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptMute {
    until: i64,
    why: String,
    by: String,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

/// As it is kept.
pub(super) fn written(handling: &Handling) -> String {
    let millis = |moment: Option<Moment>| moment.map(Moment::as_millis);
    let mute = |mute: &Mute| KeptMute { until: mute.until.as_millis(), why: mute.why.clone(), by: mute.by.to_string() };
    let kept = Kept {
        stage: (handling.stage != Stage::New).then(|| handling.stage.word().to_owned()),
        since: millis(handling.since),
        assignee: handling.assignee.clone(),
        acknowledged: millis(handling.acknowledged),
        claimed: millis(handling.claimed),
        refused: handling.refused,
        mute: handling.mute.as_ref().map(mute),
        duplicate_of: handling.duplicate_of.map(|id| id.to_string()),
        passes: handling.passes.count,
        passed_first: millis(handling.passes.first),
        passed_by: handling.passes.ways.iter().map(|way| (way.device.clone(), way.customer.clone())).collect(),
        closed: millis(handling.closed),
        escalated: handling.escalated,
        untold: handling.untold.iter().map(|untold| untold.word().to_owned()).collect(),
        told: millis(handling.told),
        tags: (!handling.corrected.is_empty()).then(|| kept_tags(&handling.corrected)),
    };
    serde_json::to_string(&kept).expect("invariant: it has string keys only")
}

/// Reads what was kept.
pub(super) fn read(text: &str) -> Result<Handling, LedgerError> {
    let kept: Kept = serde_json::from_str(text).map_err(|_| unreadable(COLUMN, text))?;
    let moment = |millis: Option<i64>| millis.map(Moment::from_millis);
    let id = |name: String| name.parse::<IncidentId>().map_err(|_| unreadable(COLUMN, &name));
    let mute = |mute: KeptMute| {
        let by = Actor::parse(&mute.by).map_err(|_| unreadable(COLUMN, &mute.by))?;
        Ok(Mute { until: Moment::from_millis(mute.until), why: mute.why, by })
    };
    Ok(Handling {
        stage: kept.stage.map(|stage| word::parse(COLUMN, &stage)).transpose()?.unwrap_or_default(),
        since: moment(kept.since),
        assignee: kept.assignee,
        acknowledged: moment(kept.acknowledged),
        claimed: moment(kept.claimed),
        refused: kept.refused,
        mute: kept.mute.map(mute).transpose()?,
        duplicate_of: kept.duplicate_of.map(id).transpose()?,
        passes: Passes {
            count: kept.passes,
            first: moment(kept.passed_first),
            ways: kept.passed_by.into_iter().map(|(device, customer)| Way { device, customer }).collect(),
        },
        closed: moment(kept.closed),
        escalated: kept.escalated,
        untold: kept.untold.iter().map(|untold| word::parse(COLUMN, untold)).collect::<Result<_, _>>()?,
        told: moment(kept.told),
        corrected: kept.tags.map(corrected).transpose()?.unwrap_or_default(),
    })
}

fn kept_tags(said: &Correction) -> KeptTags {
    let rights = |these: &BTreeSet<Right>| these.iter().map(|one| one.word().to_owned()).collect();
    KeptTags {
        channel: said.channel.map(|one| one.word().to_owned()),
        business: said.business.map(|one| one.word().to_owned()),
        reason: said.reason.map(|one| one.word().to_owned()),
        rights: said.rights.as_ref().map(rights),
    }
}

fn corrected(kept: KeptTags) -> Result<Correction, LedgerError> {
    fn one<T>(text: Option<String>, parse: fn(&str) -> Result<T, Unknown>) -> Result<Option<T>, LedgerError> {
        text.map(|text| parse(&text).map_err(|_| unreadable(COLUMN, &text))).transpose()
    }
    let rights = |these: BTreeSet<String>| {
        these.into_iter().map(|text| Right::parse(&text).map_err(|_| unreadable(COLUMN, &text))).collect()
    };
    Ok(Correction {
        channel: one(kept.channel, Channel::parse)?,
        business: one(kept.business, Business::parse)?,
        reason: one(kept.reason, Reason::parse)?,
        rights: kept.rights.map(rights).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Untold;

    #[test]
    fn what_people_make_of_it_comes_back_as_it_was() {
        let check = |handling: Handling, length_max: usize| {
            let text = written(&handling);
            assert!(text.len() <= length_max, "{text}");
            assert_eq!(read(&text).unwrap(), handling);
        };
        let at = |millis| Some(Moment::from_millis(millis));
        check(Handling::default(), 2);
        let by = Actor::person("韩梅梅").unwrap();
        let way =
            |device: &str, customer: Option<&str>| Way { device: device.into(), customer: customer.map(str::to_owned) };
        let ways = [way("h5-iphone", Some("linxt")), way("desktop", None)].into();
        let handling = Handling {
            stage: Stage::FixClaimed,
            since: at(1),
            assignee: Some("李雷".into()),
            acknowledged: at(2),
            claimed: at(3),
            refused: 4,
            mute: Some(Mute { until: Moment::from_millis(5), why: "升级窗口".into(), by }),
            duplicate_of: Some(IncidentId::fresh()),
            passes: Passes { count: 6, first: at(7), ways },
            closed: at(8),
            escalated: 9,
            untold: [Untold::Opened, Untold::Worsened].into(),
            told: at(11),
            corrected: Correction {
                channel: Some(Channel::PublicPlatform),
                business: Some(Business::Agency),
                reason: Some(Reason::Yield),
                rights: Some([Right::Know, Right::FairTrade].into()),
            },
        };
        check(handling, 800);
        // That it touches no right is something said.
        let corrected = Correction { rights: Some(BTreeSet::new()), ..Correction::default() };
        check(Handling { corrected, ..Handling::default() }, 40);
        assert!(read(r#"{"tags":{"reason":"weather"}}"#).is_err());
        assert!(read("{").is_err());
        assert!(read(r#"{"stage":"done"}"#).is_err());
    }
}
