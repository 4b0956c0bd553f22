//! The configuration, one file a section.
