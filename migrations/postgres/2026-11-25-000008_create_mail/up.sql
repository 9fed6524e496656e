-- The key of a list: with its row goes every way to read the names and addresses of the list.
CREATE TABLE list_key (
    list_id TEXT NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    sealed_key TEXT NOT NULL
);
-- A drawn person who can be written to. Her link is an ordinary one; nothing leads from here to an answer.
CREATE TABLE recipient (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    id TEXT NOT NULL,
    list_id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    language TEXT NOT NULL,
    sealed_email TEXT NOT NULL,
    sealed_name TEXT,
    email_index TEXT NOT NULL,
    link_id TEXT NOT NULL,
    stopped TEXT,
    PRIMARY KEY (evaluation_id, id),
    UNIQUE (id),
    UNIQUE (evaluation_id, link_id),
    FOREIGN KEY (evaluation_id, outlet_id) REFERENCES outlet (evaluation_id, id),
    FOREIGN KEY (evaluation_id, link_id) REFERENCES link (evaluation_id, id)
);
CREATE INDEX recipient_by_address ON recipient (email_index);
CREATE INDEX recipient_by_list ON recipient (list_id);
-- Mail waits here until it is sent. What is not yet sent holds no link and no unsealed address.
CREATE TABLE mail_switch (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    paused BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    trouble TEXT NOT NULL,
    trouble_at_ms BIGINT
);
INSERT INTO mail_switch (id, paused, reason, changed_at_ms, trouble) VALUES (1, FALSE, '', 0, '');
CREATE TABLE outbox_message (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('invitation', 'reminder', 'notice', 'test')),
    evaluation_id TEXT REFERENCES evaluation (id),
    -- A drawn person; without a foreign key, because the list is erased on its day and the counts stay.
    recipient_id TEXT,
    round INTEGER NOT NULL CHECK (round BETWEEN 0 AND 2),
    -- What a notice comes from, so that it is queued once.
    source TEXT UNIQUE,
    language TEXT NOT NULL,
    sealed_address TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    -- Given at the first try and kept for every other.
    message_id TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'bounced', 'cancelled')),
    reason TEXT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    try_at_ms BIGINT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    claimed_by TEXT NOT NULL,
    claimed_at_ms BIGINT,
    lease_until_ms BIGINT,
    sent_at_ms BIGINT,
    CHECK ((recipient_id IS NULL) = (sealed_address IS NOT NULL)),
    CHECK ((recipient_id IS NULL) = (kind IN ('notice', 'test'))),
    CHECK ((kind = 'reminder') = (round > 0)),
    CHECK ((state = 'sending') = (lease_until_ms IS NOT NULL)),
    CHECK ((state IN ('sent', 'bounced')) = (sent_at_ms IS NOT NULL)),
    UNIQUE (evaluation_id, recipient_id, round)
);
CREATE INDEX outbox_message_by_turn ON outbox_message (state, try_at_ms);
CREATE INDEX outbox_message_by_claim ON outbox_message (claimed_at_ms);
CREATE INDEX outbox_message_by_recipient ON outbox_message (recipient_id);
-- Who is written to when: proposed, and above a number of recipients approved by another.
CREATE TABLE mail_plan (
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    first_on TEXT NOT NULL,
    from_hour INTEGER NOT NULL CHECK (from_hour BETWEEN 0 AND 23),
    to_hour INTEGER NOT NULL CHECK (to_hour BETWEEN 1 AND 24),
    -- Days after the message before, one number a reminder.
    gaps TEXT NOT NULL,
    recipients BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused')),
    proposed_by TEXT NOT NULL REFERENCES person (id),
    proposed_at_ms BIGINT NOT NULL,
    decided_by TEXT REFERENCES person (id),
    decided_at_ms BIGINT,
    PRIMARY KEY (evaluation_id, version),
    CHECK (from_hour < to_hour),
    CHECK (decided_by IS NULL OR decided_by <> proposed_by)
);
CREATE TABLE mail_halt (
    evaluation_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation (id),
    at_ms BIGINT NOT NULL
);
-- Addresses that get no more mail, by what the server's key makes of them; kept when lists are erased.
CREATE TABLE mail_suppression (
    address_index TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL CHECK (reason IN ('unsubscribed', 'objected', 'bounced')),
    at_ms BIGINT NOT NULL
);
CREATE TABLE organisation_contact (
    organisation_id TEXT NOT NULL PRIMARY KEY REFERENCES organisation (id),
    sealed_email TEXT NOT NULL,
    language TEXT NOT NULL,
    changed_at_ms BIGINT NOT NULL
);

-- Refusals: what must never be is refused by the database itself.
CREATE TRIGGER outbox_message_never_deleted BEFORE DELETE ON outbox_message FOR EACH ROW
EXECUTE FUNCTION refuse('outbox_message is never deleted');
CREATE TRIGGER outbox_message_never_emptied BEFORE TRUNCATE ON outbox_message FOR EACH STATEMENT
EXECUTE FUNCTION refuse('outbox_message is never emptied');
CREATE TRIGGER outbox_message_sent_once BEFORE UPDATE ON outbox_message FOR EACH ROW
WHEN ((OLD.state IN ('sent', 'bounced') AND NEW.state NOT IN ('sent', 'bounced')) OR OLD.message_id <> NEW.message_id)
EXECUTE FUNCTION refuse('a message is sent once');
CREATE TRIGGER mail_plan_decided_once BEFORE UPDATE ON mail_plan FOR EACH ROW
WHEN (OLD.state <> 'proposed')
EXECUTE FUNCTION refuse('a mail plan is decided once');
CREATE TRIGGER mail_plan_never_deleted BEFORE DELETE ON mail_plan FOR EACH ROW
EXECUTE FUNCTION refuse('mail_plan is never deleted');
CREATE TRIGGER mail_suppression_never_deleted BEFORE DELETE ON mail_suppression FOR EACH ROW
EXECUTE FUNCTION refuse('mail_suppression is never deleted');
