//! A digest for people: how many of what, the worst few with their links, how many are not listed and where they are.

use super::{Digest, is_over};
use crate::alert::words::local;
use crate::alert::{Brief, Bulletin, Language, Link, Tone, Voice, Words, defused, one_line};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// So many incidents are listed: what fits on a phone and into a chat's shortest message.
const LISTED_MAX: usize = 10;
/// A line about an incident is cut to this many characters.
const LINE_CHARS_MAX: usize = 80;
/// A subject is cut to this many characters.
const SUBJECT_CHARS_MAX: usize = 120;
/// So many apps are named with their counts.
const APPS_MAX: usize = 5;
/// Steps of rendering allowed, so that no template runs away.
const FUEL: u64 = 100_000;

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).build().expect("invariant: Jinja's own delimiters");
    templates.set_syntax(syntax);
    // Before the templates: it is asked when they are added.
    templates
        .set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
    let known = [
        ("zh.txt", include_str!("zh.txt")),
        ("en.txt", include_str!("en.txt")),
        ("zh.html", include_str!("zh.html")),
        ("en.html", include_str!("en.html")),
    ];
    for (name, source) in known {
        templates.add_template(name, source).expect("invariant: the templates are constants that parse");
    }
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_fuel(Some(FUEL));
    templates
});

/// Renders `digest`.
pub fn render_digest(digest: &Digest, voice: &Voice) -> Words {
    let zh = voice.language == Language::Zh;
    let (text, html) = if zh { ("zh.txt", "zh.html") } else { ("en.txt", "en.html") };
    let counts = &digest.counts;
    let listed: Vec<Value> = digest.events.iter().take(LISTED_MAX).map(|told| line(told, voice)).collect();
    let facts = context! {
        incidents => counts.incidents,
        open => counts.open,
        over => counts.over,
        severities => tallied(&counts.open_by_severity, zh, usize::MAX),
        apps => tallied(&counts.open_by_app, zh, APPS_MAX),
        more => (counts.incidents as usize).saturating_sub(listed.len()),
        listed,
        console => digest.console_url.as_deref(),
        instead_of => digest.instead_of.as_deref().map(|names| one_line(names, LINE_CHARS_MAX)),
    };
    let fill = |name: &str| {
        let template = TEMPLATES.get_template(name).expect("invariant: a constant name");
        template.render(&facts).unwrap_or_else(|e| format!("{} incidents\n{e}", counts.incidents))
    };
    let (subject, text, html) = (subject(digest, zh), fill(text), fill(html));
    let label = if zh { "查看全部" } else { "See them all" };
    let page = digest.console_url.as_ref().map(|url| Link { label: label.to_owned(), url: url.clone() });
    let brief = Brief { tone: tone(digest), page, ..Brief::of_text(&subject, &text) };
    Words { subject, text, html, brief }
}

fn tone(digest: &Digest) -> Tone {
    match digest.worst() {
        _ if digest.counts.open == 0 => Tone::Calm,
        Some(worst) if worst.severity == "P1" => Tone::Alarm,
        _ => Tone::Warning,
    }
}

fn line(told: &Bulletin, voice: &Voice) -> Value {
    let zh = voice.language == Language::Zh;
    let headline = if zh { &told.headline.zh } else { &told.headline.en };
    let time = |stamp: &str| local(stamp, &voice.zone);
    context! {
        severity => one_line(&told.severity, LINE_CHARS_MAX),
        title => defused(&one_line(&told.title, LINE_CHARS_MAX)),
        headline => defused(&one_line(headline, LINE_CHARS_MAX)),
        since => time(told.opened.as_ref().unwrap_or(&told.first_seen)),
        until => told.recovered.as_deref().filter(|_| is_over(told)).map(time),
        over => is_over(told),
        count => told.count,
        console => told.console_url.as_deref(),
    }
}

/// `P1 3 起、P2 5 起`, `3 P1, 5 P2`; the largest counts when there are too many to name.
fn tallied(counts: &BTreeMap<String, u32>, zh: bool, named_max: usize) -> String {
    let mut named: Vec<(&String, &u32)> = counts.iter().collect();
    if named.len() > named_max {
        named.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        named.truncate(named_max);
    }
    let words = named.iter().map(|(name, count)| {
        let name = one_line(name, LINE_CHARS_MAX);
        if zh { format!("{name} {count} 起") } else { format!("{count} {name}") }
    });
    let ellipsis = (counts.len() > named_max).then(|| "…".to_owned());
    words.chain(ellipsis).collect::<Vec<_>>().join(if zh { "、" } else { ", " })
}

fn subject(digest: &Digest, zh: bool) -> String {
    let counts = &digest.counts;
    let severities = tallied(&counts.open_by_severity, zh, usize::MAX);
    let worst = digest.worst().map(|worst| {
        let headline = if zh { &worst.headline.zh } else { &worst.headline.en };
        format!("{}{}{headline}", worst.title, if zh { "：" } else { ": " })
    });
    let worst = worst.unwrap_or_default();
    let line = match (counts.open, counts.over, zh) {
        (0, over, true) => format!("【更夫 汇总】{over} 起异常均已恢复：{worst}"),
        (0, over, false) => format!("[gengfu digest] {over} over, none open: {worst}"),
        (_, 0, true) => format!("【更夫 汇总】{} 起异常（{severities}）：{worst}", counts.open),
        (_, 0, false) => format!("[gengfu digest] {} open ({severities}): {worst}", counts.open),
        (open, over, true) => format!("【更夫 汇总】{open} 起异常（{severities}），另 {over} 起已恢复：{worst}"),
        (open, over, false) => format!("[gengfu digest] {open} open ({severities}), {over} over: {worst}"),
    };
    defused(&one_line(&line, SUBJECT_CHARS_MAX))
}
