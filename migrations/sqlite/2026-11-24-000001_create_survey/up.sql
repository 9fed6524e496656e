-- People of the certification body; accounts and passwords have tables of their own.
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    registration_no TEXT NOT NULL UNIQUE,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- Versioned data: the file as it was, named by its hash. Never changed.
CREATE TABLE questionnaire (
    hash TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE method (
    hash TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE notice (
    version TEXT NOT NULL PRIMARY KEY,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL
);

-- One wave of one organisation. State goes forward one step at a time; see the triggers.
CREATE TABLE evaluation (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'frozen', 'open', 'closed', 'sealed', 'released')),
    questionnaire_hash TEXT NOT NULL REFERENCES questionnaire (hash),
    method_hash TEXT NOT NULL REFERENCES method (hash),
    notice_version TEXT REFERENCES notice (version),
    products TEXT NOT NULL,
    retention_end TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    CHECK (state IN ('draft', 'frozen') OR notice_version IS NOT NULL)
);

CREATE TABLE outlet (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    id TEXT NOT NULL,
    place INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    customers BIGINT CHECK (customers >= 0),
    target_face INTEGER NOT NULL DEFAULT 0 CHECK (target_face >= 0),
    target_electronic INTEGER NOT NULL DEFAULT 0 CHECK (target_electronic >= 0),
    PRIMARY KEY (evaluation_id, id),
    UNIQUE (evaluation_id, place)
);

-- Ways in for customers. Only the hash of what is printed or mailed is kept; of a single-use link only whether it was used.
CREATE TABLE link (
    evaluation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('outlet', 'personal', 'printed')),
    token_hash TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL DEFAULT 1,
    revoked BOOLEAN NOT NULL DEFAULT FALSE,
    used BOOLEAN NOT NULL DEFAULT FALSE,
    ended_code TEXT,
    opens_at_ms BIGINT,
    closes_at_ms BIGINT,
    PRIMARY KEY (evaluation_id, id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    CHECK (kind <> 'outlet' OR (NOT used AND ended_code IS NULL)),
    CHECK (NOT used OR ended_code IS NULL)
) WITHOUT ROWID;

CREATE TABLE interview (
    evaluation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    evaluator_id TEXT NOT NULL REFERENCES person (id),
    place TEXT NOT NULL CHECK (place IN ('inside', 'outside', 'customer', 'other')),
    started_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, id),
    UNIQUE (evaluation_id, id, evaluator_id, outlet_id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    CHECK (ended_at_ms >= started_at_ms)
) WITHOUT ROWID;

-- An accepted answer. No order of arrival: its id is a hash of its receipt, hour instead of time, no reference to a link. The
-- receipt follows from the form, so the primary key is also what makes a repeated submission the same one.
-- The evidence class is tied to how it came in: face if and only if an evaluator's interview stands behind it.
CREATE TABLE response (
    evaluation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    evidence_class TEXT NOT NULL CHECK (evidence_class IN ('face', 'invited', 'open')),
    interview_id TEXT,
    evaluator_id TEXT,
    status TEXT NOT NULL CHECK (status IN ('I', 'P', 'R')),
    language TEXT NOT NULL,
    notice_version TEXT NOT NULL REFERENCES notice (version),
    received_hour_ms BIGINT NOT NULL CHECK (received_hour_ms % 3600000 = 0),
    commitment TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    FOREIGN KEY (evaluation_id, interview_id, evaluator_id, outlet_id)
        REFERENCES interview (evaluation_id, id, evaluator_id, outlet_id),
    CHECK ((evidence_class = 'face' AND interview_id IS NOT NULL AND evaluator_id IS NOT NULL)
        OR (evidence_class <> 'face' AND interview_id IS NULL AND evaluator_id IS NULL))
) WITHOUT ROWID;

-- One response per interview; partial, because most responses have none.
CREATE UNIQUE INDEX response_of_interview ON response (evaluation_id, interview_id) WHERE interview_id IS NOT NULL;

-- What was answered; erasable once, through a withdrawal. The comment's salt stands here: it is needed without a comment, too.
CREATE TABLE response_content (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    answers TEXT NOT NULL,
    duration_s INTEGER CHECK (duration_s >= 0),
    salt TEXT NOT NULL,
    comment_salt TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
) WITHOUT ROWID;

-- The comment apart, so that it can be erased alone.
CREATE TABLE response_comment (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
) WITHOUT ROWID;

-- Contacts that ended without an answer; no content, the hour only.
CREATE TABLE disposition (
    evaluation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    evidence_class TEXT NOT NULL CHECK (evidence_class IN ('face', 'open')),
    evaluator_id TEXT REFERENCES person (id),
    code TEXT NOT NULL,
    hour_ms BIGINT NOT NULL CHECK (hour_ms % 3600000 = 0),
    PRIMARY KEY (evaluation_id, id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    CHECK ((evidence_class = 'face') = (evaluator_id IS NOT NULL))
) WITHOUT ROWID;

-- What happened, each row chained to the one before it.
CREATE TABLE event (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    data TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    UNIQUE (evaluation_id, previous_hash)
);
CREATE INDEX event_by_object ON event (evaluation_id, object, seq);

-- Everything additive about one outlet and evidence class, as one encoded row per node; readers add the rows up.
CREATE TABLE tally (
    evaluation_id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    evidence_class TEXT NOT NULL CHECK (evidence_class IN ('face', 'invited', 'open')),
    node INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, outlet_id, evidence_class, node),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id)
) WITHOUT ROWID;

-- One row: which secret key this database belongs to.
CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key_check TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- Refusals: what must never be is refused by the database itself.
CREATE TRIGGER response_never_updated BEFORE UPDATE ON response
BEGIN SELECT RAISE(ABORT, 'response is append-only'); END;
CREATE TRIGGER response_never_deleted BEFORE DELETE ON response
BEGIN SELECT RAISE(ABORT, 'response is append-only'); END;
CREATE TRIGGER interview_never_updated BEFORE UPDATE ON interview
BEGIN SELECT RAISE(ABORT, 'interview is append-only'); END;
CREATE TRIGGER interview_never_deleted BEFORE DELETE ON interview
BEGIN SELECT RAISE(ABORT, 'interview is append-only'); END;
CREATE TRIGGER disposition_never_updated BEFORE UPDATE ON disposition
BEGIN SELECT RAISE(ABORT, 'disposition is append-only'); END;
CREATE TRIGGER disposition_never_deleted BEFORE DELETE ON disposition
BEGIN SELECT RAISE(ABORT, 'disposition is append-only'); END;
CREATE TRIGGER event_never_updated BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER questionnaire_never_updated BEFORE UPDATE ON questionnaire
BEGIN SELECT RAISE(ABORT, 'questionnaire is append-only'); END;
CREATE TRIGGER questionnaire_never_deleted BEFORE DELETE ON questionnaire
BEGIN SELECT RAISE(ABORT, 'questionnaire is append-only'); END;
CREATE TRIGGER method_never_updated BEFORE UPDATE ON method
BEGIN SELECT RAISE(ABORT, 'method is append-only'); END;
CREATE TRIGGER method_never_deleted BEFORE DELETE ON method
BEGIN SELECT RAISE(ABORT, 'method is append-only'); END;
CREATE TRIGGER notice_never_updated BEFORE UPDATE ON notice
BEGIN SELECT RAISE(ABORT, 'notice is append-only'); END;
CREATE TRIGGER notice_never_deleted BEFORE DELETE ON notice
BEGIN SELECT RAISE(ABORT, 'notice is append-only'); END;
CREATE TRIGGER response_content_never_updated BEFORE UPDATE ON response_content
BEGIN SELECT RAISE(ABORT, 'response_content is never changed'); END;
CREATE TRIGGER response_content_erased_by_withdrawal BEFORE DELETE ON response_content
WHEN NOT EXISTS (
    SELECT 1 FROM event WHERE event.evaluation_id = OLD.evaluation_id AND event.object = OLD.response_id
        AND event.action = 'response.withdrawn')
BEGIN SELECT RAISE(ABORT, 'response_content is erased through a withdrawal only'); END;
CREATE TRIGGER response_comment_never_updated BEFORE UPDATE ON response_comment
BEGIN SELECT RAISE(ABORT, 'response_comment is never changed'); END;
CREATE TRIGGER response_comment_erased_by_withdrawal BEFORE DELETE ON response_comment
WHEN NOT EXISTS (
    SELECT 1 FROM event WHERE event.evaluation_id = OLD.evaluation_id AND event.object = OLD.response_id
        AND event.action = 'response.withdrawn')
BEGIN SELECT RAISE(ABORT, 'response_comment is erased through a withdrawal only'); END;
CREATE TRIGGER evaluation_goes_forward BEFORE UPDATE ON evaluation
WHEN OLD.state <> NEW.state AND NOT (
    (OLD.state = 'draft' AND NEW.state = 'frozen') OR (OLD.state = 'frozen' AND NEW.state = 'open')
    OR (OLD.state = 'open' AND NEW.state = 'closed') OR (OLD.state = 'closed' AND NEW.state = 'sealed')
    OR (OLD.state = 'sealed' AND NEW.state = 'released'))
BEGIN SELECT RAISE(ABORT, 'an evaluation goes forward one step at a time'); END;
CREATE TRIGGER evaluation_stays_fixed BEFORE UPDATE ON evaluation
WHEN OLD.state <> 'draft' AND (OLD.questionnaire_hash <> NEW.questionnaire_hash OR OLD.method_hash <> NEW.method_hash
    OR OLD.organisation_id <> NEW.organisation_id)
BEGIN SELECT RAISE(ABORT, 'questionnaire and method are fixed'); END;
CREATE TRIGGER evaluation_keeps_notice BEFORE UPDATE ON evaluation
WHEN OLD.notice_version IS NOT NULL AND (NEW.notice_version IS NULL OR OLD.notice_version <> NEW.notice_version)
BEGIN SELECT RAISE(ABORT, 'the notice is fixed'); END;
CREATE TRIGGER evaluation_never_deleted BEFORE DELETE ON evaluation
BEGIN SELECT RAISE(ABORT, 'evaluations are never deleted'); END;
CREATE TRIGGER link_kind_is_fixed BEFORE UPDATE ON link
WHEN OLD.kind <> NEW.kind OR OLD.outlet_id <> NEW.outlet_id OR (OLD.used AND NOT NEW.used)
BEGIN SELECT RAISE(ABORT, 'a link stays what it is'); END;
CREATE TRIGGER response_only_in_fieldwork BEFORE INSERT ON response
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state NOT IN ('open', 'closed'))
BEGIN SELECT RAISE(ABORT, 'no response outside fieldwork'); END;
