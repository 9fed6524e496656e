-- What only a pass over the responses gives (cross sums of items, distribution of scores): made when fieldwork closes,
-- and again whenever a response begins or ceases to count.
CREATE TABLE scan (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    body TEXT NOT NULL
) WITHOUT ROWID;
