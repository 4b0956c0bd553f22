//! `never:` — requests that leave no lane, in an app's section or for all.

use super::value::{HostPattern, PathGlob, Refused};

/// A request that never leaves a lane.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Never {
    /// The method; any when absent.
    pub method: Option<Method>,
    /// The host; any when absent.
    pub host: Option<HostPattern>,
    /// A pattern over the path.
    pub path: PathGlob,
}

/// An HTTP method in capital letters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Method(pub String);

impl TryFrom<String> for Method {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        if KNOWN.contains(&text.as_str()) {
            Ok(Self(text))
        } else {
            Err(Refused::new(&text, "a method: write one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
        }
    }
}
