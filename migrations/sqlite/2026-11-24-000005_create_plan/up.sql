-- The sampling plan of an evaluation: a versioned text and its hash. Fixed once the evaluation is no longer a draft.
CREATE TABLE plan (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TRIGGER plan_made_in_draft BEFORE INSERT ON plan
WHEN EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state <> 'draft')
BEGIN SELECT RAISE(ABORT, 'the plan is fixed'); END;
CREATE TRIGGER plan_changed_in_draft BEFORE UPDATE ON plan
WHEN OLD.evaluation_id <> NEW.evaluation_id
    OR EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = OLD.evaluation_id AND evaluation.state <> 'draft')
BEGIN SELECT RAISE(ABORT, 'the plan is fixed'); END;
CREATE TRIGGER plan_never_deleted BEFORE DELETE ON plan
BEGIN SELECT RAISE(ABORT, 'a plan is never deleted'); END;
