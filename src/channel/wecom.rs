//! WeCom (企业微信): a group's robot. It answers 200 whatever it thinks of a message; `errcode` is its word. Its limit is in
//! bytes, and a picture is a message of its own.

use super::address::{AddressError, Robots};
use super::markup::{brief_of, fitted, widened, widened_by};
use super::post::{Answer, Fault, Letter, Poster};
use crate::alert::{Brief, Channel, Draft, Form, Notice, Picture, Receipt, SendError, SendRate, Tone};
use crate::evidence::EvidenceKind;
use crate::moment::Clock;
use crate::picture::shrunk;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest text of a markdown message, in bytes.
const TEXT_BYTES_MAX: usize = 4096;
/// The largest picture, in bytes before base64.
const PICTURE_BYTES_MAX: usize = 2 << 20;
const RATES: &[SendRate] = &[SendRate { at_most: 20, per: Duration::from_secs(60) }];
/// How long to wait after too many messages.
const THROTTLED: Duration = Duration::from_secs(60);

/// How long what follows a notice may take in all: the try itself must end in time, or the notice is sent once more.
const FOLLOW_WITHIN: Duration = Duration::from_secs(8);

const ROBOTS: Robots = Robots {
    origin: "https://qyapi.weixin.qq.com",
    wanted: "a WeCom robot: its address as WeCom shows it, `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…`, or \
             the key in it",
    token: |url| {
        let key = url.query_pairs().find(|(name, _)| name == "key").map(|(_, value)| value.into_owned());
        key.filter(|_| url.path().ends_with("/cgi-bin/webhook/send"))
    },
    url: |base, key| format!("{base}/cgi-bin/webhook/send?key={key}"),
};

/// A robot of a WeCom group.
#[derive(Debug, Clone)]
pub struct WeComRobot {
    /// Its address, or the key in it.
    pub webhook: Secret,
    /// WeCom's own ids of those who are called by their names.
    pub users: Vec<String>,
    /// Phone numbers of those who are.
    pub mobiles: Vec<String>,
    /// Whether everybody is.
    pub all: bool,
    /// Whether pictures are sent.
    pub pictures: bool,
    /// Another server than WeCom's own, such as a proxy's.
    pub base: Option<Url>,
}

/// A channel to a WeCom group.
pub struct WeCom {
    name: String,
    robot: WeComRobot,
    url: Url,
    poster: Poster,
}

impl WeCom {
    /// A channel of this `name` by `robot`.
    pub fn new(name: impl Into<String>, robot: WeComRobot, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let found = ROBOTS.find(&robot.webhook, robot.base.as_ref())?;
        let poster = Poster::new(&found.url, &found.secrets, clock)?;
        Ok(Self { name: name.into(), robot, url: found.url, poster })
    }

    /// The notice itself first: what follows only adds to it.
    fn letters(&self, notice: &Notice, picture: Option<Vec<u8>>) -> Vec<Letter> {
        let brief = brief_of(&notice.words);
        let calls = brief.tone != Tone::Calm;
        let users = if calls { self.robot.users.as_slice() } else { &[] };
        let text = fitted(
            &brief,
            |text: &String| text.len() <= TEXT_BYTES_MAX,
            |brief| markdown(&notice.words.subject, brief, users),
        );
        let mut bodies = vec![json!({ "msgtype": "markdown", "markdown": { "content": text } })];
        if calls && self.calls_by_text() {
            let all = self.robot.all.then_some("@all");
            bodies.push(json!({
                "msgtype": "text",
                "text": {
                    "content": widened(&notice.words.subject),
                    "mentioned_list": all.into_iter().collect::<Vec<_>>(),
                    "mentioned_mobile_list": self.robot.mobiles,
                },
            }));
        }
        if let Some(picture) = picture {
            let md5: String = Md5::digest(&picture).iter().map(|byte| format!("{byte:02x}")).collect();
            bodies.push(json!({ "msgtype": "image", "image": { "base64": STANDARD.encode(&picture), "md5": md5 } }));
        }
        bodies.iter().map(|body| Letter::json(self.url.clone(), body)).collect()
    }

    /// Sends what only adds to a notice.
    async fn follow(&self, letters: impl Iterator<Item = Letter> + Send) -> Result<(), SendError> {
        let all = async {
            for letter in letters {
                let answer = self.poster.post(letter).await?;
                self.poster.settle(&answer, judged(&answer))?;
            }
            Ok(())
        };
        let late = |_| Err(SendError::temporary("it took too long"));
        tokio::time::timeout(FOLLOW_WITHIN, all).await.unwrap_or_else(late)
    }

    /// Phone numbers and everybody can be called by a text message only.
    fn calls_by_text(&self) -> bool {
        self.robot.all || !self.robot.mobiles.is_empty()
    }

    fn picture(&self, notice: &Notice) -> Option<Picture> {
        notice.picture.clone().filter(|_| self.robot.pictures)
    }
}

#[async_trait::async_trait]
impl Channel for WeCom {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let picture = match self.picture(notice) {
            // To shrink one takes its time: nobody else waits for it.
            Some(picture) => tokio::task::spawn_blocking(move || small(picture)).await.ok().flatten(),
            None => None,
        };
        let mut letters = self.letters(notice, picture).into_iter();
        let first = letters.next().expect("invariant: the notice itself is the first letter");
        let answer = self.poster.post(first).await?;
        let mut receipt = self.poster.settle(&answer, judged(&answer))?;
        // What was accepted is not sent once more for the sake of its picture.
        if let Err(error) = self.follow(letters).await {
            tracing::warn!(channel = self.name, %error, "a notice was accepted without its picture or its calls");
            receipt.0 += &format!("; what should follow was not accepted: {error}");
        }
        Ok(receipt)
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        Ok(self
            .letters(notice, self.picture(notice).and_then(small))
            .iter()
            .map(|letter| self.poster.draft(letter))
            .collect())
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }

    fn sends(&self, notice: &Notice) -> u32 {
        1 + u32::from(self.calls_by_text()) + u32::from(self.robot.pictures && notice.picture.is_some())
    }
}

/// The picture as WeCom takes it, if it can be made so.
fn small(picture: Picture) -> Option<Vec<u8>> {
    match picture.key.kind() {
        EvidenceKind::Png | EvidenceKind::Jpeg if picture.bytes.len() <= PICTURE_BYTES_MAX => Some(picture.bytes),
        EvidenceKind::Png => match shrunk(&picture.bytes, PICTURE_BYTES_MAX) {
            Ok(small) => small.map(Cow::into_owned),
            Err(error) => {
                tracing::warn!(key = %picture.key, %error, "a picture cannot be made small enough to be sent");
                None
            }
        },
        _ => None,
    }
}

fn markdown(subject: &str, brief: &Brief, users: &[String]) -> String {
    let colour = match brief.tone {
        Tone::Alarm | Tone::Warning => "warning",
        Tone::Calm => "info",
        Tone::Trial => "comment",
    };
    let mut lines = vec![format!("<font color=\"{colour}\">**{}**</font>", widened(subject))];
    lines.extend(brief.notes.iter().map(|note| format!("**{}**", widened(note))));
    lines.extend(brief.facts.iter().map(|fact| {
        let value = widened_by(fact.form, &fact.value);
        match (fact.label.as_str(), fact.form) {
            ("", _) => value,
            (label, Form::Command) => format!(">{label}：`{value}`"),
            (label, _) => format!(">{label}：{value}"),
        }
    }));
    let links = [&brief.page, &brief.picture].into_iter().flatten();
    lines.extend(links.map(|link| format!("[{}]({})", link.label, link.url)));
    if !users.is_empty() {
        lines.push(users.iter().map(|user| format!("<@{user}>")).collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let said = answer.json().filter(|_| answer.status.is_success());
    let Some(code) = said.and_then(|said| said["errcode"].as_i64()) else { return Err(answer.by_status()) };
    Err(match code {
        0 => return Ok(()),
        -1 => Fault::again(answer.after, "WeCom is busy"),
        45_009 | 45_033 => {
            Fault::again(Some(THROTTLED), "more than 20 messages in a minute: WeCom listens to this robot again later")
        }
        93_000 => Fault::ours(
            "no robot has this key, or it was removed from its group: copy its address anew from the group's settings \
             into `webhook:`",
        ),
        40_058 | 45_002 => Fault::refused("WeCom refuses the message's shape or length; this is a defect of gengfu"),
        code => Fault::unknown(answer, code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pictures_md5_is_of_its_raw_bytes() {
        let base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAACAAAB4iG8MwAAAABJRU5ErkJggg==";
        let md5: String = Md5::digest(STANDARD.decode(base64).unwrap()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(md5, "a71e249086ead21c0daca1cbd69a4ec0");
    }
}
