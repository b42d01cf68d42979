-- SPDX-License-Identifier: MPL-2.0
SELECT id, uaid, sort_key, chid, topic, urgency, ttl, accepted_at, encoding, sender, reliability_id,
       id_key, size, length(body)
FROM message
WHERE (expires_at, id) < (?, ?)
ORDER BY expires_at DESC, id DESC
LIMIT ?;
