//! Why tunnels did not open: the browser only says that they did not, the lane's proxy knows.

use super::super::book::cut;
use super::super::egress::{Blocked, Egress};
use super::fail::failure;
use crate::guard::Reason;
use crate::walk::port::{Mishap, Sightings, Stopped};
use crate::walk::{Exchange, ExchangeKind, FailureKind};
use std::collections::HashMap;
use url::Url;

/// The browser's error for every tunnel that the proxy does not open, whatever the reason.
const NO_TUNNEL: &str = "ERR_TUNNEL_CONNECTION_FAILED";
/// What a request that the guard stopped ends with in the record.
const STOPPED: &str = "net::ERR_BLOCKED_BY_CLIENT";
/// What a navigation that the guard stopped ends with: no error of the app's, hence without a code.
const NOT_ALLOWED: &str = "stopped by the guard";

/// Bytes kept of a stopped request's address.
const STOPPED_BYTES_MAX: usize = 500;

/// Why the proxy did not open a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closed {
    /// The app's server could not be reached: the browser's own word for it, as it would have said without a proxy.
    Unreached(&'static str),
    /// The guard denied it: the request, and why.
    Denied(String),
}

/// What the lane's proxy has said of the servers it did not connect to.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// By `host:port`, with the count of lessons when it was learnt.
    closed: HashMap<String, (u64, Closed)>,
    lessons: u64,
    /// What the guard stopped and has not been given out yet.
    guarded: Vec<Stopped>,
}

impl Ways {
    /// Takes what the proxy has to say. It speaks before the browser hears of it.
    pub(super) fn learn(&mut self, egress: &Egress) {
        for trouble in egress.troubles() {
            self.note(format!("{}:{}", trouble.host, trouble.port), Closed::Unreached(trouble.word));
        }
        for blocked in egress.blocked() {
            if blocked.method == "CONNECT" {
                self.note(blocked.url.clone(), Closed::Denied(blocked.to_string()));
            }
            self.guarded.push(stopped_by(blocked));
        }
    }

    /// What the guard stopped since this was last asked.
    pub(super) fn stopped(&mut self) -> impl Iterator<Item = Stopped> + '_ {
        self.guarded.drain(..)
    }

    fn note(&mut self, place: String, closed: Closed) {
        self.lessons += 1;
        self.closed.insert(place, (self.lessons, closed));
    }

    /// Lessons so far: what is learnt later has a higher number.
    pub(super) fn lessons(&self) -> u64 {
        self.lessons
    }

    /// Why a navigation to `url` brought no tunnel; where a redirect led elsewhere, the newest reason since `since`.
    pub(super) fn behind(&self, error: &str, url: &str, since: u64) -> Option<&Closed> {
        if !error.contains(NO_TUNNEL) {
            return None;
        }
        let newest = || self.closed.values().filter(|(at, _)| *at > since).max_by_key(|(at, _)| *at).map(|(_, c)| c);
        self.of(url).or_else(newest)
    }

    fn of(&self, url: &str) -> Option<&Closed> {
        let url = Url::parse(url).ok()?;
        let place = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
        self.closed.get(&place).map(|(_, closed)| closed)
    }

    /// The guard's line on the tunnel that `url` would have needed, if it denied that.
    pub(super) fn denied(&self, url: &str) -> Option<&str> {
        match self.of(url) {
            Some(Closed::Denied(line)) => Some(line),
            _ => None,
        }
    }

    /// Puts the true reason in the place of the browser's.
    pub(super) fn tell(&self, sightings: &mut Sightings) {
        for navigation in &mut sightings.navigations {
            let Some(error) = &navigation.error else { continue };
            // The navigation's own event often names no error; its document does.
            let document = |e: &&Exchange| e.kind == ExchangeKind::Document && e.url == navigation.url;
            let document = sightings.exchanges.iter().rfind(document).and_then(|e| e.error.clone());
            let error = document.unwrap_or_else(|| error.clone());
            navigation.error = Some(match self.behind(&error, &navigation.url, u64::MAX) {
                Some(Closed::Unreached(word)) => (*word).to_owned(),
                Some(Closed::Denied(_)) => NOT_ALLOWED.to_owned(),
                None => error,
            });
        }
        for exchange in &mut sightings.exchanges {
            let reason = exchange.error.as_deref().and_then(|error| self.behind(error, &exchange.url, u64::MAX));
            match reason {
                Some(Closed::Unreached(word)) => exchange.error = Some((*word).to_owned()),
                Some(Closed::Denied(_)) => exchange.error = Some(STOPPED.to_owned()),
                None => {}
            }
        }
    }
}

fn stopped_by(blocked: Blocked) -> Stopped {
    Stopped {
        never: matches!(blocked.reason, Reason::Never { .. }),
        reason: blocked.reason.to_string(),
        url: cut(&blocked.url, STOPPED_BYTES_MAX),
        method: blocked.method,
    }
}

/// A page that the guard kept from coming: the journey or the configuration goes too far, not the app.
pub(super) fn stopped(request: &str) -> Mishap {
    let said = format!("the guard stopped {request}; declare the host if the journey may go there");
    failure(FailureKind::Guarded { request: request.to_owned() }, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_reason_takes_the_place_of_the_browsers() {
        let mut ways = Ways::default();
        ways.note("bank.test:443".into(), Closed::Unreached("net::ERR_CONNECTION_REFUSED"));
        ways.note("ads.test:443".into(), Closed::Denied("CONNECT ads.test:443 (not declared)".into()));
        let check = |url: &str, error: &str, expected: &str| {
            let exchange = Exchange { url: url.into(), error: Some(error.into()), ..Exchange::default() };
            let mut sightings = Sightings { exchanges: vec![exchange], ..Sightings::default() };
            Ways { closed: ways.closed.clone(), ..Ways::default() }.tell(&mut sightings);
            assert_eq!(sightings.exchanges[0].error.as_deref(), Some(expected), "{url}");
        };
        check("https://bank.test/api", "net::ERR_TUNNEL_CONNECTION_FAILED", "net::ERR_CONNECTION_REFUSED");
        check("https://ads.test/p.gif", "net::ERR_TUNNEL_CONNECTION_FAILED", STOPPED);
        check("https://other.test/", "net::ERR_TUNNEL_CONNECTION_FAILED", "net::ERR_TUNNEL_CONNECTION_FAILED");
        check("https://bank.test/api", "net::ERR_ABORTED", "net::ERR_ABORTED");
    }
}
