-- What evaluators may be asked to note besides answers; nothing of it without a row.
CREATE TABLE field_setting (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    asks_location BOOLEAN NOT NULL,
    asks_phone BOOLEAN NOT NULL
);

-- What devices uploaded, by the id they gave it and the hash of its text. The text stays where a reviewer decides.
CREATE TABLE sync_item (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    client_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('interview', 'approach')),
    evaluator_id TEXT NOT NULL REFERENCES person (id),
    outlet_id TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('stored', 'late', 'conflict')),
    body TEXT NOT NULL,
    clock_offset_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, client_id, hash),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    CHECK (outcome <> 'stored' OR body = '')
);
-- Of several texts under one id, one counts.
CREATE UNIQUE INDEX sync_item_first ON sync_item (evaluation_id, client_id) WHERE outcome <> 'conflict';

CREATE TABLE sync_decision (
    evaluation_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    accepted BOOLEAN NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    decided_by TEXT NOT NULL REFERENCES person (id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, client_id, hash),
    FOREIGN KEY (evaluation_id, client_id, hash) REFERENCES sync_item (evaluation_id, client_id, hash)
);

-- How an interview went: a text of fixed form, bound by the hash in the interview's event.
CREATE TABLE interview_paradata (
    evaluation_id TEXT NOT NULL,
    interview_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, interview_id),
    FOREIGN KEY (evaluation_id, interview_id) REFERENCES interview (evaluation_id, id)
);

-- Telephone numbers given of free will, sealed, apart from the answers, erased when their time is over.
CREATE TABLE contact_phone (
    evaluation_id TEXT NOT NULL,
    interview_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    consented_at_ms BIGINT NOT NULL,
    verified_at_ms BIGINT,
    PRIMARY KEY (evaluation_id, interview_id),
    FOREIGN KEY (evaluation_id, interview_id) REFERENCES interview (evaluation_id, id)
);

CREATE TRIGGER sync_item_never_updated BEFORE UPDATE OF evaluation_id, client_id, hash, kind, evaluator_id, outlet_id, outcome,
    clock_offset_ms, at_ms ON sync_item
BEGIN SELECT RAISE(ABORT, 'sync_item is append-only'); END;
-- A customer who withdraws takes the text along.
CREATE TRIGGER sync_item_only_erased BEFORE UPDATE OF body ON sync_item WHEN NEW.body <> ''
BEGIN SELECT RAISE(ABORT, 'sync_item is append-only'); END;
CREATE TRIGGER sync_item_never_deleted BEFORE DELETE ON sync_item
BEGIN SELECT RAISE(ABORT, 'sync_item is append-only'); END;
CREATE TRIGGER sync_decision_never_updated BEFORE UPDATE ON sync_decision
BEGIN SELECT RAISE(ABORT, 'sync_decision is append-only'); END;
CREATE TRIGGER sync_decision_never_deleted BEFORE DELETE ON sync_decision
BEGIN SELECT RAISE(ABORT, 'sync_decision is append-only'); END;
CREATE TRIGGER sync_decision_on_what_waits BEFORE INSERT ON sync_decision
WHEN EXISTS (SELECT 1 FROM sync_item WHERE sync_item.evaluation_id = NEW.evaluation_id
    AND sync_item.client_id = NEW.client_id AND sync_item.hash = NEW.hash
    AND (sync_item.outcome = 'stored' OR (sync_item.outcome = 'conflict' AND NEW.accepted)))
BEGIN SELECT RAISE(ABORT, 'nothing to decide'); END;
CREATE TRIGGER sync_decision_before_sealing BEFORE INSERT ON sync_decision
WHEN NEW.accepted AND EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state <> 'closed')
BEGIN SELECT RAISE(ABORT, 'accepted between closing and sealing only'); END;
CREATE TRIGGER interview_paradata_never_updated BEFORE UPDATE ON interview_paradata
BEGIN SELECT RAISE(ABORT, 'interview_paradata is append-only'); END;
CREATE TRIGGER interview_paradata_never_deleted BEFORE DELETE ON interview_paradata
BEGIN SELECT RAISE(ABORT, 'interview_paradata is append-only'); END;
CREATE TRIGGER contact_phone_never_changed BEFORE UPDATE ON contact_phone
WHEN OLD.evaluation_id <> NEW.evaluation_id OR OLD.interview_id <> NEW.interview_id OR OLD.sealed <> NEW.sealed
    OR OLD.consented_at_ms <> NEW.consented_at_ms OR OLD.verified_at_ms IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'contact_phone is verified once, nothing else'); END;
