-- SPDX-License-Identifier: MPL-2.0
-- By key, which an index has: most rows are older.
UPDATE message SET accepted_at = accepted_at + ?, expires_at = expires_at + ?
WHERE id IN (SELECT id FROM message INDEXED BY message_by_key WHERE sort_key > ?);
