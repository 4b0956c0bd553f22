-- Who may use the console. What opens something is stored as a hash, the seed of a second factor sealed.
CREATE TABLE people (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    folded    TEXT NOT NULL UNIQUE,
    role      TEXT NOT NULL,
    standing  TEXT NOT NULL,
    made      BIGINT NOT NULL,
    password  TEXT,
    seed      TEXT,
    confirmed BIGINT,
    step      BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    hash   TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_of_person ON recovery_codes (person);

-- Without a person: it makes the first administrator.
CREATE TABLE welcomes (
    hash   TEXT PRIMARY KEY,
    person TEXT REFERENCES people (id) ON DELETE CASCADE,
    until  BIGINT NOT NULL
);

CREATE TABLE sessions (
    id      TEXT PRIMARY KEY,
    hash    TEXT NOT NULL UNIQUE,
    person  TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    stage   TEXT NOT NULL,
    made    BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    ends    BIGINT NOT NULL,
    browser TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person);
CREATE INDEX sessions_by_end ON sessions (ends);

CREATE TABLE tokens (
    id     TEXT PRIMARY KEY,
    hash   TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    label  TEXT NOT NULL,
    scopes TEXT NOT NULL,
    made   BIGINT NOT NULL,
    ends   BIGINT NOT NULL,
    used   BIGINT
);
CREATE INDEX tokens_of_person ON tokens (person);
