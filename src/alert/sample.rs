//! An invented bulletin: what people see when they look at a channel before anything happened, or try it out.

use super::{BULLETIN_VERSION, Bulletin, BulletinHeadline, Place, replay_command};
use crate::id::{IncidentId, NoticeId, WalkId};
use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The reason word of a bulletin that only tries a channel out. Nothing of it may stay open at a receiver.
pub const TRIAL: &str = "trial";

/// How long ago the invented incident began.
const BEGAN: Duration = Duration::from_secs(12 * 60);

impl Bulletin {
    /// An invented incident of an invented app, told because of the reason word `reason`.
    pub fn sample(
        reason: &str,
        event: NoticeId,
        incident: IncidentId,
        walk: WalkId,
        now: Moment,
        place: &Place,
    ) -> Self {
        let millis = |by: Duration| i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let began = Moment::from_millis(now.as_millis().saturating_sub(millis(BEGAN)));
        let tags = [("channel", "移动客户端"), ("business", "银行代理业务")];
        Self {
            version: BULLETIN_VERSION.to_owned(),
            event_id: event.to_string(),
            event_type: format!("incident.{reason}"),
            occurred_at: now.to_string(),
            incident_id: incident.to_string(),
            kind: "app".to_owned(),
            fingerprint: "v1:sample".to_owned(),
            app: "wealth-h5".to_owned(),
            channel: Some(tags[0].1.to_owned()),
            business: Some(tags[1].1.to_owned()),
            reason: None,
            rights: Vec::new(),
            tags: tags.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect::<BTreeMap<_, _>>(),
            journey: "fund-purchase".to_owned(),
            title: "基金申购（至确认页）".to_owned(),
            step: Some("tap:下一步".to_owned()),
            step_title: "点击“下一步”".to_owned(),
            page_key: "/funds/:id/buy".to_owned(),
            detector: "sample".to_owned(),
            class: Some("blocked".to_owned()),
            severity: if reason == TRIAL { "P3" } else { "P1" }.to_owned(),
            attribution: "product".to_owned(),
            state: "open".to_owned(),
            standing: "confirmed".to_owned(),
            assignee: None,
            passes: 0,
            why: None,
            instead_of: None,
            maintenance: None,
            over_already: false,
            escalated_to: None,
            headline: BulletinHeadline {
                zh: "点击“下一步”后没有反应（示例）".to_owned(),
                en: "nothing happens after tapping “Next” (an example)".to_owned(),
            },
            cause: Some("POST /api/orders/prepare 500".to_owned()),
            owner: None,
            first_seen: began.to_string(),
            last_seen: now.to_string(),
            opened: Some(began.to_string()),
            recovered: None,
            count: 2,
            unconfirmed: 0,
            reopened: 0,
            intermittent: None,
            devices: BTreeSet::from(["h5-iphone".to_owned()]),
            walk: walk.to_string(),
            good_walk: None,
            evidence: Vec::new(),
            console_url: place.console.as_ref().map(|base| format!("{base}/incidents/{incident}")),
            replay: replay_command(incident, place.config.as_deref()),
        }
    }
}
