//! A notice in the owner's words: what customers cannot do, where, since when, how often, whose fault, what to click.

use super::{Bulletin, BulletinOdds, Words};
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use std::sync::LazyLock;

/// A subject is cut to this many characters.
const SUBJECT_CHARS_MAX: usize = 120;
/// Any other text from a page is cut to this many characters.
const TEXT_CHARS_MAX: usize = 600;
/// Steps of rendering allowed, so that no template runs away.
const FUEL: u64 = 100_000;

/// The language of a notice; its headline is given in the other one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// How notices speak.
#[derive(Debug, Clone)]
pub struct Voice {
    /// In which language.
    pub language: Language,
    /// The zone that times are given in.
    pub zone: TimeZone,
}

/// What is known only when the notice goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Telling {
    /// The trouble it tells of was over before it could be sent.
    pub over_already: bool,
    /// A picture goes with it.
    pub pictured: bool,
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).build().expect("invariant: Jinja's own delimiters");
    templates.set_syntax(syntax);
    // Before the templates: it is asked when they are added.
    templates
        .set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
    let known = [
        ("zh.txt", include_str!("words/zh.txt")),
        ("en.txt", include_str!("words/en.txt")),
        ("zh.html", include_str!("words/zh.html")),
        ("en.html", include_str!("words/en.html")),
    ];
    for (name, source) in known {
        templates.add_template(name, source).expect("invariant: the templates are constants that parse");
    }
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_fuel(Some(FUEL));
    templates
});

/// `text` on one line, cut to `chars_max`, without characters that could end a header or turn the writing around.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let safe: String = text.chars().filter(|c| !turns(*c)).map(|c| if breaks(c) { ' ' } else { c }).collect();
    let folded = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.chars().count() <= chars_max {
        return folded;
    }
    folded.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// Renders `bulletin`.
pub fn render(bulletin: &Bulletin, voice: &Voice, telling: Telling) -> Words {
    let zh = voice.language == Language::Zh;
    let (text, html) = if zh { ("zh.txt", "zh.html") } else { ("en.txt", "en.html") };
    let clean = |text: &str| one_line(text, TEXT_CHARS_MAX);
    let (headline, other) = if zh {
        (&bulletin.headline.zh, &bulletin.headline.en)
    } else {
        (&bulletin.headline.en, &bulletin.headline.zh)
    };
    let time = |stamp: &str| local(stamp, &voice.zone);
    let facts = context! {
        headline => clean(headline),
        other => clean(other),
        severity => clean(&bulletin.severity),
        suffering => suffering(bulletin.class.as_deref(), zh),
        title => clean(&bulletin.title),
        app => clean(&bulletin.app),
        step => clean(&bulletin.step_title),
        page => clean(&bulletin.page_key),
        since => time(bulletin.opened.as_ref().unwrap_or(&bulletin.first_seen)),
        first_seen => time(&bulletin.first_seen),
        last_seen => time(&bulletin.last_seen),
        recovered => bulletin.recovered.as_deref().filter(|_| bulletin.state == "recovered").map(time),
        count => bulletin.count,
        unconfirmed => bulletin.unconfirmed,
        reopened => bulletin.reopened,
        fault => fault(&bulletin.attribution, zh),
        cause => bulletin.cause.as_deref().map(clean),
        devices => bulletin.devices.iter().map(|d| clean(d)).collect::<Vec<_>>().join(", "),
        console => bulletin.console_url.as_deref(),
        replay => clean(&bulletin.replay),
        because => because(bulletin, zh),
        over_already => telling.over_already,
        pictured => telling.pictured,
        robot => bulletin.kind == "robot",
    };
    let fill = |name: &str| {
        let template = TEMPLATES.get_template(name).expect("invariant: a constant name");
        template.render(&facts).unwrap_or_else(|e| format!("{}\n{e}", bulletin.headline.en))
    };
    Words { subject: subject(bulletin, headline, zh, telling), text: fill(text), html: fill(html) }
}

fn subject(bulletin: &Bulletin, headline: &str, zh: bool, telling: Telling) -> String {
    let mark = match (bulletin.reason(), zh) {
        _ if telling.over_already && zh => "已恢复",
        _ if telling.over_already => "over",
        ("recovered", true) => "已恢复",
        ("recovered", false) => "recovered",
        ("reopened", true) => "复发",
        ("reopened", false) => "back",
        ("intermittent", true) => "时有时无",
        ("intermittent", false) => "now and then",
        ("flapping", true) => "时好时坏",
        ("flapping", false) => "comes and goes",
        ("still-broken", true) => "仍未恢复",
        ("still-broken", false) => "still broken",
        ("worsened", true) => "加重",
        ("worsened", false) => "worse",
        ("assigned", true) => "指派",
        ("assigned", false) => "assigned",
        ("claim-refused", true) => "修复未生效",
        ("claim-refused", false) => "not mended",
        ("escalated", true) => "超时升级",
        ("escalated", false) => "overdue",
        ("verified-closed", true) => "已验证关闭",
        ("verified-closed", false) => "closed",
        _ => &bulletin.severity,
    };
    let line = if zh {
        format!("【更夫 {mark}】{}：{headline}", bulletin.title)
    } else {
        format!("[gengfu {mark}] {}: {headline}", bulletin.title)
    };
    one_line(&line, SUBJECT_CHARS_MAX)
}

fn local(stamp: &str, zone: &TimeZone) -> String {
    match stamp.parse::<jiff::Timestamp>() {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string(),
        Err(_) => stamp.to_owned(),
    }
}

fn suffering(class: Option<&str>, zh: bool) -> &'static str {
    match (class, zh) {
        (Some("blocked"), true) => "客户无法继续办理",
        (Some("blocked"), false) => "customers cannot go on",
        (Some("broken"), true) => "页面或其中一部分不能用",
        (Some("broken"), false) => "the page, or a part of it, does not work",
        (Some("abnormal"), true) => "能办理，但内容是错的",
        (Some("abnormal"), false) => "it works and shows what is wrong",
        (Some(_), true) => "能办理，但太慢",
        (Some(_), false) => "it works and takes too long",
        (None, true) => "应用情况不明：巡检自身受阻",
        (None, false) => "nothing is known of the app: the watch itself is hindered",
    }
}

fn fault(attribution: &str, zh: bool) -> &'static str {
    match (attribution, zh) {
        ("product", true) => "应用本身",
        ("product", false) => "the app's own",
        ("test-data", true) => "测试客户（被锁、过期或余额不足）",
        ("test-data", false) => "the test customer's: locked, expired or emptied",
        ("protection", true) => "安全防护拦截了巡检",
        ("protection", false) => "a protection page that stopped the robot",
        ("network", true) => "巡检机到应用之间的网络",
        ("network", false) => "the network between robot and app",
        (_, true) => "巡检程序自身",
        (_, false) => "the robot's own",
    }
}

fn because(bulletin: &Bulletin, zh: bool) -> String {
    let why = because_of(bulletin.reason(), bulletin.kind == "robot", zh);
    match bulletin.intermittent {
        Some(BulletinOdds { met, walks }) if zh => format!("{why}（{walks} 次巡检中 {met} 次）"),
        Some(BulletinOdds { met, walks }) => format!("{why} ({met} of {walks} walks)"),
        None => why.to_owned(),
    }
}

fn because_of(reason: &str, robot: bool, zh: bool) -> &'static str {
    match (reason, zh) {
        ("intermittent", true) if robot => "并非每次都出现，但已多到不是偶然",
        ("intermittent", false) if robot => "not every walk meets it, but too many to be chance",
        ("intermittent", true) => "并非每次都出现，但已多到不是巡检的偶然误差：部分客户会遇到",
        ("intermittent", false) => "not every walk meets it, but more than robots err: some customers do",
        ("first-seen", true) => "首次发现，且在全新环境中复核重现",
        ("first-seen", false) => "seen for the first time, and again in a fresh lane",
        ("worsened", true) => "比之前更严重",
        ("worsened", false) => "it became worse",
        ("still-broken", true) => "长时间仍未恢复",
        ("still-broken", false) => "it is still there after a long time",
        ("recovered", true) => "最近一次巡检已能通过",
        ("recovered", false) => "the last walk got past it",
        ("reopened", true) => "恢复之后再次出现",
        ("reopened", false) => "it came back after it had recovered",
        ("flapping", true) => "短时间内反复出现和恢复；平稳下来之前不再逐次告知",
        ("flapping", false) => "it keeps coming and going; you will hear again when it has calmed",
        ("assigned", true) => "指派给了您或您的团队",
        ("assigned", false) => "it was assigned to you or your team",
        ("claim-refused", true) => "有人报告已修复，但复测时仍然出现",
        ("claim-refused", false) => "somebody said that it is mended; a walk met it all the same",
        ("escalated", true) => "超过时限仍未受理或未修复",
        ("escalated", false) => "it was not taken up, or not mended, in time",
        ("verified-closed", true) => "多次复测均已通过，事件关闭",
        ("verified-closed", false) => "enough walks in a row got past it: it is closed",
        (_, true) => "渠道试发",
        (_, false) => "somebody tries this channel out",
    }
}
