//! The demo wealth app with switchable faults.
