-- Where each day of the audit log begins, so that entries since a time are read from there on: times need not rise with
-- numbers, a clock may be put back.
CREATE INDEX audit_by_day ON audit (at / 86400000, seq);
