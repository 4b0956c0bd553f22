//! Doing one verb: names filled in, the lane asked, values kept.

use super::super::port::{Act, FillText, Mishap, Target};
use super::super::{Class, Degradation, FailureKind, Portrait, TapTrace, TroubleKind};
use super::engine::Walking;
use super::figures::Claim;
use super::mishaps::{failure, journey, trouble};
use super::oracles::Does;
use crate::evidence::EvidenceKey;
use crate::journey::json_path::{JsonPath, misfit};
use crate::journey::{Call, Download, FillValue, StatusRule, Step, TapKind, Value, Verb};
use crate::secret::Secret;
use std::time::Duration;
use url::Url;

/// What came of a verb.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub tap: Option<TapTrace>,
    pub degradations: Vec<Degradation>,
    /// What figures said at first, where they agreed only later, and when that was.
    pub first_try: Option<(Duration, String)>,
    /// A named picture that a `screenshot` step asked for.
    pub picture: Option<Result<EvidenceKey, String>>,
    /// The page as it is to be compared.
    pub portrait: Option<Box<Portrait>>,
}

impl Walking<'_> {
    /// Does a verb that is not control flow, and waits for what the step expects.
    pub(super) async fn perform(&mut self, step: &Step, within: Duration) -> Result<Done, Mishap> {
        let then = self.scope.sights(&step.expects)?;
        if let Some(act) = self.act(&step.verb)? {
            if let Act::Fill { value: FillText::Secret(secret), .. } = &act {
                self.masker.hide(std::slice::from_ref(secret));
            }
            let acted = self.lane.act(&act, &then, within).await?;
            let second = acted.tap.as_ref().is_some_and(|t| t.taps > 1);
            let degradations = if second { vec![Degradation::SecondTap] } else { Vec::new() };
            self.acted = tokio::time::Instant::now();
            return Ok(Done { tap: acted.tap, degradations, ..Done::default() });
        }
        let started = tokio::time::Instant::now();
        let mut done = Done::default();
        match &step.verb {
            Verb::Open(url) => {
                let text = self.scope.text(url)?;
                let url = self.plan.base.join(&text).map_err(|e| journey(format!("`{text}` is not a URL: {e}")))?;
                self.lane.open(&url, within).await?;
            }
            Verb::Back => self.lane.back(within).await?,
            Verb::Reload => self.lane.reload(within).await?,
            Verb::Wait(time) => self.lane.rest(*time).await?,
            Verb::Look => {}
            Verb::Capture(captures) => {
                self.figures(captures, None, step.within, within).await?;
            }
            Verb::Assert { expression, reads, message } => {
                let claim = Claim { expression, message: message.as_deref() };
                done.first_try = self.figures(reads, Some(claim), step.within, within).await?;
                if done.first_try.is_some() {
                    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                    done.degradations.push(Degradation::LateFigures { elapsed_ms });
                }
            }
            Verb::Switch(target) => self.lane.switch(*target, within).await?,
            Verb::Dialog(answer) => {
                let text = answer.text.as_ref().map(|t| self.scope.text(t)).transpose()?;
                self.lane.answer_dialogs(answer, text);
            }
            Verb::Download(download) => self.download(download, within).await?,
            Verb::Screenshot { target, .. } => done.picture = Some(self.named_picture(target.as_ref()).await?),
            Verb::Compare { name, without } => self.portray(name, without, within, &mut done).await?,
            Verb::Call(call) => self.call(call, within).await?,
            Verb::Script(script) => {
                if !self.plan.script_allowed {
                    return Err(journey("`script` is switched off: the app's configuration must say `script: true`"));
                }
                if !self.lane.evaluate(script, within).await? {
                    return Err(failure(FailureKind::NotSeen, "the script gave false"));
                }
            }
            _ => return Err(trouble(TroubleKind::Defect, "this verb is not done here")),
        }
        if !then.is_empty() {
            self.lane.look(&then, within.saturating_sub(started.elapsed()).max(Duration::from_millis(1))).await?;
        }
        if Does::of(&step.verb) != Does::Looks {
            self.acted = tokio::time::Instant::now();
        }
        Ok(done)
    }

    /// What the verb taps, when it taps once.
    pub(super) fn single_tap(&self, verb: &Verb) -> Option<Target> {
        match verb {
            Verb::Tap { target, kind: TapKind::Single } => self.scope.target(target).ok(),
            _ => None,
        }
    }

    /// The verb as one act of the lane, when it is one.
    fn act(&self, verb: &Verb) -> Result<Option<Act>, Mishap> {
        let target = |l: &crate::journey::Locator| self.scope.target(l);
        let maybe = |l: &Option<crate::journey::Locator>| l.as_ref().map(target).transpose();
        Ok(Some(match verb {
            Verb::Tap { target: t, kind } => Act::Tap { target: target(t)?, kind: *kind },
            Verb::Fill { target: t, value } => Act::Fill { target: target(t)?, value: self.fill_text(value)? },
            Verb::Type { target: t, text } => Act::Type { target: maybe(t)?, text: self.scope.text(text)? },
            Verb::Press { target: t, keys } => Act::Press { target: maybe(t)?, keys: keys.clone() },
            Verb::Choose { target: t, option } => Act::Choose { target: target(t)?, option: self.scope.text(option)? },
            Verb::Check { target: t, checked } => Act::Check { target: target(t)?, checked: *checked },
            Verb::Upload { target: t, files } => {
                let path = |f: &String| self.plan.folder.join(f).to_string_lossy().into_owned();
                Act::Upload { target: target(t)?, files: files.iter().map(path).collect() }
            }
            Verb::Hover { target: t } => Act::Hover { target: target(t)? },
            Verb::Drag { from, to, by } => Act::Drag { from: target(from)?, to: maybe(to)?, by: *by },
            Verb::Swipe { target: t, direction } => Act::Swipe { target: maybe(t)?, direction: *direction },
            Verb::Scroll { target: t, by } => Act::Scroll { target: maybe(t)?, by: *by },
            _ => return Ok(None),
        }))
    }

    fn fill_text(&self, value: &FillValue) -> Result<FillText, Mishap> {
        Ok(match value {
            FillValue::Text(text) => FillText::Plain(self.scope.text(text)?),
            FillValue::Secret(reference) => FillText::Secret(self.secret(reference)?),
            FillValue::Totp(reference) => {
                let seed = self.secret(reference)?;
                let code = super::super::totp::code(seed.expose(), self.world.clock.now())
                    .map_err(|said| trouble(TroubleKind::Secret, format!("`{reference}`: {said}")))?;
                FillText::Secret(Secret::new(format!("{reference} code"), code))
            }
        })
    }

    /// A secret by reference: of the leased account, or from where the configuration lets references lead.
    fn secret(&self, reference: &str) -> Result<Secret, Mishap> {
        if let Some(field) = reference.strip_prefix("account.") {
            let account = self.scope.account().ok_or_else(|| journey("the journey names no `account:` pool"))?;
            let found = account.secrets.get(field).cloned();
            return found.ok_or_else(|| {
                trouble(TroubleKind::Account, format!("the account `{}` has no secret `{field}`", account.name))
            });
        }
        self.world.secrets.resolve(reference).map_err(|said| trouble(TroubleKind::Secret, said))
    }

    async fn download(&mut self, download: &Download, within: Duration) -> Result<(), Mishap> {
        let target = self.scope.target(&download.target)?;
        let arrived = self.lane.download(&target, within).await?;
        let from = Url::parse(&arrived.url).map(|url| format!(" (GET {})", url.path())).unwrap_or_default();
        let wrong = |said: String| Err(failure(FailureKind::DownloadWrong, format!("{said}{from}")));
        if let Some(glob) = &download.name {
            let glob = self.scope.text(glob)?;
            if !crate::journey::glob::covers(&glob, &arrived.name) {
                return wrong(format!("the file is named `{}`, expected `{glob}`", arrived.name));
            }
        }
        if let Some(kind) = download.kind.as_deref().filter(|kind| !is_kind(kind, &arrived.head)) {
            let head = String::from_utf8_lossy(&arrived.head).into_owned();
            return wrong(format!("`{}` is no {kind}: it begins with {head:?}", arrived.name));
        }
        match download.bytes_min.filter(|min| arrived.bytes < *min) {
            Some(min) => wrong(format!("`{}` has {} bytes, expected at least {min}", arrived.name, arrived.bytes)),
            None => Ok(()),
        }
    }

    async fn call(&mut self, call: &Call, within: Duration) -> Result<(), Mishap> {
        let text = self.scope.text(&call.url)?;
        let url = self.plan.base.join(&text).map_err(|e| journey(format!("`{text}` is not a URL: {e}")))?;
        let body = call.body.as_ref().map(|b| self.scope.text(b)).transpose()?;
        let answer = self.lane.call(&call.method, &url, body.as_deref(), within).await?;
        let request = format!("{} {}", call.method, url.path());
        let wrong = |said: String| {
            let kind = FailureKind::WrongResponse { request: request.clone(), status: Some(answer.status), code: None };
            failure(kind, format!("{request}: {}", self.masker.text(&said)))
        };
        let fits = match call.status.unwrap_or(StatusRule::Class(2)) {
            StatusRule::Exactly(status) => status == answer.status,
            StatusRule::Class(class) => answer.status / 100 == u16::from(class),
        };
        if !fits {
            return Err(wrong(format!("answered {}", answer.status)));
        }
        if call.json.is_empty() && call.captures.is_empty() {
            return Ok(());
        }
        let json: serde_json::Value =
            serde_json::from_str(&answer.body).map_err(|e| wrong(format!("the answer is not JSON: {e}")))?;
        for rule in self.scope.json_rules(&call.json)? {
            misfit(&rule, &json).map_or(Ok(()), |said| Err(wrong(said)))?;
        }
        for (name, path) in &call.captures {
            let found = JsonPath::parse(path).ok().and_then(|p| p.find(&json).map(crate::journey::json_path::shown));
            let found = found.ok_or_else(|| wrong(format!("`{path}` is not in the answer")))?;
            self.scope.set(name, Value::Text(found));
        }
        Ok(())
    }
}

/// Whether a file's first bytes are those of its kind.
fn is_kind(kind: &str, head: &[u8]) -> bool {
    match kind.to_ascii_lowercase().as_str() {
        "pdf" => head.starts_with(b"%PDF-"),
        "zip" | "xlsx" | "docx" => head.starts_with(b"PK"),
        "png" => head.starts_with(b"\x89PNG"),
        "jpg" | "jpeg" => head.starts_with(&[0xff, 0xd8]),
        "xls" => head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]),
        "gif" => head.starts_with(b"GIF8"),
        // Texts have no mark; what they must not be is a page or a binary file.
        "csv" | "txt" | "json" => !head.contains(&0) && !head.trim_ascii_start().starts_with(b"<"),
        _ => true,
    }
}

/// The class a branch's `verdict:` word names.
pub(super) fn class_of(word: &str) -> Class {
    match word {
        "broken" => Class::Broken,
        "abnormal" => Class::Abnormal,
        "slow" => Class::Slow,
        _ => Class::Blocked,
    }
}
