-- Visits of a way in per hour: first pages opened, forms begun, forms sent in. Sums only: of single-use links not even the
-- batch is kept, `source` is their kind.
CREATE TABLE funnel (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    outlet_id TEXT NOT NULL,
    source TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    opened BIGINT NOT NULL DEFAULT 0 CHECK (opened >= 0),
    started BIGINT NOT NULL DEFAULT 0 CHECK (started >= 0),
    completed BIGINT NOT NULL DEFAULT 0 CHECK (completed >= 0),
    PRIMARY KEY (evaluation_id, outlet_id, source, hour_ms),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id)
);
