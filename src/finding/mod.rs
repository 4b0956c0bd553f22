//! One detector's statement about a walk.
