-- SPDX-License-Identifier: MPL-2.0
SELECT id, uaid, router_type, node, connected_at, last_seen, expires_at, user_agent, message_count,
       message_bytes
FROM client
WHERE (expires_at, id) < (?, ?)
ORDER BY expires_at DESC, id DESC
LIMIT ?;
