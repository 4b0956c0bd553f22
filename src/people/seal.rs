//! Sealing what must be read again, such as the seed of a second factor, and stamping what must come back as it was
//! given out, with a key that is not in the ledger.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use std::fmt;
use std::str::FromStr;

/// The key. `Debug` does not show it.
#[derive(Clone)]
pub struct SealingKey {
    seals: LessSafeKey,
    stamps: hmac::Key,
}

impl SealingKey {
    /// A key of 256 bits.
    pub fn new(key: [u8; 32]) -> Self {
        // Two keys of one, so that a stamp says nothing of a seal.
        let master = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let seals = hmac::sign(&master, b"seals");
        let seals =
            UnboundKey::new(&AES_256_GCM, seals.as_ref()).expect("invariant: the key is as long as the cipher's");
        let stamps = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, b"stamps").as_ref());
        Self { seals: LessSafeKey::new(seals), stamps }
    }

    /// Seals `clear`, which can then be opened for `whom` alone. `nonce` is used once.
    pub fn seal(&self, whom: &str, clear: &[u8], nonce: [u8; NONCE_LEN]) -> Sealed {
        let mut bytes = clear.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealed = self.seals.seal_in_place_append_tag(unique, Aad::from(whom.as_bytes()), &mut bytes);
        sealed.expect("invariant: what is sealed is short");
        Sealed([nonce.as_slice(), &bytes].concat())
    }

    /// What was sealed for `whom`; nothing when it was altered, or sealed for another or with another key.
    pub fn open(&self, whom: &str, sealed: &Sealed) -> Option<Vec<u8>> {
        let (nonce, bytes) = sealed.0.split_at_checked(NONCE_LEN)?;
        let mut bytes = bytes.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        self.seals.open_in_place(nonce, Aad::from(whom.as_bytes()), &mut bytes).ok().map(|clear| clear.to_vec())
    }

    /// The stamp of `text`, which nobody without the key can make.
    pub fn stamp(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.stamps, text.as_bytes()))
    }

    /// Whether `stamp` is `text`'s. How much of it is right does not show in the time.
    pub fn is_stamped(&self, text: &str, stamp: &str) -> bool {
        let Ok(stamp) = URL_SAFE_NO_PAD.decode(stamp) else { return false };
        hmac::verify(&self.stamps, text.as_bytes(), &stamp).is_ok()
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹sealing key›")
    }
}

/// What was sealed, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD_NO_PAD.encode(&self.0))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹{} sealed bytes›", self.0.len())
    }
}

impl FromStr for Sealed {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        STANDARD_NO_PAD.decode(text).map(Self).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_and_the_name_open_it() {
        let key = SealingKey::new([1; 32]);
        let sealed: Sealed = key.seal("a", b"seed", [9; 12]).to_string().parse().unwrap();
        assert_eq!(key.open("a", &sealed).as_deref(), Some(b"seed".as_slice()));
        assert_eq!(key.open("b", &sealed), None);
        assert_eq!(SealingKey::new([2; 32]).open("a", &sealed), None);
        let mut altered = sealed.clone();
        *altered.0.last_mut().unwrap() ^= 1;
        assert_eq!((key.open("a", &altered), key.open("a", &Sealed(vec![0; 5]))), (None, None));
        assert!(key.is_stamped("a", &key.stamp("a")) && !key.is_stamped("b", &key.stamp("a")));
        assert!(!key.is_stamped("a", &SealingKey::new([2; 32]).stamp("a")) && !key.is_stamped("a", ""));
        assert!(!sealed.0.windows(4).any(|w| w == b"seed"));
        assert_eq!(format!("{key:?} {sealed:?}"), "‹sealing key› ‹32 sealed bytes›");
    }
}
