-- Marks of devices and networks, flags, exclusions by two people.

-- What marks are keyed with. It is destroyed on schedule; marks of before then tell nothing any more.
CREATE TABLE mark_key (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    key TEXT NOT NULL
);
-- Apart from the answers, without time or order; erased on schedule.
CREATE TABLE response_mark (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    device TEXT NOT NULL,
    network TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
);
-- Addresses from which an outlet's own network reaches the internet.
CREATE TABLE outlet_network (
    evaluation_id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    address TEXT NOT NULL,
    added_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, outlet_id, address),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id)
);
-- Why a person should look at a response. Decided on arrival or by a pass over all responses.
CREATE TABLE flag (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    value TEXT NOT NULL,
    threshold TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id, rule),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
);
-- The last pass over the responses of an evaluation.
CREATE TABLE flag_pass (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    responses BIGINT NOT NULL,
    -- Made after the end of fieldwork: nothing comes in any more.
    is_final BOOLEAN NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE TABLE exclusion_proposal (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('exclude', 'include')),
    reason TEXT NOT NULL,
    explanation TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, number),
    UNIQUE (evaluation_id, number, proposed_by)
);
CREATE TABLE exclusion_item (
    evaluation_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    response_id TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, number, response_id),
    FOREIGN KEY (evaluation_id, number) REFERENCES exclusion_proposal (evaluation_id, number),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
);
CREATE TABLE exclusion_decision (
    evaluation_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    explanation TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- Points obtained / points available before and after, all answers and in-person ones.
    s_before TEXT NOT NULL,
    s_after TEXT NOT NULL,
    s_face_before TEXT NOT NULL,
    s_face_after TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, number),
    FOREIGN KEY (evaluation_id, number, proposed_by)
        REFERENCES exclusion_proposal (evaluation_id, number, proposed_by),
    CHECK (decided_by <> proposed_by)
);
CREATE TABLE exclusion_verdict (
    evaluation_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    response_id TEXT NOT NULL,
    approved BOOLEAN NOT NULL,
    PRIMARY KEY (evaluation_id, number, response_id),
    FOREIGN KEY (evaluation_id, number, response_id)
        REFERENCES exclusion_item (evaluation_id, number, response_id),
    FOREIGN KEY (evaluation_id, number) REFERENCES exclusion_decision (evaluation_id, number)
);

CREATE TRIGGER exclusion_proposal_never_updated BEFORE UPDATE ON exclusion_proposal FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_proposal is append-only');
CREATE TRIGGER exclusion_proposal_never_deleted BEFORE DELETE ON exclusion_proposal FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_proposal is append-only');
CREATE TRIGGER exclusion_proposal_never_emptied BEFORE TRUNCATE ON exclusion_proposal FOR EACH STATEMENT
EXECUTE FUNCTION refuse('exclusion_proposal is append-only');
CREATE TRIGGER exclusion_item_never_updated BEFORE UPDATE ON exclusion_item FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_item is append-only');
CREATE TRIGGER exclusion_item_never_deleted BEFORE DELETE ON exclusion_item FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_item is append-only');
CREATE TRIGGER exclusion_item_never_emptied BEFORE TRUNCATE ON exclusion_item FOR EACH STATEMENT
EXECUTE FUNCTION refuse('exclusion_item is append-only');
CREATE TRIGGER exclusion_decision_never_updated BEFORE UPDATE ON exclusion_decision FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_decision is append-only');
CREATE TRIGGER exclusion_decision_never_deleted BEFORE DELETE ON exclusion_decision FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_decision is append-only');
CREATE TRIGGER exclusion_decision_never_emptied BEFORE TRUNCATE ON exclusion_decision FOR EACH STATEMENT
EXECUTE FUNCTION refuse('exclusion_decision is append-only');
CREATE TRIGGER exclusion_verdict_never_updated BEFORE UPDATE ON exclusion_verdict FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_verdict is append-only');
CREATE TRIGGER exclusion_verdict_never_deleted BEFORE DELETE ON exclusion_verdict FOR EACH ROW
EXECUTE FUNCTION refuse('exclusion_verdict is append-only');
CREATE TRIGGER exclusion_verdict_never_emptied BEFORE TRUNCATE ON exclusion_verdict FOR EACH STATEMENT
EXECUTE FUNCTION refuse('exclusion_verdict is append-only');
-- Nothing is proposed about a sealed record, and none is sealed while a proposal waits.
CREATE FUNCTION exclusion_proposed_before_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state IN ('sealed', 'released')) THEN
        RAISE EXCEPTION 'the record is sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exclusion_proposed_before_sealing BEFORE INSERT ON exclusion_proposal FOR EACH ROW
EXECUTE FUNCTION exclusion_proposed_before_sealing();
CREATE FUNCTION seal_waits_for_exclusions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM exclusion_proposal AS p WHERE p.evaluation_id = NEW.evaluation_id
        AND NOT EXISTS (SELECT 1 FROM exclusion_decision AS d
            WHERE d.evaluation_id = p.evaluation_id AND d.number = p.number)) THEN
        RAISE EXCEPTION 'a proposal to exclude waits for its decision' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_waits_for_exclusions BEFORE INSERT ON seal FOR EACH ROW
EXECUTE FUNCTION seal_waits_for_exclusions();
