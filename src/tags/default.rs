//! What a finding is filed under when nobody has said anything else: by its detector, and by what was walked on.

use super::{Channel, Reason, Right};
use std::collections::BTreeSet;

/// Detectors that do not tell of a system that fails its customers, with what they tell of instead.
const BY_DETECTOR: &[(&str, Reason, &[Right])] = &[
    // What the page says of a product is wrong.
    ("claim-broken", Reason::Yield, &[Right::Know]),
    ("clipped-figure", Reason::Yield, &[Right::Know]),
    ("contrary-colour", Reason::Yield, &[Right::Know]),
    ("figure-assertion-failed", Reason::Yield, &[Right::Know]),
    ("figure-implausible", Reason::Yield, &[Right::Know]),
    ("figure-stale", Reason::Yield, &[Right::Know]),
    ("figure-unreadable", Reason::Yield, &[Right::Know]),
    ("product-missing", Reason::Yield, &[Right::Know]),
    ("product-repeated", Reason::Yield, &[Right::Know]),
    ("product-unlisted", Reason::Yield, &[Right::Know]),
    ("response-mismatch", Reason::Yield, &[Right::Know]),
    ("split-figure", Reason::Yield, &[Right::Know]),
    // One thing at two prices.
    ("devices-disagree", Reason::Pricing, &[Right::FairTrade, Right::Know]),
    ("figures-disagree", Reason::Pricing, &[Right::FairTrade, Right::Know]),
    // What must stand there, or must not.
    ("phrase-missing", Reason::Disclosure, &[Right::Know]),
    ("expired-campaign", Reason::Marketing, &[Right::Know]),
    ("phrase-forbidden", Reason::Marketing, &[Right::Know]),
    // Money.
    ("double-submit", Reason::FundSafety, &[Right::PropertySafety]),
    ("ledger-broken", Reason::FundSafety, &[Right::PropertySafety]),
    // What others may learn of a customer.
    ("certificate-error", Reason::InformationSafety, &[Right::InformationSafety]),
    ("cookie-regression", Reason::InformationSafety, &[Right::InformationSafety]),
    ("foreign-data", Reason::InformationSafety, &[Right::InformationSafety]),
    ("foreign-script", Reason::InformationSafety, &[Right::InformationSafety]),
    ("header-regression", Reason::InformationSafety, &[Right::InformationSafety]),
    ("internal-address", Reason::InformationSafety, &[Right::InformationSafety]),
    ("mixed-content", Reason::InformationSafety, &[Right::InformationSafety]),
    ("unmasked-pii", Reason::InformationSafety, &[Right::InformationSafety]),
];

/// The reason and the rights of what `detector` finds. Everything else is a service that customers do not get.
pub(super) fn of_detector(detector: &str) -> (Reason, BTreeSet<Right>) {
    let named = BY_DETECTOR.iter().find(|(name, ..)| *name == detector);
    let (reason, rights) =
        named.map_or((Reason::Systems, [Right::Respect].as_slice()), |(_, reason, rights)| (*reason, rights));
    (reason, rights.iter().copied().collect())
}

/// The channel of those who come on these devices: a phone's browser stands for the app, a desktop's for the site.
pub(super) fn of_devices<'a>(devices: impl IntoIterator<Item = &'a str>) -> Option<Channel> {
    let mut desktop = None;
    for device in devices {
        if device.starts_with("desktop") {
            desktop = Some(Channel::OnlineBanking);
        } else {
            return Some(Channel::MobileApp);
        }
    }
    desktop
}

/// Detectors that are filed under something of their own.
pub fn detectors() -> impl Iterator<Item = &'static str> {
    BY_DETECTOR.iter().map(|(name, ..)| *name)
}
