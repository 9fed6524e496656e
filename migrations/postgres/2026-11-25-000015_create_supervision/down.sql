DROP TRIGGER response_reviewed_before_sealing ON event;
DROP TABLE back_check;
DROP TABLE back_check_case;
DROP TABLE back_check_seed;
DROP TABLE response_correction;
DROP TABLE interview_review;
DROP INDEX interview_of_evaluator;
DROP FUNCTION corrected_before_approval();
DROP FUNCTION supervised_before_sealing();
