DROP TABLE organisation_contact;
DROP TABLE mail_suppression;
DROP TABLE mail_halt;
DROP TABLE mail_plan;
DROP TABLE outbox_message;
DROP TABLE mail_switch;
DROP TABLE recipient;
DROP TABLE list_key;
