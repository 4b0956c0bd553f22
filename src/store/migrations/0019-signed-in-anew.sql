-- When somebody signed in at the provider because the console asked them to, anew: it stands in for a password, for a while.
ALTER TABLE sessions ADD COLUMN fresh BIGINT;
