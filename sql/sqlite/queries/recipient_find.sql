-- SPDX-License-Identifier: MPL-2.0
-- What an insert depends on: the client, its channel, what it and its group have stored.
SELECT node, connected_at, message_count, message_bytes,
       EXISTS (SELECT 1 FROM channel WHERE channel.uaid = client.uaid AND channel.chid = ?),
       (SELECT bytes FROM client_group WHERE prefix = substr(client.uaid, 1, 2))
FROM client
WHERE uaid = ?;
