//! What is about to be sent, as it is true now: what waited is held against what its incident is by now.

use super::Deliverer;
use crate::alert::digest::is_over;
use crate::alert::{
    AlertReason, Bulletin, Digest, Message, Notice, Picture, Pile, Receiver, SendError, Telling, Waiting, render,
    render_digest,
};
use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, NoticeId};
use crate::incident::Incident;
use crate::moment::Moment;
use std::collections::BTreeMap;

/// A message that is ready, and what it tells of.
pub(super) struct Draft {
    pub id: NoticeId,
    /// A new digest: the incident it stands under, and how often what it tells of was tried.
    pub digest: Option<(IncidentId, u32)>,
    /// Its content, where that is not what was queued.
    pub body: Option<String>,
    pub gathered: Vec<NoticeId>,
    pub superseded: Vec<NoticeId>,
    /// What is sent; why nothing can be, otherwise.
    pub notice: Result<Notice, SendError>,
}

impl Draft {
    /// One message under its own name. What it says is kept where that is not what was queued: who repeats it repeats that.
    fn of(waiting: &Waiting, superseded: Vec<NoticeId>, notice: Result<Notice, SendError>) -> Self {
        let said = notice.as_ref().ok().map(|notice| &notice.bulletin);
        let body = said.filter(|said| **said != waiting.body).cloned();
        Self { id: waiting.id, digest: None, body, gathered: Vec::new(), superseded, notice }
    }
}

impl Deliverer {
    /// `message`, written. What cannot be read keeps nothing else back: it goes first, and is given up.
    pub(super) async fn draft(
        &self,
        channel: &str,
        receiver: &Receiver,
        pile: &Pile,
        message: Message,
        now: Moment,
    ) -> Option<Draft> {
        let waiting: BTreeMap<NoticeId, &Waiting> = pile.notices.iter().map(|w| (w.id, w)).collect();
        match message {
            Message::Repeat(id) => Some(self.repeated(receiver, waiting.get(&id)?).await),
            Message::One { id, superseded } => {
                let waiting = waiting.get(&id)?;
                let incident = pile.incidents.get(&waiting.incident);
                let told = self.as_it_is(channel, receiver, waiting, incident).await;
                let notice = self.notice(receiver, waiting, told).await;
                Some(Draft::of(waiting, superseded, notice))
            }
            Message::Several { digest, gathered, superseded, tries } => {
                let mut told = Vec::new();
                for waiting in gathered.iter().filter_map(|id| waiting.get(id)) {
                    match bulletin(waiting) {
                        Ok(bulletin) => told.push(present(bulletin, pile.incidents.get(&waiting.incident))),
                        Err(error) => return Some(Draft::of(waiting, Vec::new(), Err(error))),
                    }
                }
                let known = digest.and_then(|id| waiting.get(&id));
                let id = digest.unwrap_or_else(NoticeId::fresh);
                let composed = Digest::of(id, told, now);
                let Some(worst) = composed.worst().and_then(|worst| worst.incident_id.parse().ok()) else {
                    // What it told of is forgotten by now: what is left is what it said.
                    return Some(self.repeated(receiver, known?).await);
                };
                let notice = self.digest_notice(id, receiver, known.map_or(now, |known| known.queued), &composed);
                Some(Draft {
                    id,
                    digest: digest.is_none().then_some((worst, tries)),
                    body: Some(notice.bulletin.clone()),
                    gathered,
                    superseded,
                    notice: Ok(notice),
                })
            }
        }
    }

    /// What may have arrived already, as it was.
    async fn repeated(&self, receiver: &Receiver, waiting: &Waiting) -> Draft {
        let notice = match serde_json::from_str::<Digest>(&waiting.body) {
            Ok(digest) => Ok(self.digest_notice(waiting.id, receiver, waiting.queued, &digest)),
            Err(_) => self.notice(receiver, waiting, bulletin(waiting)).await,
        };
        Draft::of(waiting, Vec::new(), notice)
    }

    fn digest_notice(&self, id: NoticeId, receiver: &Receiver, queued: Moment, digest: &Digest) -> Notice {
        let over = digest.counts.open == 0;
        Notice {
            id,
            incident: None,
            reason: digest.worst().filter(|_| !over).map_or(AlertReason::Recovered, reason),
            to: receiver.to.clone(),
            queued,
            words: render_digest(digest, &self.voice),
            bulletin: digest.to_json(),
            picture: None,
        }
    }

    /// What waits, brought up to date. Whether it was over before it could be told is written into it: who repeats it may
    /// not find out anew, since what was told meanwhile would make it say other words.
    async fn as_it_is(
        &self,
        channel: &str,
        receiver: &Receiver,
        waiting: &Waiting,
        incident: Option<&Incident>,
    ) -> Result<Bulletin, SendError> {
        let written = bulletin(waiting)?;
        let (was_over, was_told_so) = (is_over(&written), written.over_already);
        let mut bulletin = present(written, incident);
        bulletin.over_already = is_over(&bulletin) && (!was_over || was_told_so);
        if let Some(incident) = incident.filter(|_| was_over && !was_told_so) {
            // The news is that it is over. Who never heard that it began is told so.
            let since = incident.opened.unwrap_or(incident.first_seen);
            let heard = self.outbox.heard(waiting.incident, channel, receiver.to.as_deref(), since).await;
            bulletin.over_already =
                !heard.map_err(|e| SendError::temporary(format!("the outbox cannot be read: {e}")))?;
        }
        Ok(bulletin)
    }

    /// One incident's notice.
    async fn notice(
        &self,
        receiver: &Receiver,
        waiting: &Waiting,
        bulletin: Result<Bulletin, SendError>,
    ) -> Result<Notice, SendError> {
        let bulletin = bulletin?;
        let picture = self.picture(&bulletin).await;
        let words = render(
            &bulletin,
            &self.voice,
            Telling { over_already: bulletin.over_already, pictured: picture.is_some() },
        );
        Ok(Notice {
            id: waiting.id,
            incident: Some(waiting.incident),
            reason: reason(&bulletin),
            to: receiver.to.clone(),
            queued: waiting.queued,
            words,
            bulletin: bulletin.to_json(),
            picture,
        })
    }

    /// The picture that shows it. A notice without it is better than none.
    async fn picture(&self, bulletin: &Bulletin) -> Option<Picture> {
        let key = EvidenceKey::parse(&bulletin.evidence.first()?.key)?;
        match self.vault.get(&key).await {
            Ok(bytes) if bytes.len() <= self.limits.picture_bytes_max => Some(Picture { key, bytes }),
            Ok(bytes) => {
                tracing::warn!(%key, bytes = bytes.len(), "a picture is too large to send");
                None
            }
            Err(error) => {
                tracing::warn!(%key, %error, "a notice goes out without its picture");
                None
            }
        }
    }
}

fn bulletin(waiting: &Waiting) -> Result<Bulletin, SendError> {
    serde_json::from_str(&waiting.body)
        .map_err(|e| SendError::refused(format!("the stored notice cannot be read: {e}")))
}

fn present(bulletin: Bulletin, incident: Option<&Incident>) -> Bulletin {
    match incident {
        Some(incident) => bulletin.updated(incident),
        None => bulletin,
    }
}

fn reason(bulletin: &Bulletin) -> AlertReason {
    let since = bulletin.opened.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let since = Moment::from_millis(since.map_or(0, jiff::Timestamp::as_millisecond));
    AlertReason::named(bulletin.reason(), since).unwrap_or(AlertReason::FirstSeen)
}
