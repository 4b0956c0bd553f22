//! Addresses of apps and receivers.

use super::Refused;
use crate::loopback::is_loopback;
use url::Url;

const BASE: &str = "an app's base address: write scheme, host and port only, such as `https://h5.bank.example` or `http://127.0.0.1:4701`";
const HTTP: &str = "an http address, such as `https://hooks.bank.example/gengfu`, without user or password in it";

/// Where an app is: scheme, host and port; no path, query, fragment or user.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(pub Url);

impl TryFrom<String> for BaseUrl {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        let url = http(text).ok_or_else(|| Refused::new(text, BASE))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if bare { Ok(Self(url)) } else { Err(Refused::new(text, BASE)) }
    }
}

/// An http or https address without credentials in it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct HttpUrl(pub Url);

impl TryFrom<String> for HttpUrl {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        // The text may hold a password: it is not repeated.
        http(&text).map(Self).ok_or_else(|| Refused::new("this address", HTTP))
    }
}

impl HttpUrl {
    /// Whether what is sent there could be read on the way: `http` to another machine.
    pub fn in_the_clear(&self) -> bool {
        self.0.scheme() == "http" && !is_loopback(&self.0)
    }
}

fn http(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let right = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|h| !h.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.port() != Some(0);
    right.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_bare() {
        let check = |text: &str, expected: bool| assert_eq!(text.parse::<BaseUrl>().is_ok(), expected, "{text:?}");
        check("https://h5.bank.example", true);
        check("http://127.0.0.1:4701/", true);
        for wrong in [
            "",
            "h5.bank.example",
            "ftp://h5.bank.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://h5.bank.example/app",
            "https://h5.bank.example/?a=1",
            "https://h5.bank.example/#x",
            "https://user:pin@h5.bank.example",
            "http://127.0.0.1:0",
            "http://127.0.0.1:65536",
        ] {
            check(wrong, false);
        }
    }
}
