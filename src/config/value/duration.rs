//! How long something lasts: a whole number and its unit.

use super::Refused;
use std::time::Duration;

const WANTED: &str = "a duration: write a whole number and its unit, such as `500ms`, `30s`, `5m`, `2h` or `7d`";

/// A duration longer than nothing and at most 366 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Lasting(pub Duration);

impl Lasting {
    /// The longest duration accepted.
    pub const LONGEST: Duration = Duration::from_secs(366 * 86_400);

    /// A number of seconds, for defaults.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl TryFrom<String> for Lasting {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}

impl std::str::FromStr for Lasting {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        let refuse = || Refused::new(text, WANTED);
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?;
        let number: u64 = text[..unit_at].parse().map_err(|_| refuse())?;
        let unit_ms = match &text[unit_at..] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refuse()),
        };
        let lasting = Duration::from_millis(number.checked_mul(unit_ms).ok_or_else(refuse)?);
        if lasting.is_zero() || lasting > Self::LONGEST { Err(refuse()) } else { Ok(Self(lasting)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_their_unit() {
        let check = |text: &str, expected_ms: Option<u64>| {
            let got = text.parse::<Lasting>().ok().map(|l| l.0.as_millis() as u64);
            assert_eq!(got, expected_ms, "{text:?}");
        };
        check("500ms", Some(500));
        check("30s", Some(30_000));
        check("2h", Some(7_200_000));
        check("366d", Some(366 * 86_400_000));
        for wrong in ["", "5", "s", "-5s", "1.5s", "5 s", "0s", "5 minutes", "367d", "99999999999999999999s", "1e3s"] {
            check(wrong, None);
        }
    }
}
