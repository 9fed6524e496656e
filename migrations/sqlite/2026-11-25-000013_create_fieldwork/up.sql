-- Who interviews where and when. Rows are only added: of one outlet, evaluator, day and part the newest counts, and a target
-- of 0 takes the assignment back.
CREATE TABLE assignment (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    outlet_id TEXT NOT NULL,
    evaluator_id TEXT NOT NULL REFERENCES account (person_id),
    -- A day in China, YYYY-MM-DD.
    day TEXT NOT NULL CHECK (LENGTH(day) = 10),
    part TEXT NOT NULL CHECK (part IN ('whole', 'morning', 'afternoon')),
    target INTEGER NOT NULL CHECK (target >= 0),
    -- Every k-th leaving customer, or else numbers of the drawn list.
    step INTEGER CHECK (step >= 1),
    list TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, seq),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    CHECK ((step IS NULL) <> (list = ''))
);

-- An interview that was taken down on paper and entered later; the number on the form is used once.
CREATE TABLE paper_form (
    evaluation_id TEXT NOT NULL,
    form_no TEXT NOT NULL CHECK (form_no <> ''),
    interview_id TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    entered_at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, form_no),
    UNIQUE (evaluation_id, interview_id),
    FOREIGN KEY (evaluation_id, interview_id) REFERENCES interview (evaluation_id, id)
);

CREATE TRIGGER assignment_never_updated BEFORE UPDATE ON assignment
BEGIN SELECT RAISE(ABORT, 'assignment is append-only'); END;
CREATE TRIGGER assignment_never_deleted BEFORE DELETE ON assignment
BEGIN SELECT RAISE(ABORT, 'assignment is append-only'); END;
CREATE TRIGGER paper_form_never_updated BEFORE UPDATE ON paper_form
BEGIN SELECT RAISE(ABORT, 'paper_form is append-only'); END;
CREATE TRIGGER paper_form_never_deleted BEFORE DELETE ON paper_form
BEGIN SELECT RAISE(ABORT, 'paper_form is append-only'); END;
-- Only an evaluator of the evaluation whose last declaration says that there is no conflict is sent anywhere.
CREATE TRIGGER assignment_to_undisputed_evaluators BEFORE INSERT ON assignment
WHEN NEW.target > 0 AND (NOT EXISTS (SELECT 1 FROM membership WHERE membership.evaluation_id = NEW.evaluation_id
        AND membership.person_id = NEW.evaluator_id AND membership.role = 'evaluator')
    OR COALESCE((SELECT conflicted FROM conflict_declaration
        WHERE conflict_declaration.evaluation_id = NEW.evaluation_id
            AND conflict_declaration.person_id = NEW.evaluator_id
        ORDER BY seq DESC LIMIT 1), TRUE))
BEGIN SELECT RAISE(ABORT, 'an evaluator is assigned who declared no conflict'); END;
