-- SPDX-License-Identifier: MPL-2.0
INSERT INTO client
    (uaid, router_type, router_data, node, connected_at, last_seen, expires_at, user_agent)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);
