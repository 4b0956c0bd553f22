-- Portable between SQLite and PostgreSQL: TEXT and BIGINT only, moments in milliseconds since 1970.

CREATE TABLE walks (
    id          TEXT PRIMARY KEY,
    journey     TEXT NOT NULL,
    title       TEXT NOT NULL,
    app         TEXT NOT NULL,
    device      TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    slot        BIGINT,
    confirms    TEXT,
    epoch       BIGINT,
    started     BIGINT NOT NULL,
    elapsed_ms  BIGINT NOT NULL,
    verdict     TEXT NOT NULL,
    class       TEXT,
    attribution TEXT,
    record      TEXT NOT NULL
);
CREATE INDEX walks_of_journey ON walks (journey, started);
CREATE INDEX walks_by_start ON walks (started);

-- One row a due time: taken (leased_until), walked (walk) or missed (reason word). The primary key is what
-- lets any number of coordinators compute the same slots and each be walked once.
CREATE TABLE slots (
    journey      TEXT NOT NULL,
    due          BIGINT NOT NULL,
    epoch        BIGINT NOT NULL,
    holder       TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    walk         TEXT,
    missed       TEXT,
    PRIMARY KEY (journey, due)
);
CREATE INDEX slots_by_due ON slots (due);

CREATE TABLE incidents (
    id           TEXT PRIMARY KEY,
    fingerprint  TEXT NOT NULL,
    kind         TEXT NOT NULL,
    app          TEXT NOT NULL,
    journey      TEXT NOT NULL,
    title        TEXT NOT NULL,
    step         TEXT,
    step_title   TEXT NOT NULL,
    route        TEXT NOT NULL,
    devices      TEXT NOT NULL,
    detector     TEXT NOT NULL,
    class        TEXT,
    severity     TEXT NOT NULL,
    attribution  TEXT NOT NULL,
    headline_zh  TEXT NOT NULL,
    headline_en  TEXT NOT NULL,
    cause        TEXT,
    state        TEXT NOT NULL,
    suspicion    TEXT,
    first_seen   BIGINT NOT NULL,
    last_seen    BIGINT NOT NULL,
    opened       BIGINT,
    recovered    BIGINT,
    sightings    BIGINT NOT NULL,
    unconfirmed  BIGINT NOT NULL,
    reopened     BIGINT NOT NULL,
    good_walk    TEXT,
    failing_walk TEXT NOT NULL,
    picture      TEXT,
    owner        TEXT,
    tags         TEXT NOT NULL,
    previous     TEXT,
    judged_at    BIGINT NOT NULL,
    judged_walk  TEXT NOT NULL,
    revision     BIGINT NOT NULL
);
CREATE UNIQUE INDEX incidents_one_live ON incidents (fingerprint) WHERE state <> 'recovered';
CREATE INDEX incidents_of_journey ON incidents (journey, last_seen);
CREATE INDEX incidents_by_state ON incidents (state, last_seen);
CREATE INDEX incidents_by_kind ON incidents (kind, last_seen);

CREATE TABLE sightings (
    incident TEXT NOT NULL REFERENCES incidents (id),
    walk     TEXT NOT NULL REFERENCES walks (id),
    at       BIGINT NOT NULL,
    role     TEXT NOT NULL,
    device   TEXT NOT NULL,
    cause    TEXT,
    evidence TEXT NOT NULL,
    PRIMARY KEY (incident, walk)
);
CREATE INDEX sightings_of_walk ON sightings (walk);

CREATE TABLE moves (
    incident TEXT NOT NULL REFERENCES incidents (id),
    revision BIGINT NOT NULL,
    what     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    walk     TEXT NOT NULL,
    actor    TEXT NOT NULL,
    PRIMARY KEY (incident, revision)
);

-- The outbox. `token` counts leases, so that whoever lost one cannot report on it.
CREATE TABLE notices (
    id           TEXT PRIMARY KEY,
    incident     TEXT NOT NULL REFERENCES incidents (id),
    channel      TEXT NOT NULL,
    recipient    TEXT,
    reason       TEXT NOT NULL,
    state        TEXT NOT NULL,
    queued       BIGINT NOT NULL,
    due          BIGINT NOT NULL,
    tries        BIGINT NOT NULL,
    token        BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    said         TEXT,
    body         TEXT NOT NULL
);
CREATE INDEX notices_waiting ON notices (due) WHERE state = 'waiting';
CREATE INDEX notices_of_incident ON notices (incident, channel, queued);
CREATE INDEX notices_by_age ON notices (queued);
