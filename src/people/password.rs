//! Passwords: what is accepted, and what is kept of them.

use super::name::{PersonName, composed};
use super::weak;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::str::FromStr;

/// The shortest password accepted, in characters.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// The longest that is looked at, in bytes: hashing takes time by length.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// Memory, passes and lanes of a hash: what OWASP asks for at least.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// A stored hash that asks for more than this was not written here: it would stop the console.
const MEMORY_KIB_MAX: u32 = 262_144;
const PASSES_MAX: u32 = 16;

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Too short.
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters")]
    Short,
    /// Too long.
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    Long,
    /// Among the first that are tried.
    #[error("this password is among the first that are tried: it is a known word or a pattern with decorations")]
    Guessable,
    /// Made of the person's name.
    #[error("this password is made of the name it belongs to")]
    Named,
}

/// A password as it was typed. Never shown by `Debug`.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Whatever was typed, in one spelling: keyboards put the same characters together differently.
    pub fn typed(text: impl AsRef<str>) -> Self {
        Self(SecretString::from(composed(text.as_ref())))
    }

    /// Whether it may be `name`'s password.
    ///
    /// # Errors
    /// When it is too short, too long, or guessed early.
    pub fn accept(&self, name: &PersonName) -> Result<(), PasswordRefused> {
        let text = self.0.expose_secret();
        if text.chars().count() < PASSWORD_CHARS_MIN {
            Err(PasswordRefused::Short)
        } else if text.len() > PASSWORD_BYTES_MAX {
            Err(PasswordRefused::Long)
        } else if weak::is_made_of(text, name.folded()) {
            Err(PasswordRefused::Named)
        } else if weak::is_guessable(text) {
            Err(PasswordRefused::Guessable)
        } else {
            Ok(())
        }
    }

    fn bytes(&self) -> &[u8] {
        let bytes = self.0.expose_secret().as_bytes();
        &bytes[..bytes.len().min(PASSWORD_BYTES_MAX)]
    }

    fn is_too_long(&self) -> bool {
        self.0.expose_secret().len() > PASSWORD_BYTES_MAX
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹password›")
    }
}

/// What is kept of a password: argon2id, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl PasswordHash {
    /// Hashes `password`. Takes tens of milliseconds and 19 MiB.
    pub fn of(password: &Password, salt: [u8; SALT_BYTES]) -> Self {
        let hash = derive(password, &salt, (MEMORY_KIB, PASSES, LANES), HASH_BYTES);
        let hash = hash.expect("invariant: the parameters are constants within argon2's bounds");
        Self { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt: salt.to_vec(), hash }
    }

    /// A hash that no password has, to be compared with where there is none: an unknown name takes as long as a known one.
    pub fn nobodys() -> Self {
        let (salt, hash) = (vec![0; SALT_BYTES], vec![0; HASH_BYTES]);
        Self { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt, hash }
    }

    /// Whether `password` is the one that was hashed. Takes as long as hashing, whatever the answer.
    pub fn is_of(&self, password: &Password) -> bool {
        let costs = (self.memory_kib, self.passes, self.lanes);
        let Some(hash) = derive(password, &self.salt, costs, self.hash.len()) else { return false };
        // Every byte is looked at: how many are right does not show in the time.
        let differs = hash.iter().zip(&self.hash).fold(0, |differs, (a, b)| differs | (a ^ b));
        differs == 0 && !password.is_too_long()
    }

    /// Whether it was made with less than is asked for now.
    pub fn is_outdated(&self) -> bool {
        self.memory_kib < MEMORY_KIB || self.passes < PASSES
    }
}

fn derive(password: &Password, salt: &[u8], costs: (u32, u32, u32), length: usize) -> Option<Vec<u8>> {
    let params = Params::new(costs.0, costs.1, costs.2, Some(length)).ok()?;
    let mut hash = vec![0; length];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(password.bytes(), salt, &mut hash).ok()?;
    Some(hash)
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, passes, lanes, salt, hash } = self;
        let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
        write!(f, "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹argon2id m={} t={}›", self.memory_kib, self.passes)
    }
}

impl FromStr for PasswordHash {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.split('$').collect();
        let ["", "argon2id", "v=19", costs, salt, hash] = parts[..] else { return Err(()) };
        let cost = |part: Option<&str>, key: &str| {
            part.and_then(|part| part.strip_prefix(key)).and_then(|n| n.parse::<u32>().ok()).ok_or(())
        };
        let mut costs = costs.split(',');
        let memory_kib = cost(costs.next(), "m=")?;
        let (passes, lanes) = (cost(costs.next(), "t=")?, cost(costs.next(), "p=")?);
        let bytes = |text: &str| STANDARD_NO_PAD.decode(text).map_err(|_| ());
        let (salt, hash) = (bytes(salt)?, bytes(hash)?);
        let bearable = memory_kib <= MEMORY_KIB_MAX && (1..=PASSES_MAX).contains(&passes) && (1..=16).contains(&lanes);
        let whole = (8..=64).contains(&salt.len()) && (16..=64).contains(&hash.len()) && costs.next().is_none();
        if bearable && whole { Ok(Self { memory_kib, passes, lanes, salt, hash }) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_nothing_else() {
        let check = |text: &str, expected: Result<(), PasswordRefused>| {
            let name: PersonName = "Zhang.Wei".parse().unwrap();
            assert_eq!(Password::typed(text).accept(&name), expected, "{text:?}");
        };
        check("correct horse battery", Ok(()));
        check("晚风吹过老城墙根的灯笼铺", Ok(()));
        check("🦀 crab and 🏮 lantern", Ok(()));
        check(&"aB3$ ".repeat(13), Err(PasswordRefused::Guessable));
        check("kx9Qm2vLr8Tz4WbYn6Hc1JdPf5GsAe7Ruk0XoVi3MlBqNwCtEyZjKhDpFgSaUxRv", Ok(()));
        check("elevenchars", Err(PasswordRefused::Short));
        check(&"柳".repeat(342), Err(PasswordRefused::Long));
        check("Password123456!", Err(PasswordRefused::Guessable));
        check("zhang.wei-2026", Err(PasswordRefused::Named));
    }

    #[test]
    fn a_hash_is_of_one_password() {
        let hash = PasswordHash::of(&Password::typed("correct horse battery"), [3; 16]);
        let check = |text: &str, expected: bool| assert_eq!(hash.is_of(&Password::typed(text)), expected, "{text:?}");
        check("correct horse battery", true);
        check("correct horse batterY", false);
        check("", false);
        let apart = PasswordHash::of(&Password::typed("Zoe\u{308} rides a bicycle"), [3; 16]);
        assert!(apart.is_of(&Password::typed("Zo\u{eb} rides a bicycle")), "two keyboards, one password");
        let text = hash.to_string();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "what OWASP asks for at least: {text}");
        assert_eq!(text.parse(), Ok(hash));
        let long = "x".repeat(PASSWORD_BYTES_MAX);
        let cut = PasswordHash::of(&Password::typed(long.clone()), [4; 16]);
        assert!(cut.is_of(&Password::typed(long.clone())) && !cut.is_of(&Password::typed(format!("{long}y"))));
    }

    #[test]
    fn hashes_of_other_programs_are_read() {
        // From the tests of the reference implementation.
        let theirs = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let theirs: PasswordHash = theirs.parse().unwrap();
        assert!(theirs.is_of(&Password::typed("password")) && !theirs.is_outdated());
        let weak = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$fE5lKfJ8bDiXvHRZb+LiyQ";
        assert!(weak.parse::<PasswordHash>().is_ok_and(|hash| hash.is_outdated()));
        let check = |text: &str| assert!(text.parse::<PasswordHash>().is_err(), "{text:?}");
        check("");
        check("$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$fE5lKfJ8bDiXvHRZb+LiyQ");
        check("$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$fE5lKfJ8bDiXvHRZb+LiyQ");
        check("$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$");
        check("$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$fE5lKfJ8bDiXvHRZb+LiyQ");
    }

    #[test]
    fn nothing_shows_a_password() {
        let password = Password::typed("correct horse battery");
        let shown = format!("{password:?} {:?}", PasswordHash::nobodys());
        assert_eq!(shown, "‹password› ‹argon2id m=19456 t=2›");
        assert!(!PasswordHash::nobodys().is_of(&password));
    }
}
