DROP TABLE plan;
DROP FUNCTION plan_only_in_draft();
