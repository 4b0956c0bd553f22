//! The closed sets of `walk.v1`, each a word.

use crate::finding::Severity;
use crate::journey::{Safety, Section};
use crate::walk::{Attribution, Class, Outcome, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($member:ident = $word:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
            #[expect(missing_docs, reason = "the words speak for themselves; the domain's types document them")]
            pub enum $name { $(#[serde(rename = $word)] $member),* }

            impl $name {
                /// The word on the wire.
                pub fn word(self) -> &'static str {
                    match self { $($name::$member => $word),* }
                }
            }
        )*
    };
}

/// Conversions between a domain set and its words, both ways.
macro_rules! both_ways {
    ($($domain:ident $name:ident { $($member:ident),* })*) => {
        $(
            impl From<$domain> for $name {
                fn from(member: $domain) -> Self {
                    match member { $($domain::$member => $name::$member),* }
                }
            }

            impl From<$name> for $domain {
                fn from(word: $name) -> Self {
                    match word { $($name::$member => $domain::$member),* }
                }
            }
        )*
    };
}

words! {
    /// What a walk says of the app.
    VerdictV1 { Passed = "passed", Degraded = "degraded", Failed = "failed", Inconclusive = "inconclusive" }
    /// How a customer suffers.
    ClassV1 { Blocked = "blocked", Broken = "broken", Abnormal = "abnormal", Slow = "slow" }
    /// Whose fault it is.
    AttributionV1 {
        Product = "product", TestData = "test-data", Protection = "protection", Network = "network", Robot = "robot",
    }
    /// How bad a finding is for customers; P1 is worst.
    SeverityV1 { P1 = "P1", P2 = "P2", P3 = "P3" }
    /// What a journey may do to the customer's money.
    SafetyV1 { ReadOnly = "read-only", Reversible = "reversible", Money = "money" }
    /// Which list of a journey a step belongs to.
    SectionV1 { Steps = "steps", Always = "always" }
    /// How a step went.
    OutcomeV1 {
        Passed = "passed", Degraded = "degraded", Failed = "failed", Inconclusive = "inconclusive",
        Skipped = "skipped", NotReached = "not-reached",
    }
}

both_ways! {
    Verdict VerdictV1 { Passed, Degraded, Failed, Inconclusive }
    Class ClassV1 { Blocked, Broken, Abnormal, Slow }
    Attribution AttributionV1 { Product, TestData, Protection, Network, Robot }
    Severity SeverityV1 { P1, P2, P3 }
    Safety SafetyV1 { ReadOnly, Reversible, Money }
    Section SectionV1 { Steps, Always }
}

impl From<&Outcome> for OutcomeV1 {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => OutcomeV1::Passed,
            Outcome::Degraded(_) => OutcomeV1::Degraded,
            Outcome::Failed(_) => OutcomeV1::Failed,
            Outcome::Inconclusive(_) => OutcomeV1::Inconclusive,
            Outcome::Skipped(_) => OutcomeV1::Skipped,
            Outcome::NotReached => OutcomeV1::NotReached,
        }
    }
}
