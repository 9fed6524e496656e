DROP TRIGGER response_decided_before_sealing ON event;
DROP FUNCTION response_decided_before_sealing();
DROP TRIGGER evaluation_sealed_by_two ON evaluation;
DROP FUNCTION evaluation_sealed_by_two();
DROP TABLE checkpoint;
DROP TABLE seal;
DROP TABLE seal_proposal;
