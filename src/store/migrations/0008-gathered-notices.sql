-- The message that told a notice instead of one of its own, and the channels that a notice stands in for.
ALTER TABLE notices ADD COLUMN told_by TEXT;
ALTER TABLE notices ADD COLUMN instead_of TEXT;
CREATE INDEX notices_told_by ON notices (told_by) WHERE told_by IS NOT NULL;
CREATE INDEX notices_standby ON notices (due) WHERE state = 'standby';
CREATE INDEX notices_of_receiver ON notices (channel, COALESCE(recipient, ''), state, due);

-- What each channel's receiver may count against its limits: one row a try, `at` the latest it may have arrived.
CREATE TABLE sends (
    notice  TEXT NOT NULL,
    token   BIGINT NOT NULL,
    channel TEXT NOT NULL,
    at      BIGINT NOT NULL,
    sends   BIGINT NOT NULL,
    PRIMARY KEY (notice, token)
);
CREATE INDEX sends_of_channel ON sends (channel, at);

-- Channels whose receiver said to wait.
CREATE TABLE rests (
    channel TEXT PRIMARY KEY,
    until   BIGINT NOT NULL
);
