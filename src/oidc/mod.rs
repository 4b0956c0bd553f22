//! Sign-in by OpenID Connect: the authorisation code flow with PKCE, as the port `people::Provider` wants it.
//!
//! `provider` knows the flow and what is believed, `http` how far an answer may go. Signatures, claims and the shapes of
//! requests are the `openidconnect` crate's.

mod http;
mod provider;

pub use provider::{OpenId, OpenIdOptions};
