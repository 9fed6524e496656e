DROP TABLE paper_form;
DROP TABLE assignment;
DROP FUNCTION only_undisputed_evaluators();
