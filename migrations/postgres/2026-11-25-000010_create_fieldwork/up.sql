-- Visits of a way in per hour: first pages opened, forms begun, forms sent in. Sums only: of single-use links not even the
-- batch is kept, `source` is their kind.
CREATE TABLE funnel (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    outlet_id TEXT NOT NULL,
    source TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    opened BIGINT NOT NULL DEFAULT 0 CHECK (opened >= 0),
    started BIGINT NOT NULL DEFAULT 0 CHECK (started >= 0),
    completed BIGINT NOT NULL DEFAULT 0 CHECK (completed >= 0),
    PRIMARY KEY (evaluation_id, outlet_id, source, hour_ms),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id)
);

-- What a reviewer says of a frozen plan: approved as it is, or returned to the draft. Never of one's own.
CREATE TABLE plan_review (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    plan_hash TEXT NOT NULL,
    approved BOOLEAN NOT NULL,
    comment TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    CHECK (reviewed_by <> submitted_by),
    CHECK (approved OR comment <> '')
);
CREATE TRIGGER plan_review_never_updated BEFORE UPDATE ON plan_review FOR EACH ROW
EXECUTE FUNCTION refuse('plan_review is append-only');
CREATE TRIGGER plan_review_never_deleted BEFORE DELETE ON plan_review FOR EACH ROW
EXECUTE FUNCTION refuse('plan_review is append-only');
CREATE TRIGGER plan_review_never_emptied BEFORE TRUNCATE ON plan_review FOR EACH STATEMENT
EXECUTE FUNCTION refuse('plan_review is append-only');
CREATE FUNCTION review_of_the_frozen_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM evaluation JOIN plan ON plan.evaluation_id = evaluation.id
    WHERE evaluation.id = NEW.evaluation_id AND evaluation.state = 'frozen' AND plan.hash = NEW.plan_hash) THEN
        RAISE EXCEPTION 'only the frozen plan is reviewed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_review_of_the_frozen_plan BEFORE INSERT ON plan_review FOR EACH ROW
EXECUTE FUNCTION review_of_the_frozen_plan();
CREATE FUNCTION opens_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT COALESCE(COALESCE((SELECT plan_review.approved FROM plan_review WHERE plan_review.evaluation_id = NEW.id
        ORDER BY plan_review.seq DESC LIMIT 1), FALSE)
    AND (SELECT plan_review.plan_hash FROM plan_review WHERE plan_review.evaluation_id = NEW.id
        ORDER BY plan_review.seq DESC LIMIT 1) = (SELECT plan.hash FROM plan WHERE plan.evaluation_id = NEW.id), FALSE) THEN
        RAISE EXCEPTION 'the plan is not approved' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluation_opens_as_approved BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state = 'frozen' AND NEW.state = 'open')
EXECUTE FUNCTION opens_as_approved();
-- A plan that was returned goes back to the draft: no customer has been contacted yet.
CREATE FUNCTION back_only_when_returned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NOT COALESCE((SELECT plan_review.approved FROM plan_review WHERE plan_review.evaluation_id = NEW.id
        ORDER BY plan_review.seq DESC LIMIT 1), TRUE)) THEN
        RAISE EXCEPTION 'an evaluation goes forward one step at a time' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER evaluation_goes_forward ON evaluation;
CREATE TRIGGER evaluation_goes_forward BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT (
    (OLD.state = 'draft' AND NEW.state = 'frozen') OR (OLD.state = 'frozen' AND NEW.state = 'open')
    OR (OLD.state = 'open' AND NEW.state = 'closed') OR (OLD.state = 'closed' AND NEW.state = 'sealed')
    OR (OLD.state = 'sealed' AND NEW.state = 'released')
    OR (OLD.state = 'frozen' AND NEW.state = 'draft')))
EXECUTE FUNCTION refuse('an evaluation goes forward one step at a time');
CREATE TRIGGER evaluation_goes_back_when_returned BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state = 'frozen' AND NEW.state = 'draft')
EXECUTE FUNCTION back_only_when_returned();
