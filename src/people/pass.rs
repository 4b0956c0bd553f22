//! What opens something to whoever holds it: shown once, stored as its hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Digits of what people type: none that look alike.
const TYPED_DIGITS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Characters between two hyphens of what people type.
const TYPED_GROUP: usize = 5;

/// What a pass is for; it is part of what is hashed, so that one kind never opens what another does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassKind {
    /// A stay at the console; in the cookie.
    Session,
    /// A program's access to the JSON API.
    Token,
    /// Makes a person, or gives one a new password, once.
    Welcome,
    /// Stands in for a second factor that was lost, once.
    Recovery,
}

impl PassKind {
    fn label(self) -> &'static str {
        match self {
            PassKind::Session => "session",
            PassKind::Token => "token",
            PassKind::Welcome => "welcome",
            PassKind::Recovery => "recovery",
        }
    }

    /// Whether people type it.
    fn is_typed(self) -> bool {
        matches!(self, PassKind::Welcome | PassKind::Recovery)
    }
}

/// A pass in the clear. Never stored, never shown by `Debug`.
#[derive(Clone)]
pub struct Pass {
    kind: PassKind,
    text: SecretString,
}

impl Pass {
    /// A pass of `chance`: 256 bits of it, or 100 where people type it.
    pub fn of(kind: PassKind, chance: [u8; 32]) -> Self {
        let text = match kind {
            PassKind::Session => URL_SAFE_NO_PAD.encode(chance),
            // What begins so is found by scanners of code and logs.
            PassKind::Token => format!("gengfu_{}", URL_SAFE_NO_PAD.encode(chance)),
            PassKind::Welcome | PassKind::Recovery => typed(&chance[..20]),
        };
        Self { kind, text: text.into() }
    }

    /// A pass as it was handed in, whatever was written.
    pub fn claimed(kind: PassKind, text: &str) -> Self {
        let text = if kind.is_typed() { retyped(text) } else { text.trim().to_owned() };
        Self { kind, text: text.into() }
    }

    /// The pass itself: for the cookie, or for the one page or line that shows it.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What is stored of it. Nothing slower is needed: there is too much chance in it to be guessed.
    pub fn hash(&self) -> PassHash {
        let mut hash = Sha256::new();
        hash.update(b"gengfu/");
        hash.update(self.kind.label().as_bytes());
        hash.update(b"/");
        hash.update(self.text.expose_secret().as_bytes());
        PassHash(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹{}›", self.kind.label())
    }
}

/// What is stored of a pass.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PassHash(String);

impl PassHash {
    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PassHash {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if hex { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl fmt::Debug for PassHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", &self.0[..8])
    }
}

/// Five bits of each byte as one character.
fn typed(chance: &[u8]) -> String {
    let digits: Vec<u8> = chance.iter().map(|b| TYPED_DIGITS[usize::from(b & 31)]).collect();
    let groups: Vec<&str> =
        digits.chunks(TYPED_GROUP).map(|g| std::str::from_utf8(g).expect("invariant: digits are ASCII")).collect();
    groups.join("-")
}

/// What was typed as it was given out: people leave hyphens out and write small.
fn retyped(text: &str) -> String {
    let kept: Vec<u8> = text.to_ascii_uppercase().bytes().filter(u8::is_ascii_alphanumeric).take(64).collect();
    let groups: Vec<&str> = kept.chunks(TYPED_GROUP).filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read_as_it_was_given_out() {
        let pass = Pass::of(PassKind::Welcome, std::array::from_fn(|i| i as u8));
        assert_eq!(pass.expose(), "23456-789AB-CDEFG-HJKLM");
        let check = |typed: &str, same: bool| {
            assert_eq!(Pass::claimed(PassKind::Welcome, typed).hash() == pass.hash(), same, "{typed:?}");
        };
        check("23456-789AB-CDEFG-HJKLM", true);
        check(" 23456 789ab cdefg hjklm\n", true);
        check("23456-789AB-CDEFG-HJKLN", false);
        check("", false);
        assert_ne!(Pass::claimed(PassKind::Recovery, pass.expose()).hash(), pass.hash(), "kinds do not mix");
    }

    #[test]
    fn a_pass_shows_itself_to_nobody() {
        let pass = Pass::of(PassKind::Token, [7; 32]);
        assert!(pass.expose().starts_with("gengfu_") && pass.expose().len() == 50);
        assert_eq!(format!("{pass:?}"), "‹token›");
        assert!(!pass.hash().as_str().contains(pass.expose()));
        assert_eq!(pass.hash().as_str().parse::<PassHash>(), Ok(pass.hash()));
        assert!("x".parse::<PassHash>().is_err());
    }
}
