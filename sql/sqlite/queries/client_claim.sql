-- SPDX-License-Identifier: MPL-2.0
UPDATE client
SET node = ?, user_agent = ?, connected_at = max(?, connected_at + 1), last_seen = ?, expires_at = ?
WHERE uaid = ? AND expires_at > ?
RETURNING router_type, router_data, node, connected_at, last_seen, expires_at, user_agent,
    EXISTS (SELECT 1 FROM message WHERE message.uaid = client.uaid);
