-- Names of people who are gone, with who they were at a sign-in provider, if anybody: what they did stands under their names.
CREATE TABLE former_names (
    folded  TEXT NOT NULL,
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (folded, issuer, subject)
);
-- Who was removed before this was kept stands in the audit log. (SQLite folds Latin letters alone; others have no case, or
-- were written as their provider writes them.)
INSERT INTO former_names (folded, issuer, subject)
    SELECT DISTINCT lower(json_extract(detail, '$.name')), '', '' FROM audit
    WHERE action = 'person-changed' AND json_extract(detail, '$.what') = 'removed' AND json_extract(detail, '$.name') IS NOT NULL;
