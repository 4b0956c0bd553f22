//! Pure functions from a walk's record to findings, one file each.
