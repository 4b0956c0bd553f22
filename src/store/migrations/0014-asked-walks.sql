-- Who asked for a walk, where a person did.
ALTER TABLE walks ADD COLUMN asked_by TEXT;
