//! A notice in the owner's words: what customers cannot do, where, since when, how often, whose fault, what to click.

mod brief;
mod defused;
mod phrases;

pub(super) use brief::local;
pub use brief::{Brief, Fact, Form, Link, Tone};
pub use defused::{GAP, defused};

use super::{Bulletin, Words};
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use std::sync::LazyLock;

/// A subject is cut to this many characters.
const SUBJECT_CHARS_MAX: usize = 120;
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
    let known = [("mail.txt", include_str!("words/mail.txt")), ("mail.html", include_str!("words/mail.html"))];
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
    let brief = Brief::of(bulletin, voice, telling);
    // A mail has no markup of its own to escape for, but links are made of what looks like one; chats defuse the brief.
    let value = |fact: &Fact| if fact.form == Form::Command { fact.value.clone() } else { defused(&fact.value) };
    let facts: Vec<_> = brief
        .facts
        .iter()
        .map(|fact| context! { label => &fact.label, value => value(fact), code => fact.form != Form::Prose })
        .collect();
    let mail = context! {
        lang => if zh { "zh" } else { "en" },
        colon => if zh { "：" } else { ": " },
        headline => defused(&brief.headline),
        notes => brief.notes.iter().map(|note| defused(note)).collect::<Vec<_>>(),
        facts => facts,
        page => brief.page.as_ref().map(|link| context! { label => &link.label, url => &link.url }),
        pictured => telling.pictured,
        seen => if zh { "客户看到的画面" } else { "what a customer sees" },
    };
    let fill = |name: &str| {
        let template = TEMPLATES.get_template(name).expect("invariant: a constant name");
        template.render(&mail).unwrap_or_else(|e| format!("{}\n{e}", brief.headline))
    };
    let (text, html) = (fill("mail.txt"), fill("mail.html"));
    Words { subject: subject(bulletin, zh, telling), text, html, brief }
}

fn subject(bulletin: &Bulletin, zh: bool, telling: Telling) -> String {
    let mark = phrases::mark(bulletin.reason(), telling.over_already, zh).unwrap_or(&bulletin.severity);
    let (headline, _) = brief::headlines(bulletin, zh);
    let line = if zh {
        format!("【更夫 {mark}】{}：{headline}", bulletin.title)
    } else {
        format!("[gengfu {mark}] {}: {headline}", bulletin.title)
    };
    defused(&one_line(&line, SUBJECT_CHARS_MAX))
}
