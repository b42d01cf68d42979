-- SPDX-License-Identifier: MPL-2.0
-- What administrators have decided about senders. A limit of 0 is none. Times are those of the
-- system clock.
CREATE TABLE sender_rule (
    key_hash   BLOB PRIMARY KEY CHECK (length(key_hash) = 32),
    is_blocked INTEGER NOT NULL,
    rate_count INTEGER NOT NULL,
    -- Seconds.
    rate_per   INTEGER NOT NULL,
    burst      INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    who        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
