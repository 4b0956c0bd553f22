-- The ticket of an incident in another system, wanted or there: at most one a system.
CREATE TABLE tickets (
    system      TEXT NOT NULL,
    incident    TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    ticket      TEXT,
    url         TEXT,
    status      TEXT,
    done        BIGINT NOT NULL,
    asked       BIGINT,
    told        BIGINT NOT NULL,
    answered    BIGINT NOT NULL,
    finished    BIGINT NOT NULL,
    due         BIGINT,
    looked      BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    said        TEXT,
    PRIMARY KEY (system, incident)
);
CREATE INDEX tickets_due ON tickets (system, due) WHERE due IS NOT NULL;
CREATE INDEX tickets_unseen ON tickets (system, looked) WHERE ticket IS NOT NULL AND finished = 0;
CREATE INDEX tickets_of_incident ON tickets (incident);

-- How far each system's keeper has looked at the feed.
CREATE TABLE ticket_cursors (
    system TEXT NOT NULL PRIMARY KEY,
    seq    BIGINT NOT NULL
);

-- Calls that came, so that none is taken twice.
CREATE TABLE ticket_calls (
    system TEXT NOT NULL,
    id     TEXT NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (system, id)
);
CREATE INDEX feed_of_incident ON feed (incident, seq);
