-- Sealing by two people, and signed checkpoints of the chains.
CREATE TABLE seal_proposal (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    -- SHA-256 of the result as it is sealed.
    result_id TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, version),
    UNIQUE (evaluation_id, version, proposed_by)
);
CREATE TABLE seal (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    version INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    sealed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    FOREIGN KEY (evaluation_id, version, proposed_by) REFERENCES seal_proposal (evaluation_id, version, proposed_by),
    CHECK (sealed_by <> proposed_by)
);
-- The line that was signed; of the chain of an evaluation, or of 'office'.
CREATE TABLE checkpoint (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (chain, seq, reason)
);

CREATE TRIGGER seal_proposal_never_updated BEFORE UPDATE ON seal_proposal
BEGIN SELECT RAISE(ABORT, 'seal_proposal is append-only'); END;
CREATE TRIGGER seal_proposal_never_deleted BEFORE DELETE ON seal_proposal
BEGIN SELECT RAISE(ABORT, 'seal_proposal is append-only'); END;
CREATE TRIGGER seal_never_updated BEFORE UPDATE ON seal
BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END;
CREATE TRIGGER seal_never_deleted BEFORE DELETE ON seal
BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END;
CREATE TRIGGER checkpoint_never_updated BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_never_deleted BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER evaluation_sealed_by_two BEFORE UPDATE ON evaluation
WHEN OLD.state <> 'sealed' AND NEW.state = 'sealed'
    AND NOT EXISTS (SELECT 1 FROM seal WHERE seal.evaluation_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'an evaluation is sealed by two people'); END;
-- A sealed record takes no decision about a response any more.
CREATE TRIGGER response_decided_before_sealing BEFORE INSERT ON event
WHEN NEW.action IN ('response.approved', 'response.excluded', 'response.included', 'response.withdrawn')
    AND EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
        AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
