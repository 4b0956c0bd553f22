//! Whom to tell, when, and why; and the engine that delivers from the outbox.
