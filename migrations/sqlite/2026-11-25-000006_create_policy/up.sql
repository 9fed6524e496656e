-- What the scheme owner settled, version by version. Version 0, the defaults, is in the program.
CREATE TABLE policy_proposal (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number >= 1),
    -- Every setting as JSON.
    settings TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    proposed_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    UNIQUE (number, proposed_by)
);
CREATE TABLE policy_answer (
    number INTEGER NOT NULL PRIMARY KEY,
    proposed_by TEXT NOT NULL,
    -- The version it became; none where it was refused.
    version INTEGER UNIQUE CHECK (version >= 1),
    remark TEXT NOT NULL,
    answered_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    FOREIGN KEY (number, proposed_by) REFERENCES policy_proposal (number, proposed_by),
    CHECK (answered_by <> proposed_by),
    CHECK (version IS NOT NULL OR remark <> '')
);
-- By which version an evaluation is judged: the one in force when it was opened. No row is version 0.
CREATE TABLE evaluation_policy (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    version INTEGER NOT NULL REFERENCES policy_answer (version)
);

CREATE TRIGGER policy_proposal_never_updated BEFORE UPDATE ON policy_proposal
BEGIN SELECT RAISE(ABORT, 'policy_proposal is append-only'); END;
CREATE TRIGGER policy_proposal_never_deleted BEFORE DELETE ON policy_proposal
BEGIN SELECT RAISE(ABORT, 'policy_proposal is append-only'); END;
CREATE TRIGGER policy_answer_never_updated BEFORE UPDATE ON policy_answer
BEGIN SELECT RAISE(ABORT, 'policy_answer is append-only'); END;
CREATE TRIGGER policy_answer_never_deleted BEFORE DELETE ON policy_answer
BEGIN SELECT RAISE(ABORT, 'policy_answer is append-only'); END;
CREATE TRIGGER evaluation_policy_never_updated BEFORE UPDATE ON evaluation_policy
BEGIN SELECT RAISE(ABORT, 'evaluation_policy is append-only'); END;
CREATE TRIGGER evaluation_policy_never_deleted BEFORE DELETE ON evaluation_policy
BEGIN SELECT RAISE(ABORT, 'evaluation_policy is append-only'); END;

-- Recertification is a purpose of its own.
DROP TRIGGER evaluation_keeps_scope;
ALTER TABLE evaluation ADD COLUMN purpose TEXT NOT NULL DEFAULT 'initial'
    CHECK (purpose IN ('initial', 'surveillance', 'recertification', 'special'));
UPDATE evaluation SET purpose = mode;
ALTER TABLE evaluation DROP COLUMN mode;
ALTER TABLE evaluation RENAME COLUMN purpose TO mode;
CREATE TRIGGER evaluation_keeps_scope BEFORE UPDATE ON evaluation
WHEN OLD.state <> 'draft' AND (OLD.scope <> NEW.scope OR OLD.mode <> NEW.mode OR OLD.products <> NEW.products)
BEGIN SELECT RAISE(ABORT, 'scope and mode are fixed'); END;
