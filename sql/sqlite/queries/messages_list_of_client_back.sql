-- SPDX-License-Identifier: MPL-2.0
SELECT id, uaid, sort_key, chid, topic, urgency, ttl, accepted_at, encoding, sender, reliability_id,
       id_key, size, length(body)
FROM message
WHERE uaid = ? AND sort_key < ?
ORDER BY sort_key DESC
LIMIT ?;
