//! Wires the adapters to the engines.
