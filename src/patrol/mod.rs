//! When walks fall due.
