-- SPDX-License-Identifier: MPL-2.0
-- Before reliability_messages_expire, for the same messages.
INSERT OR IGNORE INTO reliability_event (message, at, state)
SELECT message, ?, 11 FROM reliability_message WHERE expires_at < ?
ORDER BY expires_at, message LIMIT ?;
