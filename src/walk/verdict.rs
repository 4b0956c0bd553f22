//! What is said of a whole walk.

/// What a walk says of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every step and every expectation held at the first attempt.
    Passed,
    /// The customer got through, with something that was not right.
    Degraded,
    /// A customer would be blocked, or see something broken or abnormal.
    Failed,
    /// The robot cannot say.
    Inconclusive,
}

impl Verdict {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Degraded => "degraded",
            Verdict::Failed => "failed",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// How a customer would suffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Cannot go on.
    Blocked,
    /// The page or a part of it does not work.
    Broken,
    /// It works and is wrong.
    Abnormal,
    /// It works and takes too long.
    Slow,
}

impl Class {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Class::Blocked => "blocked",
            Class::Broken => "broken",
            Class::Abnormal => "abnormal",
            Class::Slow => "slow",
        }
    }
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribution {
    /// The app's.
    Product,
    /// The test customer's: locked, expired, emptied.
    TestData,
    /// A protection page or a rate limit that met the robot.
    Protection,
    /// The way between robot and app.
    Network,
    /// The robot's own.
    Robot,
}

impl Attribution {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Attribution::Product => "product",
            Attribution::TestData => "test-data",
            Attribution::Protection => "protection",
            Attribution::Network => "network",
            Attribution::Robot => "robot",
        }
    }
}
