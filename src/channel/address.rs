//! Where a receiver is. The addresses of chat robots hold their keys: each is a secret as a whole.

use crate::loopback::is_loopback;
use crate::secret::Secret;
use url::Url;

/// A shorter token is a mistake, and could not be kept out of what is told.
const TOKEN_CHARS_MIN: usize = 8;

/// Why a receiver's address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The secret is something else.
    #[error("the secret `{secret}` is not {wanted}")]
    NotOne {
        /// Its reference.
        secret: String,
        /// What is right, by example.
        wanted: &'static str,
    },
    /// Messages in the clear over a network.
    #[error("`{0}` is no https address: `http` is for a receiver on this machine only")]
    InTheClear(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
}

/// How a vendor's robots are addressed.
pub(super) struct Robots {
    /// The vendor's own server.
    pub origin: &'static str,
    /// What is right, by example.
    pub wanted: &'static str,
    /// The token in an address as the vendor shows it.
    pub token: fn(&Url) -> Option<String>,
    /// The address of the robot with this token, below a base without a slash at its end.
    pub url: fn(&str, &str) -> String,
}

/// One robot's address, and what of it is secret.
pub(super) struct Robot {
    pub url: Url,
    pub secrets: Vec<Secret>,
}

impl Robots {
    /// The robot that `secret` names, by its whole address as the vendor shows it or by the token in it; at `base` in
    /// place of the vendor's own server.
    pub(super) fn find(&self, secret: &Secret, base: Option<&Url>) -> Result<Robot, AddressError> {
        let not_one = || AddressError::NotOne { secret: secret.name().to_owned(), wanted: self.wanted };
        let value = secret.expose().trim();
        let whole = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let token = match &whole {
            Some(url) => (self.token)(url).ok_or_else(not_one)?,
            None => value.trim_matches('/').to_owned(),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_/.:".contains(c);
        if token.chars().count() < TOKEN_CHARS_MIN || !token.chars().all(plain) || token.contains("..") {
            return Err(not_one());
        }
        let origin = match (base, &whole) {
            (Some(base), _) => base.as_str().to_owned(),
            (None, Some(url)) => url.origin().ascii_serialization(),
            (None, None) => self.origin.to_owned(),
        };
        let url: Url = (self.url)(origin.trim_end_matches('/'), &token).parse().map_err(|_| not_one())?;
        safe(&url, base.map_or(secret.name(), Url::as_str))?;
        Ok(Robot { url, secrets: vec![secret.clone(), Secret::new(secret.name(), token)] })
    }
}

/// That what is sent to `url`, which is called `name`, cannot be read on the way.
pub(super) fn safe(url: &Url, name: &str) -> Result<(), AddressError> {
    if url.scheme() == "https" || url.scheme() == "http" && is_loopback(url) {
        return Ok(());
    }
    Err(AddressError::InTheClear(name.to_owned()))
}

/// `path` below `base`, which may have a path of its own.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROBOTS: Robots = Robots {
        origin: "https://bot.example",
        wanted: "a robot's address, such as `https://bot.example/send?key=…`",
        token: |url| url.query_pairs().find(|(name, _)| name == "key").map(|(_, value)| value.into_owned()),
        url: |base, token| format!("{base}/send?key={token}"),
    };

    #[test]
    fn a_robot_is_named_by_its_address_or_its_token() {
        let check = |secret: &str, base: Option<&str>, expected: Option<&str>| {
            let base: Option<Url> = base.map(|base| base.parse().unwrap());
            let found = ROBOTS.find(&Secret::new("env:BOT", secret), base.as_ref());
            if let Err(error) = &found {
                assert!(!error.to_string().contains("c4n4ry"), "{error}");
            }
            assert_eq!(found.ok().map(|robot| robot.url.to_string()).as_deref(), expected, "{secret} at {base:?}");
        };
        check("c4n4ry-0123", None, Some("https://bot.example/send?key=c4n4ry-0123"));
        check("https://eu.bot.example/send?key=c4n4ry-0123", None, Some("https://eu.bot.example/send?key=c4n4ry-0123"));
        check(
            "https://eu.bot.example/send?key=c4n4ry-0123",
            Some("http://127.0.0.1:9/x/"),
            Some("http://127.0.0.1:9/x/send?key=c4n4ry-0123"),
        );
        check("http://bot.example/send?key=c4n4ry-0123", None, None);
        check("c4n4ry-0123", Some("http://proxy.bank.example"), None);
        check("https://other.example/hook/c4n4ry-0123", None, None);
        check("c4n4ry 0123&all=1", None, None);
        check("c4n4ry/../0123", None, None);
        check("short", None, None);
    }
}
