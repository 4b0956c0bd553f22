//! Walkers, tickets and shared browsers under one dispatcher.
