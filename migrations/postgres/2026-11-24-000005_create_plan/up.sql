-- The sampling plan of an evaluation: a versioned text and its hash. Fixed once the evaluation is no longer a draft.
CREATE TABLE plan (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE FUNCTION plan_only_in_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state <> 'draft') THEN
        RAISE EXCEPTION 'the plan is fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_made_in_draft BEFORE INSERT ON plan FOR EACH ROW
EXECUTE FUNCTION plan_only_in_draft();
CREATE TRIGGER plan_stays_with_its_evaluation BEFORE UPDATE ON plan FOR EACH ROW
WHEN (OLD.evaluation_id <> NEW.evaluation_id)
EXECUTE FUNCTION refuse('the plan is fixed');
CREATE TRIGGER plan_changed_in_draft BEFORE UPDATE ON plan FOR EACH ROW
EXECUTE FUNCTION plan_only_in_draft();
CREATE TRIGGER plan_never_deleted BEFORE DELETE ON plan FOR EACH ROW
EXECUTE FUNCTION refuse('a plan is never deleted');
CREATE TRIGGER plan_never_emptied BEFORE TRUNCATE ON plan FOR EACH STATEMENT
EXECUTE FUNCTION refuse('a plan is never deleted');
