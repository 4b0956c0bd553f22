//! `console:` — where the web console listens.

use super::value::HttpUrl;
use std::net::{Ipv4Addr, SocketAddr};

/// The web console. It has no login yet, so it listens on loopback only.
#[derive(Debug, Clone)]
pub struct Console {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where people reach it, through a proxy with TLS and login; links in notices lead there.
    pub public_url: Option<HttpUrl>,
}

impl Default for Console {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4700)), public_url: None }
    }
}
