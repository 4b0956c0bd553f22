//! Signed calls, out and back, as Standard Webhooks has it: HMAC-SHA256 over name, time and body.

use crate::moment::Moment;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::Duration;

/// How far a call's time may be from the present, either way; as long its name is remembered twice over.
pub const SIGNATURE_WITHIN: Duration = Duration::from_secs(300);

/// Why a call is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// A header is missing or unreadable.
    #[error("`webhook-id`, `webhook-timestamp` and `webhook-signature` are wanted")]
    Headers,
    /// It is too old, or of the future.
    #[error("the call's time is more than 5 minutes from the present here: look at both clocks")]
    Time,
    /// No signature fits.
    #[error("no signature fits the body: look at the secret, and sign the very bytes that are sent")]
    Signature,
}

/// `v1,` and the base64 of the signature of `body`.
pub fn signed(key: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
    format!("v1,{}", STANDARD.encode(mac(key, id, seconds, body).finalize().into_bytes()))
}

fn mac(key: &[u8], id: &str, seconds: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("invariant: HMAC takes keys of any length");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    mac
}

/// That one of `keys` signed `body`, lately. `given` are the headers: name, time and signatures.
///
/// # Errors
/// When it is not so.
pub fn verify(
    keys: &[Vec<u8>],
    given: (Option<&str>, Option<&str>, Option<&str>),
    body: &[u8],
    now: Moment,
) -> Result<(), Unsigned> {
    let (Some(id), Some(seconds), Some(signatures)) = given else { return Err(Unsigned::Headers) };
    let named = !id.is_empty() && id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic());
    let seconds: i64 = seconds.parse().ok().filter(|_| named).ok_or(Unsigned::Headers)?;
    let at = Moment::from_millis(seconds.checked_mul(1000).ok_or(Unsigned::Headers)?);
    if now.since(at).max(at.since(now)) > SIGNATURE_WITHIN {
        return Err(Unsigned::Time);
    }
    let fits = |signature: &str| {
        let bytes = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        // Compared in constant time.
        bytes.is_some_and(|bytes| keys.iter().any(|key| mac(key, id, seconds, body).verify_slice(&bytes).is_ok()))
    };
    if signatures.split(' ').take(8).any(fits) { Ok(()) } else { Err(Unsigned::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_lately_with_the_key_is_believed() {
        let (key, body, now) =
            (vec![7_u8; 24], br#"{"state":"Done"}"#.as_slice(), Moment::from_millis(1_700_000_000_000));
        let seconds = 1_700_000_000;
        let right = signed(&key, "msg_1", seconds, body);
        let check = |keys: &[Vec<u8>], given, body: &[u8], later: i64, expected| {
            let now = Moment::from_millis(now.as_millis() + later * 1000);
            assert_eq!(verify(keys, given, body, now), expected, "{given:?} {later}");
        };
        let given = (Some("msg_1"), Some("1700000000"), Some(right.as_str()));
        let one = [key.clone()];
        check(&one, given, body, 0, Ok(()));
        check(&[vec![8; 24], key.clone()], given, body, 300, Ok(()));
        let both = format!("v1,AAAA v2,x {right}");
        check(&one, (given.0, given.1, Some(&both)), body, 0, Ok(()));
        check(&one, given, body, 301, Err(Unsigned::Time));
        check(&one, given, body, -301, Err(Unsigned::Time));
        check(&one, given, br#"{"state":"done"}"#, 0, Err(Unsigned::Signature));
        check(&one, (Some("msg_2"), given.1, given.2), body, 0, Err(Unsigned::Signature));
        check(&one, (given.0, Some("1700000001"), given.2), body, 0, Err(Unsigned::Signature));
        check(&[vec![8; 24]], given, body, 0, Err(Unsigned::Signature));
        check(&[], given, body, 0, Err(Unsigned::Signature));
        check(&one, (None, given.1, given.2), body, 0, Err(Unsigned::Headers));
        check(&one, (Some(""), given.1, given.2), body, 0, Err(Unsigned::Headers));
        check(&one, (given.0, Some("soon"), given.2), body, 0, Err(Unsigned::Headers));
        check(&one, (given.0, Some("9223372036854775807"), given.2), body, 0, Err(Unsigned::Headers));
        check(&one, (given.0, given.1, Some(&right[3..])), body, 0, Err(Unsigned::Signature));
    }
}
