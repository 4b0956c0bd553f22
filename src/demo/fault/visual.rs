//! visual
