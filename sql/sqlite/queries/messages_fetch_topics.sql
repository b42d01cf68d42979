-- SPDX-License-Identifier: MPL-2.0
-- Topics may be few beside a long queue of others: found by their own index, then sorted.
SELECT sort_key, chid, topic, urgency, ttl, accepted_at, encoding, encryption, crypto_key, sender,
       reliability_id, body, id_key
FROM message INDEXED BY message_by_topic
WHERE uaid = ? AND sort_key > ? AND expires_at > ? AND urgency >= ? AND topic IS NOT NULL
ORDER BY sort_key
LIMIT ?;
