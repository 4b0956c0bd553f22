//! What was kept of a walk: keys, masking, pictures, HAR.
