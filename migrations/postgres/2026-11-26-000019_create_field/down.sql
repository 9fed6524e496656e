DROP TRIGGER evaluation_keeps_field ON evaluation;
ALTER TABLE evaluation DROP COLUMN field_until_ms;
ALTER TABLE evaluation DROP COLUMN field_from_ms;
ALTER TABLE evaluation DROP COLUMN field_ways;
