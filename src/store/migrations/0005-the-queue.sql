-- Where an incident stands in the queue and who sees to it, in columns, because lists ask for them; what people make of it
-- otherwise, as JSON; who moved it, and why; and for which incident a walk was made.
ALTER TABLE incidents ADD COLUMN standing TEXT NOT NULL DEFAULT 'confirmed';
ALTER TABLE incidents ADD COLUMN assignee TEXT;
ALTER TABLE incidents ADD COLUMN handling TEXT NOT NULL DEFAULT '{}';
ALTER TABLE moves ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE walks ADD COLUMN verifies TEXT;
-- What recovered before anything was verified is over.
UPDATE incidents SET standing = 'closed', handling = '{"closed":' || recovered || '}'
    WHERE state = 'recovered' AND recovered IS NOT NULL;
UPDATE incidents SET standing = 'suspected' WHERE state = 'suspected';
CREATE INDEX incidents_by_standing ON incidents (standing, last_seen);
CREATE INDEX incidents_of_assignee ON incidents (assignee, last_seen) WHERE assignee IS NOT NULL;
