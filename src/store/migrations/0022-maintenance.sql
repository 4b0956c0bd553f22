-- Maintenance windows that somebody declared. `apps` and `journeys` are JSON lists; both are empty where it is of everything.
CREATE TABLE maintenance (
    id       TEXT NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL,
    why      TEXT NOT NULL,
    "by"     TEXT NOT NULL,
    declared BIGINT NOT NULL,
    apps     TEXT NOT NULL,
    journeys TEXT NOT NULL,
    begins   BIGINT NOT NULL,
    ends     BIGINT NOT NULL,
    ended    BIGINT,
    ended_by TEXT
);
CREATE INDEX maintenance_by_end ON maintenance (ends);
