//! Codes from a TOTP secret (RFC 6238).

use crate::moment::Moment;
use totp_rs::{Builder, Secret, Totp};

/// The code that `seed` (base32, or an `otpauth://` URL) gives at `now`.
pub(super) fn code(seed: &str, now: Moment) -> Result<String, String> {
    let seed = seed.trim();
    let totp = if seed.starts_with("otpauth://") {
        Totp::from_url_unchecked(seed).map_err(|e| format!("not an otpauth URL: {e}"))?
    } else {
        let secret = Secret::try_from_base32(seed.replace([' ', '-'], "").to_ascii_uppercase());
        // Many banks give out secrets shorter than RFC 4226 asks for.
        Builder::new().with_secret(secret.map_err(|_| "not a base32 secret".to_owned())?).build_noncompliant()
    };
    let seconds = u64::try_from(now.as_millis() / 1000).unwrap_or(0);
    Ok(totp.generate(seconds).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, cut to six digits.
    #[test]
    fn reference_vectors() {
        let check = |seconds: i64, expected: &str| {
            let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
            assert_eq!(code(seed, Moment::from_millis(seconds * 1000)).unwrap(), expected);
        };
        check(59, "287082");
        check(1_111_111_109, "081804");
        check(20_000_000_000, "353130");
        assert!(code("no base 32!", Moment::from_millis(0)).is_err());
    }
}
