//! What a journey may cost to read, and where its files come from.

use std::time::Duration;

/// Limits on journey files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest file, in bytes.
    pub file_bytes_max: usize,
    /// The longest line, in bytes.
    pub line_bytes_max: usize,
    /// The deepest nesting of maps and lists.
    pub depth_max: usize,
    /// The most values in one file.
    pub nodes_max: usize,
    /// The most steps of a journey, used files included.
    pub steps_max: usize,
    /// The most files a journey may use, counting each use.
    pub uses_max: usize,
    /// The deepest chain of files that use each other.
    pub use_depth_max: usize,
    /// The longest text of a locator, URL or field, in bytes.
    pub text_bytes_max: usize,
    /// The most times a `repeat` may go round.
    pub repeat_times_max: u32,
    /// The longest `wait`.
    pub wait_max: Duration,
    /// The longest `within` and the longest `budget`.
    pub budget_max: Duration,
    /// The most problems told at once.
    pub problems_max: usize,
    /// Whether `script` steps may be used.
    pub script_allowed: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 1 << 20,
            line_bytes_max: 8 << 10,
            depth_max: 32,
            nodes_max: 50_000,
            steps_max: 1000,
            uses_max: 100,
            use_depth_max: 8,
            text_bytes_max: 4 << 10,
            repeat_times_max: 100,
            wait_max: Duration::from_secs(60),
            budget_max: Duration::from_secs(30 * 60),
            problems_max: 20,
            script_allowed: false,
        }
    }
}

/// Where journey files come from; paths are relative to the folder of journeys, parts joined by `/`.
pub trait Files {
    /// The bytes of a file, refused before they are read when there are more than `bytes_max`.
    fn read(&self, path: &str, bytes_max: usize) -> Result<Vec<u8>, FileProblem>;

    /// The `.yaml` files directly in a folder, as paths, in order; none when there is no such folder.
    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }

    /// The name people know the file by.
    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// There is none.
    #[error("there is no such file")]
    Missing,
    /// It has too many bytes.
    #[error("the file has {bytes} bytes, at most {bytes_max} are allowed")]
    TooLarge {
        /// How many it has, as far as known.
        bytes: u64,
        /// How many it may have.
        bytes_max: usize,
    },
    /// A link leads out of the folder of journeys.
    #[error("the file lies outside the folder of journeys")]
    Outside,
    /// The system refused.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
}
