//! Evidence on disk, content-addressed.
