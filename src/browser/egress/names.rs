//! Names to addresses: asked for here, once, and pinned, so that what was decided on is what is connected to.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Host;

/// How long an answer is used again. Short enough to follow a fail-over of the app.
const KEEP: Duration = Duration::from_secs(30);
const NAMES_MAX: usize = 4096;

/// The answers of the machine's name service, shared by all lanes.
#[derive(Debug, Default)]
pub struct Names {
    known: Mutex<HashMap<String, (Instant, Vec<IpAddr>)>>,
}

impl Names {
    /// The addresses of a host, in the order to try them. Never empty.
    pub(super) async fn addresses(&self, host: &Host<String>, within: Duration) -> io::Result<Vec<IpAddr>> {
        let name = match host {
            Host::Ipv4(v4) => return Ok(vec![IpAddr::V4(*v4)]),
            Host::Ipv6(v6) => return Ok(vec![IpAddr::V6(*v6)]),
            Host::Domain(name) => name,
        };
        // As in browsers: no name service is asked for what is this machine by definition.
        if name == "localhost" || name.ends_with(".localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        if let Some(addresses) = self.known(name) {
            return Ok(addresses);
        }
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the name service does not answer");
        let found = tokio::time::timeout(within, tokio::net::lookup_host((name.as_str(), 0))).await.map_err(late)??;
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in found.map(|found| found.ip()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        self.keep(name, &addresses);
        Ok(addresses)
    }

    fn known(&self, name: &str) -> Option<Vec<IpAddr>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).filter(|(until, _)| Instant::now() < *until).map(|(_, addresses)| addresses.clone())
    }

    fn keep(&self, name: &str, addresses: &[IpAddr]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= NAMES_MAX {
            known.clear();
        }
        known.insert(name.to_owned(), (Instant::now() + KEEP, addresses.to_vec()));
    }

    /// Answers for a name without asking anybody, for as long as answers are kept.
    #[cfg(test)]
    pub(super) fn pretend(&self, name: &str, addresses: &[IpAddr]) {
        self.keep(name, addresses);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn answers_are_pinned_and_age() {
        let names = Names::default();
        let one = [IpAddr::from([192, 0, 2, 1])];
        names.pretend("bank.invalid", &one);
        let host = Host::Domain("bank.invalid".to_owned());
        assert_eq!(names.addresses(&host, KEEP).await.unwrap(), one);
        tokio::time::advance(KEEP + Duration::from_millis(1)).await;
        assert_eq!(names.known("bank.invalid"), None);
    }

    #[tokio::test]
    async fn addresses_and_localhost_need_no_name_service() {
        let names = Names::default();
        let check = async |host: Host<String>, expected: &str| {
            assert_eq!(names.addresses(&host, KEEP).await.unwrap()[0].to_string(), expected);
        };
        check(Host::Ipv4([10, 0, 0, 1].into()), "10.0.0.1").await;
        check(Host::Domain("localhost".into()), "127.0.0.1").await;
        check(Host::Domain("app.localhost".into()), "127.0.0.1").await;
    }
}
