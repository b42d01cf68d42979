-- SPDX-License-Identifier: MPL-2.0
-- Which key makes the message's id (KeyMark), so that the id outlives a rotation of the keys. 0, as
-- in rows that are older than this: the first key.
ALTER TABLE message ADD COLUMN id_key INTEGER NOT NULL DEFAULT 0;
