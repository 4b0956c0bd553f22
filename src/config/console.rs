//! `console:` — where the web console listens, and who may come in.

use super::mistakes::Mistakes;
use super::oidc::Oidc;
use super::value::{HttpUrl, Lasting};
use crate::loopback::is_loopback;
use serde_saphyr::Spanned;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _};

/// Connections that the console holds at once.
pub const CONNECTIONS_MAX: usize = 256;
/// Connections of one address at once, where nothing else is asked for: half of them, because a proxy before the console
/// is one address for all who come by it.
const PER_PEER: u32 = 128;

/// The web console.
#[derive(Debug, Clone)]
pub struct Console {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where people reach it, through a proxy with TLS; links in notices lead there.
    pub public_url: Option<HttpUrl>,
    /// Whether people sign in.
    pub sign_in: SignIn,
    /// How long somebody stays signed in without doing anything.
    pub idle: Lasting,
    /// How long somebody stays signed in at all.
    pub longest: Lasting,
    /// Connections that one address may hold at once.
    pub connections_per_peer: u32,
    /// A system that says who people are, besides their passwords or in their place.
    pub oidc: Option<Oidc>,
}

/// Whether people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignIn {
    /// Everybody who reaches the console is `local` and may everything: for a console that only this machine reaches.
    Off,
    /// Nobody comes in without.
    Required,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4700)),
            public_url: None,
            sign_in: SignIn::Off,
            idle: Lasting::seconds(3600),
            longest: Lasting::seconds(12 * 3600),
            connections_per_peer: PER_PEER,
            oidc: None,
        }
    }
}

/// The section as it is written.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    listen: Option<Spanned<String>>,
    public_url: Option<Spanned<HttpUrl>>,
    sign_in: Option<Spanned<SignIn>>,
    idle: Option<Lasting>,
    longest: Option<Lasting>,
    connections_per_peer: Option<Spanned<u32>>,
    oidc: Option<Spanned<Oidc>>,
}

impl Written {
    /// The section, with every mistake noted. Where others than this machine reach the console, people sign in, and what
    /// they type travels under TLS.
    pub(super) fn lower(self, mistakes: &mut Mistakes) -> Console {
        let fallback = Console::default();
        let listen = match &self.listen {
            Some(listen) => address(listen, mistakes).unwrap_or(fallback.listen),
            None => fallback.listen,
        };
        let elsewhere = self.public_url.as_ref().filter(|url| !is_loopback(&url.value.0));
        let reached = !listen.ip().is_loopback() || elsewhere.is_some();
        if let Some(at) = self.listen.as_ref().filter(|_| !listen.ip().is_loopback())
            && elsewhere.is_none_or(|url| url.value.0.scheme() != "https")
        {
            mistakes.note(
                at.referenced,
                "passwords would cross the network in the clear",
                "put a proxy with TLS before the console, and write its address: `public_url: https://…`",
            );
        } else if let Some(url) = elsewhere.filter(|url| url.value.0.scheme() != "https") {
            mistakes.note(
                url.referenced,
                "passwords would cross the network in the clear",
                "`http` is for a console that only this machine reaches: write `https://…`, the address of a proxy with TLS",
            );
        }
        if let Some(off) = self.sign_in.as_ref().filter(|sign_in| reached && sign_in.value == SignIn::Off) {
            mistakes.note(
                off.referenced,
                "everybody who reaches the console would be its administrator",
                "`sign_in: off` is for a console that only this machine reaches: on loopback, and without a `public_url` elsewhere",
            );
        }
        if let Some(oidc) = &self.oidc {
            oidc.value.check(oidc.referenced, mistakes);
            if self.sign_in.as_ref().is_some_and(|sign_in| sign_in.value == SignIn::Off) {
                mistakes.note(
                    oidc.referenced,
                    "`oidc` where nobody signs in",
                    "leave it out, or write `sign_in: required`",
                );
            }
        }
        if let Some(per_peer) =
            self.connections_per_peer.as_ref().filter(|n| !(1..=CONNECTIONS_MAX as u32).contains(&n.value))
        {
            mistakes.note(
                per_peer.referenced,
                "not how many connections one address may hold",
                &format!("write 1 to {CONNECTIONS_MAX}, which is how many there are; a proxy before the console is one address"),
            );
        }
        let asked = if reached || self.oidc.is_some() { SignIn::Required } else { SignIn::Off };
        Console {
            listen,
            sign_in: self.sign_in.map_or(asked, |written| written.value),
            public_url: self.public_url.map(|url| url.value),
            idle: self.idle.unwrap_or(fallback.idle),
            longest: self.longest.unwrap_or(fallback.longest),
            connections_per_peer: self
                .connections_per_peer
                .map_or(fallback.connections_per_peer, |written| written.value),
            oidc: self.oidc.map(|oidc| oidc.value),
        }
    }
}

fn address(listen: &Spanned<String>, mistakes: &mut Mistakes) -> Option<SocketAddr> {
    let first = listen.value.to_socket_addrs().ok().and_then(|mut all| all.next());
    if first.is_none() {
        mistakes.note(
            listen.referenced,
            "not an address to listen on",
            "write address and port, such as `127.0.0.1:4700`",
        );
    }
    first
}
