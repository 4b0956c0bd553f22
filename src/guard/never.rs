//! Never rules: requests that are stopped whatever a journey declares.

use std::fmt;

use super::{HostRule, HostRuleError, PathPattern, PathPatternError, Request};

/// A request that must never leave: what is left open matches everything.
#[derive(Debug, Clone)]
pub struct NeverRule {
    method: Option<String>,
    host: Option<HostRule>,
    path: PathPattern,
}

/// Why a never rule cannot stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NeverRuleError {
    /// The method.
    #[error("`{0}` is not a method: expected such as `POST`")]
    Method(String),
    /// The host.
    #[error(transparent)]
    Host(#[from] HostRuleError),
    /// The path.
    #[error(transparent)]
    Path(#[from] PathPatternError),
}

impl NeverRule {
    /// A rule from its parts as the config writes them.
    pub fn parse(method: Option<&str>, host: Option<&str>, path: &str) -> Result<Self, NeverRuleError> {
        let method = method.map(|text| {
            let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
            if plain { Ok(text.to_ascii_uppercase()) } else { Err(NeverRuleError::Method(text.to_owned())) }
        });
        let host = host.map(str::parse::<HostRule>).transpose()?.map(HostRule::on_any_port);
        Ok(Self { method: method.transpose()?, host, path: PathPattern::parse(path)? })
    }

    /// Whether the rule forbids this request.
    pub fn forbids(&self, request: &Request) -> bool {
        let host = self.host.as_ref().is_none_or(|rule| rule.covers(&request.host, request.port, &request.scheme));
        host && match &request.path {
            Some(_) => self.method_fits(request) && request.paths().any(|path| self.path_fits(path, request)),
            None => self.method.is_none() && self.path.is_open(),
        }
    }

    fn method_fits(&self, request: &Request) -> bool {
        self.method.as_deref().is_none_or(|own| request.may_be(own))
    }

    /// `POST /orders.json` is an order where suffixes choose the answer's format; `GET /orders.js` is a script.
    fn path_fits(&self, path: &str, request: &Request) -> bool {
        self.path.matches(path) || !(request.only_reads() && is_asset(path)) && self.path.matches_stem(path)
    }
}

/// Whether a path ends as files of a page do.
fn is_asset(path: &str) -> bool {
    const SUFFIXES: [&str; 22] = [
        "js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "woff", "woff2", "ttf",
        "otf", "wasm", "mp4", "webm", "mp3", "html", "htm",
    ];
    path.rsplit_once('.').is_some_and(|(_, suffix)| SUFFIXES.iter().any(|s| s.eq_ignore_ascii_case(suffix)))
}

impl fmt::Display for NeverRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.method.as_deref().unwrap_or("*"))?;
        if let Some(host) = &self.host {
            write!(f, "{host}")?;
        }
        write!(f, "{}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_as_they_were_written() {
        let check = |method, host, path, expected: &str| {
            let found = NeverRule::parse(method, host, path).map_or_else(|e| e.to_string(), |rule| rule.to_string());
            assert!(found.contains(expected), "{found}");
        };
        check(Some("post"), None, "/orders/**", "POST /orders/**");
        check(None, Some("pay.bank.example"), "/**", "* pay.bank.example:*/**");
        check(Some("P OST"), None, "/x", "is not a method");
        check(None, Some("*"), "/x", "every host");
        check(None, None, "x", "start with");
    }

    #[test]
    fn a_host_without_port_forbids_every_port() {
        let rule = NeverRule::parse(Some("POST"), Some("127.0.0.1"), "/orders").unwrap();
        assert!(rule.forbids(&Request::parse("POST", "http://127.0.0.1:8080/orders").unwrap()));
        assert!(rule.forbids(&Request::parse("POST", "http://127.1:9/orders").unwrap()));
        assert!(!rule.forbids(&Request::parse("POST", "http://127.0.0.2:8080/orders").unwrap()));
    }
}
