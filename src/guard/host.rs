//! Host rules: an exact host, or every host below a name.

use std::fmt;
use std::str::FromStr;

use url::Host;

/// A host that may be reached, such as `bank.example`, `*.bank.example`, `127.0.0.1:8080` or `localhost:*`.
/// Without a port it means the scheme's own, 80 and 443.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    hosts: Hosts,
    ports: Ports,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    Exactly(Host<String>),
    Below(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ports {
    OfScheme,
    Exactly(u16),
    Any,
}

/// Why a text is not a host rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a host rule: {why}; expected such as `bank.example`, `*.bank.example` or `127.0.0.1:8080`")]
pub struct HostRuleError {
    text: String,
    why: String,
}

impl HostRule {
    /// Whether the rule names this host and port. `host` as [`super::Request`] has it.
    pub fn covers(&self, host: &Host<String>, port: u16, scheme: &str) -> bool {
        let port_fits = match self.ports {
            Ports::Any => true,
            Ports::Exactly(own) => own == port,
            // A tunnel says no scheme of its own; it is opened for either.
            Ports::OfScheme => port == if matches!(scheme, "http" | "ws") { 80 } else { 443 },
        };
        port_fits && self.names(host)
    }

    /// Whether the rule names this host, whatever the port.
    pub fn names(&self, host: &Host<String>) -> bool {
        match (&self.hosts, host) {
            (Hosts::Exactly(own), host) => own == host,
            (Hosts::Below(suffix), Host::Domain(name)) => {
                name.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            (Hosts::Below(_), _) => false,
        }
    }

    /// The rule that allows exactly the host and port of a URL, such as a walk's base URL.
    pub fn of_url(url: &url::Url) -> Option<Self> {
        let host = canonical(&url.host()?.to_string())?;
        Some(Self { hosts: Hosts::Exactly(host), ports: Ports::Exactly(url.port_or_known_default()?) })
    }

    /// The same hosts; where no port was written, every port. For rules that forbid.
    pub(super) fn on_any_port(self) -> Self {
        let ports = if self.ports == Ports::OfScheme { Ports::Any } else { self.ports };
        Self { ports, ..self }
    }
}

impl FromStr for HostRule {
    type Err = HostRuleError;

    fn from_str(text: &str) -> Result<Self, HostRuleError> {
        let wrong = |why: &str| HostRuleError { text: text.to_owned(), why: why.to_owned() };
        if text.contains("://") {
            return Err(wrong("leave out the scheme"));
        }
        if text.contains('@') {
            return Err(wrong("leave out the user"));
        }
        if text.contains(['/', '\\', '?', '#', '%']) || text.contains(char::is_whitespace) {
            return Err(wrong("only a host and a port can be named"));
        }
        let (name, ports) = split_port(text).ok_or_else(|| wrong("the port is not 1 to 65535 or `*`"))?;
        let hosts = match name.strip_prefix("*.") {
            Some(suffix) => Hosts::Below(parse_suffix(suffix).map_err(wrong)?),
            None if name == "*" => return Err(wrong("it would allow every host")),
            None => Hosts::Exactly(parse_exact(name).map_err(wrong)?),
        };
        Ok(Self { hosts, ports })
    }
}

/// The port is what follows the last colon outside an IPv6 bracket.
fn split_port(text: &str) -> Option<(&str, Ports)> {
    match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => match port {
            "*" => Some((name, Ports::Any)),
            _ if !port.bytes().all(|b| b.is_ascii_digit()) => None,
            _ => Some((name, Ports::Exactly(port.parse().ok().filter(|port| *port > 0)?))),
        },
        _ => Some((text, Ports::OfScheme)),
    }
}

fn parse_exact(name: &str) -> Result<Host<String>, &'static str> {
    if name.contains('*') {
        return Err("`*` may only stand for the first labels, as in `*.bank.example`");
    }
    match canonical(name).ok_or("it is not a host name")? {
        Host::Ipv4(v4) if v4.to_string() != name => Err("write the address in its plain form of four decimal numbers"),
        host => Ok(host),
    }
}

fn parse_suffix(suffix: &str) -> Result<String, &'static str> {
    if suffix.contains('*') {
        return Err("`*` may only stand once, for the first labels");
    }
    let Some(Host::Domain(suffix)) = canonical(suffix) else { return Err("`*.` needs a name behind it") };
    let labels: Vec<&str> = suffix.split('.').collect();
    match labels.as_slice() {
        ["localhost"] => Ok(suffix),
        [_] => Err("it would allow a whole top-level domain"),
        [registry, country] if is_registry(registry, country) => Err("it would allow everybody registered under it"),
        _ => Ok(suffix),
    }
}

/// Names under which a country's registry sells to anybody, such as `com.cn` and `co.uk`.
fn is_registry(label: &str, country: &str) -> bool {
    const LABELS: [&str; 12] = ["ac", "co", "com", "edu", "go", "gov", "gob", "mil", "ne", "net", "or", "org"];
    country.len() == 2 && LABELS.contains(&label)
}

/// A host as URLs understand it: lower case, punycode, no trailing dot, addresses in their one form.
pub(super) fn canonical(name: &str) -> Option<Host<String>> {
    let host = Host::parse(name).ok()?;
    Some(match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_owned();
            if name.is_empty() || name.split('.').any(str::is_empty) {
                return None;
            }
            // Without its last dot a name may turn out to be an address.
            if name.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit())) {
                return canonical_address(&name);
            }
            Host::Domain(name)
        }
        Host::Ipv6(v6) => v6.to_ipv4_mapped().map_or(Host::Ipv6(v6), Host::Ipv4),
        v4 @ Host::Ipv4(_) => v4,
    })
}

fn canonical_address(name: &str) -> Option<Host<String>> {
    match Host::parse(name).ok()? {
        Host::Domain(name) => Some(Host::Domain(name)),
        address => Some(address),
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Exactly(host) => write!(f, "{host}")?,
            Hosts::Below(suffix) => write!(f, "*.{suffix}")?,
        }
        match self.ports {
            Ports::OfScheme => Ok(()),
            Ports::Exactly(port) => write!(f, ":{port}"),
            Ports::Any => f.write_str(":*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expected` is the rule's plain form, or a word of the refusal behind `!`.
    fn check(text: &str, expected: &str) {
        match (text.parse::<HostRule>(), expected.strip_prefix('!')) {
            (Ok(rule), None) => assert_eq!(rule.to_string(), expected, "{text}"),
            (Err(error), Some(word)) => assert!(error.to_string().contains(word), "{text}: {error}"),
            (found, _) => panic!("{text}: {found:?}, expected {expected}"),
        }
    }

    #[test]
    fn rules_that_stand() {
        check("bank.example", "bank.example");
        check("BANK.Example.", "bank.example");
        check("bank.example:8443", "bank.example:8443");
        check("*.bank.example", "*.bank.example");
        check("*.bank.com.cn:443", "*.bank.com.cn:443");
        check("localhost:*", "localhost:*");
        check("*.localhost", "*.localhost");
        check("127.0.0.1:8080", "127.0.0.1:8080");
        check("[::1]:8080", "[::1]:8080");
        check("[::1]", "[::1]");
        check("银行.cn", "xn--jn2a72x.cn");
    }

    #[test]
    fn a_base_url_allows_its_own_host_and_port() {
        let of = |url: &str| HostRule::of_url(&url::Url::parse(url).unwrap()).map(|rule| rule.to_string());
        assert_eq!(of("https://Bank.example/x"), Some("bank.example:443".to_owned()));
        assert_eq!(of("http://127.0.0.1:8080"), Some("127.0.0.1:8080".to_owned()));
        assert_eq!(of("data:text/plain,x"), None);
    }

    #[test]
    fn rules_that_are_refused() {
        check("*", "!every host");
        check("*:443", "!every host");
        check("*.com", "!top-level");
        check("*.com.cn", "!everybody");
        check("*.co.uk", "!everybody");
        check("www.*.example", "!first labels");
        check("*bank.example", "!first labels");
        check("*.*.example", "!once");
        check("*.10.0.0.1", "!name behind");
        check("*.", "!name behind");
        check("https://bank.example", "!scheme");
        check("user@bank.example", "!user");
        check("bank.example/pay", "!only a host");
        check("bank.example?x", "!only a host");
        check("bank%2eexample", "!only a host");
        check("bank example", "!only a host");
        check("bank.example:0", "!port");
        check("bank.example:65536", "!port");
        check("bank.example:x", "!port");
        check("bank.example:+80", "!port");
        check("127.1", "!plain form");
        check("0x7f000001", "!plain form");
        check("2130706433", "!plain form");
        check("010.0.0.1", "!plain form");
        check("[::ffff:10.0.0.1]", "!plain form");
        check("::1", "!");
        check("", "!not a host");
        check("a..b", "!not a host");
    }
}
