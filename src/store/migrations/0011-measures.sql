-- What reports are made of: how far a walk came; complaints; and indexes that hold all that a week's figures want, so that
-- none of them reads a walk's record.
ALTER TABLE walks ADD COLUMN steps BIGINT NOT NULL DEFAULT 0;
ALTER TABLE walks ADD COLUMN steps_walked BIGINT NOT NULL DEFAULT 0;
DROP INDEX walks_by_start;
CREATE INDEX walks_by_start ON walks (started, purpose, journey, verdict, steps_walked, steps);
CREATE INDEX walks_by_slot ON walks (slot, journey, started, epoch) WHERE slot IS NOT NULL;
DROP INDEX slots_by_due;
CREATE INDEX slots_by_due ON slots (due, journey);
CREATE INDEX moves_by_time ON moves (at, incident);
CREATE INDEX incidents_by_recovery ON incidents (recovered, first_seen);
CREATE INDEX incidents_by_route ON incidents (route, first_seen, last_seen);

CREATE TABLE complaints (
    week   TEXT NOT NULL,
    page   TEXT NOT NULL,
    reason TEXT NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (week, page, reason)
);
