-- Whom a sign-in provider vouches for, and when it last did: what they have here besides it lives by that. The audit log
-- knows it of those who came in before this was kept.
ALTER TABLE people ADD COLUMN joined BIGINT;
ALTER TABLE people ADD COLUMN vouched BIGINT;
-- Whether an administrator lets them come in by password, too.
ALTER TABLE people ADD COLUMN password_too BIGINT NOT NULL DEFAULT 0;
UPDATE people SET joined = (SELECT MAX(identities.made) FROM identities WHERE identities.person = people.id);
UPDATE people SET vouched = (
    SELECT MAX(audit.at) FROM audit
    WHERE audit.object = 'person/' || people.id AND audit.action = 'signed-in' AND audit.detail LIKE '%"way":"provider"%'
) WHERE joined IS NOT NULL;
