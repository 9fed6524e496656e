-- Who may take the evidence pack, for how long and why: rows are only added, and ended early at most once.
CREATE TABLE pack_grant (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    person_id TEXT NOT NULL REFERENCES person (id),
    granted_by TEXT NOT NULL REFERENCES person (id),
    reason TEXT NOT NULL CHECK (reason <> ''),
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL CHECK (until_ms > at_ms AND until_ms <= at_ms + 2592000000),
    ended_by TEXT REFERENCES person (id),
    ended_at_ms BIGINT,
    PRIMARY KEY (evaluation_id, seq),
    CHECK (person_id <> granted_by),
    CHECK ((ended_by IS NULL) = (ended_at_ms IS NULL))
);

CREATE TRIGGER pack_grant_only_ends BEFORE UPDATE ON pack_grant
WHEN NOT (OLD.ended_at_ms IS NULL AND NEW.ended_at_ms IS NOT NULL
    AND NEW.evaluation_id = OLD.evaluation_id AND NEW.seq = OLD.seq AND NEW.person_id = OLD.person_id
    AND NEW.granted_by = OLD.granted_by AND NEW.reason = OLD.reason AND NEW.at_ms = OLD.at_ms AND NEW.until_ms = OLD.until_ms)
BEGIN SELECT RAISE(ABORT, 'a grant can only be ended'); END;
CREATE TRIGGER pack_grant_never_deleted BEFORE DELETE ON pack_grant
BEGIN SELECT RAISE(ABORT, 'pack_grant is append-only'); END;
