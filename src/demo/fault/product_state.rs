//! product_state
