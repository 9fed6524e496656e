-- Conflicts of interest, scores, audit, facts, decisions, certificates. What is judged is never changed: a correction is a
-- newer row, and the newest counts. Who approves is never who proposed; that, too, the database refuses by itself.

CREATE TABLE conflict_declaration (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    person_id TEXT NOT NULL REFERENCES account (person_id),
    conflicted BOOLEAN NOT NULL,
    explanation TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    CHECK (NOT conflicted OR explanation <> '')
);

-- Marks of a clause of 4.1 by one evaluator, or, where agreed, what the evaluators settled on.
CREATE TABLE score (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    clause TEXT NOT NULL,
    -- A decimal as written.
    marks TEXT NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    agreed BOOLEAN NOT NULL,
    scored_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq)
);

-- Hard facts found on site: a call at night, use after a repair, promised and actual times.
CREATE TABLE observation (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('hotline', 'repair', 'delivery', 'appointment', 'duration', 'returns', 'complaint')),
    subject TEXT NOT NULL CHECK (subject <> ''),
    promised TEXT NOT NULL,
    actual TEXT NOT NULL,
    met BOOLEAN NOT NULL,
    observed_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq)
);

-- One row per clause of 4.2 and time it was gone through.
CREATE TABLE audit_check (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    clause TEXT NOT NULL,
    conform BOOLEAN NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    checked_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq)
);

CREATE TABLE finding (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    version INTEGER NOT NULL CHECK (version >= 1),
    clause TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('serious', 'minor', 'observation')),
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    raised_on TEXT NOT NULL,
    correction TEXT NOT NULL,
    closed_on TEXT,
    entered_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, number, version),
    CHECK (closed_on IS NULL OR (closed_on >= raised_on AND correction <> ''))
);

-- What the grade rests on beside marks and survey; entered by one, confirmed by another.
CREATE TABLE fact (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    -- The statement as JSON.
    body TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source <> ''),
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    withdrawn BOOLEAN NOT NULL,
    entered_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, id, version),
    UNIQUE (evaluation_id, id, version, entered_by)
);
CREATE TABLE fact_check (
    evaluation_id TEXT NOT NULL,
    fact_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    entered_by TEXT NOT NULL,
    agrees BOOLEAN NOT NULL,
    remark TEXT NOT NULL,
    checked_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, fact_id, version),
    FOREIGN KEY (evaluation_id, fact_id, version, entered_by) REFERENCES fact (evaluation_id, id, version, entered_by),
    CHECK (checked_by <> entered_by),
    CHECK (agrees OR remark <> '')
);

-- A proposed decision with everything it rests on; overrides go downward only.
CREATE TABLE decision (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    -- The graded case as JSON, and its SHA-256.
    input TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    ruling TEXT NOT NULL CHECK (ruling IN ('grant', 'refuse', 'maintain', 'downgrade', 'suspend', 'withdraw', 'hold')),
    stars INTEGER CHECK (stars BETWEEN 1 AND 5),
    recommended INTEGER NOT NULL CHECK (recommended BETWEEN 0 AND 5),
    reason_code TEXT,
    reason TEXT NOT NULL,
    decided_on TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, version),
    UNIQUE (evaluation_id, version, proposed_by),
    CHECK ((ruling IN ('grant', 'downgrade')) = (stars IS NOT NULL)),
    CHECK (stars IS NULL OR stars <= recommended)
);
CREATE TABLE decision_signature (
    evaluation_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('review', 'signature')),
    proposed_by TEXT NOT NULL,
    approves BOOLEAN NOT NULL,
    remark TEXT NOT NULL,
    signed_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, version, place),
    -- One person is one signature.
    UNIQUE (evaluation_id, version, signed_by),
    FOREIGN KEY (evaluation_id, version, proposed_by) REFERENCES decision (evaluation_id, version, proposed_by),
    CHECK (signed_by <> proposed_by),
    CHECK (approves OR remark <> '')
);

CREATE TABLE certificate (
    number TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    scope TEXT NOT NULL,
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    issued_on TEXT NOT NULL,
    last_day TEXT NOT NULL CHECK (last_day >= issued_on),
    replaces TEXT UNIQUE REFERENCES certificate (number)
);
CREATE INDEX certificate_by_organisation ON certificate (organisation_id);
CREATE TABLE certificate_proposal (
    number TEXT NOT NULL REFERENCES certificate (number),
    -- The step it wants to be.
    seq INTEGER NOT NULL CHECK (seq >= 2),
    version INTEGER NOT NULL CHECK (version >= 1),
    step TEXT NOT NULL,
    reason TEXT NOT NULL,
    takes_effect_on TEXT NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    proposed_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (number, seq, version)
);
-- What became of it; the first step is the grant, the last one says where it stands.
CREATE TABLE certificate_step (
    number TEXT NOT NULL REFERENCES certificate (number),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    step TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('valid', 'suspended', 'replaced', 'withdrawn', 'cancelled', 'expired')),
    since TEXT NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    proposed_by TEXT NOT NULL REFERENCES account (person_id),
    signed_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (number, seq),
    CHECK (signed_by <> proposed_by)
);
-- Accidents and major complaints heard of between two evaluations: an extra evaluation is due (5.1).
CREATE TABLE certificate_report (
    number TEXT NOT NULL REFERENCES certificate (number),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('accident', 'complaint')),
    reported_on TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source <> ''),
    account TEXT NOT NULL CHECK (account <> ''),
    reported_by TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (number, seq)
);
-- Notices to holders; they go out by mail on their day unless a newer one took their place.
CREATE TABLE holder_notice (
    number TEXT NOT NULL REFERENCES certificate (number),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL,
    send_on TEXT NOT NULL,
    void BOOLEAN NOT NULL DEFAULT FALSE,
    sent_at_ms BIGINT,
    PRIMARY KEY (number, seq),
    CHECK (NOT void OR sent_at_ms IS NULL)
);

-- Refusals: what must never be is refused by the database itself.
CREATE TRIGGER conflict_declaration_never_updated BEFORE UPDATE ON conflict_declaration FOR EACH ROW
EXECUTE FUNCTION refuse('conflict_declaration is append-only');
CREATE TRIGGER conflict_declaration_never_deleted BEFORE DELETE ON conflict_declaration FOR EACH ROW
EXECUTE FUNCTION refuse('conflict_declaration is append-only');
CREATE TRIGGER conflict_declaration_never_emptied BEFORE TRUNCATE ON conflict_declaration FOR EACH STATEMENT
EXECUTE FUNCTION refuse('conflict_declaration is append-only');
CREATE TRIGGER score_never_updated BEFORE UPDATE ON score FOR EACH ROW
EXECUTE FUNCTION refuse('score is append-only');
CREATE TRIGGER score_never_deleted BEFORE DELETE ON score FOR EACH ROW
EXECUTE FUNCTION refuse('score is append-only');
CREATE TRIGGER score_never_emptied BEFORE TRUNCATE ON score FOR EACH STATEMENT
EXECUTE FUNCTION refuse('score is append-only');
CREATE TRIGGER observation_never_updated BEFORE UPDATE ON observation FOR EACH ROW
EXECUTE FUNCTION refuse('observation is append-only');
CREATE TRIGGER observation_never_deleted BEFORE DELETE ON observation FOR EACH ROW
EXECUTE FUNCTION refuse('observation is append-only');
CREATE TRIGGER observation_never_emptied BEFORE TRUNCATE ON observation FOR EACH STATEMENT
EXECUTE FUNCTION refuse('observation is append-only');
CREATE TRIGGER audit_check_never_updated BEFORE UPDATE ON audit_check FOR EACH ROW
EXECUTE FUNCTION refuse('audit_check is append-only');
CREATE TRIGGER audit_check_never_deleted BEFORE DELETE ON audit_check FOR EACH ROW
EXECUTE FUNCTION refuse('audit_check is append-only');
CREATE TRIGGER audit_check_never_emptied BEFORE TRUNCATE ON audit_check FOR EACH STATEMENT
EXECUTE FUNCTION refuse('audit_check is append-only');
CREATE TRIGGER finding_never_updated BEFORE UPDATE ON finding FOR EACH ROW
EXECUTE FUNCTION refuse('finding is append-only');
CREATE TRIGGER finding_never_deleted BEFORE DELETE ON finding FOR EACH ROW
EXECUTE FUNCTION refuse('finding is append-only');
CREATE TRIGGER finding_never_emptied BEFORE TRUNCATE ON finding FOR EACH STATEMENT
EXECUTE FUNCTION refuse('finding is append-only');
CREATE TRIGGER fact_never_updated BEFORE UPDATE ON fact FOR EACH ROW
EXECUTE FUNCTION refuse('fact is append-only');
CREATE TRIGGER fact_never_deleted BEFORE DELETE ON fact FOR EACH ROW
EXECUTE FUNCTION refuse('fact is append-only');
CREATE TRIGGER fact_never_emptied BEFORE TRUNCATE ON fact FOR EACH STATEMENT
EXECUTE FUNCTION refuse('fact is append-only');
CREATE TRIGGER fact_check_never_updated BEFORE UPDATE ON fact_check FOR EACH ROW
EXECUTE FUNCTION refuse('fact_check is append-only');
CREATE TRIGGER fact_check_never_deleted BEFORE DELETE ON fact_check FOR EACH ROW
EXECUTE FUNCTION refuse('fact_check is append-only');
CREATE TRIGGER fact_check_never_emptied BEFORE TRUNCATE ON fact_check FOR EACH STATEMENT
EXECUTE FUNCTION refuse('fact_check is append-only');
CREATE TRIGGER decision_never_updated BEFORE UPDATE ON decision FOR EACH ROW
EXECUTE FUNCTION refuse('decision is append-only');
CREATE TRIGGER decision_never_deleted BEFORE DELETE ON decision FOR EACH ROW
EXECUTE FUNCTION refuse('decision is append-only');
CREATE TRIGGER decision_never_emptied BEFORE TRUNCATE ON decision FOR EACH STATEMENT
EXECUTE FUNCTION refuse('decision is append-only');
CREATE TRIGGER decision_signature_never_updated BEFORE UPDATE ON decision_signature FOR EACH ROW
EXECUTE FUNCTION refuse('decision_signature is append-only');
CREATE TRIGGER decision_signature_never_deleted BEFORE DELETE ON decision_signature FOR EACH ROW
EXECUTE FUNCTION refuse('decision_signature is append-only');
CREATE TRIGGER decision_signature_never_emptied BEFORE TRUNCATE ON decision_signature FOR EACH STATEMENT
EXECUTE FUNCTION refuse('decision_signature is append-only');
CREATE TRIGGER certificate_never_updated BEFORE UPDATE ON certificate FOR EACH ROW
EXECUTE FUNCTION refuse('certificate is append-only');
CREATE TRIGGER certificate_never_deleted BEFORE DELETE ON certificate FOR EACH ROW
EXECUTE FUNCTION refuse('certificate is append-only');
CREATE TRIGGER certificate_never_emptied BEFORE TRUNCATE ON certificate FOR EACH STATEMENT
EXECUTE FUNCTION refuse('certificate is append-only');
CREATE TRIGGER certificate_proposal_never_updated BEFORE UPDATE ON certificate_proposal FOR EACH ROW
EXECUTE FUNCTION refuse('certificate_proposal is append-only');
CREATE TRIGGER certificate_proposal_never_deleted BEFORE DELETE ON certificate_proposal FOR EACH ROW
EXECUTE FUNCTION refuse('certificate_proposal is append-only');
CREATE TRIGGER certificate_proposal_never_emptied BEFORE TRUNCATE ON certificate_proposal FOR EACH STATEMENT
EXECUTE FUNCTION refuse('certificate_proposal is append-only');
CREATE TRIGGER certificate_step_never_updated BEFORE UPDATE ON certificate_step FOR EACH ROW
EXECUTE FUNCTION refuse('certificate_step is append-only');
CREATE TRIGGER certificate_step_never_deleted BEFORE DELETE ON certificate_step FOR EACH ROW
EXECUTE FUNCTION refuse('certificate_step is append-only');
CREATE TRIGGER certificate_step_never_emptied BEFORE TRUNCATE ON certificate_step FOR EACH STATEMENT
EXECUTE FUNCTION refuse('certificate_step is append-only');
CREATE TRIGGER certificate_report_never_updated BEFORE UPDATE ON certificate_report FOR EACH ROW
EXECUTE FUNCTION refuse('certificate_report is append-only');
CREATE TRIGGER certificate_report_never_deleted BEFORE DELETE ON certificate_report FOR EACH ROW
EXECUTE FUNCTION refuse('certificate_report is append-only');
CREATE TRIGGER certificate_report_never_emptied BEFORE TRUNCATE ON certificate_report FOR EACH STATEMENT
EXECUTE FUNCTION refuse('certificate_report is append-only');
CREATE TRIGGER holder_notice_never_deleted BEFORE DELETE ON holder_notice FOR EACH ROW
EXECUTE FUNCTION refuse('holder_notice is never deleted');
CREATE TRIGGER holder_notice_never_emptied BEFORE TRUNCATE ON holder_notice FOR EACH STATEMENT
EXECUTE FUNCTION refuse('holder_notice is never emptied');
CREATE TRIGGER holder_notice_ends_once BEFORE UPDATE ON holder_notice FOR EACH ROW
WHEN (OLD.void OR OLD.sent_at_ms IS NOT NULL OR OLD.kind <> NEW.kind OR OLD.send_on <> NEW.send_on)
EXECUTE FUNCTION refuse('a notice ends once');
-- A signed decision seals everything it rests on; a hold leaves it open.
CREATE FUNCTION only_before_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decision_signature JOIN decision ON decision.evaluation_id = decision_signature.evaluation_id
        AND decision.version = decision_signature.version
        WHERE decision.evaluation_id = NEW.evaluation_id AND decision.ruling <> 'hold'
            AND decision_signature.place = 'signature' AND decision_signature.approves) THEN
        RAISE EXCEPTION 'the decision is signed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_sealed BEFORE INSERT ON score FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER observation_sealed BEFORE INSERT ON observation FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER audit_check_sealed BEFORE INSERT ON audit_check FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER finding_sealed BEFORE INSERT ON finding FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER fact_sealed BEFORE INSERT ON fact FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER fact_check_sealed BEFORE INSERT ON fact_check FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER decision_sealed BEFORE INSERT ON decision FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE TRIGGER decision_signature_sealed BEFORE INSERT ON decision_signature FOR EACH ROW
EXECUTE FUNCTION only_before_signature();
CREATE FUNCTION only_after_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.place = 'signature' AND NOT EXISTS (SELECT 1 FROM decision_signature AS review
        WHERE review.evaluation_id = NEW.evaluation_id AND review.version = NEW.version
            AND review.place = 'review' AND review.approves) THEN
        RAISE EXCEPTION 'the review comes first' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signature_after_review BEFORE INSERT ON decision_signature FOR EACH ROW
EXECUTE FUNCTION only_after_review();
CREATE FUNCTION only_without_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF COALESCE((SELECT conflicted FROM conflict_declaration
        WHERE conflict_declaration.evaluation_id = NEW.evaluation_id AND conflict_declaration.person_id = NEW.person_id
        ORDER BY seq DESC LIMIT 1), FALSE) THEN
        RAISE EXCEPTION 'an evaluator has no conflict of interest' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluator_without_conflict BEFORE INSERT ON membership FOR EACH ROW
WHEN (NEW.role = 'evaluator') EXECUTE FUNCTION only_without_conflict();
