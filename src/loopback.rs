//! Which addresses lead to this machine itself, whatever a name server says: there alone plain `http` is as good as TLS.

use url::{Host, Url};

/// Whether `address` does.
pub fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_lead_elsewhere_is_this_machine() {
        let check = |address: &str, expected: bool| {
            assert_eq!(is_loopback(&address.parse().unwrap()), expected, "{address}");
        };
        for here in
            ["http://localhost/", "http://127.0.0.1:9/", "http://127.8.0.1/", "http://[::1]/x", "https://LOCALHOST/"]
        {
            check(here, true);
        }
        for elsewhere in [
            "http://localhost.evil.test/",
            "http://127.0.0.1.evil.test/",
            "http://10.0.0.1/",
            "http://[::2]/",
            "http://user@bank.test/",
            "file:///etc/passwd",
        ] {
            check(elsewhere, false);
        }
    }
}
