-- SPDX-License-Identifier: MPL-2.0
SELECT router_type, router_data, node, connected_at, last_seen, expires_at, user_agent, message_count
FROM client
WHERE uaid = ?;
