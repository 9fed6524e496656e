DROP TRIGGER response_reviewed_before_sealing;
DROP TABLE back_check;
DROP TABLE back_check_case;
DROP TABLE back_check_seed;
DROP TABLE response_correction;
DROP TABLE interview_review;
DROP INDEX interview_of_evaluator;
