//! One execution of a journey: its record, and the engine that makes it.
