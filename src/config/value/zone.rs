//! Time zones by their IANA names; abbreviations such as `CST` mean several zones and are refused.

use super::Refused;

const WANTED: &str = "a time zone: write its IANA name, such as `Asia/Shanghai` or `UTC`";

/// A time zone this machine knows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(pub jiff::tz::TimeZone);

impl Zone {
    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// UTC.
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }
}

impl TryFrom<String> for Zone {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        if text != "UTC" && !text.contains('/') {
            return Err(Refused::new(&text, WANTED));
        }
        jiff::tz::TimeZone::get(&text).map(Self).map_err(|_| Refused::new(&text, WANTED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_iana_names() {
        let check =
            |text: &str, expected: bool| assert_eq!(Zone::try_from(text.to_owned()).is_ok(), expected, "{text}");
        check("Asia/Shanghai", true);
        check("UTC", true);
        check("CST", false);
        check("EST", false);
        check("Asia/Nowhere", false);
        check("+08:00", false);
    }
}
