//! The script of a walk: what its author wrote, read into types that cannot hold nonsense.
