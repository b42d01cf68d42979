-- SPDX-License-Identifier: MPL-2.0
-- Leaves expires_at alone: it is in an index, and hardly ever has to move.
UPDATE client
SET node = ?, user_agent = ?, connected_at = max(?, connected_at + 1), last_seen = ?
WHERE uaid = ? AND expires_at > ?
RETURNING router_type, router_data, connected_at, expires_at, message_count;
