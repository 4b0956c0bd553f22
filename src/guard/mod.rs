//! What may leave the browser.
