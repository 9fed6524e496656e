-- What the plan in force lets in: ways (names, separated by commas; nothing = all), the first moment in the field, the first
-- moment after it. Follows from the plan and its approved deviations; fixed with the plan, but for an end that is put off.
ALTER TABLE evaluation ADD COLUMN field_ways TEXT;
ALTER TABLE evaluation ADD COLUMN field_from_ms BIGINT;
ALTER TABLE evaluation ADD COLUMN field_until_ms BIGINT;

UPDATE evaluation SET
    field_ways = (SELECT string_agg(way.value, ',') FROM plan, json_array_elements_text(plan.body::json -> 'scope' -> 'ways') AS way (value)
        WHERE plan.evaluation_id = evaluation.id),
    field_from_ms = (SELECT (extract(epoch FROM (plan.body::json -> 'scope' ->> 'first_day')::timestamp)::bigint - 28800) * 1000
        FROM plan WHERE plan.evaluation_id = evaluation.id),
    field_until_ms = (SELECT (extract(epoch FROM COALESCE(
            (SELECT deviation.done FROM deviation JOIN deviation_review
                ON deviation_review.evaluation_id = deviation.evaluation_id AND deviation_review.seq = deviation.seq
                WHERE deviation.evaluation_id = evaluation.id AND deviation.kind = 'period' AND deviation_review.approved
                ORDER BY deviation.seq DESC LIMIT 1),
            plan.body::json -> 'scope' ->> 'last_day')::timestamp)::bigint + 57600) * 1000
        FROM plan WHERE plan.evaluation_id = evaluation.id);

CREATE TRIGGER evaluation_keeps_field BEFORE UPDATE ON evaluation FOR EACH ROW
WHEN (OLD.state <> 'draft' AND (NEW.field_ways IS DISTINCT FROM OLD.field_ways OR NEW.field_from_ms IS DISTINCT FROM OLD.field_from_ms
    OR (NEW.field_until_ms IS DISTINCT FROM OLD.field_until_ms
        AND (OLD.state NOT IN ('frozen', 'open') OR COALESCE(NEW.field_until_ms < OLD.field_until_ms, TRUE)))))
EXECUTE FUNCTION refuse('the time in the field is fixed');
