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
);

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
);

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
);

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
);

-- The comment apart, so that it can be erased alone.
CREATE TABLE response_comment (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
);

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
);

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
);

-- One row: which secret key this database belongs to.
CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key_check TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- Refusals: what must never be is refused by the database itself.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER response_never_updated BEFORE UPDATE ON response FOR EACH ROW
EXECUTE FUNCTION refuse('response is append-only');
CREATE TRIGGER response_never_deleted BEFORE DELETE ON response FOR EACH ROW
EXECUTE FUNCTION refuse('response is append-only');
CREATE TRIGGER interview_never_updated BEFORE UPDATE ON interview FOR EACH ROW
EXECUTE FUNCTION refuse('interview is append-only');
CREATE TRIGGER interview_never_deleted BEFORE DELETE ON interview FOR EACH ROW
EXECUTE FUNCTION refuse('interview is append-only');
CREATE TRIGGER disposition_never_updated BEFORE UPDATE ON disposition FOR EACH ROW
EXECUTE FUNCTION refuse('disposition is append-only');
CREATE TRIGGER disposition_never_deleted BEFORE DELETE ON disposition FOR EACH ROW
EXECUTE FUNCTION refuse('disposition is append-only');
CREATE TRIGGER event_never_updated BEFORE UPDATE ON event FOR EACH ROW
EXECUTE FUNCTION refuse('event is append-only');
CREATE TRIGGER event_never_deleted BEFORE DELETE ON event FOR EACH ROW
EXECUTE FUNCTION refuse('event is append-only');
CREATE TRIGGER questionnaire_never_updated BEFORE UPDATE ON questionnaire FOR EACH ROW
EXECUTE FUNCTION refuse('questionnaire is append-only');
CREATE TRIGGER questionnaire_never_deleted BEFORE DELETE ON questionnaire FOR EACH ROW
EXECUTE FUNCTION refuse('questionnaire is append-only');
CREATE TRIGGER method_never_updated BEFORE UPDATE ON method FOR EACH ROW
EXECUTE FUNCTION refuse('method is append-only');
CREATE TRIGGER method_never_deleted BEFORE DELETE ON method FOR EACH ROW
EXECUTE FUNCTION refuse('method is append-only');
CREATE TRIGGER notice_never_updated BEFORE UPDATE ON notice FOR EACH ROW
EXECUTE FUNCTION refuse('notice is append-only');
CREATE TRIGGER notice_never_deleted BEFORE DELETE ON notice FOR EACH ROW
EXECUTE FUNCTION refuse('notice is append-only');
-- A condition that looks into another table needs a function of its own.
CREATE FUNCTION erase_by_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
    SELECT 1 FROM event WHERE event.evaluation_id = OLD.evaluation_id AND event.object = OLD.response_id
        AND event.action = 'response.withdrawn') THEN
        RAISE EXCEPTION '% is erased through a withdrawal only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION only_in_fieldwork() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state NOT IN ('open', 'closed')) THEN
        RAISE EXCEPTION 'no response outside fieldwork' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER response_content_never_updated BEFORE UPDATE ON response_content FOR EACH ROW
EXECUTE FUNCTION refuse('response_content is never changed');
CREATE TRIGGER response_content_erased_by_withdrawal BEFORE DELETE ON response_content FOR EACH ROW
EXECUTE FUNCTION erase_by_withdrawal();
CREATE TRIGGER response_comment_never_updated BEFORE UPDATE ON response_comment FOR EACH ROW
EXECUTE FUNCTION refuse('response_comment is never changed');
CREATE TRIGGER response_comment_erased_by_withdrawal BEFORE DELETE ON response_comment FOR EACH ROW
EXECUTE FUNCTION erase_by_withdrawal();
CREATE TRIGGER evaluation_goes_forward BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT (
    (OLD.state = 'draft' AND NEW.state = 'frozen') OR (OLD.state = 'frozen' AND NEW.state = 'open')
    OR (OLD.state = 'open' AND NEW.state = 'closed') OR (OLD.state = 'closed' AND NEW.state = 'sealed')
    OR (OLD.state = 'sealed' AND NEW.state = 'released')))
EXECUTE FUNCTION refuse('an evaluation goes forward one step at a time');
CREATE TRIGGER evaluation_stays_fixed BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state <> 'draft' AND (OLD.questionnaire_hash <> NEW.questionnaire_hash OR OLD.method_hash <> NEW.method_hash
    OR OLD.organisation_id <> NEW.organisation_id))
EXECUTE FUNCTION refuse('questionnaire and method are fixed');
CREATE TRIGGER evaluation_keeps_notice BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.notice_version IS NOT NULL AND (NEW.notice_version IS NULL OR OLD.notice_version <> NEW.notice_version))
EXECUTE FUNCTION refuse('the notice is fixed');
CREATE TRIGGER evaluation_never_deleted BEFORE DELETE ON evaluation FOR EACH ROW
EXECUTE FUNCTION refuse('evaluations are never deleted');
CREATE TRIGGER link_kind_is_fixed BEFORE UPDATE ON link FOR EACH ROW
WHEN (OLD.kind <> NEW.kind OR OLD.outlet_id <> NEW.outlet_id OR (OLD.used AND NOT NEW.used))
EXECUTE FUNCTION refuse('a link stays what it is');
CREATE TRIGGER response_never_emptied BEFORE TRUNCATE ON response FOR EACH STATEMENT
EXECUTE FUNCTION refuse('response is never emptied');
CREATE TRIGGER interview_never_emptied BEFORE TRUNCATE ON interview FOR EACH STATEMENT
EXECUTE FUNCTION refuse('interview is never emptied');
CREATE TRIGGER disposition_never_emptied BEFORE TRUNCATE ON disposition FOR EACH STATEMENT
EXECUTE FUNCTION refuse('disposition is never emptied');
CREATE TRIGGER event_never_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT
EXECUTE FUNCTION refuse('event is never emptied');
CREATE TRIGGER questionnaire_never_emptied BEFORE TRUNCATE ON questionnaire FOR EACH STATEMENT
EXECUTE FUNCTION refuse('questionnaire is never emptied');
CREATE TRIGGER method_never_emptied BEFORE TRUNCATE ON method FOR EACH STATEMENT
EXECUTE FUNCTION refuse('method is never emptied');
CREATE TRIGGER notice_never_emptied BEFORE TRUNCATE ON notice FOR EACH STATEMENT
EXECUTE FUNCTION refuse('notice is never emptied');
CREATE TRIGGER response_content_never_emptied BEFORE TRUNCATE ON response_content FOR EACH STATEMENT
EXECUTE FUNCTION refuse('response_content is never emptied');
CREATE TRIGGER response_comment_never_emptied BEFORE TRUNCATE ON response_comment FOR EACH STATEMENT
EXECUTE FUNCTION refuse('response_comment is never emptied');
CREATE TRIGGER evaluation_never_emptied BEFORE TRUNCATE ON evaluation FOR EACH STATEMENT
EXECUTE FUNCTION refuse('evaluation is never emptied');
CREATE TRIGGER response_only_in_fieldwork BEFORE INSERT ON response FOR EACH ROW
EXECUTE FUNCTION only_in_fieldwork();
