-- SPDX-License-Identifier: MPL-2.0
-- What became of tracked messages. It names neither clients nor senders. States are the numbers of
-- core/reliability/messagestate.h: 0 received, 1 stored, 2 int_transmitted, 3 int_accepted,
-- 4 retrieved, 5 bridge_transmitted, 6 transmitted, 7 accepted, 8 delivered, 9 decryption_error,
-- 10 not_delivered, 11 expired, 12 errored.
CREATE TABLE reliability_message (
    message     INTEGER PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE,
    state       INTEGER NOT NULL,
    -- When it went to that state.
    changed_at  INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    -- NULL in a terminal state.
    expires_at  INTEGER
) STRICT;

CREATE INDEX reliability_message_by_time ON reliability_message (received_at);

CREATE INDEX reliability_message_by_expiry ON reliability_message (expires_at)
WHERE expires_at IS NOT NULL;

CREATE TABLE reliability_event (
    message INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    PRIMARY KEY (message, at, state)
) STRICT, WITHOUT ROWID;

-- How many messages are in each state, kept by the triggers below.
CREATE TABLE reliability_count (
    state INTEGER PRIMARY KEY,
    n     INTEGER NOT NULL
) STRICT;

CREATE TRIGGER reliability_message_added AFTER INSERT ON reliability_message
BEGIN
    INSERT INTO reliability_count (state, n) VALUES (NEW.state, 1)
    ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER reliability_message_moved AFTER UPDATE OF state ON reliability_message
WHEN OLD.state <> NEW.state
BEGIN
    UPDATE reliability_count SET n = n - 1 WHERE state = OLD.state;
    INSERT INTO reliability_count (state, n) VALUES (NEW.state, 1)
    ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER reliability_message_removed AFTER DELETE ON reliability_message
BEGIN
    UPDATE reliability_count SET n = n - 1 WHERE state = OLD.state;
END;
