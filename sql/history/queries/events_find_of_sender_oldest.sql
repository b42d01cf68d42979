-- SPDX-License-Identifier: MPL-2.0
SELECT id, time, kind, detail, uaid, is_hashed, chid, sort_key, by_key, error, code, sender, subject, text,
       size, ttl, urgency, has_topic
FROM event
WHERE sender = ? AND id > ? AND id < ?
ORDER BY id;
