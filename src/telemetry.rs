//! Logging, with a hard cap on libraries that log secrets.
