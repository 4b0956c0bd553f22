//! A notice in pieces: mail and every chat put them into a markup of their own.

use super::phrases::{because, fault, fault_label, labels, suffering};
use super::{Language, Telling, Voice, one_line};
use crate::alert::{Bulletin, TRIAL};
use crate::journey::title::in_chinese;
use jiff::tz::TimeZone;

/// Any text from a page is cut to this many characters.
const TEXT_CHARS_MAX: usize = 600;

/// What a notice says, in pieces. Each text is one line; what a page made it say is in it as the page said it, so that
/// every channel escapes it for its own markup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brief {
    /// How it looks at first sight.
    pub tone: Tone,
    /// What a customer meets, in one sentence.
    pub headline: String,
    /// What must be read before all else: that it is over already, or was kept quiet until now.
    pub notes: Vec<String>,
    /// What is known, the most important first.
    pub facts: Vec<Fact>,
    /// The incident's page.
    pub page: Option<Link>,
    /// The picture that shows it, where people can open it from anywhere.
    pub picture: Option<Link>,
}

/// How a notice looks at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Somebody should get up.
    Alarm,
    /// Somebody should look.
    #[default]
    Warning,
    /// It is over.
    Calm,
    /// Nothing happened: somebody tries the channel out.
    Trial,
}

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub label: String,
    /// What is known.
    pub value: String,
    /// What kind of text that is.
    pub form: Form,
}

/// What kind of text a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A sentence.
    Prose,
    /// Something of the page's or the network's own: a route, a request, an exception.
    Code,
    /// A command of gengfu's, to be typed as it stands.
    Command,
}

/// Somewhere to click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is written there.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl Brief {
    /// A brief of plain text: each line a fact without a label.
    pub fn of_text(headline: &str, text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != headline);
        let fact = |line: &str| Fact { label: String::new(), value: one_line(line, TEXT_CHARS_MAX), form: Form::Prose };
        Self { headline: one_line(headline, TEXT_CHARS_MAX), facts: lines.map(fact).collect(), ..Self::default() }
    }

    /// The brief of `bulletin`.
    pub(super) fn of(bulletin: &Bulletin, voice: &Voice, telling: Telling) -> Self {
        let zh = voice.language == Language::Zh;
        let label = labels(zh);
        let (headline, other) = headlines(bulletin, zh);
        let recovered = bulletin.recovered.as_deref().filter(|_| bulletin.state == "recovered");
        let over = telling.over_already.then(|| label.over(recovered.map(|at| local(at, &voice.zone)).as_deref()));
        let behind = bulletin.maintenance.as_ref().map(|window| {
            let time = |stamp: &str| local(stamp, &voice.zone);
            label.behind(&one_line(&window.name, TEXT_CHARS_MAX), &time(&window.from), &time(&window.until))
        });
        let link = |label: &str, url: String| Link { label: label.to_owned(), url };
        Self {
            tone: tone(bulletin, telling),
            headline: one_line(headline, TEXT_CHARS_MAX),
            notes: over.into_iter().chain(behind).collect(),
            facts: facts(bulletin, voice, other),
            page: bulletin.console_url.as_ref().map(|url| link(label.page, url.clone())),
            picture: picture(bulletin).map(|url| link(label.picture, url)),
        }
    }
}

/// The headline in the notice's own language, and in the other.
pub(super) fn headlines(bulletin: &Bulletin, zh: bool) -> (&str, &str) {
    let (own, other) = (bulletin.headline.zh.as_str(), bulletin.headline.en.as_str());
    if zh { (own, other) } else { (other, own) }
}

fn tone(bulletin: &Bulletin, telling: Telling) -> Tone {
    match bulletin.reason() {
        TRIAL => Tone::Trial,
        _ if telling.over_already => Tone::Calm,
        "recovered" | "verified-closed" | "set-aside" => Tone::Calm,
        _ if bulletin.state == "recovered" => Tone::Calm,
        _ if bulletin.severity == "P1" => Tone::Alarm,
        _ => Tone::Warning,
    }
}

/// Only where everybody reaches the console safely: nobody shows a picture of a customer's page over plain HTTP.
fn picture(bulletin: &Bulletin) -> Option<String> {
    let base = bulletin.console_url.as_deref()?.strip_suffix(&format!("/incidents/{}", bulletin.incident_id))?;
    let key = &bulletin.evidence.first()?.key;
    base.starts_with("https://").then(|| format!("{base}/evidence/{key}"))
}

fn facts(bulletin: &Bulletin, voice: &Voice, other: &str) -> Vec<Fact> {
    let zh = voice.language == Language::Zh;
    let label = labels(zh);
    let mut facts = Vec::new();
    let mut fact = |label: &str, value: &str, form: Form| {
        let value = one_line(value, TEXT_CHARS_MAX);
        if !value.is_empty() {
            facts.push(Fact { label: label.to_owned(), value, form });
        }
    };
    let time = |stamp: &str| local(stamp, &voice.zone);
    let suffered = suffering(bulletin.class.as_deref(), zh);
    fact(label.suffering, &label.with(suffered, &bulletin.severity), Form::Prose);
    let place = match bulletin.step_title.as_str() {
        "" => bulletin.title.clone(),
        step if zh => format!("{} › {}", bulletin.title, in_chinese(step)),
        step => format!("{} › {step}", bulletin.title),
    };
    fact(label.place, &label.with(&place, &bulletin.app), Form::Prose);
    fact(label.route, &bulletin.page_key, Form::Code);
    let (since, first) = (time(bulletin.opened.as_ref().unwrap_or(&bulletin.first_seen)), time(&bulletin.first_seen));
    fact(label.since, &if since == first { since } else { label.first(&since, &first) }, Form::Prose);
    match bulletin.recovered.as_deref().filter(|_| bulletin.state == "recovered") {
        Some(recovered) => fact(label.recovered, &time(recovered), Form::Prose),
        None => fact(label.last_seen, &time(&bulletin.last_seen), Form::Prose),
    }
    fact(label.often, &label.count(bulletin.count, bulletin.unconfirmed, bulletin.reopened), Form::Prose);
    fact(fault_label(zh), fault(&bulletin.attribution, zh), Form::Prose);
    fact(label.clue, bulletin.cause.as_deref().unwrap_or_default(), Form::Code);
    let devices: Vec<_> = bulletin.devices.iter().map(String::as_str).collect();
    fact(label.devices, &devices.join(", "), Form::Prose);
    fact(label.replay, &bulletin.replay, Form::Command);
    fact(label.because, &because(bulletin, zh), Form::Prose);
    fact(label.other, other, Form::Prose);
    facts
}

pub(in crate::alert) fn local(stamp: &str, zone: &TimeZone) -> String {
    match stamp.parse::<jiff::Timestamp>() {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string(),
        Err(_) => stamp.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{BulletinEvidence, Place};
    use crate::moment::Moment;

    #[test]
    fn a_picture_is_linked_where_everybody_reaches_it_safely() {
        let check = |console: Option<&str>, expected: Option<&str>| {
            let place = Place { console: console.map(str::to_owned), config: None };
            let id = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";
            let (event, incident, walk) = (id.parse().unwrap(), id.parse().unwrap(), id.parse().unwrap());
            let now = Moment::from_millis(0);
            let mut bulletin = Bulletin::sample("first-seen", event, incident, walk, now, &place);
            let (key, media_type, sha256) = ("ab.png".to_owned(), "image/png".to_owned(), "ab".to_owned());
            bulletin.evidence = vec![BulletinEvidence { key, media_type, sha256, masked: true }];
            let voice = Voice { language: Language::En, zone: TimeZone::UTC };
            let brief = Brief::of(&bulletin, &voice, Telling::default());
            assert_eq!(brief.picture.map(|link| link.url).as_deref(), expected, "{console:?}");
            assert_eq!(brief.page.is_some(), console.is_some());
        };
        check(Some("https://gengfu.bank.test"), Some("https://gengfu.bank.test/evidence/ab.png"));
        check(Some("http://127.0.0.1:4700"), None);
        check(None, None);
    }

    #[test]
    fn plain_text_becomes_a_fact_a_line() {
        let check = |text: &str, expected: &[&str]| {
            let brief = Brief::of_text("三件事", text);
            assert_eq!(brief.facts.iter().map(|fact| fact.value.as_str()).collect::<Vec<_>>(), expected, "{text:?}");
        };
        check("", &[]);
        check("三件事\n\n  一\r\n\u{202e}二\n", &["一", "二"]);
    }
}
