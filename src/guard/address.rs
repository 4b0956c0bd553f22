//! What kind of address a name leads to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// The kinds that matter to a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// Anybody's.
    Public,
    /// A company's or a home's own network.
    Private,
    /// This machine.
    Loopback,
    /// This wire, where clouds keep their metadata and credentials.
    LinkLocal,
    /// Unspecified, broadcast, multicast: nothing a browser has to do with.
    Unroutable,
}

/// Top-level names that the public name service does not serve.
const PRIVATE_SUFFIXES: [&str; 8] = ["localhost", "internal", "local", "lan", "intranet", "corp", "test", "home.arpa"];

impl AddressClass {
    /// The class of an address; an IPv4 address inside an IPv6 one counts as itself.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => Self::of_v6(v6),
        }
    }

    fn of_v4(v4: Ipv4Addr) -> Self {
        let [a, b, c, d] = v4.octets();
        match (a, b) {
            _ if [a, b, c, d] == [100, 100, 100, 200] => Self::LinkLocal, // Alibaba Cloud's metadata
            (0, _) | (224..=255, _) => Self::Unroutable,
            (127, _) => Self::Loopback,
            (169, 254) => Self::LinkLocal,
            (10, _) | (172, 16..=31) | (192, 168) | (100, 64..=127) | (198, 18..=19) => Self::Private,
            _ => Self::Public,
        }
    }

    fn of_v6(v6: Ipv6Addr) -> Self {
        let segments = v6.segments();
        let embedded = || Ipv4Addr::from((u32::from(segments[6]) << 16) | u32::from(segments[7]));
        match segments[0] {
            _ if v6 == Ipv6Addr::LOCALHOST => Self::Loopback,
            _ if segments == [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Self::LinkLocal, // AWS metadata
            _ if segments[..6] == [0; 6] => Self::Unroutable, // unspecified, and the retired IPv4-compatible form
            0x0064 if segments[1] == 0xff9b => Self::of_v4(embedded()), // NAT64
            0xff00..=0xffff => Self::Unroutable,
            0xfe80..=0xfebf => Self::LinkLocal,
            0xfc00..=0xfdff | 0xfec0..=0xfeff => Self::Private,
            _ => Self::Public,
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Unroutable => "unroutable",
        })
    }
}

/// Whether a name cannot be a public one, so that a private address behind it is no surprise.
pub(super) fn is_private_name(host: &Host<String>) -> bool {
    let Host::Domain(name) = host else { return false };
    let under = |suffix: &str| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !name.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| under(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let check = |address: &str, expected| {
            assert_eq!(AddressClass::of(address.parse().unwrap()), expected, "{address}");
        };
        check("8.8.8.8", AddressClass::Public);
        check("172.15.0.1", AddressClass::Public);
        check("172.31.255.255", AddressClass::Private);
        check("100.64.0.1", AddressClass::Private);
        check("127.9.9.9", AddressClass::Loopback);
        check("169.254.169.254", AddressClass::LinkLocal);
        check("100.100.100.200", AddressClass::LinkLocal);
        check("0.0.0.0", AddressClass::Unroutable);
        check("255.255.255.255", AddressClass::Unroutable);
        check("::1", AddressClass::Loopback);
        check("::", AddressClass::Unroutable);
        check("::ffff:10.0.0.1", AddressClass::Private);
        check("64:ff9b::7f00:1", AddressClass::Loopback);
        check("fe80::1", AddressClass::LinkLocal);
        check("fd00:ec2::254", AddressClass::LinkLocal);
        check("fd12::1", AddressClass::Private);
        check("2606:4700::1", AddressClass::Public);
    }
}
