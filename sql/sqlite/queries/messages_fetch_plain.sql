-- SPDX-License-Identifier: MPL-2.0
SELECT sort_key, chid, topic, urgency, ttl, accepted_at, encoding, encryption, crypto_key, sender,
       reliability_id, body, id_key
FROM message
WHERE uaid = ? AND sort_key > ? AND expires_at > ? AND urgency >= ? AND topic IS NULL
ORDER BY sort_key
LIMIT ?;
