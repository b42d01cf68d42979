-- SPDX-License-Identifier: MPL-2.0
-- Fills an empty database: ?1 clients with a channel each, and about as many messages. A quarter of
-- the clients has two messages, a seventh of the others one, and each thousandth 300. Times are
-- microseconds; ?2: now. The triggers that count do not run; what they would write is at the end.
INSERT INTO client
    (uaid, router_type, router_data, node, connected_at, last_seen, expires_at, user_agent)
WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ?1)
SELECT randomblob(16), CAST('webpush' AS BLOB), x'', x'', ?2 / 1000,
       ?2 - abs(random() % 5184000000000), 0,
       CAST('Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/' || (100 + i % 40)
            AS BLOB)
FROM number;

UPDATE client SET expires_at = last_seen + 5184000000000;

INSERT INTO channel (uaid, chid, key_hash, created_at)
SELECT uaid, randomblob(16), CASE id % 5 WHEN 0 THEN x'' ELSE
       CAST(substr(printf('%x', 2654435761 * (id % 1000 + 1)) || '0123456789abcdef0123456789abcdef',
                   1, 32) AS BLOB) END,
       last_seen
FROM client;

CREATE TEMP TABLE recipient AS
SELECT client.id AS number, client.uaid AS uaid, channel.chid AS chid, channel.key_hash AS sender,
       CASE WHEN client.id % 1000 = 0 THEN 300 WHEN client.id % 4 = 0 THEN 2
            WHEN client.id % 7 = 0 THEN 1 ELSE 0 END AS messages
FROM client JOIN channel ON channel.uaid = client.uaid;

CREATE INDEX temp.recipient_by_messages ON recipient (messages);

INSERT INTO message
    (uaid, sort_key, chid, topic, urgency, ttl, accepted_at, expires_at, encoding, encryption,
     crypto_key, sender, reliability_id, size, body)
WITH RECURSIVE
    number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 300),
    stored (number, uaid, chid, sender, i, age) AS (
        SELECT number, uaid, chid, sender, i,
               (300 - i) * 8000000000 + (?1 - number) * 8000000000 / ?1 + 60000000
        FROM number CROSS JOIN recipient WHERE messages >= i)
SELECT uaid, (?2 - age) / 2 * 2, chid,
       CASE WHEN i = 1 AND number % 50 = 0 THEN CAST('topic' AS BLOB) END, number % 4, 2419200,
       ?2 - age, ?2 - age + 2419200000000, 1, x'', x'', sender, x'', 300, randomblob(300)
FROM stored;

UPDATE client
SET message_count = (SELECT count(*) FROM message WHERE message.uaid = client.uaid),
    message_bytes = 300 * (SELECT count(*) FROM message WHERE message.uaid = client.uaid);

INSERT INTO client_group (prefix, bytes)
SELECT substr(uaid, 1, 2), sum(512 + message_bytes + 256 * message_count + 256)
FROM client
GROUP BY substr(uaid, 1, 2);
