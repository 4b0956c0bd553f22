//! Ending TLS in the proxy, where never rules must see what is asked for inside it: the server's certificate is
//! verified here, and the browser is shown one of the robot's own, by a key that only this robot's browsers take.

use super::upstream::Stream;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ServerConfig};
use sha2::Digest as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, server};
use tokio_util::either::Either;

/// One version of HTTP is read in the proxy, in TLS as outside it.
const PROTOCOL: &[u8] = b"http/1.1";
/// How long either side may take for its handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(20);
/// The browser's argument that takes a key, whatever is wrong with the certificate otherwise.
const TAKES_KEYS: &str = "--ignore-certificate-errors-spki-list=";

/// The key of one robot's proxies, and what they trust.
pub struct Seal {
    key: KeyPair,
    connector: TlsConnector,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// A fresh key, kept in memory alone. Servers are trusted as the system trusts them (or `SSL_CERT_FILE` says), and
    /// by `roots` beside that.
    ///
    /// # Errors
    /// When no key can be made, or the system has no certificates to trust.
    pub fn new(roots: Vec<CertificateDer<'static>>) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider.clone());
        let verifier = verifier.map_err(|e| e.to_string())?;
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|e| e.to_string())?;
        // "Dangerous" is to choose one's own verifier; this one is the platform's.
        let mut config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // A session taken up again would not show the certificate of today, and lanes share nothing.
        config.resumption = Resumption::disabled();
        let key = KeyPair::generate().map_err(|e| e.to_string())?;
        Ok(Self { key, connector: TlsConnector::from(Arc::new(config)) })
    }

    /// `arguments` of a browser, with what makes it take the proxies' key.
    pub fn taken_by(&self, mut arguments: Vec<String>) -> Vec<String> {
        use base64::Engine as _;
        let pin = sha2::Sha256::digest(self.key.subject_public_key_info());
        let pin = base64::engine::general_purpose::STANDARD.encode(pin);
        // The last of several would count alone.
        match arguments.iter_mut().rfind(|argument| argument.starts_with(TAKES_KEYS)) {
            Some(known) => *known = format!("{known},{pin}"),
            None => arguments.push(format!("{TAKES_KEYS}{pin}")),
        }
        arguments
    }

    /// Speaks TLS to the server.
    ///
    /// # Errors
    /// When it does not, or its certificate is not to be trusted for `host`.
    pub(super) async fn to_server(&self, stream: TcpStream, host: &url::Host<String>) -> io::Result<Stream> {
        let name = match host {
            url::Host::Domain(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
            url::Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
            url::Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
        };
        Ok(Either::Right(in_time(self.connector.connect(name, stream)).await?))
    }

    /// Speaks TLS to the browser, as `host`.
    ///
    /// # Errors
    /// When the browser goes away.
    pub(super) async fn to_browser<S>(&self, stream: S, host: &url::Host<String>) -> io::Result<server::TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = host.to_string();
        let params =
            CertificateParams::new(vec![name.trim_matches(['[', ']']).to_owned()]).map_err(io::Error::other)?;
        let certificate = params.self_signed(&self.key).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(io::Error::other)?.with_no_client_auth();
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        let mut config = config.with_single_cert(vec![certificate.der().clone()], key).map_err(io::Error::other)?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        in_time(TlsAcceptor::from(Arc::new(config)).accept(stream)).await
    }
}

async fn in_time<T>(handshake: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = || io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long");
    tokio::time::timeout(HANDSHAKE_WITHIN, handshake).await.map_err(|_| late())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_takes_other_keys_takes_this_one_too() {
        let seal = Seal::new(Vec::new()).unwrap();
        let pins = |given: &[&str]| {
            let arguments = seal.taken_by(given.iter().map(|a| (*a).to_owned()).collect());
            let lists = arguments.iter().filter_map(|a| a.strip_prefix(TAKES_KEYS));
            lists.map(|list| list.split(',').count()).collect::<Vec<_>>()
        };
        assert_eq!(pins(&["--headless"]), [1]);
        assert_eq!(pins(&["--ignore-certificate-errors-spki-list=abc="]), [2]);
    }
}
