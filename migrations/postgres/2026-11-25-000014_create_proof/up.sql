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

CREATE TRIGGER seal_proposal_never_updated BEFORE UPDATE ON seal_proposal FOR EACH ROW
EXECUTE FUNCTION refuse('seal_proposal is append-only');
CREATE TRIGGER seal_proposal_never_deleted BEFORE DELETE ON seal_proposal FOR EACH ROW
EXECUTE FUNCTION refuse('seal_proposal is append-only');
CREATE TRIGGER seal_proposal_never_emptied BEFORE TRUNCATE ON seal_proposal FOR EACH STATEMENT
EXECUTE FUNCTION refuse('seal_proposal is append-only');
CREATE TRIGGER seal_never_updated BEFORE UPDATE ON seal FOR EACH ROW
EXECUTE FUNCTION refuse('seal is append-only');
CREATE TRIGGER seal_never_deleted BEFORE DELETE ON seal FOR EACH ROW
EXECUTE FUNCTION refuse('seal is append-only');
CREATE TRIGGER seal_never_emptied BEFORE TRUNCATE ON seal FOR EACH STATEMENT
EXECUTE FUNCTION refuse('seal is append-only');
CREATE TRIGGER checkpoint_never_updated BEFORE UPDATE ON checkpoint FOR EACH ROW
EXECUTE FUNCTION refuse('checkpoint is append-only');
CREATE TRIGGER checkpoint_never_deleted BEFORE DELETE ON checkpoint FOR EACH ROW
EXECUTE FUNCTION refuse('checkpoint is append-only');
CREATE TRIGGER checkpoint_never_emptied BEFORE TRUNCATE ON checkpoint FOR EACH STATEMENT
EXECUTE FUNCTION refuse('checkpoint is append-only');
CREATE FUNCTION evaluation_sealed_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM seal WHERE seal.evaluation_id = NEW.id) THEN
        RAISE EXCEPTION 'an evaluation is sealed by two people' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluation_sealed_by_two BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state <> 'sealed' AND NEW.state = 'sealed')
EXECUTE FUNCTION evaluation_sealed_by_two();
-- A sealed record takes no decision about a response any more.
CREATE FUNCTION response_decided_before_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state IN ('sealed', 'released')) THEN
        RAISE EXCEPTION 'the record is sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER response_decided_before_sealing BEFORE INSERT ON event FOR EACH ROW
WHEN (NEW.action IN ('response.approved', 'response.excluded', 'response.included', 'response.withdrawn'))
EXECUTE FUNCTION response_decided_before_sealing();
