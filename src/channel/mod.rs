//! Ways to tell people, one file each.
