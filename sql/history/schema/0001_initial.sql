-- SPDX-License-Identifier: MPL-2.0
-- The history of messages and clients: docs/history.md. Times are microseconds of server time, ids raw
-- 16 bytes. Kinds, details and errors are kept by name, so that their numbers may change.

-- "Chis": this file is ours.
PRAGMA application_id = 1130916211;

CREATE TABLE schema_version (
    version    INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
    id        INTEGER PRIMARY KEY,
    time      INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    detail    TEXT,
    -- The UAID, or with history.hash_uaids a keyed hash of it.
    uaid      BLOB,
    is_hashed INTEGER NOT NULL,
    chid      BLOB,
    sort_key  INTEGER,
    by_key    INTEGER,
    error     TEXT,
    code      INTEGER,
    -- The first 8 bytes of the SHA-256 of the sender's key.
    sender    BLOB,
    subject   TEXT,
    text      TEXT,
    size      INTEGER,
    ttl       INTEGER,
    urgency   INTEGER,
    has_topic INTEGER NOT NULL
) STRICT;

CREATE INDEX event_by_uaid ON event (uaid) WHERE uaid IS NOT NULL;

CREATE INDEX event_by_sender ON event (sender) WHERE sender IS NOT NULL;

-- All but the kinds that every push has.
CREATE INDEX event_rare ON event (id)
WHERE kind NOT IN ('push.accepted', 'message.stored', 'message.sent', 'message.acknowledged');
