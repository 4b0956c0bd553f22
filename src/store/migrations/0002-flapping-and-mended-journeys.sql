-- Quick returns in a row, whether it comes and goes (0 or 1), and the script of the last walk that saw it.
ALTER TABLE incidents ADD COLUMN flaps BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN flapping BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN digest TEXT NOT NULL DEFAULT '';
