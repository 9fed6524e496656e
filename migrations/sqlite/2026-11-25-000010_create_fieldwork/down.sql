DROP TRIGGER evaluation_goes_forward;
CREATE TRIGGER evaluation_goes_forward BEFORE UPDATE ON evaluation
WHEN OLD.state <> NEW.state AND NOT (
    (OLD.state = 'draft' AND NEW.state = 'frozen') OR (OLD.state = 'frozen' AND NEW.state = 'open')
    OR (OLD.state = 'open' AND NEW.state = 'closed') OR (OLD.state = 'closed' AND NEW.state = 'sealed')
    OR (OLD.state = 'sealed' AND NEW.state = 'released'))
BEGIN SELECT RAISE(ABORT, 'an evaluation goes forward one step at a time'); END;
DROP TRIGGER evaluation_opens_as_approved;
DROP TABLE plan_review;
DROP TABLE funnel;
