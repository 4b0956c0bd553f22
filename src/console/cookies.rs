//! Cookies: read from a request, written with their flags.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of the first cookie of this name.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('=')).find(|(k, _)| *k == name).map(|p| p.1)
}

/// Whether the console is reached by https, and cookies are bound to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// The browser sends them over TLS only, to this host only, and takes them from nobody else.
    Https,
    /// On this machine.
    Plain,
}

impl Wire {
    /// What the cookie `name` is called.
    pub fn named(self, name: &str) -> String {
        match self {
            Wire::Https => format!("__Host-{name}"),
            Wire::Plain => name.to_owned(),
        }
    }

    /// Sets the cookie `name`. Lax, not strict: a link in an alert must find its reader signed in, and no GET changes
    /// anything. Without `seconds` it ends with the browser.
    pub fn set(self, name: &str, value: &str, seconds: Option<u64>) -> HeaderValue {
        let secure = if self == Wire::Https { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.named(name));
        HeaderValue::from_str(&text).expect("invariant: values are base64 and stamps")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_have_all_their_flags() {
        let check =
            |wire: Wire, seconds: Option<u64>, expected: &str| assert_eq!(wire.set("s", "v", seconds), expected);
        check(Wire::Https, None, "__Host-s=v; Path=/; HttpOnly; SameSite=Lax; Secure");
        check(Wire::Plain, Some(0), "s=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
