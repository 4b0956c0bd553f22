-- Every move of an incident as other systems read it. `seq` is the number of its entry in the audit log, which is never
-- used again, so that it can be a cursor.
CREATE TABLE feed (
    seq      BIGINT NOT NULL PRIMARY KEY,
    incident TEXT NOT NULL,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    body     TEXT NOT NULL,
    UNIQUE (incident, revision)
);
CREATE INDEX feed_by_age ON feed (at, seq);

-- Up to which number moves have been forgotten, so that whoever comes back late is told.
CREATE TABLE feed_forgotten (
    one  BIGINT NOT NULL PRIMARY KEY,
    upto BIGINT NOT NULL
);
INSERT INTO feed_forgotten (one, upto) VALUES (1, 0);
