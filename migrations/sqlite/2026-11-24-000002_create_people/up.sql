-- Accounts, sessions, roles; what the office knows of organisations, evaluations and outlets; particulars of contacts.

-- How a person signs in. Roles say what somebody may be in an evaluation; what they are there stands in membership.
CREATE TABLE account (
    person_id TEXT NOT NULL PRIMARY KEY REFERENCES person (id),
    login TEXT NOT NULL UNIQUE,
    -- PHC string; none until the set-up link has been used.
    password_hash TEXT,
    -- Sealed under the server's key.
    totp_secret TEXT,
    -- The last step that was accepted: a code works once.
    totp_step BIGINT NOT NULL DEFAULT 0,
    -- Only the worked example lets roles do without a second factor.
    second_factor_waived BOOLEAN NOT NULL DEFAULT FALSE,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE account_role (
    person_id TEXT NOT NULL REFERENCES account (person_id),
    role TEXT NOT NULL CHECK (role IN
        ('administrator', 'manager', 'reviewer', 'signatory', 'evaluator', 'auditor', 'organisation')),
    PRIMARY KEY (person_id, role)
);

CREATE TABLE recovery_code (
    person_id TEXT NOT NULL REFERENCES account (person_id),
    code_hash TEXT NOT NULL,
    used BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (person_id, code_hash)
);

-- One-time links by which somebody sets a password; without a person: the first administrator.
CREATE TABLE set_up_link (
    token_hash TEXT NOT NULL PRIMARY KEY,
    person_id TEXT REFERENCES account (person_id),
    expires_at_ms BIGINT NOT NULL
);

-- Only the hash of what the browser holds.
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES account (person_id),
    -- 'password': the second factor is still missing.
    stage TEXT NOT NULL CHECK (stage IN ('password', 'full')),
    device TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    -- When the person last proved who they are.
    confirmed_at_ms BIGINT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0)
);
CREATE INDEX session_by_person ON session (person_id);

-- Who is what in an evaluation.
CREATE TABLE membership (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    person_id TEXT NOT NULL REFERENCES account (person_id),
    role TEXT NOT NULL CHECK (role IN ('manager', 'reviewer', 'signatory', 'evaluator', 'auditor', 'organisation')),
    PRIMARY KEY (evaluation_id, person_id, role)
);
CREATE INDEX membership_by_person ON membership (person_id);

-- What happened outside evaluations (accounts, organisations), chained like the events of an evaluation.
CREATE TABLE office_event (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq >= 1),
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    data TEXT NOT NULL,
    previous_hash TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL
);

-- Single-use links that were made together: one outlet, one kind.
CREATE TABLE link_batch (
    evaluation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('personal', 'printed')),
    links INTEGER NOT NULL CHECK (links >= 1),
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id)
) WITHOUT ROWID;
ALTER TABLE link ADD COLUMN batch_id TEXT;
CREATE INDEX link_by_batch ON link (evaluation_id, batch_id);

-- How often somebody came after a code had ended: per day and code; of single-use links per batch, never per link.
CREATE TABLE link_refusal (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    source_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    scans BIGINT NOT NULL CHECK (scans >= 1),
    PRIMARY KEY (evaluation_id, source_id, day)
) WITHOUT ROWID;

ALTER TABLE organisation ADD COLUMN credit_code TEXT NOT NULL DEFAULT '';
ALTER TABLE evaluation ADD COLUMN mode TEXT NOT NULL DEFAULT 'initial'
    CHECK (mode IN ('initial', 'surveillance', 'special'));
ALTER TABLE evaluation ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE outlet ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE outlet ADD COLUMN hours TEXT NOT NULL DEFAULT '';
ALTER TABLE outlet ADD COLUMN visitors_per_day BIGINT CHECK (visitors_per_day >= 0);
-- The rest of the interview's protocol: answers of the in-person fields, as JSON.
ALTER TABLE interview ADD COLUMN contact_no INTEGER CHECK (contact_no >= 1);
ALTER TABLE interview ADD COLUMN protocol TEXT NOT NULL DEFAULT '{}';
ALTER TABLE disposition ADD COLUMN contact_no INTEGER CHECK (contact_no >= 1);
ALTER TABLE disposition ADD COLUMN refusal_reason TEXT NOT NULL DEFAULT '';

CREATE TRIGGER office_event_never_updated BEFORE UPDATE ON office_event
BEGIN SELECT RAISE(ABORT, 'office_event is append-only'); END;
CREATE TRIGGER office_event_never_deleted BEFORE DELETE ON office_event
BEGIN SELECT RAISE(ABORT, 'office_event is append-only'); END;
CREATE TRIGGER evaluation_keeps_scope BEFORE UPDATE ON evaluation
WHEN OLD.state <> 'draft' AND (OLD.scope <> NEW.scope OR OLD.mode <> NEW.mode OR OLD.products <> NEW.products)
BEGIN SELECT RAISE(ABORT, 'scope and mode are fixed'); END;
CREATE TRIGGER outlet_never_deleted_in_use BEFORE DELETE ON outlet
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = OLD.evaluation_id AND evaluation.state <> 'draft')
BEGIN SELECT RAISE(ABORT, 'outlets are fixed'); END;
-- An in-person response exists only with an evaluator of its evaluation.
CREATE TRIGGER interview_only_by_an_evaluator BEFORE INSERT ON interview
WHEN NOT EXISTS (SELECT 1 FROM membership WHERE membership.evaluation_id = NEW.evaluation_id
    AND membership.person_id = NEW.evaluator_id AND membership.role = 'evaluator')
BEGIN SELECT RAISE(ABORT, 'only an evaluator of the evaluation interviews'); END;
CREATE TRIGGER approach_only_by_an_evaluator BEFORE INSERT ON disposition
WHEN NEW.evaluator_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM membership
    WHERE membership.evaluation_id = NEW.evaluation_id AND membership.person_id = NEW.evaluator_id
        AND membership.role = 'evaluator')
BEGIN SELECT RAISE(ABORT, 'only an evaluator of the evaluation interviews'); END;
