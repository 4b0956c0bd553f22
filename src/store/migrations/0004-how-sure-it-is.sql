-- How many walks in a row showed it, and the CUSUM over first looks: thousandths, and the looks it is made of.
ALTER TABLE incidents ADD COLUMN in_a_row BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN score BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN looks_counted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN looks_met BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN intermittent BIGINT NOT NULL DEFAULT 0;
-- A suspicion that one walk had raised when there was no such count.
UPDATE incidents SET in_a_row = 1 WHERE suspicion IS NOT NULL;
