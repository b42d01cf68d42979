-- SPDX-License-Identifier: MPL-2.0
-- What an insert depends on: the client, its channel, what it has stored.
SELECT node, connected_at, message_count, message_bytes,
       EXISTS (SELECT 1 FROM channel WHERE channel.uaid = client.uaid AND channel.chid = ?)
FROM client
WHERE uaid = ?;
