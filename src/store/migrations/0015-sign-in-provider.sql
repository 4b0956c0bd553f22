-- Who people are at a sign-in provider: by its name and theirs there, never by an address or a name, which are given away anew.
CREATE TABLE identities (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    person  TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    made    BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_of_person ON identities (person);

ALTER TABLE sessions ADD COLUMN way TEXT NOT NULL DEFAULT 'password';
