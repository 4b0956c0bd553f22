//! What waits for one receiver becomes one message. Pure.

use super::outbox::DIGEST_REASON;
use crate::id::{IncidentId, NoticeId};
use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A notice that waits for a receiver, or that a digest tells of which does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The notice.
    pub id: NoticeId,
    /// What it is about.
    pub incident: IncidentId,
    /// The reason word.
    pub reason: String,
    /// Its JSON.
    pub body: String,
    /// When it was queued.
    pub queued: Moment,
    /// How many tries there were.
    pub tries: u32,
    /// The waiting digest that tells of it.
    pub told_by: Option<NoticeId>,
    /// When the lease of somebody ran out who did not say what became of it.
    pub left: Option<Moment>,
}

impl Waiting {
    fn is_digest(&self) -> bool {
        self.reason == DIGEST_REASON
    }
}

/// The next message to a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Somebody began to send it and died: it may have arrived, so it goes out once more as it was.
    Repeat(NoticeId),
    /// One incident.
    One {
        /// The notice.
        id: NoticeId,
        /// Older ones of the same incident, needless now.
        superseded: Vec<NoticeId>,
    },
    /// Several incidents.
    Several {
        /// The digest that tells of the same ones already, and is tried again; otherwise it is a new one.
        digest: Option<NoticeId>,
        /// The newest notice of each incident.
        gathered: Vec<NoticeId>,
        /// Older ones of the same incidents, and digests that told of fewer.
        superseded: Vec<NoticeId>,
        /// How often any of it was tried.
        tries: u32,
    },
}

/// What of `waiting` is sent next, if anything waits. What somebody left half-way is repeated as it was for `repeat_within`;
/// later it is old news, and told with the rest.
pub fn message(waiting: &[Waiting], now: Moment, repeat_within: Duration) -> Option<Message> {
    if let Some(left) = waiting.iter().find(|notice| just_left(notice, now, repeat_within)) {
        return Some(Message::Repeat(left.id));
    }
    let digests: Vec<&Waiting> = waiting.iter().filter(|notice| notice.is_digest()).collect();
    let (newest, older) = newest(waiting.iter().filter(|notice| !notice.is_digest()));
    let fresh = newest.iter().any(|notice| notice.told_by.is_none());
    let ids = |notices: &[&Waiting]| notices.iter().map(|notice| notice.id).collect::<Vec<_>>();
    match (&newest[..], &digests[..]) {
        ([], []) => None,
        ([one], []) => Some(Message::One { id: one.id, superseded: ids(&older) }),
        (_, [digest]) if !fresh => {
            let (digest, gathered) = (Some(digest.id), ids(&newest));
            Some(Message::Several { digest, gathered, superseded: ids(&older), tries: 0 })
        }
        _ => {
            let tries = waiting.iter().map(|notice| notice.tries).max().unwrap_or_default();
            let superseded = [ids(&older), ids(&digests)].concat();
            Some(Message::Several { digest: None, gathered: ids(&newest), superseded, tries })
        }
    }
}

/// The same where the receiver wants each incident by itself: one message an incident. A digest from when it did not is
/// sent as it was.
pub fn messages_apart(waiting: &[Waiting]) -> Vec<Message> {
    let (digests, notices): (Vec<_>, Vec<_>) =
        waiting.iter().filter(|notice| notice.told_by.is_none()).partition(|notice| notice.is_digest());
    let (newest, older) = newest(notices.into_iter());
    let of = |one: &Waiting| older.iter().filter(|old| old.incident == one.incident).map(|old| old.id).collect();
    let apart = newest.iter().map(|one| Message::One { id: one.id, superseded: of(one) });
    digests.iter().map(|digest| Message::Repeat(digest.id)).chain(apart).collect()
}

/// What of `waiting` nobody wants to hear any more, by `unwanted`: notices, and digests that tell of nothing else. What
/// somebody left half-way may have arrived, and stays.
pub fn needless(waiting: &[Waiting], unwanted: impl Fn(&Waiting) -> bool) -> Vec<NoticeId> {
    let (dropped, kept): (Vec<&Waiting>, Vec<&Waiting>) = waiting
        .iter()
        .filter(|notice| !notice.is_digest())
        .partition(|notice| notice.left.is_none() && unwanted(notice));
    let emptied = waiting.iter().filter(|digest| {
        let told = |notices: &[&Waiting]| notices.iter().any(|notice| notice.told_by == Some(digest.id));
        digest.is_digest() && digest.left.is_none() && told(&dropped) && !told(&kept)
    });
    dropped.iter().map(|notice| notice.id).chain(emptied.map(|digest| digest.id)).collect()
}

fn just_left(notice: &Waiting, now: Moment, repeat_within: Duration) -> bool {
    notice.told_by.is_none() && notice.left.is_some_and(|left| now.since(left) <= repeat_within)
}

/// The newest notice of each incident, and the others; both oldest first.
fn newest<'a>(notices: impl Iterator<Item = &'a Waiting>) -> (Vec<&'a Waiting>, Vec<&'a Waiting>) {
    let mut all: Vec<&Waiting> = notices.collect();
    all.sort_by_key(|notice| notice.id);
    let last: BTreeMap<IncidentId, NoticeId> = all.iter().map(|notice| (notice.incident, notice.id)).collect();
    let last: BTreeSet<NoticeId> = last.into_values().collect();
    all.into_iter().partition(|notice| last.contains(&notice.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_000_000);
    const MINUTE: Duration = Duration::from_secs(60);

    struct Desk {
        incidents: Vec<IncidentId>,
        waiting: Vec<Waiting>,
    }

    impl Desk {
        /// One notice a word: the incident's number, `d` for a digest, `<2` told by the notice in third place, `!` left
        /// just now, `?` left long ago, `+` tried.
        fn of(words: &str) -> Self {
            let incidents: Vec<IncidentId> = (0..10).map(|_| IncidentId::fresh()).collect();
            let ids: Vec<NoticeId> = (0..10).map(|_| NoticeId::fresh()).collect();
            let number = |c: char| c.to_digit(10).unwrap_or_default() as usize;
            let one = |(at, word): (usize, &str)| Waiting {
                id: ids[at],
                incident: incidents[word.chars().next().map_or(0, number)],
                reason: if word.starts_with('d') { DIGEST_REASON.into() } else { "first-seen".into() },
                body: String::new(),
                queued: NOW,
                tries: u32::from(word.contains('+')) * 3,
                told_by: word.split_once('<').map(|(_, by)| ids[by.chars().next().map_or(0, number)]),
                left: match () {
                    () if word.contains('!') => Some(NOW),
                    () if word.contains('?') => Some(Moment::from_millis(0)),
                    () => None,
                },
            };
            let waiting = words.split_whitespace().enumerate().map(one).collect();
            Self { incidents, waiting }
        }

        /// Notices by their places.
        fn places(&self, ids: &[NoticeId]) -> String {
            let place =
                |id: &NoticeId| self.waiting.iter().position(|w| w.id == *id).map_or("?".into(), |p| p.to_string());
            ids.iter().map(place).collect::<Vec<_>>().join(",")
        }

        fn shown(&self, message: &Message) -> String {
            match message {
                Message::Repeat(id) => format!("repeat {}", self.places(&[*id])),
                Message::One { id, superseded } => {
                    format!("one {} over {}", self.places(&[*id]), self.places(superseded))
                }
                Message::Several { digest, gathered, superseded, tries } => {
                    let name = digest.map_or("new".to_owned(), |id| self.places(&[id]));
                    format!("{name} of {} over {} after {tries}", self.places(gathered), self.places(superseded))
                }
            }
        }
    }

    #[test]
    fn what_waits_becomes_one_message() {
        let check = |words: &str, expected: &str| {
            let desk = Desk::of(words);
            assert_eq!(desk.incidents.len(), 10);
            let got = message(&desk.waiting, NOW, MINUTE).map_or("nothing".to_owned(), |m| desk.shown(&m));
            assert_eq!(got, expected, "{words}");
        };
        check("", "nothing");
        check("1", "one 0 over ");
        check("1 1 1", "one 2 over 0,1");
        check("1 2", "new of 0,1 over  after 0");
        check("1 2 1", "new of 1,2 over 0 after 0");
        check("1+ 2", "new of 0,1 over  after 3");
        // A digest that was not accepted: the same once more, or with what came since.
        check("1<2 2<2 d+", "2 of 0,1 over  after 0");
        check("1<2 2<2 d+ 3", "new of 0,1,3 over 2 after 3");
        check("1<2 2<2 d+ 1", "new of 1,3 over 0,2 after 3");
        // Left half-way: first by itself, as it was; when that is long ago, as any other.
        check("1! 2 1", "repeat 0");
        check("1<2 2<2 d+! 3", "repeat 2");
        check("1? 2", "new of 0,1 over  after 0");
        check("1<2 2<2 d+?", "2 of 0,1 over  after 0");
    }

    #[test]
    fn what_nobody_wants_any_more_is_needless() {
        let check = |words: &str, unwanted: usize, expected: &str| {
            let desk = Desk::of(words);
            let incident = desk.incidents[unwanted];
            let needless = needless(&desk.waiting, |notice| notice.incident == incident);
            assert_eq!(desk.places(&needless), expected, "{words}");
        };
        check("1 2 1", 1, "0,2");
        check("1 2", 3, "");
        check("1<2 2<2 d+", 1, "0");
        check("1<1 d+ 2", 1, "0,1");
        check("1! 1", 1, "1");
    }

    #[test]
    fn who_wants_incidents_apart_gets_them_apart() {
        let check = |words: &str, expected: &[&str]| {
            let desk = Desk::of(words);
            let got: Vec<String> = messages_apart(&desk.waiting).iter().map(|m| desk.shown(m)).collect();
            assert_eq!(got, expected, "{words}");
        };
        check("", &[]);
        check("1 2 1", &["one 1 over ", "one 2 over 0"]);
        check("1<2 2<2 d 1", &["repeat 2", "one 3 over "]);
    }
}
