-- SPDX-License-Identifier: MPL-2.0
SELECT node, connected_at,
       CASE message_count WHEN 0 THEN 0
       ELSE (SELECT max(sort_key) FROM message WHERE message.uaid = client.uaid) END
FROM client
WHERE uaid = ? AND (node <> ? OR message_count > 0);
