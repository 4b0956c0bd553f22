//! The names of a walk and their values: parameters, captures, the leased account.

use super::super::port::{Account, Read, ResponseSight, Sight, Target};
use crate::evidence::Masker;
use crate::journey::{
    By, Expectation, Frame, JsonRule, Locator, Matcher, ReadingSource, Text, UnknownName, UrlRule, Value,
};
use std::collections::BTreeMap;

/// What names mean, now.
#[derive(Debug, Default)]
pub(super) struct Scope {
    values: BTreeMap<String, Value>,
    account: Option<Account>,
}

impl Scope {
    pub(super) fn new(vars: BTreeMap<String, String>, account: Option<Account>) -> Self {
        let values = vars.into_iter().map(|(name, text)| (name, Value::Text(text))).collect();
        Self { values, account }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The value of a name: a capture, a parameter, or a plain field of the account. Secrets have none here.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        if let Some(field) = name.strip_prefix("account.") {
            return self.account.as_ref()?.fields.get(field).map(|text| Value::Text(text.clone()));
        }
        self.values.get(name).cloned()
    }

    /// What stands beside a false expression, masked.
    pub(super) fn shown(&self, name: &str, masker: &Masker) -> Option<Value> {
        self.value(name).map(|value| match value {
            Value::Text(text) => Value::Text(masker.text(&text).into_owned()),
            other => other,
        })
    }

    pub(super) fn text(&self, text: &Text) -> Result<String, UnknownName> {
        text.fill(|name| self.value(name).map(|v| v.plain()))
    }

    fn maybe(&self, text: Option<&Text>) -> Result<Option<String>, UnknownName> {
        text.map(|t| self.text(t)).transpose()
    }

    pub(super) fn target(&self, locator: &Locator) -> Result<Target, UnknownName> {
        let (by, value, name) = match &locator.by {
            By::Role { role, name } => ("role", role.clone(), self.maybe(name.as_ref())?),
            By::Label(text) => ("label", self.text(text)?, None),
            By::Text(text) => ("text", self.text(text)?, None),
            By::Placeholder(text) => ("placeholder", self.text(text)?, None),
            By::Alt(text) => ("alt", self.text(text)?, None),
            By::Title(text) => ("title", self.text(text)?, None),
            By::TestId(text) => ("testid", self.text(text)?, None),
            By::Css(text) => ("css", self.text(text)?, None),
            By::Xpath(text) => ("xpath", self.text(text)?, None),
        };
        let words = words(by, &value, name.as_deref());
        let frame = match &locator.frame {
            Some(Frame::Name(text)) => Some(("name", self.text(text)?)),
            Some(Frame::Url(text)) => Some(("url", self.text(text)?)),
            None => None,
        };
        let within = locator.within.as_deref().map(|l| self.target(l)).transpose()?;
        Ok(Target {
            by,
            value,
            name,
            exact: locator.exact,
            has_text: self.maybe(locator.has_text.as_ref())?,
            nth: locator.nth,
            within: within.map(Box::new),
            frame,
            words,
            written: written(&locator.by),
        })
    }

    pub(super) fn url_sight(&self, rule: &UrlRule) -> Result<Sight, UnknownName> {
        Ok(match rule {
            UrlRule::Path(glob) => Sight::Path(self.text(glob)?),
            UrlRule::Matches(pattern) => Sight::UrlMatches(pattern.clone()),
        })
    }

    pub(super) fn json_rules(&self, rules: &[JsonRule]) -> Result<Vec<JsonRule>, UnknownName> {
        let filled = |rule: &JsonRule| {
            let matcher = match &rule.matcher {
                Matcher::Equals(text) => Matcher::Equals(Text::literal(self.text(text)?)),
                Matcher::Contains(text) => Matcher::Contains(Text::literal(self.text(text)?)),
                other => other.clone(),
            };
            Ok(JsonRule { path: rule.path.clone(), matcher })
        };
        rules.iter().map(filled).collect()
    }

    pub(super) fn sights(&self, expects: &[Expectation]) -> Result<Vec<Sight>, UnknownName> {
        expects.iter().map(|e| self.sight(e)).collect()
    }

    fn sight(&self, expectation: &Expectation) -> Result<Sight, UnknownName> {
        Ok(match expectation {
            Expectation::See { target, count } => Sight::See { target: self.target(target)?, count: *count },
            Expectation::NotSee(target) => Sight::NotSee(self.target(target)?),
            Expectation::Url(rule) => self.url_sight(rule)?,
            Expectation::Response(rule) => Sight::Response(ResponseSight {
                method: rule.method.clone(),
                path: self.text(&rule.path)?,
                status: rule.status,
                json: self.json_rules(&rule.json)?,
            }),
        })
    }

    pub(super) fn read(&self, source: &ReadingSource) -> Result<Read, UnknownName> {
        Ok(match source {
            ReadingSource::Element { target, attribute } => {
                Read::Element { target: self.target(target)?, attribute: attribute.clone() }
            }
            ReadingSource::Count(target) => Read::Count(self.target(target)?),
            ReadingSource::Url => Read::Url,
            ReadingSource::Title => Read::Title,
            ReadingSource::Response { path, json } => Read::Response { path: self.text(path)?, json: json.clone() },
        })
    }
}

fn words(by: &str, value: &str, name: Option<&str>) -> String {
    match (by, name) {
        ("role", Some(name)) => format!("{value} \"{name}\""),
        ("role", None) => value.to_owned(),
        _ => format!("{by} \"{value}\""),
    }
}

/// A target's words with its names left as they are.
fn written(by: &By) -> String {
    let (kind, text) = match by {
        By::Role { role, name } => return words("role", role, name.as_ref().map(Text::to_string).as_deref()),
        By::Label(text) => ("label", text),
        By::Text(text) => ("text", text),
        By::Placeholder(text) => ("placeholder", text),
        By::Alt(text) => ("alt", text),
        By::Title(text) => ("title", text),
        By::TestId(text) => ("testid", text),
        By::Css(text) => ("css", text),
        By::Xpath(text) => ("xpath", text),
    };
    words(kind, &text.to_string(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::TextPart;

    #[test]
    fn a_target_is_known_by_what_its_author_wrote() {
        let check = |part: TextPart, expected: &str| {
            let scope = Scope::new(BTreeMap::from([("who".to_owned(), "张三".to_owned())]), None);
            let by = By::Text(Text::from_parts(vec![part]));
            let target = scope.target(&Locator::new(by)).expect("the name has a value");
            assert_eq!((target.words.as_str(), target.written.as_str()), ("text \"张三\"", expected));
        };
        check(TextPart::Name("who".into()), "text \"${who}\"");
        check(TextPart::Literal("张三".into()), "text \"张三\"");
    }
}
