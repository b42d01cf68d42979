-- SPDX-License-Identifier: MPL-2.0
-- The admin API: its tokens, of which only the SHA-256 is kept, and its audit log. No push uses them.
-- Times are those of the system clock, in microseconds since 1970.
CREATE TABLE admin_token (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    -- 0: viewer, 1: operator.
    role       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    time   INTEGER NOT NULL,
    who    TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    result TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
