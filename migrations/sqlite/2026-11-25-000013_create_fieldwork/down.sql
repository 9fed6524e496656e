DROP TABLE paper_form;
DROP TABLE assignment;
