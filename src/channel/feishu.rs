//! Feishu (飞书) and Lark: a group's custom robot. `code` is its word. The robot takes no picture; an app of the tenant can
//! lend it one by uploading it.

use super::address::{AddressError, Robots, below};
use super::markup::{brief_of, fitted};
use super::post::{Answer, Body, Fault, Letter, Part, Poster};
use crate::alert::{Brief, Channel, Draft, Fact, Form, Notice, Picture, Receipt, SendError, SendRate, Tone, defused};
use crate::moment::Clock;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest message, in bytes.
const BODY_BYTES_MAX: usize = 20 * 1024;
const RATES: &[SendRate] =
    &[SendRate { at_most: 100, per: Duration::from_secs(60) }, SendRate { at_most: 5, per: Duration::from_secs(1) }];
/// How long to wait after too many messages.
const THROTTLED: Duration = Duration::from_secs(60);
/// How long uploading a picture may take: the message goes without it then.
const PICTURE_WITHIN: Duration = Duration::from_secs(8);

const ROBOTS: Robots = Robots {
    origin: "https://open.feishu.cn",
    wanted: "a Feishu or Lark robot: its address as Feishu shows it, `https://open.feishu.cn/open-apis/bot/v2/hook/…`, or \
             what stands behind `hook/` in it",
    token: |url| {
        let token = url.path().split_once("/open-apis/bot/v2/hook/")?.1.trim_end_matches('/');
        (!token.contains('/')).then(|| token.to_owned())
    },
    // Without any query: with one the robot refuses everything.
    url: |base, token| format!("{base}/open-apis/bot/v2/hook/{token}"),
};

/// A custom robot of a Feishu or Lark group.
#[derive(Debug, Clone)]
pub struct FeishuRobot {
    /// Its address, or the token in it.
    pub webhook: Secret,
    /// Its signing secret, where it is set to want signatures.
    pub secret: Option<Secret>,
    /// One of its keywords, where it is set to want them.
    pub keyword: Option<String>,
    /// An app of the tenant that uploads pictures: its id and secret.
    pub app: Option<(String, Secret)>,
    /// Feishu's own ids of those who are called by their names.
    pub users: Vec<String>,
    /// Whether everybody is.
    pub all: bool,
    /// Another server than Feishu's own, such as a proxy's, or Lark's where only the token is given.
    pub base: Option<Url>,
}

/// A channel to a Feishu or Lark group.
pub struct Feishu {
    name: String,
    robot: FeishuRobot,
    url: Url,
    poster: Poster,
}

impl Feishu {
    /// A channel of this `name` by `robot`.
    pub fn new(name: impl Into<String>, robot: FeishuRobot, clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        let found = ROBOTS.find(&robot.webhook, robot.base.as_ref())?;
        let own = robot.secret.iter().chain(robot.app.as_ref().map(|(_, secret)| secret)).cloned();
        let secrets: Vec<Secret> = found.secrets.into_iter().chain(own).collect();
        let poster = Poster::new(&found.url, &secrets, clock)?;
        Ok(Self { name: name.into(), robot, url: found.url, poster })
    }

    fn letter(&self, notice: &Notice, picture: Option<&str>, sign: impl Fn(&Secret, i64) -> String) -> Letter {
        let seconds = self.poster.now().as_millis().div_euclid(1000);
        let fits = |body: &Value| body.to_string().len() <= BODY_BYTES_MAX;
        let body = fitted(&brief_of(&notice.words), fits, |brief| {
            let mut body =
                json!({ "msg_type": "interactive", "card": self.card(&notice.words.subject, brief, picture) });
            if let Some(secret) = &self.robot.secret {
                (body["timestamp"], body["sign"]) = (json!(seconds.to_string()), json!(sign(secret, seconds)));
            }
            body
        });
        Letter::json(self.url.clone(), &body)
    }

    fn card(&self, subject: &str, brief: &Brief, picture: Option<&str>) -> Value {
        let plain = |text: &str| json!({ "tag": "plain_text", "content": text });
        let mut lines: Vec<String> = brief.notes.iter().map(|note| format!("**{}**", escaped(note))).collect();
        lines.extend(brief.facts.iter().map(line));
        if let Some(link) = brief.picture.as_ref().filter(|_| picture.is_none()) {
            lines.push(format!("[{}]({})", link.label, link.url));
        }
        if let Some(keyword) = &self.robot.keyword
            && !subject.contains(keyword.as_str())
        {
            lines.push(escaped(keyword));
        }
        if brief.tone != Tone::Calm {
            let users = self.robot.users.iter().map(String::as_str).chain(self.robot.all.then_some("all"));
            let called: Vec<_> = users.map(|user| format!("<at id={user}></at>")).collect();
            lines.extend((!called.is_empty()).then(|| called.join(" ")));
        }
        let mut elements = vec![json!({ "tag": "markdown", "content": lines.join("\n") })];
        if let Some(key) = picture {
            elements.push(json!({ "tag": "img", "img_key": key, "alt": plain("") }));
        }
        if let Some(page) = &brief.page {
            elements.push(json!({
                "tag": "button",
                "text": plain(&page.label),
                "type": "primary",
                "behaviors": [{ "type": "open_url", "default_url": page.url }],
            }));
        }
        json!({
            "schema": "2.0",
            "config": { "update_multi": true },
            "header": { "title": plain(&defused(subject)), "template": template(brief.tone) },
            "body": { "elements": elements },
        })
    }

    /// The name that Feishu gives the picture.
    async fn upload(&self, picture: &Picture) -> Result<String, SendError> {
        let (id, secret) =
            self.robot.app.as_ref().ok_or_else(|| SendError::refused("there is no `app:` to upload it with"))?;
        let api = |path: &str| {
            let base = self.robot.base.clone().or_else(|| self.url.join("/").ok());
            below(base.as_ref().unwrap_or(&self.url), path)
        };
        let asked = json!({ "app_id": id, "app_secret": secret.expose() });
        let letter = Letter::json(api("open-apis/auth/v3/tenant_access_token/internal"), &asked);
        let answer = self.poster.post(letter).await?;
        let token = answer.json().and_then(|said| Some(said["tenant_access_token"].as_str()?.to_owned()));
        // Never the answer itself: it holds the token.
        let token = token.filter(|_| code_of(&answer) == Some(0)).ok_or_else(|| {
            SendError::temporary(format!("{} no access for `app:` (code {:?})", answer.status, code_of(&answer)))
        })?;
        let part = |name, bytes: &[u8]| Part { name, file: None, bytes: bytes.to_vec() };
        let file = Some(("picture", picture.key.kind().media_type()));
        let form = vec![part("image_type", b"message"), Part { file, ..part("image", &picture.bytes) }];
        let letter = Letter {
            url: api("open-apis/im/v1/images"),
            headers: vec![("authorization", format!("Bearer {token}"))],
            body: Body::Form(form),
        };
        let answer = self.poster.post(letter).await?;
        let key = answer.json().and_then(|said| Some(said["data"]["image_key"].as_str()?.to_owned()));
        key.ok_or_else(|| SendError::temporary(format!("{} (code {:?})", answer.status, code_of(&answer))))
    }

    /// The picture's name where one could be had; a notice without it is better than none.
    async fn picture(&self, notice: &Notice) -> Option<String> {
        let picture = notice.picture.as_ref().filter(|_| self.robot.app.is_some())?;
        match tokio::time::timeout(PICTURE_WITHIN, self.upload(picture)).await {
            Ok(Ok(key)) => Some(key),
            Ok(Err(error)) => {
                tracing::warn!(channel = self.name, %error, "a picture could not be uploaded");
                None
            }
            Err(_) => {
                tracing::warn!(channel = self.name, "a picture could not be uploaded in time");
                None
            }
        }
    }
}

#[async_trait::async_trait]
impl Channel for Feishu {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let picture = self.picture(notice).await;
        let answer = self.poster.post(self.letter(notice, picture.as_deref(), signature)).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        let picture = notice.picture.as_ref().filter(|_| self.robot.app.is_some()).map(|_| "UPLOADED");
        Ok(vec![self.poster.draft(&self.letter(notice, picture, |_, _| "SIGNATURE".to_owned()))])
    }

    fn rates(&self) -> &[SendRate] {
        RATES
    }
}

fn template(tone: Tone) -> &'static str {
    match tone {
        Tone::Alarm => "red",
        Tone::Warning => "orange",
        Tone::Calm => "green",
        Tone::Trial => "blue",
    }
}

fn line(fact: &Fact) -> String {
    let value = if fact.form == Form::Command { entities(&fact.value) } else { escaped(&fact.value) };
    if fact.label.is_empty() { value } else { format!("**{}** {value}", fact.label) }
}

/// A page's words in Feishu's markdown.
fn escaped(text: &str) -> String {
    entities(&defused(text))
}

/// Characters that Feishu's markdown is made of, by their numbers as its documents want them.
fn entities(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '[' | ']' | '(' | ')' | '*' | '~' | '`' | '_' | '\\' | '#' | '!' | '&' => {
                safe += &format!("&#{};", u32::from(c));
            }
            other => safe.push(other),
        }
    }
    safe
}

/// The base64 of HMAC-SHA256 over nothing; the key is the seconds, a line break and the secret.
fn signature(secret: &Secret, seconds: i64) -> String {
    let key = format!("{seconds}\n{}", secret.expose());
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("invariant: HMAC takes keys of any length");
    STANDARD.encode(mac.finalize().into_bytes())
}

/// `code`, or what older robots say in its place.
fn code_of(answer: &Answer) -> Option<i64> {
    let said = answer.json()?;
    said["code"].as_i64().or_else(|| said["StatusCode"].as_i64())
}

fn judged(answer: &Answer) -> Result<(), Fault> {
    // Feishu says some of its codes with another status than 200.
    let Some(code) = code_of(answer) else { return Err(answer.by_status()) };
    let too_often =
        || Fault::again(Some(answer.after.unwrap_or(THROTTLED)), "too many messages: Feishu listens again later");
    Err(match code {
        0 if answer.status.is_success() => return Ok(()),
        0 => answer.by_status(),
        11_232 => too_often(),
        9_499 if answer.text.to_lowercase().contains("too many") => too_often(),
        9_499 => Fault::refused("Feishu refuses the message's shape or size; this is a defect of gengfu"),
        19_001 => Fault::ours("no robot has this token: copy its address anew from the group's settings"),
        19_021 => Fault::ours(
            "`secret:` is not the signing secret of this robot, or this machine's clock is more than an hour off",
        ),
        19_022 => Fault::ours(
            "the robot takes messages from listed addresses only: add this machine's outgoing address in its security \
             settings",
        ),
        19_024 => Fault::ours(
            "the robot wants one of its keywords in each message: write one of them as `keyword:`, or take them off in \
             its security settings",
        ),
        19_036 => Fault::refused("the message is too large for Feishu; this is a defect of gengfu"),
        code => Fault::unknown(answer, code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_feishu_does_and_not_as_dingtalk() {
        let signed = signature(&Secret::new("env:SEC", "test-secret"), 1_700_000_000);
        assert_eq!(signed, "mbm4Y4oluIPQ00qlBIhX8vAZ0EKv3nw0LuTb91jPL84=");
    }

    #[test]
    fn markup_is_written_by_numbers() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text).replace('\u{200b}', ""), expected, "{text}");
        check("<at id=all></at>", "&#60;at id=all&#62;&#60;/at&#62;");
        check("[点我](x)", "&#91;点我&#93;&#40;x&#41;");
        check("&#60;at", "&#38;&#35;60;at");
    }
}
