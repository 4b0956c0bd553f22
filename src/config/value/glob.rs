//! Patterns over paths and hosts.

use super::Refused;

const PATH: &str = "a path pattern: begin with `/`; `*` stands for one segment, `**` for any, such as `/api/orders/**`";
const HOST: &str =
    "a host: write a name such as `h5.bank.example`, one level of names such as `*.static.bank.example`, or an address";

/// A pattern over a URL's path.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct PathGlob(pub String);

impl TryFrom<String> for PathGlob {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let right =
            text.starts_with('/') && text.len() <= 500 && !text.contains(|c: char| c.is_whitespace() || c == '?');
        if right { Ok(Self(text)) } else { Err(Refused::new(&text, PATH)) }
    }
}

/// A host, with or without a port, or `*.` and at least two labels.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct HostPattern(pub String);

impl TryFrom<String> for HostPattern {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let name = text.strip_prefix("*.").unwrap_or(&text);
        // `*.com` would let the robot out to half the world.
        let wide = text.starts_with("*.") && !name.contains('.');
        let parsed = url::Url::parse(&format!("http://{name}/")).ok();
        let bare = parsed.as_ref().is_some_and(|u| {
            u.host_str().is_some()
                && u.path() == "/"
                && u.query().is_none()
                && u.fragment().is_none()
                && u.username().is_empty()
        });
        if bare && !wide && !name.is_empty() && !name.contains(['*', '/', '@']) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Refused::new(&text, HOST))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_narrow() {
        let check = |text: &str, expected: bool| {
            assert_eq!(HostPattern::try_from(text.to_owned()).is_ok(), expected, "{text:?}")
        };
        check("h5.bank.example", true);
        check("127.0.0.1:4701", true);
        check("[::1]", true);
        check("*.static.bank.example", true);
        for wrong in ["", "*", "*.com", "a/b", "user@host", "http://host", "a b", "**.x.y", "host/*", "0.0.0.0/0"] {
            check(wrong, false);
        }
    }
}
