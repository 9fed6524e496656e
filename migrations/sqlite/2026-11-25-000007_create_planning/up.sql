-- What was logged before outlets were drawn: frame, seed, how many, which were chosen for their risk. The draw follows from it.
CREATE TABLE outlet_draw (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    frame TEXT NOT NULL,
    body TEXT NOT NULL,
    logged_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq)
);

-- Deviations from a frozen plan, proposed by the manager.
CREATE TABLE deviation (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('period', 'outlet', 'quota-face', 'quota-electronic', 'other')),
    -- Where; empty where it is about no outlet.
    outlet_id TEXT NOT NULL,
    planned TEXT NOT NULL,
    done TEXT NOT NULL CHECK (done <> ''),
    reason TEXT NOT NULL CHECK (reason <> ''),
    proposed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq)
);

-- What a reviewer says of it, once; in force only when approved.
CREATE TABLE deviation_review (
    evaluation_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    approved BOOLEAN NOT NULL,
    comment TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    FOREIGN KEY (evaluation_id, seq) REFERENCES deviation (evaluation_id, seq),
    CHECK (reviewed_by <> proposed_by),
    CHECK (approved OR comment <> '')
);

-- Plates and slips posted and removed at outlets by evaluators.
CREATE TABLE posting (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    outlet_id TEXT NOT NULL,
    -- A code for everybody or a batch of slips, never a link of one person.
    link_id TEXT,
    batch_id TEXT,
    deed TEXT NOT NULL CHECK (deed IN ('posted', 'removed')),
    done_at_ms BIGINT NOT NULL,
    spot TEXT NOT NULL CHECK (spot <> ''),
    photo TEXT NOT NULL CHECK (photo <> ''),
    -- Whether the code on it was scanned and found to be this one.
    scanned BOOLEAN NOT NULL,
    evaluator_id TEXT NOT NULL REFERENCES account (person_id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    FOREIGN KEY (evaluation_id, link_id) REFERENCES link (evaluation_id, id),
    FOREIGN KEY (evaluation_id, batch_id) REFERENCES link_batch (evaluation_id, id),
    CHECK ((link_id IS NULL) <> (batch_id IS NULL)),
    CHECK (done_at_ms <= at_ms)
);

CREATE TRIGGER outlet_draw_never_updated BEFORE UPDATE ON outlet_draw
BEGIN SELECT RAISE(ABORT, 'outlet_draw is append-only'); END;
CREATE TRIGGER outlet_draw_never_deleted BEFORE DELETE ON outlet_draw
BEGIN SELECT RAISE(ABORT, 'outlet_draw is append-only'); END;
CREATE TRIGGER deviation_never_updated BEFORE UPDATE ON deviation
BEGIN SELECT RAISE(ABORT, 'deviation is append-only'); END;
CREATE TRIGGER deviation_never_deleted BEFORE DELETE ON deviation
BEGIN SELECT RAISE(ABORT, 'deviation is append-only'); END;
CREATE TRIGGER deviation_review_never_updated BEFORE UPDATE ON deviation_review
BEGIN SELECT RAISE(ABORT, 'deviation_review is append-only'); END;
CREATE TRIGGER deviation_review_never_deleted BEFORE DELETE ON deviation_review
BEGIN SELECT RAISE(ABORT, 'deviation_review is append-only'); END;
CREATE TRIGGER posting_never_updated BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
CREATE TRIGGER posting_never_deleted BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
-- Outlets are drawn while the plan may change.
CREATE TRIGGER outlet_draw_in_the_draft BEFORE INSERT ON outlet_draw
WHEN NOT EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state = 'draft')
BEGIN SELECT RAISE(ABORT, 'outlets are drawn in the draft'); END;
-- Before the plan is frozen it is changed, not deviated from; after sealing nothing is.
CREATE TRIGGER deviation_of_a_frozen_plan BEFORE INSERT ON deviation
WHEN NOT EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state IN ('frozen', 'open', 'closed'))
BEGIN SELECT RAISE(ABORT, 'only a frozen plan is deviated from'); END;
-- Its proposer is who proposed it; nothing is reviewed after sealing.
CREATE TRIGGER deviation_review_of_its_proposal BEFORE INSERT ON deviation_review
WHEN NOT EXISTS (SELECT 1 FROM deviation JOIN evaluation ON evaluation.id = deviation.evaluation_id WHERE deviation.evaluation_id = NEW.evaluation_id AND deviation.seq = NEW.seq AND deviation.proposed_by = NEW.proposed_by AND evaluation.state IN ('frozen', 'open', 'closed'))
BEGIN SELECT RAISE(ABORT, 'not the proposal'); END;
-- By an evaluator of the evaluation, before sealing; what is posted is no link of one person.
CREATE TRIGGER posting_by_an_evaluator_of_a_common_code BEFORE INSERT ON posting
WHEN NOT EXISTS (SELECT 1 FROM membership WHERE membership.evaluation_id = NEW.evaluation_id AND membership.person_id = NEW.evaluator_id AND membership.role = 'evaluator')
    OR NOT EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state IN ('frozen', 'open', 'closed'))
    OR EXISTS (SELECT 1 FROM link WHERE link.evaluation_id = NEW.evaluation_id AND link.id = NEW.link_id AND link.kind <> 'outlet')
BEGIN SELECT RAISE(ABORT, 'an evaluator posts what everybody may use'); END;
