-- SPDX-License-Identifier: MPL-2.0
-- Where server time stood (core/base/timekeeper.h); one row, or none before the first start with
-- this schema.
CREATE TABLE clock (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    time        INTEGER NOT NULL,
    wall        INTEGER NOT NULL,
    -- Time since that start of the machine, and which start it was.
    since_boot  INTEGER NOT NULL,
    boot        INTEGER NOT NULL,
    -- Elapsed time is known exactly since this time, and messages stored since have greater keys.
    known_since INTEGER NOT NULL,
    known_key   INTEGER NOT NULL
) STRICT;
