-- SPDX-License-Identifier: MPL-2.0
SELECT router_type, node, connected_at,
       EXISTS (SELECT 1 FROM channel WHERE channel.uaid = client.uaid AND channel.chid = ?)
FROM client
WHERE uaid = ?;
