//! Who looks: their language and theme, from the address, a cookie, or what the browser asks for.

use super::cookies::cookie;
use super::texts::{EN, Texts, ZH};
use super::visitor::Visitor;
use super::{texts_again, texts_audit, texts_maintenance, texts_people, texts_reports, texts_watch};
use crate::finding::Bilingual;
use crate::journey::title::in_chinese;
use crate::moment::Moment;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;

/// A language the console speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Lang {
    /// Chinese.
    #[serde(rename = "zh-CN")]
    Zh,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Lang {
    /// The texts.
    pub fn texts(self) -> &'static Texts {
        match self {
            Lang::Zh => &ZH,
            Lang::En => &EN,
        }
    }

    /// The texts of sign-in, accounts and people.
    pub fn people_texts(self) -> &'static texts_people::Texts {
        match self {
            Lang::Zh => &texts_people::ZH,
            Lang::En => &texts_people::EN,
        }
    }

    /// The texts of walks that people ask for.
    pub fn again_texts(self) -> &'static texts_again::Texts {
        match self {
            Lang::Zh => &texts_again::ZH,
            Lang::En => &texts_again::EN,
        }
    }

    /// The texts of the audit log's page.
    pub fn audit_texts(self) -> &'static texts_audit::Texts {
        match self {
            Lang::Zh => &texts_audit::ZH,
            Lang::En => &texts_audit::EN,
        }
    }

    /// The texts of maintenance windows.
    pub fn maintenance_texts(self) -> &'static texts_maintenance::Texts {
        match self {
            Lang::Zh => &texts_maintenance::ZH,
            Lang::En => &texts_maintenance::EN,
        }
    }

    /// The texts of tags and reports.
    pub fn report_texts(self) -> &'static texts_reports::Texts {
        match self {
            Lang::Zh => &texts_reports::ZH,
            Lang::En => &texts_reports::EN,
        }
    }

    /// A step's title: what was made up of its verb and target is in this language.
    pub fn step(self, title: &str) -> String {
        match self {
            Lang::Zh => in_chinese(title),
            Lang::En => title.to_owned(),
        }
    }

    /// One of two names.
    pub fn one_of(self, zh: &'static str, en: &'static str) -> &'static str {
        self.pick(zh, en)
    }

    /// The texts of journeys, the fleet and notices.
    pub fn watch_texts(self) -> &'static texts_watch::Texts {
        match self {
            Lang::Zh => &texts_watch::ZH,
            Lang::En => &texts_watch::EN,
        }
    }

    /// One of two texts.
    pub fn of(self, both: &Bilingual) -> String {
        let (first, second) = match self {
            Lang::Zh => (&both.zh, &both.en),
            Lang::En => (&both.en, &both.zh),
        };
        if first.is_empty() { second.clone() } else { first.clone() }
    }

    pub(super) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// How often: `3 次`, `3 times`.
    pub fn times(self, n: u32) -> String {
        match (self, n) {
            (Lang::Zh, _) => format!("{n} 次"),
            (Lang::En, 1) => "once".into(),
            (Lang::En, 2) => "twice".into(),
            (Lang::En, _) => format!("{n} times"),
        }
    }

    /// How far verification has come: `2 / 3, 首末至少相隔 15 分钟`.
    pub fn passes(self, count: u32, of: u32, over: Duration) -> String {
        let over = self.duration(over);
        match self {
            Lang::Zh => format!("{count} / {of} 次走通，首末至少相隔 {over}"),
            Lang::En => format!("{count} of {of} walks got past it, the first and last at least {over} apart"),
        }
    }

    /// A length of time, its two largest units at most.
    pub fn duration(self, time: Duration) -> String {
        let (ms, s) = (time.as_millis(), time.as_secs());
        match s {
            0 => format!("{ms} {}", self.pick("毫秒", "ms")),
            1..=9 => format!("{}.{} {}", s, (ms % 1000) / 100, self.pick("秒", "s")),
            10..=59 => format!("{s} {}", self.pick("秒", "s")),
            60..=3599 => format!("{} {}", s / 60, self.pick("分钟", "min")),
            3600..=172_799 => {
                let minutes = (s / 60) % 60;
                let rest = if minutes == 0 || s > 36_000 {
                    String::new()
                } else {
                    format!(" {minutes} {}", self.pick("分", "min"))
                };
                format!("{} {}{rest}", s / 3600, self.pick("小时", "h"))
            }
            _ => format!("{} {}", s / 86_400, self.pick("天", "days")),
        }
    }

    /// How long ago `then` was.
    pub fn ago(self, now: Moment, then: Moment) -> String {
        let time = now.since(then);
        if time < Duration::from_secs(10) {
            return self.pick("刚才", "just now").into();
        }
        let rounded = self.duration(Duration::from_secs(time.as_secs()));
        match self {
            Lang::Zh => format!("{rounded}前"),
            Lang::En => format!("{rounded} ago"),
        }
    }

    /// What the day is called at the head of the watch: the sentence that is read from two metres.
    pub fn journeys_in_trouble(self, n: usize) -> String {
        match (self, n) {
            (Lang::Zh, _) => format!("{n} 条旅程有故障"),
            (Lang::En, 1) => "1 journey is in trouble".into(),
            (Lang::En, _) => format!("{n} journeys are in trouble"),
        }
    }

    /// Journeys pass, and yet an incident is open: an intermittent one.
    pub fn incidents_open(self, n: u64) -> String {
        match (self, n) {
            (Lang::Zh, _) => format!("{n} 起事件未恢复"),
            (Lang::En, 1) => "1 incident is open".into(),
            (Lang::En, _) => format!("{n} incidents are open"),
        }
    }

    /// The robot cannot say.
    pub fn cannot_say(self, n: usize) -> String {
        match (self, n) {
            (Lang::Zh, _) => format!("{n} 条旅程看不清"),
            (Lang::En, 1) => "Cannot say for 1 journey".into(),
            (Lang::En, _) => format!("Cannot say for {n} journeys"),
        }
    }

    /// Customers get through, not smoothly.
    pub fn not_smooth(self, n: usize) -> String {
        match (self, n) {
            (Lang::Zh, _) => format!("都走得通，{n} 条不顺畅"),
            (Lang::En, _) => format!("All get through, {n} not smoothly"),
        }
    }

    /// How intermittent: of so many walks that looked, so many saw it.
    pub fn seen_of(self, seen: usize, looked: usize) -> String {
        match self {
            Lang::Zh => format!("看过这一步的 {looked} 次走查里，{seen} 次见到"),
            Lang::En => format!("{seen} of the {looked} walks that looked saw it"),
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// What the system prefers.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    fn read(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Theme::Auto),
            "light" => Some(Theme::Light),
            "dark" => Some(Theme::Dark),
            _ => None,
        }
    }
}

/// Who looks, and at what.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Their language.
    pub lang: Lang,
    /// Their theme.
    pub theme: Theme,
    /// Path and query of the page without the two choices, to build links that change one of them.
    pub here: String,
    /// Choices made in this address, to be remembered.
    pub cookies: Vec<HeaderValue>,
    /// Who they are, where the gate knows.
    pub visitor: Option<Visitor>,
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let viewer = Self::read(parts.uri.path(), parts.uri.query().unwrap_or_default(), &parts.headers);
        Ok(Self { visitor: parts.extensions.get::<Visitor>().cloned(), ..viewer })
    }
}

impl Viewer {
    /// Who asks for this address with these headers; not who they are.
    pub fn read(path: &str, query: &str, headers: &HeaderMap) -> Self {
        let asked = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
        };
        let lang = asked("lang").and_then(|l| lang_named(&l));
        let theme = asked("theme").and_then(|t| Theme::read(&t));
        let rest = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(k, _)| k != "lang" && k != "theme")
            .fold(url::form_urlencoded::Serializer::new(String::new()), |mut out, (k, v)| {
                out.append_pair(&k, &v);
                out
            })
            .finish();
        let mut cookies = Vec::new();
        if let Some(lang) = lang {
            cookies.push(remember(if lang == Lang::Zh { "gengfu_lang=zh" } else { "gengfu_lang=en" }));
        }
        if let Some(theme) = theme {
            cookies.push(remember(match theme {
                Theme::Auto => "gengfu_theme=auto",
                Theme::Light => "gengfu_theme=light",
                Theme::Dark => "gengfu_theme=dark",
            }));
        }
        Self {
            lang: lang
                .or_else(|| cookie(headers, "gengfu_lang").and_then(lang_named))
                .unwrap_or_else(|| accepted(headers)),
            theme: theme.or_else(|| cookie(headers, "gengfu_theme").and_then(Theme::read)).unwrap_or(Theme::Auto),
            here: if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") },
            cookies,
            visitor: None,
        }
    }
}

fn remember(choice: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{choice}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly"))
        .expect("the choices are constants")
}

fn lang_named(name: &str) -> Option<Lang> {
    let name = name.trim().to_ascii_lowercase();
    match name.split(['-', '_']).next() {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        _ => None,
    }
}

/// The first language of `Accept-Language` that is spoken here; the browser lists them best first.
fn accepted(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    wanted.split(',').find_map(|part| lang_named(part.split(';').next().unwrap_or_default())).unwrap_or(Lang::Zh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_rules_then_the_cookie_then_the_browser() {
        let check = |query: &str, cookie: &str, accept: &str, expected: Lang| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            assert_eq!(Viewer::read("/", query, &headers).lang, expected, "{query} {cookie} {accept}");
        };
        check("", "", "", Lang::Zh);
        check("", "", "de-DE,en;q=0.8,zh;q=0.5", Lang::En);
        check("", "a=b; gengfu_lang=zh", "en", Lang::Zh);
        check("lang=en", "gengfu_lang=zh", "zh", Lang::En);
        check("lang=tlh", "gengfu_lang=en", "zh", Lang::En);
    }

    #[test]
    fn the_rest_of_the_address_is_kept() {
        let viewer = Viewer::read("/incidents", "state=all&lang=en&q=%3Cb%3E", &HeaderMap::new());
        assert_eq!(viewer.here, "/incidents?state=all&q=%3Cb%3E");
        assert_eq!(viewer.cookies.len(), 1);
    }

    #[test]
    fn durations() {
        let check = |ms: u64, expected: &str| assert_eq!(Lang::En.duration(Duration::from_millis(ms)), expected);
        check(0, "0 ms");
        check(999, "999 ms");
        check(1_250, "1.2 s");
        check(59_999, "59 s");
        check(60_000, "1 min");
        check(3_600_000, "1 h");
        check(5_400_000, "1 h 30 min");
        check(172_800_000, "2 days");
    }
}
