DROP TRIGGER evaluation_goes_back_when_returned ON evaluation;
DROP TRIGGER evaluation_opens_as_approved ON evaluation;
DROP TRIGGER evaluation_goes_forward ON evaluation;
CREATE TRIGGER evaluation_goes_forward BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT (
    (OLD.state = 'draft' AND NEW.state = 'frozen') OR (OLD.state = 'frozen' AND NEW.state = 'open')
    OR (OLD.state = 'open' AND NEW.state = 'closed') OR (OLD.state = 'closed' AND NEW.state = 'sealed')
    OR (OLD.state = 'sealed' AND NEW.state = 'released')))
EXECUTE FUNCTION refuse('an evaluation goes forward one step at a time');
DROP TABLE plan_review;
DROP TABLE funnel;
DROP FUNCTION back_only_when_returned();
DROP FUNCTION opens_as_approved();
DROP FUNCTION review_of_the_frozen_plan();
