-- SPDX-License-Identifier: MPL-2.0
SELECT id, accepted_at, expires_at, urgency, size, sender, topic IS NOT NULL, reliability_id <> x''
FROM message
WHERE id > ?
ORDER BY id
LIMIT ?;
