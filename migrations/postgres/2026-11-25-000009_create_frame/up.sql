-- Lists of customers that organisations hand over. What is personal in them is sealed under a key of the list.
CREATE TABLE frame_list (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL CHECK (state IN ('uploaded', 'importing', 'ready', 'erased')),
    -- The organisation's file: its hash and how it was written; itself it is in frame_file until it is imported.
    file_sha256 TEXT NOT NULL,
    form TEXT NOT NULL,
    -- Columns, period, domains: JSON.
    reading TEXT NOT NULL,
    -- What was counted at the import: JSON.
    summary TEXT,
    -- Cases stored so far.
    cases BIGINT NOT NULL CHECK (cases >= 0),
    -- Hash of the frame without anything personal.
    frame_sha256 TEXT,
    uploaded_by TEXT NOT NULL REFERENCES person (id),
    uploaded_at_ms BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    erased_at_ms BIGINT,
    PRIMARY KEY (evaluation_id, id),
    UNIQUE (id),
    UNIQUE (evaluation_id, version),
    CHECK (state <> 'ready' OR (summary IS NOT NULL AND frame_sha256 IS NOT NULL)),
    CHECK ((state = 'erased') = (erased_at_ms IS NOT NULL))
);
CREATE TABLE frame_file (
    evaluation_id TEXT NOT NULL,
    list_id TEXT NOT NULL PRIMARY KEY,
    sealed_bytes TEXT NOT NULL,
    FOREIGN KEY (evaluation_id, list_id) REFERENCES frame_list (evaluation_id, id)
);
CREATE TABLE frame_case (
    evaluation_id TEXT NOT NULL,
    list_id TEXT NOT NULL,
    id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    stratum TEXT NOT NULL,
    language TEXT NOT NULL,
    sealed_contact TEXT NOT NULL,
    PRIMARY KEY (list_id, id),
    FOREIGN KEY (evaluation_id, list_id) REFERENCES frame_list (evaluation_id, id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id)
);
-- Source, counts, completeness, gaps, basis of consent; a correction is a newer row.
CREATE TABLE frame_record (
    evaluation_id TEXT NOT NULL,
    list_id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    body TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES person (id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (list_id, version),
    FOREIGN KEY (evaluation_id, list_id) REFERENCES frame_list (evaluation_id, id)
);
-- A draw: fixed first (frame, plan and seed), carried out afterwards. Nothing personal: kept when the list is erased.
CREATE TABLE frame_draw (
    evaluation_id TEXT NOT NULL,
    list_id TEXT NOT NULL PRIMARY KEY,
    frame TEXT NOT NULL,
    plan TEXT NOT NULL,
    seed TEXT NOT NULL,
    -- Named public source; empty = made by the server.
    seed_source TEXT NOT NULL,
    prepared_by TEXT NOT NULL REFERENCES person (id),
    prepared_at_ms BIGINT NOT NULL,
    drawn_by TEXT REFERENCES person (id),
    drawn_at_ms BIGINT,
    FOREIGN KEY (evaluation_id, list_id) REFERENCES frame_list (evaluation_id, id),
    CHECK ((drawn_by IS NULL) = (drawn_at_ms IS NULL))
);
CREATE TABLE frame_drawn (
    evaluation_id TEXT NOT NULL,
    list_id TEXT NOT NULL REFERENCES frame_draw (list_id),
    stratum TEXT NOT NULL,
    place BIGINT NOT NULL CHECK (place >= 1),
    case_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    reserve BOOLEAN NOT NULL,
    -- When a reserve was asked to take part; a drawn case is from the beginning.
    released_at_ms BIGINT,
    PRIMARY KEY (list_id, stratum, place),
    UNIQUE (list_id, case_id),
    CHECK (reserve OR released_at_ms IS NOT NULL)
);

-- Refusals: what must never be is refused by the database itself.
CREATE TRIGGER frame_list_never_deleted BEFORE DELETE ON frame_list FOR EACH ROW
EXECUTE FUNCTION refuse('frame_list is never deleted');
CREATE TRIGGER frame_list_never_emptied BEFORE TRUNCATE ON frame_list FOR EACH STATEMENT
EXECUTE FUNCTION refuse('frame_list is never deleted');
CREATE TRIGGER frame_list_goes_forward BEFORE UPDATE ON frame_list FOR EACH ROW
WHEN (OLD.state = 'erased' OR OLD.file_sha256 <> NEW.file_sha256
    OR (OLD.state = 'ready' AND (NEW.state NOT IN ('ready', 'erased') OR OLD.frame_sha256 <> NEW.frame_sha256
        OR OLD.summary <> NEW.summary OR OLD.cases <> NEW.cases)))
EXECUTE FUNCTION refuse('an imported list does not change');
CREATE TRIGGER frame_record_never_updated BEFORE UPDATE ON frame_record FOR EACH ROW
EXECUTE FUNCTION refuse('frame_record is append-only');
CREATE TRIGGER frame_record_never_deleted BEFORE DELETE ON frame_record FOR EACH ROW
EXECUTE FUNCTION refuse('frame_record is append-only');
CREATE TRIGGER frame_record_never_emptied BEFORE TRUNCATE ON frame_record FOR EACH STATEMENT
EXECUTE FUNCTION refuse('frame_record is append-only');
CREATE TRIGGER frame_draw_drawn_once BEFORE UPDATE ON frame_draw FOR EACH ROW
WHEN (OLD.drawn_at_ms IS NOT NULL OR NEW.frame <> OLD.frame OR NEW.plan <> OLD.plan OR NEW.seed <> OLD.seed
    OR NEW.seed_source <> OLD.seed_source OR NEW.prepared_at_ms <> OLD.prepared_at_ms)
EXECUTE FUNCTION refuse('a draw is fixed before it is carried out, once');
CREATE TRIGGER frame_draw_never_deleted BEFORE DELETE ON frame_draw FOR EACH ROW
EXECUTE FUNCTION refuse('frame_draw is never deleted');
CREATE TRIGGER frame_draw_never_emptied BEFORE TRUNCATE ON frame_draw FOR EACH STATEMENT
EXECUTE FUNCTION refuse('frame_draw is never deleted');
CREATE TRIGGER frame_drawn_released_once BEFORE UPDATE ON frame_drawn FOR EACH ROW
WHEN (OLD.released_at_ms IS NOT NULL OR NEW.case_id <> OLD.case_id OR NEW.place <> OLD.place OR NEW.reserve <> OLD.reserve
    OR NEW.hash <> OLD.hash OR NEW.stratum <> OLD.stratum)
EXECUTE FUNCTION refuse('a reserve is released once');
CREATE TRIGGER frame_drawn_never_deleted BEFORE DELETE ON frame_drawn FOR EACH ROW
EXECUTE FUNCTION refuse('frame_drawn is never deleted');
CREATE TRIGGER frame_drawn_never_emptied BEFORE TRUNCATE ON frame_drawn FOR EACH STATEMENT
EXECUTE FUNCTION refuse('frame_drawn is never deleted');
