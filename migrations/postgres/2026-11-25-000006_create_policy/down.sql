ALTER TABLE evaluation DROP CONSTRAINT evaluation_mode_check;
ALTER TABLE evaluation ADD CONSTRAINT evaluation_mode_check CHECK (mode IN ('initial', 'surveillance', 'special'));
DROP TABLE evaluation_policy;
DROP TABLE policy_answer;
DROP TABLE policy_proposal;
