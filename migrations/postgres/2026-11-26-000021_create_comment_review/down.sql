DROP TRIGGER seal_waits_for_comments ON seal;
DROP FUNCTION seal_waits_for_comments();
DROP TABLE retention_run;
DROP TABLE erasure;
DROP TABLE incident;
DROP TABLE comment_review;
DROP TABLE comment_theme;
DROP FUNCTION comment_before_sealing();
DROP TRIGGER response_comment_only_erased ON response_comment;
DROP FUNCTION response_comment_only_erased();
ALTER TABLE response_comment DROP COLUMN digest;
CREATE TRIGGER response_comment_never_updated BEFORE UPDATE ON response_comment FOR EACH ROW
EXECUTE FUNCTION refuse('response_comment is never changed');
