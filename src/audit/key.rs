//! The key that checkpoints are signed with, and its public half, by which anybody may hold them to the log.
//!
//! Both are written as other tools write them (PKCS #8 and SubjectPublicKeyInfo, with or without their PEM lines), so that
//! `openssl genpkey -algorithm ed25519` makes a key and an auditor needs no program of ours to look at one.

use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::fmt;

/// What stands before the 32 bytes of a private key in PKCS #8, version 1.
const PRIVATE: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What stands before the 32 bytes of a public key.
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
/// Bytes of a key's short name.
const ID_BYTES: usize = 8;

/// Why a text is no key. It may be a secret, so it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a private key.
    #[error("not an Ed25519 private key in PKCS #8: `openssl genpkey -algorithm ed25519` makes one")]
    Private,
    /// Not a public key.
    #[error(
        "not an Ed25519 public key: 60 characters that begin with `MCowBQYDK2VwAyEA` are wanted, with or without PEM lines"
    )]
    Public,
    /// The machine gives no random numbers.
    #[error("the system gives no random numbers for a new key")]
    NoChance,
}

/// What signs checkpoints.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// A new key, and the text it is kept as.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn fresh() -> Result<(Self, Secret), KeyError> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| KeyError::NoChance)?;
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Private)?;
        let text = pem("PRIVATE KEY", &[PRIVATE.as_slice(), &seed].concat());
        Ok((Self(key), Secret::new("audit key", text)))
    }

    /// Reads a key from the text it is kept as.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &Secret) -> Result<Self, KeyError> {
        let bytes = unpem(text.expose()).ok_or(KeyError::Private)?;
        // Without the public half, too, as openssl writes it.
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes).map(Self).map_err(|_| KeyError::Private)
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(message).as_ref());
        signature
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹key {}›", self.public().id())
    }
}

/// What signatures are verified by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads one from its text.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = unpem(text).ok_or(KeyError::Public)?;
        let key = bytes.strip_prefix(PUBLIC.as_slice()).and_then(|key| key.try_into().ok());
        key.map(Self).ok_or(KeyError::Public)
    }

    /// Its short name, in checkpoints and names of files.
    pub fn id(&self) -> String {
        digest(&SHA256, &self.0).as_ref().iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    /// As a file.
    pub fn pem(&self) -> String {
        pem("PUBLIC KEY", &[PUBLIC.as_slice(), &self.0].concat())
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

/// One line, as it is given on a command line.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode([PUBLIC.as_slice(), &self.0].concat()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn pem(what: &str, bytes: &[u8]) -> String {
    // Keys of this kind fit on one line.
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(bytes))
}

fn unpem(text: &str) -> Option<Vec<u8>> {
    let body: String = text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_signs_what_its_public_half_verifies() {
        let (key, text) = SigningKey::fresh().unwrap();
        let read = SigningKey::parse(&text).unwrap();
        assert_eq!(read.public(), key.public());
        let signature = read.sign(b"m");
        for public in [
            key.public(),
            PublicKey::parse(&key.public().to_string()).unwrap(),
            PublicKey::parse(&key.public().pem()).unwrap(),
        ] {
            assert!(public.verifies(b"m", &signature));
            assert!(!public.verifies(b"n", &signature));
        }
        assert!(!SigningKey::fresh().unwrap().0.public().verifies(b"m", &signature));
        assert!(!format!("{read:?} {text:?}").contains(&text.expose()[30..60]), "a key is never shown");
    }

    /// The first vector of RFC 8032, 7.1, as `openssl pkey` writes it.
    #[test]
    fn keys_of_other_tools_are_read() {
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
        let key = SigningKey::parse(&Secret::new("key", private)).unwrap();
        let public = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assert_eq!(key.public().to_string(), public);
        for wrong in ["", "MCowBQYDK2VwAyEA", "hunter2", private] {
            assert_eq!(PublicKey::parse(wrong), Err(KeyError::Public), "{wrong}");
            assert!(wrong == private || SigningKey::parse(&Secret::new("key", wrong)).is_err(), "{wrong}");
        }
    }
}
