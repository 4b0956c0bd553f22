//! DingTalk (钉钉): a group's custom robot. It answers 200 whatever it thinks of a message; `errcode` is its word.

use super::address::{AddressError, Robots};
use super::markup::{brief_of, fitted, widened, widened_by};
use super::post::{Answer, Fault, Letter, Poster};
use crate::alert::{Brief, Channel, Draft, Form, Notice, Receipt, SendError, SendRate, Tone};
use crate::moment::Clock;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest message, in bytes.
const BODY_BYTES_MAX: usize = 20_000;
/// Who sends more often is not heard for ten minutes.
const RATES: &[SendRate] = &[SendRate { at_most: 20, per: Duration::from_secs(60) }];
/// How long a robot that was too quick is not heard.
const THROTTLED: Duration = Duration::from_secs(600);

const ROBOTS: Robots = Robots {
    origin: "https://oapi.dingtalk.com",
    wanted: "a DingTalk robot: its address as DingTalk shows it, `https://oapi.dingtalk.com/robot/send?access_token=…`, \
             or the token in it",
    token: |url| {
        let token = url.query_pairs().find(|(name, _)| name == "access_token").map(|(_, value)| value.into_owned());
        token.filter(|_| url.path().ends_with("/robot/send"))
    },
    url: |base, token| format!("{base}/robot/send?access_token={token}"),
};

/// A custom robot of a DingTalk group.
#[derive(Debug, Clone)]
pub struct DingTalkRobot {
    /// Its address, or the token in it.
    pub webhook: Secret,
    /// Its signing secret, where it is set to want signatures.
    pub secret: Option<Secret>,
    /// One of its keywords, where it is set to want them.
    pub keyword: Option<String>,
    /// Phone numbers of those who are called by their names.
    pub mobiles: Vec<String>,
    /// DingTalk's own ids of those who are.
    pub users: Vec<String>,
    /// Whether everybody is.
    pub all: bool,
    /// Another server than DingTalk's own, such as a proxy's.
    pub base: Option<Url>,
}

/// A channel to a DingTalk group.
pub struct DingTalk {
    name: String,
    robot: DingTalkRobot,
    url: Url,
    poster: Poster,
}

impl DingTalk {
    /// A channel of this `name` by `robot`.
    pub fn new(name: impl Into<String>, robot: DingTalkRobot, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let found = ROBOTS.find(&robot.webhook, robot.base.as_ref())?;
        let secrets: Vec<Secret> = found.secrets.into_iter().chain(robot.secret.clone()).collect();
        let poster = Poster::new(&found.url, &secrets, clock)?;
        Ok(Self { name: name.into(), robot, url: found.url, poster })
    }

    fn letter(&self, notice: &Notice, sign: impl Fn(&Secret, i64) -> String) -> Letter {
        let mut url = self.url.clone();
        if let Some(secret) = &self.robot.secret {
            let millis = self.poster.now().as_millis();
            url.query_pairs_mut()
                .append_pair("timestamp", &millis.to_string())
                .append_pair("sign", &sign(secret, millis));
        }
        let fits = |body: &serde_json::Value| body.to_string().len() <= BODY_BYTES_MAX;
        let body = fitted(&brief_of(&notice.words), fits, |brief| self.body(&notice.words.subject, brief));
        Letter::json(url, &body)
    }

    fn body(&self, subject: &str, brief: &Brief) -> serde_json::Value {
        let mut text = markdown(subject, brief);
        if let Some(keyword) = self.robot.keyword.as_ref().filter(|keyword| !text.contains(*keyword)) {
            text += &format!("  \n{keyword}");
        }
        let calls = brief.tone != Tone::Calm;
        if calls && !self.robot.mobiles.is_empty() {
            // A number must stand in the text, too.
            let numbers: Vec<_> = self.robot.mobiles.iter().map(|mobile| format!("@{mobile}")).collect();
            text += &format!("  \n{}", numbers.join(" "));
        }
        let called = |names: &[String]| if calls { names.to_vec() } else { Vec::new() };
        json!({
            "msgtype": "markdown",
            "markdown": { "title": widened(subject), "text": text },
            "at": {
                "atMobiles": called(&self.robot.mobiles),
                "atUserIds": called(&self.robot.users),
                "isAtAll": calls && self.robot.all,
            },
        })
    }
}

#[async_trait::async_trait]
impl Channel for DingTalk {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let answer = self.poster.post(self.letter(notice, signature)).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        Ok(vec![self.poster.draft(&self.letter(notice, |_, _| "SIGNATURE".to_owned()))])
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }
}

/// DingTalk's markdown breaks a line only after two spaces.
fn markdown(subject: &str, brief: &Brief) -> String {
    let mut text = format!("### {}\n\n", widened(subject));
    for note in &brief.notes {
        text += &format!("> {}\n\n", widened(note));
    }
    let lines = brief.facts.iter().map(|fact| {
        let value = widened_by(fact.form, &fact.value);
        match (fact.label.as_str(), fact.form) {
            ("", _) => value,
            // On a line of its own it can be copied.
            (label, Form::Command) => format!("**{label}**  \n{value}"),
            (label, _) => format!("**{label}**：{value}"),
        }
    });
    let links = [&brief.page, &brief.picture].into_iter().flatten();
    let links = links.map(|link| format!("[{}]({})", link.label, link.url));
    text += &lines.chain(links).collect::<Vec<_>>().join("  \n");
    text
}

/// The base64 of HMAC-SHA256 by the secret over the milliseconds, a line break and the secret.
fn signature(secret: &Secret, millis: i64) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("invariant: HMAC takes keys of any length");
    mac.update(format!("{millis}\n{}", secret.expose()).as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    let said = answer.json().filter(|_| answer.status.is_success());
    let Some(code) = said.as_ref().and_then(|said| said["errcode"].as_i64()) else { return Err(answer.by_status()) };
    let text = said.as_ref().and_then(|said| said["errmsg"].as_str()).unwrap_or_default().to_lowercase();
    Err(match code {
        0 => return Ok(()),
        -1 => Fault::again(answer.after, "DingTalk is busy"),
        130_101 | 410_100 => Fault::again(
            Some(THROTTLED),
            "more than 20 messages in a minute: DingTalk does not listen to this robot for ten minutes",
        ),
        310_000 if text.contains("keyword") => Fault::ours(
            "the robot wants one of its keywords in each message: write one of them as `keyword:`, or take them off in \
             its security settings",
        ),
        310_000 if text.contains("timestamp") => {
            Fault::ours("this machine's clock is more than an hour off: set it, by NTP best")
        }
        310_000 if text.contains("sign") => Fault::ours(
            "`secret:` is not the signing secret of this robot: copy it from its security settings, it begins with SEC",
        ),
        310_000 if text.contains("whitelist") => Fault::ours(
            "the robot takes messages from listed addresses only: add this machine's outgoing address in its security \
             settings",
        ),
        310_000 => Fault::ours("the robot's security settings forbid it"),
        300_001 | 40_014 => Fault::ours("no robot has this token: copy its address anew from the group's settings"),
        400_102 => Fault::ours("the robot was stopped: switch it on in the group's settings"),
        400_106 => Fault::gone("the robot was removed from its group: add one, and put its address into `webhook:`"),
        430_101 => Fault::refused("DingTalk holds a link in it for unsafe: let it know `console.public_url`'s host"),
        430_102..=430_104 => Fault::refused("DingTalk holds its text or picture for improper"),
        460_101 => Fault::refused("the message is too long for DingTalk; this is a defect of gengfu"),
        code => Fault::unknown(answer, code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_dingtalk_does() {
        let secret = Secret::new("env:SEC", "SEC000000000000000000000000000000000000000000000000000000000000test");
        assert_eq!(signature(&secret, 1_700_000_000_000), "bCcJiIKqyObgdvB5UiIbViJlixojz9bQW5dnZbgLAd8=");
        let mut url: Url = "https://oapi.dingtalk.com/robot/send?access_token=t".parse().unwrap();
        url.query_pairs_mut().append_pair("sign", &signature(&secret, 1_700_000_000_000));
        assert!(url.as_str().ends_with("&sign=bCcJiIKqyObgdvB5UiIbViJlixojz9bQW5dnZbgLAd8%3D"), "encoded once: {url}");
    }
}
