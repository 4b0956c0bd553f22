//! What a step is called: its verb and target in words, and the slug made of them.

use crate::journey::{By, Condition, Expectation, FillValue, Locator, SwitchTarget, UrlRule, Verb};

/// The longest slug of a title, in characters.
const SLUG_CHARACTERS_MAX: usize = 48;

/// The verb and its target, with the texts of the page as they are.
pub(super) fn words(verb: &Verb, expects: &[Expectation]) -> String {
    match verb {
        Verb::Open(url) => format!("open {url}"),
        Verb::Tap { target, .. } => format!("tap {}", target_words(target)),
        Verb::Fill { target, value: FillValue::Totp(_) } => format!("fill {} by one-time code", target_words(target)),
        Verb::Fill { target, .. } => format!("fill {}", target_words(target)),
        Verb::Type { target: Some(target), .. } => format!("type into {}", target_words(target)),
        Verb::Type { target: None, text } => format!("type {text}"),
        Verb::Press { target: Some(target), keys } => format!("press {keys} in {}", target_words(target)),
        Verb::Press { target: None, keys } => format!("press {keys}"),
        Verb::Choose { target, option } => format!("choose {option} in {}", target_words(target)),
        Verb::Check { target, checked: true } => format!("check {}", target_words(target)),
        Verb::Check { target, checked: false } => format!("uncheck {}", target_words(target)),
        Verb::Upload { target, .. } => format!("upload to {}", target_words(target)),
        Verb::Hover { target } => format!("hover {}", target_words(target)),
        Verb::Drag { from, .. } => format!("drag {}", target_words(from)),
        Verb::Swipe { target: Some(target), direction } => {
            format!("swipe {} {}", format!("{direction:?}").to_lowercase(), target_words(target))
        }
        Verb::Swipe { target: None, direction } => format!("swipe {}", format!("{direction:?}").to_lowercase()),
        Verb::Scroll { target: Some(target), .. } => format!("scroll to {}", target_words(target)),
        Verb::Scroll { target: None, by } => format!("scroll by {} {}", by.0, by.1),
        Verb::Wait(duration) => format!("wait {duration:?}"),
        Verb::Look => expects.first().map_or_else(|| "look".to_owned(), expectation_words),
        Verb::Capture(captures) => {
            let names: Vec<&str> = captures.iter().map(|c| c.name.as_str()).collect();
            format!("capture {}", names.join(", "))
        }
        Verb::Assert { expression, .. } => format!("assert {expression}"),
        Verb::When { condition, .. } => format!("when {}", condition_words(condition)),
        Verb::FirstOf(branches) => {
            let seen: Vec<String> = branches.iter().map(|b| target_words(&b.see)).collect();
            format!("first of {}", seen.join(", "))
        }
        Verb::Repeat { condition: Some(condition), .. } => format!("repeat while {}", condition_words(condition)),
        Verb::Repeat { condition: None, times_max, .. } => format!("repeat {times_max} times"),
        Verb::Back => "back".to_owned(),
        Verb::Reload => "reload".to_owned(),
        Verb::Switch(SwitchTarget::Popup) => "switch to popup".to_owned(),
        Verb::Switch(SwitchTarget::Main) => "switch to main".to_owned(),
        Verb::Dialog(answer) => format!("dialog {}", if answer.accept { "accept" } else { "dismiss" }),
        Verb::Download(download) => format!("download {}", target_words(&download.target)),
        Verb::Screenshot { name, .. } | Verb::Compare { name, .. } => format!("screenshot {name}"),
        Verb::Call(call) => format!("call {} {}", call.method, call.url),
        Verb::Script(_) => "script".to_owned(),
    }
}

/// The words that name a target: what a customer would say.
pub(super) fn target_words(target: &Locator) -> String {
    match &target.by {
        By::Role { name: Some(name), .. } => name.to_string(),
        By::Role { role, name: None } => match &target.has_text {
            Some(text) => format!("{role} {text}"),
            None => role.clone(),
        },
        By::Label(t) | By::Text(t) | By::Placeholder(t) | By::Alt(t) | By::Title(t) | By::TestId(t) => t.to_string(),
        By::Css(t) | By::Xpath(t) => target.has_text.as_ref().unwrap_or(t).to_string(),
    }
}

fn expectation_words(expectation: &Expectation) -> String {
    match expectation {
        Expectation::See { target, .. } => format!("see {}", target_words(target)),
        Expectation::NotSee(target) => format!("not see {}", target_words(target)),
        Expectation::Url(UrlRule::Path(path)) => format!("expect url {path}"),
        Expectation::Url(UrlRule::Matches(pattern)) => format!("expect url matching {pattern}"),
        Expectation::Response(rule) => format!("expect response {}", rule.path),
    }
}

fn condition_words(condition: &Condition) -> String {
    match condition {
        Condition::See(target) => format!("see {}", target_words(target)),
        Condition::NotSee(target) => format!("not see {}", target_words(target)),
        Condition::Url(UrlRule::Path(path)) => format!("url {path}"),
        Condition::Url(UrlRule::Matches(pattern)) => format!("url matching {pattern}"),
        Condition::Expression(expression) => expression.to_string(),
    }
}

/// A title as a name: letters and digits of any script, everything else a hyphen.
pub(super) fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out: String = out.chars().take(SLUG_CHARACTERS_MAX).collect();
    let out = out.trim_end_matches('-');
    if out.is_empty() { "step".to_owned() } else { out.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_keep_every_script() {
        let check = |title: &str, expected: &str| assert_eq!(slug(title), expected, "{title}");
        check("tap 稳健增长混合（A类）", "tap-稳健增长混合-a类");
        check("open /funds?x=1", "open-funds-x-1");
        check("assert total == cash + funds", "assert-total-cash-funds");
        check("！！", "step");
        check(&"长".repeat(100), &"长".repeat(48));
    }
}
