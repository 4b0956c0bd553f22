-- What keeps the console's pages quick with a million walks and a hundred thousand incidents.

-- What a search text is looked for in, in small letters.
ALTER TABLE incidents ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE incidents SET words = lower(headline_zh || ' ' || headline_en || ' ' || title || ' ' || journey || ' ' || step_title
    || ' ' || route || ' ' || detector || ' ' || COALESCE(assignee, '') || ' ' || id || ' ' || COALESCE(cause, ''));
-- Each holds all that a page of the queue is chosen, sorted and counted by, so that only the incidents listed are read;
-- the second is read when words are looked for.
CREATE INDEX incidents_queue ON incidents
    (parent, standing, severity, last_seen, first_seen, id, kind, class, app, assignee, journey);
CREATE INDEX incidents_words ON incidents
    (parent, standing, severity, last_seen, first_seen, id, kind, class, app, assignee, words);

CREATE INDEX walks_by_verdict ON walks (journey, verdict, started);
CREATE INDEX walks_without_slot ON walks (started, journey, verdict, id) WHERE slot IS NULL OR epoch IS NULL;
CREATE INDEX slots_under_way ON slots (due) WHERE walk IS NULL AND missed IS NULL;

CREATE INDEX slots_missed ON slots (due, journey, missed) WHERE missed IS NOT NULL;
-- What waits and what was given up is looked at first; the rest from the newest on.
DROP INDEX notices_by_age;
CREATE INDEX notices_by_age ON notices (queued, id, state, channel);
CREATE INDEX notices_by_state ON notices (state, queued, id, channel);

-- Marks of strips gathered into the cells of the two longest strips, a half hour and three and a half wide, written by
-- whatever changes the slots and walks. `mark` is a verdict or the reason why nobody walked; `walk` the newest of them.
-- On PostgreSQL functions stand in for the triggers.
CREATE TABLE tallies (
    width   BIGINT NOT NULL,
    cell    BIGINT NOT NULL,
    journey TEXT NOT NULL,
    mark    TEXT NOT NULL,
    tally   BIGINT NOT NULL,
    walk    TEXT,
    PRIMARY KEY (width, cell, journey, mark)
);
CREATE TABLE tally_widths (width BIGINT PRIMARY KEY);
INSERT INTO tally_widths (width) VALUES (1800000), (12600000);
INSERT INTO tallies (width, cell, journey, mark, tally, walk)
    SELECT v.width, marks.at / v.width, journey, mark, COUNT(*), MAX(walk) FROM (
        SELECT s.due AS at, s.journey AS journey, COALESCE(w.verdict, s.missed) AS mark, w.id AS walk
        FROM slots s LEFT JOIN walks w ON w.id = s.walk WHERE w.id IS NOT NULL OR s.missed IS NOT NULL
        UNION ALL
        SELECT started, journey, verdict, id FROM walks WHERE slot IS NULL OR epoch IS NULL
    ) AS marks CROSS JOIN tally_widths AS v GROUP BY v.width, marks.at / v.width, journey, mark;
CREATE TRIGGER slot_is_tallied AFTER INSERT ON slots WHEN NEW.missed IS NOT NULL
BEGIN
    INSERT INTO tallies (width, cell, journey, mark, tally)
        SELECT v.width, NEW.due / v.width, NEW.journey, NEW.missed, 1 FROM tally_widths AS v WHERE TRUE
        ON CONFLICT (width, cell, journey, mark) DO UPDATE SET tally = tallies.tally + 1;
END;
CREATE TRIGGER slot_is_tallied_anew AFTER UPDATE OF walk, missed ON slots
WHEN COALESCE(OLD.walk, '') <> COALESCE(NEW.walk, '') OR COALESCE(OLD.missed, '') <> COALESCE(NEW.missed, '')
BEGIN
    UPDATE tallies SET tally = tally - 1 WHERE width IN (SELECT v.width FROM tally_widths AS v)
        AND cell = OLD.due / width AND journey = OLD.journey AND OLD.walk IS NULL AND mark = OLD.missed;
    INSERT INTO tallies (width, cell, journey, mark, tally, walk)
        SELECT v.width, NEW.due / v.width, NEW.journey, w.verdict, 1, w.id
        FROM walks AS w CROSS JOIN tally_widths AS v WHERE w.id = NEW.walk
        ON CONFLICT (width, cell, journey, mark) DO UPDATE SET tally = tallies.tally + 1,
            walk = CASE WHEN COALESCE(tallies.walk, '') > excluded.walk THEN tallies.walk ELSE excluded.walk END;
    INSERT INTO tallies (width, cell, journey, mark, tally)
        SELECT v.width, NEW.due / v.width, NEW.journey, NEW.missed, 1
        FROM tally_widths AS v WHERE NEW.walk IS NULL AND NEW.missed IS NOT NULL
        ON CONFLICT (width, cell, journey, mark) DO UPDATE SET tally = tallies.tally + 1;
END;
CREATE TRIGGER walk_without_slot_is_tallied AFTER INSERT ON walks WHEN NEW.slot IS NULL OR NEW.epoch IS NULL
BEGIN
    INSERT INTO tallies (width, cell, journey, mark, tally, walk)
        SELECT v.width, NEW.started / v.width, NEW.journey, NEW.verdict, 1, NEW.id FROM tally_widths AS v WHERE TRUE
        ON CONFLICT (width, cell, journey, mark) DO UPDATE SET tally = tallies.tally + 1,
            walk = CASE WHEN COALESCE(tallies.walk, '') > excluded.walk THEN tallies.walk ELSE excluded.walk END;
END;
