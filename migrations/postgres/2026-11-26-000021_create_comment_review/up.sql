-- A comment's body is sealed under the server's key, with the salt of its digest; the digest, which the response's commitment
-- is made of, stays when the body is erased. An erased body is empty.
ALTER TABLE response_comment ADD COLUMN digest TEXT NOT NULL DEFAULT '';
DROP TRIGGER response_comment_never_updated ON response_comment;
CREATE FUNCTION response_comment_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.evaluation_id = OLD.evaluation_id AND NEW.response_id = OLD.response_id AND NEW.digest = OLD.digest AND NEW.body = ''
        AND EXISTS (SELECT 1 FROM event WHERE event.evaluation_id = OLD.evaluation_id AND event.object IN ('', OLD.response_id)
            AND event.action = 'comment.erased')) THEN
        RAISE EXCEPTION 'response_comment is never changed, only erased' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER response_comment_only_erased BEFORE UPDATE ON response_comment FOR EACH ROW
EXECUTE FUNCTION response_comment_only_erased();
-- Themes that somebody added to the fixed ones.
CREATE TABLE comment_theme (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    name TEXT NOT NULL CHECK (name <> ''),
    added_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, number),
    UNIQUE (evaluation_id, name)
);
-- What somebody decided about a comment; the newest row counts.
CREATE TABLE comment_review (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    status TEXT NOT NULL CHECK (status IN ('cleared', 'redacted', 'withheld')),
    -- What may leave; nothing of a withheld one.
    cleared TEXT,
    themes TEXT NOT NULL CHECK (themes <> ''),
    reviewed_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id, number),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response_comment (evaluation_id, response_id),
    CHECK ((status = 'withheld') = (cleared IS NULL))
);
-- What an answer reports of safety or privacy, for those who score; the newest row counts, 'none' takes it back.
CREATE TABLE incident (
    evaluation_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('none', 'safety', 'privacy')),
    note TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (evaluation_id, response_id, number),
    FOREIGN KEY (evaluation_id, response_id) REFERENCES response (evaluation_id, id)
);
-- Erasures that somebody asked for: a keyed hash of who asked, what was erased, never the data.
CREATE TABLE erasure (
    id TEXT NOT NULL PRIMARY KEY,
    way TEXT NOT NULL CHECK (way IN ('address', 'phone', 'receipt')),
    request TEXT NOT NULL,
    erased TEXT NOT NULL,
    done_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- When each rule of retention was last looked after, and when it last erased anything.
CREATE TABLE retention_run (
    rule TEXT NOT NULL PRIMARY KEY,
    looked_at_ms BIGINT NOT NULL,
    erased_at_ms BIGINT
);
CREATE TRIGGER comment_theme_never_updated BEFORE UPDATE ON comment_theme FOR EACH ROW
EXECUTE FUNCTION refuse('comment_theme is append-only');
CREATE TRIGGER comment_theme_never_deleted BEFORE DELETE ON comment_theme FOR EACH ROW
EXECUTE FUNCTION refuse('comment_theme is append-only');
CREATE TRIGGER comment_theme_never_emptied BEFORE TRUNCATE ON comment_theme FOR EACH STATEMENT
EXECUTE FUNCTION refuse('comment_theme is never emptied');
CREATE TRIGGER comment_review_never_updated BEFORE UPDATE ON comment_review FOR EACH ROW
EXECUTE FUNCTION refuse('comment_review is append-only');
CREATE TRIGGER comment_review_erased_by_withdrawal BEFORE DELETE ON comment_review FOR EACH ROW
EXECUTE FUNCTION erase_by_withdrawal();
CREATE TRIGGER comment_review_never_emptied BEFORE TRUNCATE ON comment_review FOR EACH STATEMENT
EXECUTE FUNCTION refuse('comment_review is never emptied');
CREATE TRIGGER incident_never_updated BEFORE UPDATE ON incident FOR EACH ROW
EXECUTE FUNCTION refuse('incident is append-only');
CREATE TRIGGER incident_erased_by_withdrawal BEFORE DELETE ON incident FOR EACH ROW
EXECUTE FUNCTION erase_by_withdrawal();
CREATE TRIGGER incident_never_emptied BEFORE TRUNCATE ON incident FOR EACH STATEMENT
EXECUTE FUNCTION refuse('incident is never emptied');
CREATE TRIGGER erasure_never_updated BEFORE UPDATE ON erasure FOR EACH ROW
EXECUTE FUNCTION refuse('erasure is append-only');
CREATE TRIGGER erasure_never_deleted BEFORE DELETE ON erasure FOR EACH ROW
EXECUTE FUNCTION refuse('erasure is append-only');
CREATE TRIGGER erasure_never_emptied BEFORE TRUNCATE ON erasure FOR EACH STATEMENT
EXECUTE FUNCTION refuse('erasure is never emptied');
-- Nothing is decided about comments of a sealed record, and none is sealed while one is unread.
CREATE FUNCTION comment_before_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM evaluation WHERE evaluation.id = NEW.evaluation_id AND evaluation.state IN ('sealed', 'released')) THEN
        RAISE EXCEPTION 'the record is sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER comment_theme_before_sealing BEFORE INSERT ON comment_theme FOR EACH ROW
EXECUTE FUNCTION comment_before_sealing();
CREATE TRIGGER comment_review_before_sealing BEFORE INSERT ON comment_review FOR EACH ROW
EXECUTE FUNCTION comment_before_sealing();
CREATE TRIGGER incident_before_sealing BEFORE INSERT ON incident FOR EACH ROW
EXECUTE FUNCTION comment_before_sealing();
CREATE FUNCTION seal_waits_for_comments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM response_comment AS c WHERE c.evaluation_id = NEW.evaluation_id
        AND NOT EXISTS (SELECT 1 FROM comment_review AS r
            WHERE r.evaluation_id = c.evaluation_id AND r.response_id = c.response_id)) THEN
        RAISE EXCEPTION 'a comment waits to be read' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_waits_for_comments BEFORE INSERT ON seal FOR EACH ROW
EXECUTE FUNCTION seal_waits_for_comments();
