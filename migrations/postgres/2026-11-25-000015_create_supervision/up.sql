-- Supervision of interviews: review, corrections, back-checks. Rows are only added, and none after sealing.
-- Who reviews is not who interviewed: an interview is named together with its evaluator.
CREATE UNIQUE INDEX interview_of_evaluator ON interview (evaluation_id, id, evaluator_id);

-- What happened to an interview in review; the newest row is how it stands.
CREATE TABLE interview_review (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    interview_id TEXT NOT NULL,
    evaluator_id TEXT NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('approved', 'rejected', 'returned', 'answered')),
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    acted_by TEXT NOT NULL REFERENCES person (id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    FOREIGN KEY (evaluation_id, interview_id, evaluator_id) REFERENCES interview (evaluation_id, id, evaluator_id),
    CHECK ((step = 'answered') = (acted_by = evaluator_id)),
    CHECK ((step = 'rejected') = (reason <> '')),
    CHECK (step = 'approved' OR comment <> '')
);

-- Answers as corrected by the evaluator who took them down; what they replace stays where it is.
CREATE TABLE response_correction (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    interview_id TEXT NOT NULL,
    evaluator_id TEXT NOT NULL,
    answers TEXT NOT NULL,
    salt TEXT NOT NULL,
    commitment TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    note TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id, version),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id),
    FOREIGN KEY (evaluation_id, interview_id, evaluator_id) REFERENCES interview (evaluation_id, id, evaluator_id),
    CHECK (corrected_by = evaluator_id)
);

-- A seed, on record before the interviews are listed that are drawn with it.
CREATE TABLE back_check_seed (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    round INTEGER NOT NULL CHECK (round >= 1),
    seed TEXT NOT NULL CHECK (seed <> ''),
    set_by TEXT NOT NULL REFERENCES person (id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, round)
);

-- The interviews of a round in drawn order, per evaluator; who is not drawn stands in reserve.
CREATE TABLE back_check_case (
    evaluation_id TEXT NOT NULL,
    interview_id TEXT NOT NULL,
    evaluator_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    place INTEGER NOT NULL CHECK (place >= 1),
    drawn BOOLEAN NOT NULL,
    PRIMARY KEY (evaluation_id, interview_id),
    UNIQUE (evaluation_id, round, evaluator_id, place),
    UNIQUE (evaluation_id, interview_id, evaluator_id),
    FOREIGN KEY (evaluation_id, interview_id, evaluator_id) REFERENCES interview (evaluation_id, id, evaluator_id),
    FOREIGN KEY (evaluation_id, round) REFERENCES back_check_seed (evaluation_id, round)
);

-- What somebody else found when they asked the customer again; the newest row counts. No contact, no name.
CREATE TABLE back_check (
    evaluation_id TEXT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    interview_id TEXT NOT NULL,
    evaluator_id TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('receipt', 'phone', 'accompanied')),
    outcome TEXT NOT NULL CHECK (outcome IN ('unreachable', 'confirmed', 'contradicted')),
    interviewed TEXT NOT NULL CHECK (interviewed IN ('yes', 'no', 'unsure', '')),
    place TEXT NOT NULL CHECK (place IN ('yes', 'no', 'unsure', '')),
    day TEXT NOT NULL CHECK (day IN ('yes', 'no', 'unsure', '')),
    overall INTEGER,
    item TEXT NOT NULL,
    reply INTEGER,
    remark TEXT NOT NULL,
    checked_by TEXT NOT NULL REFERENCES person (id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    FOREIGN KEY (evaluation_id, interview_id, evaluator_id)
        REFERENCES back_check_case (evaluation_id, interview_id, evaluator_id),
    CHECK (checked_by <> evaluator_id),
    CHECK ((outcome = 'unreachable') = (interviewed = ''))
);

CREATE FUNCTION supervised_before_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released')) THEN
        RAISE EXCEPTION 'the record is sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION corrected_before_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT step FROM interview_review WHERE interview_review.evaluation_id = NEW.evaluation_id
        AND interview_review.interview_id = NEW.interview_id ORDER BY seq DESC LIMIT 1) IN ('approved', 'rejected') THEN
        RAISE EXCEPTION 'a reviewed interview is corrected only when asked back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER interview_review_never_updated BEFORE UPDATE ON interview_review FOR EACH ROW
EXECUTE FUNCTION refuse('interview_review is append-only');
CREATE TRIGGER interview_review_never_deleted BEFORE DELETE ON interview_review FOR EACH ROW
EXECUTE FUNCTION refuse('interview_review is append-only');
CREATE TRIGGER interview_review_never_emptied BEFORE TRUNCATE ON interview_review FOR EACH STATEMENT
EXECUTE FUNCTION refuse('interview_review is append-only');
CREATE TRIGGER interview_review_before_sealing BEFORE INSERT ON interview_review FOR EACH ROW
EXECUTE FUNCTION supervised_before_sealing();
CREATE TRIGGER response_correction_never_updated BEFORE UPDATE ON response_correction FOR EACH ROW
EXECUTE FUNCTION refuse('response_correction is append-only');
CREATE TRIGGER response_correction_erased_by_withdrawal BEFORE DELETE ON response_correction FOR EACH ROW
EXECUTE FUNCTION erase_by_withdrawal();
CREATE TRIGGER response_correction_never_emptied BEFORE TRUNCATE ON response_correction FOR EACH STATEMENT
EXECUTE FUNCTION refuse('response_correction is append-only');
CREATE TRIGGER response_correction_before_sealing BEFORE INSERT ON response_correction FOR EACH ROW
EXECUTE FUNCTION supervised_before_sealing();
CREATE TRIGGER back_check_seed_never_updated BEFORE UPDATE ON back_check_seed FOR EACH ROW
EXECUTE FUNCTION refuse('back_check_seed is append-only');
CREATE TRIGGER back_check_seed_never_deleted BEFORE DELETE ON back_check_seed FOR EACH ROW
EXECUTE FUNCTION refuse('back_check_seed is append-only');
CREATE TRIGGER back_check_seed_never_emptied BEFORE TRUNCATE ON back_check_seed FOR EACH STATEMENT
EXECUTE FUNCTION refuse('back_check_seed is append-only');
CREATE TRIGGER back_check_seed_before_sealing BEFORE INSERT ON back_check_seed FOR EACH ROW
EXECUTE FUNCTION supervised_before_sealing();
CREATE TRIGGER back_check_case_never_updated BEFORE UPDATE ON back_check_case FOR EACH ROW
EXECUTE FUNCTION refuse('back_check_case is append-only');
CREATE TRIGGER back_check_case_never_deleted BEFORE DELETE ON back_check_case FOR EACH ROW
EXECUTE FUNCTION refuse('back_check_case is append-only');
CREATE TRIGGER back_check_case_never_emptied BEFORE TRUNCATE ON back_check_case FOR EACH STATEMENT
EXECUTE FUNCTION refuse('back_check_case is append-only');
CREATE TRIGGER back_check_case_before_sealing BEFORE INSERT ON back_check_case FOR EACH ROW
EXECUTE FUNCTION supervised_before_sealing();
CREATE TRIGGER back_check_never_updated BEFORE UPDATE ON back_check FOR EACH ROW
EXECUTE FUNCTION refuse('back_check is append-only');
CREATE TRIGGER back_check_never_deleted BEFORE DELETE ON back_check FOR EACH ROW
EXECUTE FUNCTION refuse('back_check is append-only');
CREATE TRIGGER back_check_never_emptied BEFORE TRUNCATE ON back_check FOR EACH STATEMENT
EXECUTE FUNCTION refuse('back_check is append-only');
CREATE TRIGGER back_check_before_sealing BEFORE INSERT ON back_check FOR EACH ROW
EXECUTE FUNCTION supervised_before_sealing();
-- What was approved or rejected is corrected only after the reviewer asked back.
CREATE TRIGGER response_correction_before_approval BEFORE INSERT ON response_correction FOR EACH ROW
EXECUTE FUNCTION corrected_before_approval();
CREATE TRIGGER response_reviewed_before_sealing BEFORE INSERT ON event FOR EACH ROW
WHEN (NEW.action IN ('response.rejected', 'response.returned', 'response.corrected'))
EXECUTE FUNCTION supervised_before_sealing();
