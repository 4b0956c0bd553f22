-- The audit log from the newest entry on, as the console's page shows it: one index for each way it is asked for, so that a
-- page reads no more entries than it shows.
CREATE INDEX audit_by_time ON audit (at, seq);
CREATE INDEX audit_by_actor ON audit (actor, at, seq);
CREATE INDEX audit_by_action ON audit (action, at, seq);
CREATE INDEX audit_by_deed ON audit (actor, action, at, seq);
CREATE INDEX audit_by_object ON audit (object, at, seq, actor, action);
