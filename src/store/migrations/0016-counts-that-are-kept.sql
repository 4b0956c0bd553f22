-- Counts kept by whatever changes the rows, in its transaction, so that no page counts what it does not show. On PostgreSQL
-- functions stand in for the triggers.

-- How often each mark was made, ever: a cell as wide as all time.
INSERT INTO tally_widths (width) VALUES (4611686018427387904);
INSERT INTO tallies (width, cell, journey, mark, tally, walk)
    SELECT 4611686018427387904, 0, journey, mark, SUM(tally), MAX(walk) FROM tallies
    WHERE width = 12600000 GROUP BY journey, mark;

-- Notices, by channel and state. A channel stays when its notices are forgotten.
CREATE TABLE notice_tallies (
    channel TEXT NOT NULL,
    state   TEXT NOT NULL,
    tally   BIGINT NOT NULL,
    PRIMARY KEY (channel, state)
);
INSERT INTO notice_tallies (channel, state, tally)
    SELECT channel, state, COUNT(*) FROM notices GROUP BY channel, state;
CREATE TRIGGER notice_is_tallied AFTER INSERT ON notices
BEGIN
    INSERT INTO notice_tallies (channel, state, tally) VALUES (NEW.channel, NEW.state, 1)
        ON CONFLICT (channel, state) DO UPDATE SET tally = notice_tallies.tally + 1;
END;
CREATE TRIGGER notice_is_tallied_anew AFTER UPDATE OF channel, state ON notices
WHEN OLD.state <> NEW.state OR OLD.channel <> NEW.channel
BEGIN
    UPDATE notice_tallies SET tally = tally - 1 WHERE channel = OLD.channel AND state = OLD.state;
    INSERT INTO notice_tallies (channel, state, tally) VALUES (NEW.channel, NEW.state, 1)
        ON CONFLICT (channel, state) DO UPDATE SET tally = notice_tallies.tally + 1;
END;
CREATE TRIGGER notice_is_tallied_no_more AFTER DELETE ON notices
BEGIN
    UPDATE notice_tallies SET tally = tally - 1 WHERE channel = OLD.channel AND state = OLD.state;
END;
-- What was given up or waits is few among many: what is not delivered is looked for among these alone.
CREATE INDEX notices_not_accepted ON notices (queued, channel, state) WHERE state IN ('waiting', 'undeliverable');

-- Incidents, by all that the queue is filtered by: wholes, and parts apart from them.
CREATE TABLE incident_tallies (
    part     BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    app      TEXT NOT NULL,
    class    TEXT NOT NULL,
    severity TEXT NOT NULL,
    assignee TEXT NOT NULL,
    standing TEXT NOT NULL,
    journey  TEXT NOT NULL,
    tally    BIGINT NOT NULL,
    PRIMARY KEY (part, kind, app, class, severity, assignee, standing, journey)
);
INSERT INTO incident_tallies (part, kind, app, class, severity, assignee, standing, journey, tally)
    SELECT CASE WHEN parent IS NULL THEN 0 ELSE 1 END, kind, app, COALESCE(class, ''), severity, COALESCE(assignee, ''),
    standing, journey, COUNT(*) FROM incidents GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
CREATE TRIGGER incident_is_tallied AFTER INSERT ON incidents
BEGIN
    INSERT INTO incident_tallies (part, kind, app, class, severity, assignee, standing, journey, tally)
        VALUES (CASE WHEN NEW.parent IS NULL THEN 0 ELSE 1 END, NEW.kind, NEW.app, COALESCE(NEW.class, ''), NEW.severity,
        COALESCE(NEW.assignee, ''), NEW.standing, NEW.journey, 1)
        ON CONFLICT (part, kind, app, class, severity, assignee, standing, journey)
        DO UPDATE SET tally = incident_tallies.tally + 1;
END;
CREATE TRIGGER incident_is_tallied_anew AFTER UPDATE OF parent, kind, app, class, severity, assignee, standing, journey ON incidents
WHEN OLD.standing <> NEW.standing OR OLD.severity <> NEW.severity OR COALESCE(OLD.assignee, '') <> COALESCE(NEW.assignee, '')
    OR (OLD.parent IS NULL) <> (NEW.parent IS NULL) OR COALESCE(OLD.class, '') <> COALESCE(NEW.class, '')
    OR OLD.kind <> NEW.kind OR OLD.app <> NEW.app OR OLD.journey <> NEW.journey
BEGIN
    UPDATE incident_tallies SET tally = tally - 1 WHERE part = CASE WHEN OLD.parent IS NULL THEN 0 ELSE 1 END
        AND kind = OLD.kind AND app = OLD.app AND class = COALESCE(OLD.class, '') AND severity = OLD.severity
        AND assignee = COALESCE(OLD.assignee, '') AND standing = OLD.standing AND journey = OLD.journey;
    DELETE FROM incident_tallies WHERE part = CASE WHEN OLD.parent IS NULL THEN 0 ELSE 1 END
        AND kind = OLD.kind AND app = OLD.app AND class = COALESCE(OLD.class, '') AND severity = OLD.severity
        AND assignee = COALESCE(OLD.assignee, '') AND standing = OLD.standing AND journey = OLD.journey AND tally = 0;
    INSERT INTO incident_tallies (part, kind, app, class, severity, assignee, standing, journey, tally)
        VALUES (CASE WHEN NEW.parent IS NULL THEN 0 ELSE 1 END, NEW.kind, NEW.app, COALESCE(NEW.class, ''), NEW.severity,
        COALESCE(NEW.assignee, ''), NEW.standing, NEW.journey, 1)
        ON CONFLICT (part, kind, app, class, severity, assignee, standing, journey)
        DO UPDATE SET tally = incident_tallies.tally + 1;
END;
CREATE TRIGGER incident_is_tallied_no_more AFTER DELETE ON incidents
BEGIN
    UPDATE incident_tallies SET tally = tally - 1 WHERE part = CASE WHEN OLD.parent IS NULL THEN 0 ELSE 1 END
        AND kind = OLD.kind AND app = OLD.app AND class = COALESCE(OLD.class, '') AND severity = OLD.severity
        AND assignee = COALESCE(OLD.assignee, '') AND standing = OLD.standing AND journey = OLD.journey;
    DELETE FROM incident_tallies WHERE part = CASE WHEN OLD.parent IS NULL THEN 0 ELSE 1 END
        AND kind = OLD.kind AND app = OLD.app AND class = COALESCE(OLD.class, '') AND severity = OLD.severity
        AND assignee = COALESCE(OLD.assignee, '') AND standing = OLD.standing AND journey = OLD.journey AND tally = 0;
END;

-- What is found by its words is often so much that a page is full before all of it was looked at.
CREATE INDEX incidents_newest ON incidents (last_seen, id) WHERE parent IS NULL;

-- What reports count of a journey, hour by hour: walks made for their own sake in the hour in which they began, due times in
-- theirs. A walk that began within a minute of its due time is punctual (`measure::PUNCTUAL_WITHIN`).
CREATE TABLE journey_hours (
    hour         BIGINT NOT NULL,
    journey      TEXT NOT NULL,
    passed       BIGINT NOT NULL DEFAULT 0,
    degraded     BIGINT NOT NULL DEFAULT 0,
    failed       BIGINT NOT NULL DEFAULT 0,
    inconclusive BIGINT NOT NULL DEFAULT 0,
    steps_walked BIGINT NOT NULL DEFAULT 0,
    steps        BIGINT NOT NULL DEFAULT 0,
    due          BIGINT NOT NULL DEFAULT 0,
    walked       BIGINT NOT NULL DEFAULT 0,
    punctual     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (hour, journey)
);
INSERT INTO journey_hours (hour, journey, passed, degraded, failed, inconclusive, steps_walked, steps, due, walked, punctual)
    SELECT at / 3600000, journey, SUM(passed), SUM(degraded), SUM(failed), SUM(inconclusive), MAX(steps_walked), MAX(steps),
    SUM(due), SUM(walked), SUM(punctual) FROM (
        SELECT started AS at, journey, CASE WHEN verdict = 'passed' THEN 1 ELSE 0 END AS passed,
            CASE WHEN verdict = 'degraded' THEN 1 ELSE 0 END AS degraded, CASE WHEN verdict = 'failed' THEN 1 ELSE 0 END AS failed,
            CASE WHEN verdict = 'inconclusive' THEN 1 ELSE 0 END AS inconclusive, steps_walked, steps, 0 AS due, 0 AS walked,
            0 AS punctual FROM walks WHERE purpose NOT IN ('confirm', 'asked')
        UNION ALL
        SELECT slot, journey, 0, 0, 0, 0, 0, 0, 0, 1, CASE WHEN started <= slot + 60000 THEN 1 ELSE 0 END
            FROM walks WHERE slot IS NOT NULL AND epoch IS NOT NULL
        UNION ALL
        SELECT due, journey, 0, 0, 0, 0, 0, 0, 1, 0, 0 FROM slots
    ) AS counted GROUP BY at / 3600000, journey;
CREATE TRIGGER walk_counts_for_its_hour AFTER INSERT ON walks WHEN NEW.purpose NOT IN ('confirm', 'asked')
BEGIN
    INSERT INTO journey_hours (hour, journey, passed, degraded, failed, inconclusive, steps_walked, steps)
        VALUES (NEW.started / 3600000, NEW.journey, CASE WHEN NEW.verdict = 'passed' THEN 1 ELSE 0 END,
        CASE WHEN NEW.verdict = 'degraded' THEN 1 ELSE 0 END, CASE WHEN NEW.verdict = 'failed' THEN 1 ELSE 0 END,
        CASE WHEN NEW.verdict = 'inconclusive' THEN 1 ELSE 0 END, NEW.steps_walked, NEW.steps)
        ON CONFLICT (hour, journey) DO UPDATE SET passed = journey_hours.passed + excluded.passed,
        degraded = journey_hours.degraded + excluded.degraded, failed = journey_hours.failed + excluded.failed,
        inconclusive = journey_hours.inconclusive + excluded.inconclusive,
        steps_walked = CASE WHEN journey_hours.steps_walked > excluded.steps_walked THEN journey_hours.steps_walked
            ELSE excluded.steps_walked END,
        steps = CASE WHEN journey_hours.steps > excluded.steps THEN journey_hours.steps ELSE excluded.steps END;
END;
CREATE TRIGGER walk_counts_for_its_due_time AFTER INSERT ON walks WHEN NEW.slot IS NOT NULL AND NEW.epoch IS NOT NULL
BEGIN
    INSERT INTO journey_hours (hour, journey, walked, punctual)
        VALUES (NEW.slot / 3600000, NEW.journey, 1, CASE WHEN NEW.started <= NEW.slot + 60000 THEN 1 ELSE 0 END)
        ON CONFLICT (hour, journey) DO UPDATE SET walked = journey_hours.walked + 1,
        punctual = journey_hours.punctual + excluded.punctual;
END;
CREATE TRIGGER slot_counts_for_its_hour AFTER INSERT ON slots
BEGIN
    INSERT INTO journey_hours (hour, journey, due) VALUES (NEW.due / 3600000, NEW.journey, 1)
        ON CONFLICT (hour, journey) DO UPDATE SET due = journey_hours.due + 1;
END;
-- What is forgotten is counted no more.
CREATE TRIGGER walk_counts_no_more AFTER DELETE ON walks
BEGIN
    UPDATE journey_hours SET passed = passed - CASE WHEN OLD.verdict = 'passed' THEN 1 ELSE 0 END,
        degraded = degraded - CASE WHEN OLD.verdict = 'degraded' THEN 1 ELSE 0 END,
        failed = failed - CASE WHEN OLD.verdict = 'failed' THEN 1 ELSE 0 END,
        inconclusive = inconclusive - CASE WHEN OLD.verdict = 'inconclusive' THEN 1 ELSE 0 END
        WHERE hour = OLD.started / 3600000 AND journey = OLD.journey AND OLD.purpose NOT IN ('confirm', 'asked');
    UPDATE journey_hours SET walked = walked - 1,
        punctual = punctual - CASE WHEN OLD.started <= OLD.slot + 60000 THEN 1 ELSE 0 END
        WHERE hour = OLD.slot / 3600000 AND journey = OLD.journey AND OLD.epoch IS NOT NULL;
    DELETE FROM journey_hours WHERE hour IN (OLD.started / 3600000, OLD.slot / 3600000) AND journey = OLD.journey
        AND passed + degraded + failed + inconclusive + due + walked = 0;
END;
CREATE TRIGGER slot_counts_no_more AFTER DELETE ON slots
BEGIN
    UPDATE journey_hours SET due = due - 1 WHERE hour = OLD.due / 3600000 AND journey = OLD.journey;
    DELETE FROM journey_hours WHERE hour = OLD.due / 3600000 AND journey = OLD.journey
        AND passed + degraded + failed + inconclusive + due + walked = 0;
END;
