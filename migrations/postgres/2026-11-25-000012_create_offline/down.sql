DROP TABLE contact_phone;
DROP TABLE interview_paradata;
DROP TABLE sync_decision;
DROP TABLE sync_item;
DROP TABLE field_setting;
DROP FUNCTION sync_decision_in_time();
