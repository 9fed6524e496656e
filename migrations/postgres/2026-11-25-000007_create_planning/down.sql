DROP TABLE posting;
DROP TABLE deviation_review;
DROP TABLE deviation;
DROP TABLE outlet_draw;
DROP FUNCTION check_outlet_draw_in_the_draft();
DROP FUNCTION check_deviation_of_a_frozen_plan();
DROP FUNCTION check_deviation_review_of_its_proposal();
DROP FUNCTION check_posting_by_an_evaluator_of_a_common_code();
