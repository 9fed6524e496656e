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

CREATE TRIGGER interview_review_never_updated BEFORE UPDATE ON interview_review
BEGIN SELECT RAISE(ABORT, 'interview_review is append-only'); END;
CREATE TRIGGER interview_review_never_deleted BEFORE DELETE ON interview_review
BEGIN SELECT RAISE(ABORT, 'interview_review is append-only'); END;
CREATE TRIGGER interview_review_before_sealing BEFORE INSERT ON interview_review
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
CREATE TRIGGER response_correction_never_updated BEFORE UPDATE ON response_correction
BEGIN SELECT RAISE(ABORT, 'response_correction is append-only'); END;
CREATE TRIGGER response_correction_erased_by_withdrawal BEFORE DELETE ON response_correction
WHEN NOT EXISTS (
    SELECT 1 FROM event WHERE event.evaluation_id = OLD.evaluation_id AND event.object = OLD.response_id
        AND event.action = 'response.withdrawn')
BEGIN SELECT RAISE(ABORT, 'response_correction is erased through a withdrawal only'); END;
CREATE TRIGGER response_correction_before_sealing BEFORE INSERT ON response_correction
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
CREATE TRIGGER back_check_seed_never_updated BEFORE UPDATE ON back_check_seed
BEGIN SELECT RAISE(ABORT, 'back_check_seed is append-only'); END;
CREATE TRIGGER back_check_seed_never_deleted BEFORE DELETE ON back_check_seed
BEGIN SELECT RAISE(ABORT, 'back_check_seed is append-only'); END;
CREATE TRIGGER back_check_seed_before_sealing BEFORE INSERT ON back_check_seed
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
CREATE TRIGGER back_check_case_never_updated BEFORE UPDATE ON back_check_case
BEGIN SELECT RAISE(ABORT, 'back_check_case is append-only'); END;
CREATE TRIGGER back_check_case_never_deleted BEFORE DELETE ON back_check_case
BEGIN SELECT RAISE(ABORT, 'back_check_case is append-only'); END;
CREATE TRIGGER back_check_case_before_sealing BEFORE INSERT ON back_check_case
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
CREATE TRIGGER back_check_never_updated BEFORE UPDATE ON back_check
BEGIN SELECT RAISE(ABORT, 'back_check is append-only'); END;
CREATE TRIGGER back_check_never_deleted BEFORE DELETE ON back_check
BEGIN SELECT RAISE(ABORT, 'back_check is append-only'); END;
CREATE TRIGGER back_check_before_sealing BEFORE INSERT ON back_check
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
-- What was approved or rejected is corrected only after the reviewer asked back.
CREATE TRIGGER response_correction_before_approval BEFORE INSERT ON response_correction
WHEN (SELECT step FROM interview_review WHERE interview_review.evaluation_id = NEW.evaluation_id
        AND interview_review.interview_id = NEW.interview_id ORDER BY seq DESC LIMIT 1) IN ('approved', 'rejected')
BEGIN SELECT RAISE(ABORT, 'a reviewed interview is corrected only when asked back'); END;
CREATE TRIGGER response_reviewed_before_sealing BEFORE INSERT ON event
WHEN NEW.action IN ('response.rejected', 'response.returned', 'response.corrected')
    AND EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id
    AND evaluation.state IN ('sealed', 'released'))
BEGIN SELECT RAISE(ABORT, 'the record is sealed'); END;
