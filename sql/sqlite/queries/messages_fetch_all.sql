-- SPDX-License-Identifier: MPL-2.0
SELECT sort_key, chid, topic, urgency, ttl, accepted_at, encoding, encryption, crypto_key, sender,
       reliability_id, body, id_key
FROM message
WHERE uaid = ? AND sort_key > ? AND message.expires_at > ? AND urgency >= ?
    AND EXISTS (SELECT 1 FROM client WHERE client.uaid = ? AND client.expires_at > ?)
ORDER BY sort_key
LIMIT ?;
