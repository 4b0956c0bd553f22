-- What was done, by whom, to what: a chain of entries, each with the hash of the one before it.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_of_object ON audit (object, seq);
-- A first fence, which whoever has the file can take down: the chain and its checkpoints tell. On PostgreSQL the robot's
-- role has neither UPDATE nor DELETE on the table, and a trigger function stands in for the first of these.
CREATE TRIGGER audit_is_only_appended_to BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'no audit entry is ever changed'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'no audit entry is ever deleted'); END;
