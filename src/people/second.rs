//! The second factor: codes of six digits that an app makes of a seed and the time (RFC 6238), each taken once.

use super::pass::{Pass, PassKind};
use super::seal::{Sealed, SealingKey};
use crate::id::PersonId;
use crate::moment::Moment;
use std::fmt;
use std::time::Duration;
use totp_rs::{Builder, Secret, Totp};

/// How long a code lives.
pub const CODE_SECONDS: i64 = 30;
/// How far the app's clock may be off, either way.
const CLOCK_OFF: Duration = Duration::from_secs(5);
/// Bytes of a seed.
const SEED_BYTES: usize = 20;
/// How many recovery codes are given out.
pub const RECOVERY_CODES: usize = 10;
/// What an app calls the account's place.
const ISSUER: &str = "Gengfu";

/// A seed in the clear. Never stored so, never shown by `Debug`.
#[derive(Clone)]
pub struct Seed(Secret);

impl Seed {
    /// A seed of `chance`.
    pub fn of(chance: [u8; SEED_BYTES]) -> Self {
        Self(Secret::from(chance.to_vec()))
    }

    /// A seed that was sealed for `person`; nothing when it was altered.
    pub fn open(key: &SealingKey, person: PersonId, sealed: &Sealed) -> Option<Self> {
        let bytes: [u8; SEED_BYTES] = key.open(&person.to_string(), sealed)?.try_into().ok()?;
        Some(Self::of(bytes))
    }

    /// Seals it for `person`.
    pub fn seal(&self, key: &SealingKey, person: PersonId, nonce: [u8; 12]) -> Sealed {
        key.seal(&person.to_string(), self.0.as_ref(), nonce)
    }

    /// For the one page that shows it: in base32, groups of four.
    pub fn expose(&self) -> String {
        let text = self.0.to_base32();
        let groups: Vec<String> = text.as_bytes().chunks(4).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
        groups.join(" ")
    }

    /// For the one page that shows it: what an app opens, with `name` as the account.
    pub fn expose_url(&self, name: &str) -> String {
        let label = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        format!("otpauth://totp/{ISSUER}:{label}?secret={}&issuer={ISSUER}", self.0.to_base32())
    }

    /// The step whose code `typed` is at `now`, if it is later than `taken`, the newest step a code was taken of.
    pub fn step_of(&self, typed: &str, now: Moment, taken: i64) -> Option<i64> {
        let typed: Vec<u8> = typed.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let early = Moment::from_millis(now.as_millis().saturating_sub(CLOCK_OFF.as_millis() as i64));
        let steps = [now, early, now.after(CLOCK_OFF)].map(|at| at.as_millis().div_euclid(CODE_SECONDS * 1000));
        let totp = self.totp();
        let right = |step: &i64| {
            let code = totp.generate(u64::try_from(step.saturating_mul(CODE_SECONDS)).unwrap_or(0)).to_string();
            let same = code.bytes().zip(&typed).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0;
            same && code.len() == typed.len()
        };
        steps.into_iter().filter(|step| *step > taken).find(right)
    }

    /// The code at `now`, as the app shows it.
    pub fn code(&self, now: Moment) -> String {
        self.totp().generate(u64::try_from(now.as_millis() / 1000).unwrap_or(0)).to_string()
    }

    fn totp(&self) -> Totp {
        let builder = Builder::new().with_secret(self.0.clone()).with_skew(0);
        builder.build().expect("invariant: 160 bits, six digits and 30 s are what the RFC asks for")
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹seed›")
    }
}

/// What stands in for a lost second factor: ten codes, each once. `chance` gives 32 bytes at a time.
pub fn recovery_codes(chance: impl Fn() -> [u8; 32]) -> Vec<Pass> {
    (0..RECOVERY_CODES).map(|_| Pass::of(PassKind::Recovery, chance())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Seed {
        Seed::of(*b"12345678901234567890")
    }

    /// RFC 6238 appendix B, cut to six digits.
    #[test]
    fn reference_vectors() {
        let check = |seconds: i64, code: &str| {
            let now = Moment::from_millis(seconds * 1000);
            assert_eq!(seed().code(now), code);
            assert_eq!(seed().step_of(code, now, 0), Some(seconds / 30));
        };
        check(59, "287082");
        check(1_111_111_109, "081804");
        check(20_000_000_000, "353130");
    }

    #[test]
    fn a_code_lives_thirty_seconds_and_is_taken_once() {
        let begin = Moment::from_millis(1_800_000_000_000);
        let code = seed().code(begin);
        let step = begin.as_millis() / 30_000;
        let check = |after_ms: i64, taken: i64, typed: &str, expected: Option<i64>| {
            let now = Moment::from_millis(begin.as_millis() + after_ms);
            assert_eq!(seed().step_of(typed, now, taken), expected, "{after_ms} ms, taken {taken}, {typed:?}");
        };
        check(0, 0, &code, Some(step));
        check(29_999, 0, &code, Some(step));
        check(-5_000, 0, &code, Some(step));
        check(34_999, 0, &code, Some(step));
        check(-5_001, 0, &code, None);
        check(35_000, 0, &code, None);
        check(10_000, step, &code, None);
        check(0, 0, &format!(" {} {} ", &code[..3], &code[3..]), Some(step));
        check(0, 0, "", None);
        check(0, 0, &code[..5], None);
        check(0, 0, &format!("{code}0"), None);
    }

    #[test]
    fn a_seed_is_shown_only_where_it_is_meant_to_be() {
        let key = SealingKey::new([1; 32]);
        let person = PersonId::fresh();
        let sealed = seed().seal(&key, person, [0; 12]);
        let opened = Seed::open(&key, person, &sealed).unwrap();
        assert_eq!(opened.expose(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(Seed::open(&key, PersonId::fresh(), &sealed).is_none(), "a seed moved to another person is none");
        assert_eq!(format!("{opened:?}"), "‹seed›");
        let url = opened.expose_url("王芳 <a&b>");
        assert!(url.starts_with("otpauth://totp/Gengfu:%E7%8E%8B") && !url.contains(['<', ' ']), "{url}");
        totp_rs::Totp::from_url(&url).unwrap();
    }
}
