//! Where the parts are put together: the one place that chooses adapters.

pub mod doctor;
