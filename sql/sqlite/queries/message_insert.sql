-- SPDX-License-Identifier: MPL-2.0
INSERT INTO message
    (uaid, sort_key, chid, topic, urgency, ttl, accepted_at, expires_at, encoding, encryption,
     crypto_key, sender, reliability_id, size, body, id_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
