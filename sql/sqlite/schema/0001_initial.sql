-- SPDX-License-Identifier: MPL-2.0
-- Clients, their channels and messages. Times are microseconds since 1970, ids raw 16 bytes, texts of
-- the wire (topic, node, …) blobs: bytes go in and out without a detour over UTF-16.
-- Statements are separated by empty lines; sql/README.md says how to add a step.

-- "Cari": this database is ours.
PRAGMA application_id = 1130459753;

CREATE TABLE schema_version (
    version    INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
) STRICT;

-- sort_key_reserved: no key above it was ever given out.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

INSERT INTO counter (name, value) VALUES ('sort_key_reserved', 0);

-- Work that one process at a time does for all that share this file.
CREATE TABLE lease (
    name       TEXT PRIMARY KEY,
    holder     BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE client (
    id            INTEGER PRIMARY KEY,
    uaid          BLOB NOT NULL CHECK (length(uaid) = 16),
    router_type   BLOB NOT NULL,
    router_data   BLOB NOT NULL,
    node          BLOB NOT NULL,
    -- Milliseconds.
    connected_at  INTEGER NOT NULL,
    last_seen     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    user_agent    BLOB NOT NULL,
    -- What is stored in message for it, kept by the triggers below.
    message_count INTEGER NOT NULL DEFAULT 0,
    message_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX client_by_uaid ON client (uaid);

CREATE INDEX client_by_expiry ON client (expires_at);

CREATE TABLE channel (
    id         INTEGER PRIMARY KEY,
    uaid       BLOB NOT NULL,
    chid       BLOB NOT NULL CHECK (length(chid) = 16),
    -- SHA-256 of the sender's key, or empty.
    key_hash   BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX channel_by_uaid ON channel (uaid, chid);

CREATE TABLE message (
    id             INTEGER PRIMARY KEY,
    uaid           BLOB NOT NULL,
    sort_key       INTEGER NOT NULL,
    chid           BLOB NOT NULL,
    topic          BLOB,
    urgency        INTEGER NOT NULL,
    -- Seconds.
    ttl            INTEGER NOT NULL,
    accepted_at    INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    encoding       INTEGER NOT NULL,
    encryption     BLOB NOT NULL,
    crypto_key     BLOB NOT NULL,
    sender         BLOB NOT NULL,
    reliability_id BLOB NOT NULL,
    -- Bytes with which it counts in the limits.
    size           INTEGER NOT NULL,
    -- Last, so that a long one leaves the other columns on the row's first page.
    body           BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX message_by_key ON message (uaid, sort_key);

CREATE UNIQUE INDEX message_by_topic ON message (uaid, chid, topic) WHERE topic IS NOT NULL;

CREATE INDEX message_by_expiry ON message (expires_at);

CREATE TRIGGER message_added AFTER INSERT ON message
BEGIN
    UPDATE client
    SET message_count = message_count + 1, message_bytes = message_bytes + NEW.size
    WHERE uaid = NEW.uaid;
END;

CREATE TRIGGER message_removed AFTER DELETE ON message
BEGIN
    UPDATE client
    SET message_count = message_count - 1, message_bytes = message_bytes - OLD.size
    WHERE uaid = OLD.uaid;
END;
