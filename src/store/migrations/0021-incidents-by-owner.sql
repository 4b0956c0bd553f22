-- Whether anything was ever an owner's is asked before a report of theirs is made.
CREATE INDEX incidents_by_owner ON incidents (owner) WHERE owner IS NOT NULL;
