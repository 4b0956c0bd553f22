-- What an incident shares with those of other journeys, whose part it is, and when its own journey got past it.
ALTER TABLE incidents ADD COLUMN kin TEXT;
ALTER TABLE incidents ADD COLUMN looks TEXT;
ALTER TABLE incidents ADD COLUMN parent TEXT;
ALTER TABLE incidents ADD COLUMN past BIGINT;
CREATE INDEX incidents_of_app ON incidents (app, state);
CREATE INDEX incidents_of_parent ON incidents (parent) WHERE parent IS NOT NULL;
