-- What is open in an app is looked for by the trouble behind it: a storm of others is not read.
CREATE INDEX incidents_of_kin ON incidents (app, kin) WHERE state = 'open';
CREATE INDEX incidents_of_looks ON incidents (app, looks) WHERE state = 'open';
