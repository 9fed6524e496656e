DROP TRIGGER evaluation_keeps_scope;
ALTER TABLE evaluation ADD COLUMN purpose TEXT NOT NULL DEFAULT 'initial'
    CHECK (purpose IN ('initial', 'surveillance', 'special'));
UPDATE evaluation SET purpose = mode;
ALTER TABLE evaluation DROP COLUMN mode;
ALTER TABLE evaluation RENAME COLUMN purpose TO mode;
CREATE TRIGGER evaluation_keeps_scope BEFORE UPDATE ON evaluation
WHEN OLD.state <> 'draft' AND (OLD.scope <> NEW.scope OR OLD.mode <> NEW.mode OR OLD.products <> NEW.products)
BEGIN SELECT RAISE(ABORT, 'scope and mode are fixed'); END;
DROP TABLE evaluation_policy;
DROP TABLE policy_answer;
DROP TABLE policy_proposal;
