//! One trouble over time, folded from findings.
